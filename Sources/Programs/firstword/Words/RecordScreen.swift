import Capture
import Catalogue
import Diagnostics
import Encoding
import Kit
import KitBuilder
import Posix
import RecordingSession

/// The terminal's view of a recording session: the message to speak, the input level, and the keys.
struct RecordScreen {
  let session: RecordingSession
  let voice: SpeakerVoice
  let player: PreviewPlayer
  /// Why the microphone is lost.
  let loss: CaptureError?
  /// The answer to a key without a command.
  let hint: String

  /// Draws the whole screen.
  func show() {
    let (columns, rows) = Keyboard.size
    let (head, keys) = (head(columns), notice(columns) + keys(columns))
    let room = max(0, rows - head.count - keys.count - 2)
    // The script gets up to half of the remaining rows; the keys are always complete.
    let text = Terminal.wrap(voice.text(of: session.item), columns)
    let state = state(columns).prefix(room - min(text.count, room / 2))
    let script = script(text, columns, rows: room - state.count)
    let gap = Array(repeating: Printable(""), count: room - state.count - script.count)
    let lines = head + script + gap + [rule(columns), meter(columns)] + state + keys
    let picture = lines.prefix(rows).map { Terminal.fit($0, columns) + "\u{1B}[K" as Printable }.joined(
      separator: "\r\n")
    Terminal.write(1, "\u{1B}[H" + picture + "\u{1B}[J")
  }

  private func rule(_ columns: Int) -> Printable { Terminal.paint(String(repeating: "-", count: columns), .faint) }

  private func head(_ columns: Int) -> [Printable] {
    let item = session.item
    let name = voice.speaker?.pseudonym ?? "speaker not known"
    let who = "\(item.language.english)  \(item.language.tag)/\(voice.name) \(name)"
    let count = "\(session.position + 1) of \(session.configuration.items.count)"
    let width = max(0, columns - count.count - 2)
    let number = item.prompt.number == 0 ? "" : "\(KitLayout.dialled(item.prompt.number))  "
    let what = "\(number)\(item.prompt.title)"
    let state = session.recorded.contains(item.prompt.id) ? "recorded" : ""
    return [
      filled(Terminal.fit(who, width), width) + "  \(count)",
      Terminal.paint(filled(Terminal.fit(what, columns - 10), columns - 10), .bold) + Terminal.paint(state, .green),
      rule(columns),
    ]
  }

  /// The text, its meaning and its drafter's doubt, as far as they fit.
  private func script(_ text: [Printable], _ columns: Int, rows: Int) -> [Printable] {
    let wording = session.item.wording
    var more = Terminal.wrap("= \(wording.shownBack ?? session.item.prompt.title)", columns).map {
      Terminal.paint($0, .faint)
    }
    if let note = wording.note {
      more += Terminal.wrap("doubt: \(note)", columns).map { Terminal.paint($0, .yellow) }
    }
    let lines = text.map { Terminal.paint($0, .bold) }
    let spare = rows - lines.count - more.count
    let gap = { (isThere: Bool) -> [Printable] in isThere ? [""] : [] }
    let spaced = gap(spare > 0) + lines + gap(spare > 1) + more
    return Array(spaced.prefix(rows))
  }

  /// A bar from -60 dBFS to full scale with a mark at the held peak, or why there is no level.
  private func meter(_ columns: Int) -> Printable {
    if let loss {
      return Terminal.paint("no microphone (\(loss.cause)): plug it in", .red)
    }
    if session.isMicrophoneStalled(at: .now) { return Terminal.paint("the microphone gives no audio", .red) }
    let meter = session.meter
    let width = max(10, columns - 16)
    func place(_ level: Double) -> Int {
      Int((max(0, min(1, 1 - level / LevelMeter.floor)) * Double(width)).rounded())
    }
    let (now, held) = (place(meter.peak), max(1, place(meter.held)))
    let bar = (0..<width).map { $0 == held - 1 ? "|" : $0 < now ? "=" : " " }.joined()
    let colour: Terminal.Colour = meter.isClipped || meter.held > -3 ? .red : meter.held > -12 ? .yellow : .green
    let figure = meter.held > LevelMeter.floor ? "\(Int(meter.held.rounded())) dB" : "silent"
    let warning: Printable = meter.isClipped ? Terminal.paint(" CLIP", .red) : ""
    return "[" + Terminal.paint(bar, colour) + "] " + filled(figure, 6) + warning
  }

  private func state(_ columns: Int) -> [Printable] {
    func said(_ text: String, _ colour: Terminal.Colour? = nil) -> [Printable] {
      Terminal.wrap(text, columns).map { line in colour.map { Terminal.paint(line, $0) } ?? line }
    }
    switch session.phase {
    case .measuringRoom: return said("Be silent for two seconds: the room's noise is measured.", .bold)
    case .roomFindings: return session.roomFindings.flatMap { self.finding($0, columns) }
    case .ready:
      let level = session.room.map { $0.level.isFinite ? "Room noise: \($0.level.tenths) dBFS. " : "" } ?? ""
      let notes = session.roomFindings.filter { $0.severity == .note }.flatMap { finding($0, columns) }
      return notes + said("\(level)Press Enter when the speaker is ready.")
    case .countdown: return said("\(session.countdownLeft) ...", .bold)
    case .recording:
      let time = session.elapsed.tenths
      return session.hasSpeech ? said("RECORDING  \(time) s", .red) : said("SPEAK NOW  \(time) s", .green)
    case .unwritten(let reason): return said("The take was not written: \(reason). Free some space.", .red)
    case .writing: return said("Checking the take ...")
    case .reviewing, .confirmingReplacement, .keeping: return review(columns)
    case .ended: return []
    }
  }

  private func review(_ columns: Int) -> [Printable] {
    guard let trial = session.trial else { return [] }
    let playback =
      player.failure.map { " Not played: no sound (\($0))." } ?? (player.isIdle ? "" : " Playing ...")
    var lines = Terminal.wrap("\(trial.duration.tenths) s recorded.\(playback)", columns)
    if trial.findings.isEmpty {
      lines += Terminal.wrap("'firstword check' finds nothing wrong.", columns).map {
        Terminal.paint($0, .green)
      }
    }
    lines += trial.findings.prefix(3).flatMap { finding($0, columns) }
    if session.phase == .confirmingReplacement {
      lines += Terminal.wrap(
        "The message has a recording already. Replace it? The old one moves to takes/.", columns
      ).map { Terminal.paint($0, .bold) }
    }
    return lines
  }

  private func finding(_ finding: CheckFinding, _ columns: Int) -> [Printable] {
    let colour: Terminal.Colour =
      finding.severity == .error ? .red : finding.severity == .warning ? .yellow : .faint
    return Terminal.wrap("! \(finding.message): \(finding.remedy)", columns).map { Terminal.paint($0, colour) }
  }

  private func notice(_ columns: Int) -> [Printable] {
    let text = hint.isEmpty ? session.notice.map(Self.text) ?? "" : hint
    return Terminal.wrap(text, columns).map { Terminal.paint($0, .yellow) }
  }

  private static func text(_ notice: RecordingSession.Notice) -> String {
    notice == .takeNotKept ? "This take is not kept: k keeps it, q again drops it and quits." : notice.description
  }

  private func keys(_ columns: Int) -> [Printable] {
    let help = RecordKeys.help(in: session.phase, endSilence: session.endSilence.tenths)
    return Self.wrapped(help, columns).map { Terminal.paint($0, .faint) }
  }

  /// Wraps between keys, never between a key and its description.
  private static func wrapped(_ keys: String, _ columns: Int) -> [String] {
    var lines: [String] = []
    for key in keys.split(separator: "   ", omittingEmptySubsequences: true) {
      if let last = lines.last, last.count + 3 + key.count <= columns {
        lines[lines.count - 1] = "\(last)   \(key)"
      } else {
        lines.append(String(key))
      }
    }
    return lines
  }
}
