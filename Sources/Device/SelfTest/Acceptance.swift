import Board
import Control
import Diagnostics

/// The record of an acceptance: a person presses each button of a device once, and hears what it plays.
///
/// It follows the events of the running daemon, in any order of the buttons. Pure: no clock, no socket.
public struct Acceptance: Equatable, Sendable {
  /// What happened with a button.
  public struct Row: Codable, Equatable, Sendable {
    /// What a press of it means.
    public var button: String
    /// The print on it; nil where nothing is known of it.
    public var label: String?
    /// Whether it is in the listener's reach.
    public var isListeners: Bool
    /// The number of presses.
    public var presses = 0
    /// What sounded after a press, and how it ended.
    public var heard: [String] = []
    /// The milliseconds from the first press that sounded to the daemon's start of the sound.
    public var milliseconds: Int?
    /// What went wrong after a press.
    public var faults: [String] = []
  }

  /// A row for each button and key, in the board's order.
  public private(set) var rows: [Row]
  /// The rows of buttons, also of those that are held or pressed together with stop.
  private var places: [String: Int] = [:]
  /// The row of the last press.
  private var last: Int?
  /// The time of the last press in nanoseconds, until something sounds.
  private var pressed: Int64?
  /// The row of the message that sounds.
  private var sounding: Int?
  /// Whether a message sounds.
  public private(set) var isSounding = false

  /// The most texts that are kept of a button.
  private static let limit = 6
  /// The events that report a failure of the device.
  private static let bad: Set<String> = [
    "failed", "truncated", "damaged", "sound-lost", "line-lost", "input-lost", "button-stuck", "store-damaged",
    "journal-failing",
  ]
  /// The events that end a message.
  private static let ends: Set<String> = ["completed", "stopped", "interrupted", "failed", "truncated", "damaged"]

  /// Begins the acceptance of a board.
  public init(_ board: Board) {
    rows = []
    func add(_ button: Button, _ others: [Button?], _ label: String?, _ person: Board.Person?) {
      for name in [button] + others.compactMap({ $0 }) where places[name.description] == nil {
        places[name.description] = rows.count
      }
      rows.append(Row(button: button.description, label: label, isListeners: person == .listener))
    }
    for line in board.lines.buttons { add(line.button, [line.hold, line.withStop], line.label, line.by) }
    for key in board.inputs.flatMap(\.keys) { add(key.button, [key.hold, key.withStop], key.label, key.by) }
    // What a button means by itself comes before what another one means when it is held.
    for (index, row) in rows.enumerated() { places[row.button] = index }
  }

  /// Takes an event of the daemon.
  ///
  /// - Returns: whether the table has changed.
  @discardableResult
  public mutating func take(_ event: ControlEvent) -> Bool {
    if event.event == "press" {
      guard let name = event.button, let place = places[name] else { return false }
      last = place
      pressed = event.monotonic
      rows[place].presses += 1
      return true
    }
    let what = [event.language, event.prompt].compactMap { $0 }.joined(separator: " ")
    if event.event == "started" { (isSounding, sounding) = (true, last) }
    var row = last
    if Self.ends.contains(event.event) {
      // The press of the next button stops a message, which is still that of the button before.
      row = isSounding ? sounding : last
      (isSounding, sounding) = (false, nil)
    }
    guard let place = row else { return false }
    if Self.bad.contains(event.event) || event.lost != nil {
      let lost = event.lost.map { ", \($0) ms lost" } ?? ""
      let detail = event.detail.map { ": \($0)" } ?? ""
      note([event.event, what].filter { !$0.isEmpty }.joined(separator: " ") + lost + detail, in: \.faults, place)
      return true
    }
    switch event.event {
    case "started", "signal":
      if let pressed, rows[place].milliseconds == nil {
        rows[place].milliseconds = Int(max(0, event.monotonic - pressed) / 1_000_000)
      }
      pressed = nil
      if event.event == "signal" { note("signal\(event.reason.map { " (\($0))" } ?? "")", in: \.heard, place) }
      return true
    case "completed", "stopped", "interrupted":
      note("\(what) \(event.event)", in: \.heard, place)
      return true
    case "answer": note("answer \(event.detail ?? "")", in: \.heard, place)
    default: return false
    }
    return true
  }

  private mutating func note(_ text: String, in list: WritableKeyPath<Row, [String]>, _ place: Int) {
    let text = text.split(separator: " ").joined(separator: " ")
    if rows[place][keyPath: list].count < Self.limit, !rows[place][keyPath: list].contains(text) {
      rows[place][keyPath: list].append(text)
    }
  }

  /// The buttons that were not pressed yet.
  public var missing: [String] { rows.filter { $0.presses == 0 }.map(\.button) }

  /// Whether every button was pressed, and nothing sounds any more.
  public var isComplete: Bool { missing.isEmpty && !isSounding }

  /// What speaks against the device.
  public var findings: [Diagnostic] {
    var found = rows.flatMap { row in
      row.faults.map { Diagnostic(path: "button \(row.button)", message: $0, remedy: "see the journal of firstwordd") }
    }
    for button in missing {
      found.append(
        Diagnostic(path: "button \(button)", message: "it was not pressed, or not noticed", remedy: "look at its wire"))
    }
    if !rows.contains(where: { $0.heard.contains { $0.hasSuffix(" completed") } }) {
      found.append(
        Diagnostic(
          path: "sound", message: "no message was played to its end", remedy: "press a message, and let it end"))
    }
    return found
  }
}
