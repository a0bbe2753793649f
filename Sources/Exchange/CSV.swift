/// Spreadsheets: UTF-8 with a byte order mark, RFC 4180.
enum CSV {
  private static let columns = [
    "language", "id", "source", "text", "back", "note", "status", "limit", "title", "caution",
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
          unit.title, unit.caution,
        ].map(guarded))
    }
    return text
  }

  static func read(_ text: String) throws(ExchangeError) -> ReturnedSheet {
    // The scalar's view: a line break of two characters is one Character.
    let scalars = Array(text.unicodeScalars)
    let rows = try rows(scalars, separator: separator(scalars))
    guard let heads = rows.first else { throw ExchangeError(1, "is empty", "export it again") }
    func column(_ name: String) -> Int? { heads.cells.firstIndex { $0.lowercased() == name } }
    guard let language = column("language"), let id = column("id"), let translation = column("text") else {
      throw ExchangeError(
        1, "its first row does not name the columns 'language', 'id' and 'text'",
        "keep the first row of the export as it is")
    }
    var sheet = ReturnedSheet(language: "", units: [])
    for row in rows.dropFirst() where !row.cells.allSatisfy(\.isEmpty) {
      func cell(_ column: Int?) -> String? {
        column.flatMap { $0 < row.cells.count ? unguarded(row.cells[$0]) : nil }
      }
      guard let tag = cell(language), let name = cell(id), !tag.isEmpty, !name.isEmpty else {
        throw ExchangeError(row.line, "this row names no language or no id", "restore both from the export")
      }
      if sheet.language.isEmpty { sheet.language = tag }
      if sheet.language != tag {
        throw ExchangeError(
          row.line, "is of the language '\(tag)', the rows above are of '\(sheet.language)'",
          "keep one language in a file")
      }
      let isText = name.hasSuffix(".text")
      sheet.units.append(
        ReturnedUnit(
          id: name, source: cell(column("source")), text: cell(translation) ?? "",
          back: isText ? cell(column("back")) : nil, note: isText ? cell(column("note")) : nil, line: row.line))
    }
    return sheet
  }

  // MARK: Cells

  /// A spreadsheet takes what begins with one of these for a formula. An apostrophe before it keeps it a text; so a
  /// text that begins with an apostrophe gets one too, and none is lost on the way back.
  private static let dangerous: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r", "'"]

  private static func guarded(_ cell: String) -> String {
    cell.unicodeScalars.first.map(dangerous.contains) == true ? "'" + cell : cell
  }

  private static func unguarded(_ cell: String) -> String {
    let scalars = cell.unicodeScalars
    guard scalars.first == "'", let second = scalars.dropFirst().first, dangerous.contains(second) else { return cell }
    return String(String.UnicodeScalarView(scalars.dropFirst()))
  }

  private static func quoted(_ cell: String) -> String {
    let needs = cell.unicodeScalars.contains { [",", "\"", "\r", "\n", ";", "\t"].contains($0) }
    return needs ? "\"\(cell.replacing("\"", with: "\"\""))\"" : cell
  }

  // MARK: Rows

  private struct Row {
    var line: Int
    var cells: [String] = []
  }

  /// Spreadsheets of many countries write semicolons.
  private static func separator(_ scalars: [Unicode.Scalar]) -> Unicode.Scalar {
    let head = scalars.prefix { $0 != "\n" && $0 != "\r" }
    let counts = [",", ";", "\t"].map { (sign: Unicode.Scalar) in (sign, head.filter { $0 == sign }.count) }
    return counts.max { $0.1 < $1.1 }?.0 ?? ","
  }

  private static func rows(_ scalars: [Unicode.Scalar], separator: Unicode.Scalar) throws(ExchangeError) -> [Row] {
    var rows: [Row] = []
    var row = Row(line: 1)
    var cell = String.UnicodeScalarView()
    var (isQuoted, wasQuoted) = (false, false)
    var line = 1
    func end() {
      row.cells.append(String(cell))
      cell = String.UnicodeScalarView()
      wasQuoted = false
    }
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      let next = index + 1 < scalars.count ? scalars[index + 1] : nil
      index += 1
      if scalar == "\n" { line += 1 }
      if isQuoted {
        if scalar != "\"" {
          cell.append(scalar)
        } else if next == "\"" {
          cell.append(scalar)
          index += 1
        } else {
          (isQuoted, wasQuoted) = (false, true)
        }
      } else if scalar == "\"" && cell.isEmpty && !wasQuoted {
        isQuoted = true
      } else if scalar == separator {
        end()
      } else if scalar == "\n" || scalar == "\r" && next != "\n" {
        end()
        rows.append(row)
        row = Row(line: line)
      } else if scalar != "\r" {
        if wasQuoted { throw ExchangeError(line, "text behind a closing quotation mark", "save it as CSV again") }
        cell.append(scalar)
      }
    }
    if isQuoted { throw ExchangeError(row.line, "a quotation mark is never closed", "save it as CSV again") }
    if !cell.isEmpty || !row.cells.isEmpty {
      end()
      rows.append(row)
    }
    return rows
  }
}
