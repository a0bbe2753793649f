import Capture
import Catalogue
import Kit
import KitBuilder

/// What a sitting shows: the message to be spoken, the level, and what is asked of the speaker.
struct RecordScreen {
  private let session: RecordSession

  init(_ session: RecordSession) { self.session = session }

  func show() {
    let (columns, rows) = Keyboard.size
    let (head, keys) = (head(columns), hint(columns) + keys(columns))
    let room = max(0, rows - head.count - keys.count - 2)
    // Half of what is left is the script's where it needs it, and no line of the keys is lost.
    let text = text(columns)
    let state = state(columns).prefix(room - min(text.count, room / 2))
    let script = script(text, columns, rows: room - state.count)
    let gap = Array(repeating: "", count: room - state.count - script.count)
    let lines = head + script + gap + [rule(columns), meter(columns)] + state + keys
    let picture = lines.prefix(rows).map { Terminal.fit($0, columns) + "\u{1B}[K" }.joined(separator: "\r\n")
    Terminal.write(1, "\u{1B}[H" + picture + "\u{1B}[J")
  }

  private func rule(_ columns: Int) -> String { Terminal.paint(String(repeating: "-", count: columns), .faint) }

  private func head(_ columns: Int) -> [String] {
    let item = session.item
    let name = session.voice.speaker?.pseudonym ?? "speaker not known"
    let who = "\(item.language.english)  \(item.language.tag)/\(session.voice.name) \(name)"
    let count = "\(session.position + 1) of \(session.items.count)"
    let width = max(0, columns - count.count - 2)
    let what = "\(KitLayout.dialled(item.prompt.number))  \(item.prompt.title)"
    let state = session.recorded.contains(item.prompt.id) ? "recorded" : ""
    return [
      filled(Terminal.fit(who, width), width) + "  " + count,
      Terminal.paint(filled(Terminal.fit(what, columns - 10), columns - 10), .bold) + Terminal.paint(state, .green),
      rule(columns),
    ]
  }

  /// What this voice says.
  private func text(_ columns: Int) -> [String] {
    let wording = session.item.wording
    let own: Wording.Variant? =
      session.voice.name.hasPrefix("f") ? .byWoman : session.voice.name.hasPrefix("m") ? .byMan : nil
    return Terminal.wrap(own.flatMap { wording.variants[$0] } ?? wording.text, columns)
  }

  /// The text, what it means, and what its drafter doubted, as far as there is room.
  private func script(_ text: [String], _ columns: Int, rows: Int) -> [String] {
    let wording = session.item.wording
    var more = Terminal.wrap("= \(wording.back ?? session.item.prompt.title)", columns).map {
      Terminal.paint($0, .faint)
    }
    if let note = wording.note {
      more += Terminal.wrap("doubt: \(note)", columns).map { Terminal.paint($0, .yellow) }
    }
    let lines = text.map { Terminal.paint($0, .bold) }
    let spare = rows - lines.count - more.count
    let spaced = (spare > 0 ? [""] : []) + lines + (spare > 1 ? [""] : []) + more
    return Array(spaced.prefix(rows))
  }

  /// From -60 dBFS to full scale, with the highest peak of the last moments.
  private func meter(_ columns: Int) -> String {
    if let loss = session.loss {
      return Terminal.paint("no microphone (\(loss.cause)): plug it in", .red)
    }
    if session.isFrozen { return Terminal.paint("no sound comes from the microphone", .red) }
    let meter = session.meter
    let width = max(10, columns - 16)
    func place(_ level: Double) -> Int {
      Int((max(0, min(1, 1 - level / LevelMeter.floor)) * Double(width)).rounded())
    }
    let (now, held) = (place(meter.peak), max(1, place(meter.held)))
    let bar = (0..<width).map { $0 == held - 1 ? "|" : $0 < now ? "=" : " " }.joined()
    let colour: Terminal.Colour = meter.isClipped || meter.held > -3 ? .red : meter.held > -12 ? .yellow : .green
    let figure = meter.held > LevelMeter.floor ? "\(Int(meter.held.rounded())) dB" : "silent"
    let warning = meter.isClipped ? Terminal.paint(" CLIP", .red) : ""
    return "[" + Terminal.paint(bar, colour) + "] " + filled(figure, 6) + warning
  }

  private func state(_ columns: Int) -> [String] {
    func said(_ text: String, _ colour: Terminal.Colour? = nil) -> [String] {
      Terminal.wrap(text, columns).map { line in colour.map { Terminal.paint(line, $0) } ?? line }
    }
    switch session.phase {
    case .room: return said("Be silent for two seconds: the room is heard.", .bold)
    case .told: return session.findings.flatMap { self.finding($0, columns) }
    case .ready:
      let level = session.room.map { $0.level.isFinite ? "The room: \(tenths($0.level)) dBFS. " : "" } ?? ""
      let notes = session.findings.filter { $0.severity == .note }.flatMap { finding($0, columns) }
      return notes + said("\(level)Enter when the speaker is ready.")
    case .countdown:
      let left = max(1, RecordSession.countdown - Int(session.elapsed))
      return said("\(left) ...", .bold)
    case .recording:
      let time = tenths(session.elapsed)
      return session.hasBegun ? said("RECORDING  \(time) s", .red) : said("SPEAK NOW  \(time) s", .green)
    case .unwritten(let why): return said("The take is not on the disk: \(why). Make room for it.", .red)
    case .judging, .replacing: return judged(columns)
    }
  }

  private func judged(_ columns: Int) -> [String] {
    guard let trial = session.trial else { return ["The take is looked at ..."] }
    let heard =
      session.ear.silence.map { " Not played: no sound (\($0))." } ?? (session.ear.isIdle ? "" : " Playing ...")
    var lines = Terminal.wrap("\(tenths(trial.duration)) s recorded.\(heard)", columns)
    if trial.findings.isEmpty {
      lines += Terminal.wrap("'firstword check' would say nothing of it.", columns).map {
        Terminal.paint($0, .green)
      }
    }
    lines += trial.findings.prefix(3).flatMap { finding($0, columns) }
    if session.phase == .replacing {
      lines += Terminal.wrap(
        "There is a recording already. Put this one in its place? The old one moves to takes/.", columns
      ).map { Terminal.paint($0, .bold) }
    }
    return lines
  }

  private func finding(_ finding: CheckFinding, _ columns: Int) -> [String] {
    let colour: Terminal.Colour =
      finding.severity == .error ? .red : finding.severity == .warning ? .yellow : .faint
    return Terminal.wrap("! \(finding.message): \(finding.remedy)", columns).map { Terminal.paint($0, colour) }
  }

  private func hint(_ columns: Int) -> [String] {
    Terminal.wrap(session.hint, columns).map { Terminal.paint($0, .yellow) }
  }

  private func keys(_ columns: Int) -> [String] {
    let keys =
      switch session.phase {
      case .room: "q quit"
      case .told: "n measure again   c go on all the same   q quit"
      case .ready: "Enter record   s skip   p play   <- -> others   n room   q quit"
      case .countdown: "any key stops it"
      case .recording: "any key ends it, or \(tenths(session.silence)) s of silence"
      case .unwritten: "Enter try again   r record again   s skip   q quit"
      case .judging: "k keep   r record again   p play   s skip   q quit"
      case .replacing: "o in its place   any other key: not"
      }
    return Self.wrapped(keys, columns).map { Terminal.paint($0, .faint) }
  }

  /// Broken between keys, never between a key and its word.
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
