import Board
import Control
import Diagnostics
import Kit
import Posix
import Simulator

/// The screen of `firstword simulate`: the device's LED and settings, the keys, the journal, and the drill.
struct PracticeScreen {
  /// The effect of a key that concerns the device or the program.
  enum Command: Equatable {
    /// Press the button with this name.
    case press(String)
    /// End the program.
    case quit
  }

  /// What the device does, as last reported.
  private(set) var status: PracticeStatus
  /// The drill; `nil` without one.
  var drill: Drill?
  private let kit: KitFile
  private let keys: PracticeKeys
  private let silence: String?
  private let began = Monotonic.now
  private var journal: [Printable] = []
  private var typed: TypedNumber
  /// The name of the button that the device reported last.
  private var button: String?
  /// The last remarks of the drill.
  private var remarks: [Drill.Remark] = []
  /// Index of the page of messages that replaces keys and journal; `nil` if none is shown.
  private var page: Int?
  private var hint = ""

  /// Creates the screen of a device that has just started.
  ///
  /// - Parameters:
  ///   - kit: the kit that the device plays.
  ///   - keys: the keys that press its buttons.
  ///   - silence: why nothing is audible; nil if the sound card works.
  ///   - digits: maximum milliseconds between two digits of a number.
  init(_ kit: KitFile, keys: PracticeKeys, silence: String?, digits: Int) {
    self.kit = kit
    status = PracticeStatus(kit)
    typed = TypedNumber(limit: digits)
    self.keys = keys
    self.silence = silence
  }

  // MARK: Events

  /// Takes a key.
  mutating func press(_ key: Keyboard.Key) -> Command? {
    hint = ""
    switch key {
    case .quit, .character("q"): return .quit
    case .character("\t"):
      page = (page ?? -1) + 1
      if page! * rowsOfPage >= messages.count { page = nil }
      return nil
    default: break
    }
    guard let button = keys.button(key) else {
      hint = "this key has no button"
      return nil
    }
    typed.press(button, at: .now)
    return .press(button.description)
  }

  /// Shows why the device refused a button.
  mutating func refused(_ why: String) { hint = why }

  /// Takes an event of the device.
  mutating func note(_ event: ControlEvent) {
    if let state = event.state { status.take(state) }
    if event.event == "press" { button = event.button }
    if let line = EventLine(event, kit: kit, after: button) {
      let tenths = max(0, Monotonic(nanoseconds: event.monotonic).since(began)) / 100_000_000
      let time = "\(tenths / 10).\(tenths % 10)"
      let text: Printable =
        "\(String(repeating: " ", count: max(0, 7 - time.count)))\(time)  \(filled(line.word, 11)) \(line.rest)"
      journal = (journal + [line.isBad ? Terminal.paint(Terminal.fit(text, 400), .red) : text]).suffix(50)
    }
    if let new = drill?.note(event) { remarks = (remarks + new).suffix(2) }
  }

  /// Takes the device's state.
  mutating func take(_ state: ConsoleState) { status.take(state) }

  /// Returns the answer that the person of the drill has pressed with a button of their own, once.
  mutating func takePersonsPress() -> String? { drill?.takePress() }

  /// Takes the time, for the drill and the typed number.
  mutating func pass(_ now: Monotonic) {
    typed.pass(now)
    if let new = drill?.pass(now) { remarks = (remarks + new).suffix(2) }
  }

  /// When the screen changes without an event; nil if it does not.
  var deadline: Monotonic? { [drill?.deadline, typed.deadline].compactMap { $0 }.min() }

  // MARK: Drawing

  /// Draws the screen.
  func show() {
    let (columns, rows) = Keyboard.size
    var lines = head(columns) + [rule(columns)]
    if let page {
      let first = page * rowsOfPage
      lines += messages.dropFirst(first).prefix(max(1, rows - lines.count - 1))
    } else {
      lines += keyRows(columns) + [rule(columns)]
      lines += journal.suffix(max(1, rows - lines.count - 1))
    }
    while lines.count < rows - 1 { lines.append("") }
    lines = Array(lines.prefix(rows - 1))
    lines.append(
      hint.isEmpty ? Terminal.paint("Tab: messages by number   q: quit", .faint) : Terminal.paint(hint, .yellow))
    let picture = lines.map { Terminal.fit($0, columns) + "\u{1B}[K" as Printable }.joined(separator: "\r\n")
    Terminal.write(1, "\u{1B}[H" + picture + "\u{1B}[J")
  }

  private func rule(_ columns: Int) -> Printable { Terminal.paint(String(repeating: "-", count: columns), .faint) }

  private func head(_ columns: Int) -> [Printable] {
    let (manifest, state) = (kit.manifest, status.state)
    let title = Terminal.paint("\(manifest.name) \(manifest.version)", .bold)
    let draft: Printable = manifest.draft ? Terminal.paint("  DRAFT: practise only", .yellow) : ""
    let sound: Printable = silence.map { Terminal.paint("  no sound (\($0))", .yellow) } ?? ""
    var lines: [Printable] = [title + draft + sound]
    let led: (String, Terminal.Colour) =
      switch state.led {
      case "playing": ("* playing", .green)
      case "waiting": ("? waiting for the answer", .yellow)
      case "error": ("! error", .red)
      case "draft": ("o ready (draft)", .green)
      default: ("o \(state.led)", .green)
      }
    let level = "\(state.volume == 0 ? "0" : "\(state.volume)") dB\(state.quiet ? ", QUIET" : "")"
    let mode = state.answerMode.map { ", answers by \($0)" } ?? ""
    let set = (state.children ? "messages for children" : "messages for adults") + mode
    lines.append("LED  \(Terminal.paint(filled(led.0, 26), led.1)) \(set), \(level)")
    let speaker = state.voice.map { ", voice \($0)" } ?? ""
    lines.append("Language  \(state.language.map { status.name($0) + speaker } ?? "none chosen yet")")
    lines.append("Now  \(status.now)")
    if state.led == "waiting" { lines.append("Answer  \(answers)") }
    if !typed.text.isEmpty { lines.append("Typed  \(Terminal.paint(typed.text, .bold))") }
    if let drill { lines += drillRows(drill) }
    return lines
  }

  /// The keys that answer a question: `y yes   x no`.
  private var answers: Printable {
    let answers = keys.entries.filter { $0.button.isAnswer }
    if answers.isEmpty { return Terminal.paint("no button of this board answers", .yellow) }
    let texts = answers.map { entry -> Printable in
      "\(Terminal.paint(entry.key, .bold)) \(entry.words.drop { $0 != ":" }.dropFirst(2))"
    }
    return texts.joined(separator: "   ")
  }

  private func drillRows(_ drill: Drill) -> [Printable] {
    let place = "Task \(min(drill.place + 1, drill.tasks.count)) of \(drill.tasks.count)"
    var lines = [Terminal.paint("\(place)  \(drill.words)", .bold)]
    if drill.task == nil {
      let seconds = Int(drill.times.reduce(0, +).rounded())
      let slips = counted(drill.mistakes, "mistake")
      lines = [Terminal.paint("All \(drill.tasks.count) tasks done in \(seconds) s, with \(slips).", .bold)]
    }
    for remark in remarks {
      switch remark {
      case .person(let what): lines.append(Terminal.paint("  The person \(what).", .yellow))
      case .advice(let text): lines.append("  \(text)")
      case .right(let text): lines.append(Terminal.paint("  \(text)", .green))
      case .wrong(let text): lines.append(Terminal.paint("  \(text)", .red))
      }
    }
    while lines.count < 3 { lines.append("") }
    return lines
  }

  private func keyRows(_ columns: Int) -> [Printable] {
    var cells = keys.entries.map { (key: $0.key, words: $0.words) }
    if keys.hasPad {
      cells.append((key: "0 3", words: "message 03"))
      cells.append((key: "* 2 9", words: "language 29"))
    }
    let perRow = max(1, columns / 26)
    let rows = (cells.count + perRow - 1) / perRow
    return (0..<rows).map { row -> Printable in
      stride(from: row, to: cells.count, by: rows).map { index -> Printable in
        let text = Terminal.fit(cells[index].words, 18)
        return Terminal.paint(filled(cells[index].key, 6), .bold) + filled(text, 20)
      }.joined()
    }
  }

  /// The languages and messages with the numbers that the number pad dials.
  private var messages: [Printable] {
    let prompts = kit.manifest.prompts.filter { $0.module != KitPrompt.operatorModule }.map { prompt -> Printable in
      "  \(KitLayout.dialled(prompt.number))  \(filled(prompt.title, 34)) \(prompt.id)"
    }
    let languages = kit.bundles.filter { bundle in !bundle.clips.allSatisfy { $0.number >= 100 } }.map {
      bundle -> Printable in
      "* \(KitLayout.dialled(bundle.number))  \(filled(bundle.english, 34)) \(bundle.autonym)"
    }
    return languages + prompts
  }

  private var rowsOfPage: Int { max(1, Keyboard.size.rows - head(80).count - 2) }
}

extension PracticeKeys {
  /// Returns the button of a key; `nil` if it has none.
  fileprivate func button(_ key: Keyboard.Key) -> Button? {
    switch key {
    case .left: button("<")
    case .right: button(">")
    case .quit: nil
    case .character(let character): button(character)
    }
  }
}
