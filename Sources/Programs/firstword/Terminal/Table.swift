import Diagnostics

/// A text table whose columns are as wide as their content. The last column may have text in any script.
struct Table {
  private var rows: [(cells: [Printable], colour: Terminal.Colour?)]
  private let numbers: Set<Int>

  /// Creates a table.
  ///
  /// - Parameters:
  ///   - heads: the titles of the columns.
  ///   - numbers: the columns that are aligned to the right.
  init(_ heads: [String], numbers: Set<Int> = []) {
    rows = [(heads.map { Printable($0) }, .faint)]
    self.numbers = numbers
  }

  /// Adds a row. The cells are escaped.
  mutating func add(_ row: [String], _ colour: Terminal.Colour? = nil) {
    rows.append((row.map { Printable($0) }, colour))
  }

  /// Prints the table to standard output.
  func print() {
    let widths = rows[0].cells.indices.map { column in rows.map { $0.cells[column].columns }.max() ?? 0 }
    for (row, colour) in rows {
      // Omit columns without content.
      let cells = row.indices.filter { widths[$0] > 0 }.map { column in
        if !numbers.contains(column) { return filled(row[column], widths[column]) }
        return row[column].padded(before: widths[column] - row[column].columns)
      }
      let line = cells.joined(separator: "  ").withoutTrailingSpaces
      Terminal.write(1, (colour.map { Terminal.paint(line, $0) } ?? line) + "\n")
    }
  }
}
