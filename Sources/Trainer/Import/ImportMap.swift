import Diagnostics
import Posix
import Translation

/// A spreadsheet that says of each file what it is: columns `file`, `language`, `prompt`, `voice`, and `start` and `end`
/// for pieces of one file. What a cell leaves open is read from the file's name.
public struct ImportMap: Sendable {
  public struct Row: Equatable, Sendable {
    /// In the map, from 1.
    public var line: Int
    /// As the source has it, or the end of it.
    public var file: String
    /// What somebody wrote; nil where nothing.
    public var language: String?
    public var prompt: String?
    public var voice: String?
    /// Seconds.
    public var start: Double?
    public var end: Double?
    /// What nobody has decided yet: of a piece it counts until its cell is empty.
    public var doubt: String?

    /// `-` in the prompt's cell: it stays where it is.
    public var isLeftOut: Bool { prompt == "-" }
  }

  public let path: String
  public let rows: [Row]

  /// The columns that `text` writes, and that a map may have.
  static let columns = ["file", "start", "end", "language", "prompt", "voice", "seconds", "doubt"]
  private static let limit = 4 << 20

  public init(reading path: String) throws(DiagnosticsError) {
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try Files.read(path, limit: Self.limit) } catch {
      throw DiagnosticsError(path: path, message: "cannot be read: \(error.cause)", remedy: "name the map")
    }
    try self.init(bytes, path: path)
  }

  /// Reads what a stranger may have written: whatever it is, it is an error at the most.
  public init(_ bytes: [UInt8], path: String) throws(DiagnosticsError) {
    func failure(_ line: Int?, _ message: String, _ remedy: String) -> DiagnosticsError {
      DiagnosticsError(path: path, line: line, message: message, remedy: remedy)
    }
    let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes[3...]) : bytes
    guard let text = String(validating: content, as: UTF8.self) else {
      throw failure(nil, "is not UTF-8", "save it as UTF-8; in a spreadsheet choose 'CSV UTF-8'")
    }
    let table = try CSVTable(text, path: path)
    guard let file = table.column("file") else {
      throw failure(1, "its first row does not name the column 'file'", "write file,language,prompt,voice there")
    }
    var rows: [Row] = []
    for line in table.rows {
      func cell(_ name: String) -> String? {
        guard let text = table.column(name).flatMap({ line[$0] }) else { return nil }
        let trimmed = Self.trimmed(text)
        return trimmed.isEmpty ? nil : trimmed
      }
      guard let name = line[file].map(Self.trimmed), !name.isEmpty else {
        throw failure(line.line, "this row names no file", "write the file's name, or remove the row")
      }
      var row = Row(
        line: line.line, file: name, language: cell("language"), prompt: cell("prompt"), voice: cell("voice"),
        doubt: cell("doubt"))
      for (column, path) in [("start", \Row.start), ("end", \Row.end)] {
        guard let text = cell(column) else { continue }
        guard let seconds = Self.seconds(text) else {
          throw failure(
            line.line, "its \(column) is '\(text.prefix(40))', no time", "write seconds, or minutes: 75.5 or 1:15.5")
        }
        row[keyPath: path] = seconds
      }
      if let start = row.start, let end = row.end, end <= start {
        throw failure(line.line, "it ends before it starts", "put the later time under 'end'")
      }
      if (row.start == nil) != (row.end == nil) {
        throw failure(line.line, "it has only one of 'start' and 'end'", "write both, or none for the whole file")
      }
      rows.append(row)
    }
    self.path = path
    self.rows = rows
  }

  /// `75.5`, `75,5`, `1:15.5`, `1:02:03`.
  static func seconds(_ text: String) -> Double? {
    let parts = text.replacing(",", with: ".").split(separator: ":", omittingEmptySubsequences: false)
    guard (1...3).contains(parts.count), text.utf8.count <= 16 else { return nil }
    var seconds = 0.0
    for part in parts {
      guard part.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }), let value = Double(part) else {
        return nil
      }
      seconds = seconds * 60 + value
    }
    return seconds < 86_400 ? seconds : nil
  }

  private static func trimmed(_ text: String) -> String {
    String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }

  /// Cells of one row as a spreadsheet reads them.
  static func line(_ cells: [String]) -> String {
    cells.map { cell in
      // What begins so would be a formula; a name of a file or a doubt is none.
      let safe = cell != "-" && cell.first.map { "=+-@\t\r".contains($0) } == true ? " " + cell : cell
      let needs = safe.unicodeScalars.contains { [",", "\"", "\r", "\n", ";", "\t"].contains($0) }
      return needs ? "\"\(safe.replacing("\"", with: "\"\""))\"" : safe
    }.joined(separator: ",") + "\r\n"
  }
}
