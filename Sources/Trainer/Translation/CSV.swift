/// Translations as CSV (RFC 4180) in UTF-8 with a byte order mark, for spreadsheets.
enum CSV {
  private static let columns = [
    "language", "id", "source", "text", "back", "note", "status", "limit", "title", "caution", "back-of",
  ]

  static func write(_ sheet: Sheet) -> String {
    var text = "\u{FEFF}"
    func add(_ cells: [String]) { text += cells.map(quoted).joined(separator: ",") + "\r\n" }
    add(columns)
    for unit in sheet.units {
      let status = unit.text.isEmpty ? "missing" : unit.status.rawValue
      add(
        [
          sheet.language, unit.id, unit.source, unit.text, unit.back ?? "", unit.note ?? "", status, "\(unit.limit)",
          unit.title, unit.caution, unit.backOf ?? "",
        ].map(CSVCell.guarded))
    }
    return text
  }

  static func read(_ text: String) throws(ParseError) -> TranslatedSheet {
    let table = try CSVTable(text)
    if table.heads.isEmpty { throw ParseError(1, "is empty", "export it again") }
    guard let language = table.column("language"), let id = table.column("id"), let translation = table.column("text")
    else {
      throw ParseError(
        1, "its first row does not name the columns 'language', 'id' and 'text'",
        "keep the first row of the export as it is")
    }
    var sheet = TranslatedSheet(language: "", units: [])
    for row in table.rows {
      func cell(_ column: Int?) -> String? {
        column.flatMap { row[$0].map(CSVCell.unguarded) }
      }
      guard let tag = cell(language), let name = cell(id), !tag.isEmpty, !name.isEmpty else {
        throw ParseError(row.line, "this row names no language or no id", "restore both from the export")
      }
      if sheet.language.isEmpty { sheet.language = tag }
      if sheet.language != tag {
        throw ParseError(
          row.line, "this row's language is '\(tag)', but that of the rows above is '\(sheet.language)'",
          "keep one language in a file")
      }
      let isText = name.hasSuffix(".text")
      sheet.units.append(
        TranslatedUnit(
          id: name, source: cell(table.column("source")), text: cell(translation) ?? "",
          back: isText ? cell(table.column("back")) : nil, note: isText ? cell(table.column("note")) : nil,
          line: row.line))
    }
    return sheet
  }

  // MARK: Cells

  private static func quoted(_ cell: String) -> String {
    let needs = cell.unicodeScalars.contains { [",", "\"", "\r", "\n", ";", "\t"].contains($0) }
    return needs ? "\"\(cell.replacing("\"", with: "\"\""))\"" : cell
  }
}
