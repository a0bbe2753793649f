/// Columns for people, as wide as what stands in them. The last may hold any script: nothing comes after it.
struct Table {
  private var rows: [[String]]

  init(_ heads: [String]) { rows = [heads] }

  mutating func add(_ row: [String]) { rows.append(row) }

  func print() {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    for (index, row) in rows.enumerated() {
      // A column without content takes no room.
      let cells = row.indices.filter { widths[$0] > 0 }.map { filled(row[$0], widths[$0]) }
      let line = cells.joined(separator: "  ")
      let text = String(line.reversed().drop { $0 == " " }.reversed())
      Swift.print(index == 0 ? Terminal.paint(text, .faint) : text)
    }
  }
}
