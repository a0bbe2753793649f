import Board
import Catalogue

/// The responder's buttons of a board, each at the place where it lies on the device.
package struct ButtonLayout: Equatable, Sendable {
  /// One button or key.
  package struct Cell: Equatable, Sendable {
    /// Which one it is of the board's lines, and the keys of its input devices after them, from 0.
    package var number: Int
    /// What is printed on it; `nil` where nothing is.
    package var label: String?
    /// Where it lies.
    package var place: Board.Place
    /// What a press does.
    package var button: Button
    /// What a long press does besides.
    package var hold: Button?
    /// What a press does while the stop button is held down.
    package var withStop: Button?
  }

  /// In the order of the rows, from the left.
  package let cells: [Cell]

  /// The number of columns.
  package var columns: Int { cells.map { $0.place.column + $0.place.columns - 1 }.max() ?? 0 }
  /// The number of rows.
  package var rows: Int { cells.map { $0.place.row + $0.place.rows - 1 }.max() ?? 0 }

  /// Columns of the buttons that have no place.
  private static let width = 4

  /// Lays out the buttons in one person's reach. Those without `place:` follow below the others in the file's order; the keys of a
  /// usual number pad lie as on one where the file names no place at all.
  ///
  /// - Parameters:
  ///   - board: the board.
  ///   - person: the person in whose reach the buttons are.
  package init(_ board: Board, by person: Board.Person = .responder) {
    let count = board.lines.buttons.count
    let lines = board.lines.buttons.enumerated().filter { ($0.element.by ?? .responder) == person }
    let keys = board.inputs.flatMap(\.keys).enumerated().filter { ($0.element.by ?? .responder) == person }
    var cells = lines.map { number, line -> (cell: Cell, place: Board.Place?, code: Int?) in
      let cell = Cell(
        number: number, label: line.label, place: .init(row: 1, column: 1), button: line.button, hold: line.hold,
        withStop: line.withStop)
      return (cell, line.place, nil)
    }
    cells += keys.map { number, key in
      let label = key.label ?? Self.pad[key.code]?.label ?? InputKey.name(key.code)
      let cell = Cell(
        number: count + number, label: label, place: .init(row: 1, column: 1), button: key.button, hold: key.hold,
        withStop: key.withStop)
      return (cell, key.place, key.code)
    }
    if cells.allSatisfy({ $0.place == nil }) {
      for index in cells.indices { cells[index].place = cells[index].code.flatMap { Self.pad[$0]?.place } }
    }
    let below = cells.compactMap { $0.place.map { $0.row + $0.rows } }.max() ?? 1
    var loose = 0
    self.cells = cells.map { cell, place, _ in
      var cell = cell
      if let place {
        cell.place = place
      } else {
        cell.place = .init(row: below + loose / Self.width, column: 1 + loose % Self.width)
        loose += 1
      }
      return cell
    }.sorted { ($0.place.row, $0.place.column) < ($1.place.row, $1.place.column) }
  }

  /// Returns the button that does something when it is pressed, or when it is held down.
  func cell(for button: Button) -> (cell: Cell, isHeld: Bool)? {
    cells.first { $0.button == button }.map { ($0, false) } ?? cells.first { $0.hold == button }.map { ($0, true) }
  }

  /// Whether every number can be dialled: the board has all ten digits.
  var hasDigits: Bool { (0...9).allSatisfy { digit in cells.contains { $0.button == .digit(digit) } } }

  /// Whether a language can be chosen by its number.
  var hasLanguageNumbers: Bool { hasDigits && cells.contains { $0.button == .star } }

  /// A usual number pad, by the codes of `linux/input-event-codes.h`.
  private static let pad: [Int: (label: String, place: Board.Place)] = [
    98: ("/", .init(row: 1, column: 2)), 55: ("*", .init(row: 1, column: 3)), 74: ("−", .init(row: 1, column: 4)),
    71: ("7", .init(row: 2, column: 1)), 72: ("8", .init(row: 2, column: 2)), 73: ("9", .init(row: 2, column: 3)),
    78: ("+", .init(row: 2, column: 4, rows: 2)),
    75: ("4", .init(row: 3, column: 1)), 76: ("5", .init(row: 3, column: 2)), 77: ("6", .init(row: 3, column: 3)),
    79: ("1", .init(row: 4, column: 1)), 80: ("2", .init(row: 4, column: 2)), 81: ("3", .init(row: 4, column: 3)),
    96: ("Enter", .init(row: 4, column: 4, rows: 2)), 82: ("0", .init(row: 5, column: 1, columns: 2)),
    83: (".", .init(row: 5, column: 3)),
  ]
}
