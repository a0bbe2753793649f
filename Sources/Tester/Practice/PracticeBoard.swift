import Board
import Kit
import Pages
import Simulator

/// A board to practise with: each of its buttons and keys is a contact on a simulated line, and each of its LEDs an
/// output line.
struct PracticeBoard: Sendable {
  /// A button or key as the page draws and presses it.
  struct Contact: Encodable, Sendable {
    /// Its number on this board, from 0: that of its simulated line.
    var number: Int
    /// What is printed on it.
    var label: String?
    var row: Int
    var column: Int
    var rows: Int
    var columns: Int
    /// The button that a press means: `stop`, `7`.
    var button: String
    /// What a press does, in words.
    var words: String
    /// What a long press does besides.
    var hold: String?
    /// What a press does while the stop button is held down.
    var withStop: String?
    /// Whether it is in the listener's own reach.
    var isForListener: Bool
    /// The key of a browser that presses it, as `KeyboardEvent.code` names it: `Numpad7`.
    var code: String?
    /// The key that presses it, as `KeyboardEvent.key` names it: `r`, `7`, `Enter`.
    var key: String?
  }

  /// An LED as the page draws it.
  struct Lamp: Encodable, Sendable {
    /// The kernel's name, or the line's number.
    var name: String
    /// The states or the answer mode for which it is lit or blinks.
    var shows: [String]
  }

  /// The board's own name.
  let name: String
  /// The board for the daemon.
  let simulated: Board
  /// The contacts, in the order of the rows; the responder's first.
  let contacts: [Contact]
  /// The LEDs in the board's order.
  let lamps: [Lamp]

  /// Label of the simulated chip.
  private static let chip = "practice"

  /// Converts a board.
  ///
  /// There is no listener in a practice: a board for field use plays every kit too. There is no loudspeaker either: the
  /// page hears one channel, and only while something is played.
  init(_ board: Board, kit: KitManifest) {
    let keys = PracticeKeys(board, kit)
    name = board.name
    var simulated = board
    simulated.use = .trial
    simulated.journal = Board.Journal()
    simulated.sound.channels = 1
    simulated.sound.map = .both
    simulated.sound.stream = .prepared
    simulated.sound.mixer = nil
    simulated.inputs = []
    let inputs = board.inputs.flatMap(\.keys)
    simulated.lines.buttons = board.lines.buttons.enumerated().map { number, line in
      Board.Line(
        chip: Self.chip, line: number, timed: line.timed, button: line.button, hold: line.hold, withStop: line.withStop,
        by: line.by)
    }
    let count = board.lines.buttons.count
    simulated.lines.buttons += inputs.enumerated().map { number, key in
      Board.Line(
        chip: Self.chip, line: count + number, button: key.button, hold: key.hold, withStop: key.withStop, by: key.by)
    }
    let first = simulated.lines.buttons.count
    simulated.leds = board.leds.enumerated().map { number, led in
      Board.LED(
        output: Board.Output(chip: Self.chip, line: first + number, active: .high), shows: led.shows, mode: led.mode)
    }
    self.simulated = simulated
    lamps = board.leds.map(Lamp.init)
    let codes = inputs.map(\.code)
    contacts = [Board.Person.responder, .listener].flatMap { person in
      ButtonLayout(board, by: person).cells.map { cell -> Contact in
        func words(_ button: Button) -> String { PracticeKeys.words(for: button, in: kit) }
        let pad = cell.number >= count ? Self.pad[codes[cell.number - count]] : nil
        let character = keys.entries.first { $0.button == cell.button }?.character
        return Contact(
          number: cell.number, label: cell.label, row: cell.place.row, column: cell.place.column,
          rows: cell.place.rows, columns: cell.place.columns, button: cell.button.description,
          words: words(cell.button), hold: cell.hold.map(words), withStop: cell.withStop.map(words),
          isForListener: person == .listener, code: pad?.code,
          key: person == .listener ? nil : pad?.key ?? character.map(String.init))
      }
    }
  }

  /// Returns the line of an LED.
  func line(ofLamp index: Int) -> Int { simulated.lines.buttons.count + index }

  /// Keys of a number pad by the kernel's codes: `KeyboardEvent.code`, and `KeyboardEvent.key` for keyboards without a
  /// pad. linux/input-event-codes.h, UI Events
  private static let pad: [Int: (code: String, key: String?)] = [
    82: ("Numpad0", "0"), 79: ("Numpad1", "1"), 80: ("Numpad2", "2"), 81: ("Numpad3", "3"), 75: ("Numpad4", "4"),
    76: ("Numpad5", "5"), 77: ("Numpad6", "6"), 71: ("Numpad7", "7"), 72: ("Numpad8", "8"), 73: ("Numpad9", "9"),
    55: ("NumpadMultiply", "*"), 98: ("NumpadDivide", "/"), 78: ("NumpadAdd", "+"), 74: ("NumpadSubtract", "-"),
    83: ("NumpadDecimal", "."), 96: ("NumpadEnter", "Enter"), 14: ("Backspace", "Backspace"), 69: ("NumLock", nil),
  ]
}

extension PracticeBoard.Lamp {
  init(_ led: Board.LED) {
    name = led.led ?? led.output.map { "line \($0.line)" } ?? ""
    shows =
      led.mode.map { ["answers by \($0.rawValue)"] }
      ?? Board.LED.State.allCases.filter { led.shows[$0] != .dark }.map(\.rawValue)
  }
}
