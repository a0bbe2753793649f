import Board
import Wiring

/// The keys of the input devices as they lie on the pad, with what each does.
struct PadPicture: Sendable {
  let parts: PartWords

  private var wiring: Wiring { parts.wiring }

  /// One key with its id.
  private struct Cell {
    var id: String
    var cell: ButtonLayout.Cell
    var isListeners: Bool
  }

  /// The keys of the responder, and below them the listener's.
  private var cells: [Cell] {
    var board = wiring.board
    board.lines.buttons = []
    func cells(_ person: Board.Person) -> [Cell] {
      return ButtonLayout(board, by: person).cells.map {
        Cell(id: wiring.keys[$0.number].id, cell: $0, isListeners: person == .listener)
      }
    }
    let own = cells(.responder)
    let rows = own.map { $0.cell.place.row + $0.cell.place.rows - 1 }.max() ?? 0
    return own
      + cells(.listener).map { cell in
        var cell = cell
        cell.cell.place.row += rows
        return cell
      }
  }

  private static let top = 24.0
  private let rowHeight = 30.0

  /// The height of the picture in millimetres.
  var height: Double {
    Self.top + rowHeight * Double(cells.map { $0.cell.place.row + $0.cell.place.rows - 1 }.max() ?? 0) + 9
  }

  /// The picture.
  var svg: HTML {
    Drawing.svg(
      width: HeaderPicture.width, height: height, label: "The keys of \(wiring.board.name): the table has the same",
      body)
  }

  /// The content of the picture, without the element around it.
  var body: HTML {
    let cells = cells
    let columns = max(1, cells.map { $0.cell.place.column + $0.cell.place.columns - 1 }.max() ?? 1)
    let width = min(44, (HeaderPicture.width - 6) / Double(columns))
    let whole = width * Double(columns) + 6
    let left = (HeaderPicture.width - whole) / 2
    let body = Drawing.box(
      x: left, y: Self.top - 2, width: whole, height: height - Self.top - 5, radius: 4, fill: "#f1f1f1", line: 0.6)
    let keys = cells.map { key($0, x: left + 3, width: width) }
    let words = parts.words.words
    let buttons = Set(wiring.keys.map(\.key.button))
    let digits = buttons.contains(.digit(0)) ? words.digits : nil
    let star = buttons.contains(.star) ? "*: \(words.star)" : nil
    let legend = [digits, star].compactMap { $0 }.joined(separator: "; ")
    return """
      \(SoundPicture(chain: parts.soundChain).drawn(x: 20, y: 2, width: 150))\(body)\(keys)\
      \(Drawing.text(legend, x: HeaderPicture.width / 2, y: height - 0.6, size: 3, width: 186, anchor: .middle))
      """
  }

  private func key(_ cell: Cell, x: Double, width: Double) -> HTML {
    let place = cell.cell.place
    let left = x + Double(place.column - 1) * width + 1
    let top = Self.top + Double(place.row - 1) * rowHeight + 2
    let (wide, high) = (width * Double(place.columns) - 2, rowHeight * Double(place.rows) - 2)
    let isStop = cell.cell.button == .control(.stop)
    let ink = isStop ? "#fff" : "#111"
    let fill = isStop ? "#111" : cell.isListeners ? "#e8f0ff" : "#fff"
    let (above, does) = parts.words.name(cell.cell.button)
    let others = parts.words.others(hold: cell.cell.hold, withStop: cell.cell.withStop)
    let head = 9.0
    func lines(_ text: String, _ size: Double) -> [String] { Drawing.wrapped(text, max(4, Int(wide / (size * 0.6)))) }
    func height(_ text: String, _ size: Double) -> Double { 1.25 * size * Double(lines(text, size).count) }
    let main = isStop ? 6 : 3.3
    let needed = head + (above.map { height($0, 2.4) } ?? 0) + height(does, main)
    // What else a key does is smaller where it would not fit.
    let small =
      [2.4, 2.1].first { size in needed + others.reduce(0) { $0 + height($1, size) } < high - 0.8 } ?? 1.9
    var y = top + head
    var rows: [HTML] = []
    func add(_ text: String, _ size: Double, bold: Bool) {
      for line in lines(text, size) where y + size < top + high {
        rows.append(
          Drawing.text(
            line, x: left + wide / 2, y: y + size * 0.9, size: size, width: wide - 2, anchor: .middle, bold: bold,
            colour: ink))
        y += size * 1.25
      }
    }
    let isCharacter =
      switch cell.cell.button {
      case .digit, .star: true
      default: false
      }
    if !isCharacter {
      if let above { add(above, 2.4, bold: false) }
      add(does, main, bold: true)
      for other in others { add(other, small, bold: false) }
    }
    let label = cell.cell.label ?? does
    return """
      <g class="part" data-part="\(cell.id)">
      \(Drawing.box(
        x: left, y: top, width: wide, height: high, radius: 2.5, fill: fill, line: 0.5))
      \(Drawing.text(
        label, x: left + wide / 2, y: top + (isCharacter ? high / 2 + 3.5 : 7), size: isCharacter ? 10 : 6,
        width: wide - 3, anchor: .middle, bold: true, colour: ink))
      \(cell.isListeners ? Drawing.text("LISTENER", x: left + 1.5, y: top + high - 1.5, size: 2.3, bold: true) : nil)
      \(rows)</g>

      """
  }
}
