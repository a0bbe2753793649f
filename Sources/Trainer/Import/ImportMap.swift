import Diagnostics
import Posix
import Translation

/// A CSV table that describes each file: columns `file`, `language`, `prompt`, `voice`, and `start` and `end` for
/// pieces of one file. Empty cells are read from the file's name.
public struct ImportMap: Sendable {
  /// One row of the map.
  public struct Row: Codable, Equatable, Sendable {
    /// The line in the map, from 1.
    public var line: Int
    /// The file's path in the source, or the last components of it.
    public var file: String
    /// The cell `language`; nil if empty.
    public var language: String?
    /// The cell `prompt`; nil if empty.
    public var prompt: String?
    /// The cell `voice`; nil if empty.
    public var voice: String?
    /// The start of a piece in seconds; nil for the whole file.
    public var start: Double?
    /// The end of a piece in seconds; nil for the whole file.
    public var end: Double?
    /// An undecided doubt; a piece is uncertain until this cell is empty.
    public var doubt: String?

    /// Whether the file is excluded: `-` in the cell `prompt`.
    public var isLeftOut: Bool { prompt == "-" }

    /// Creates a row; what is nil is an empty cell.
    public init(
      line: Int, file: String, language: String? = nil, prompt: String? = nil, voice: String? = nil,
      start: Double? = nil, end: Double? = nil, doubt: String? = nil
    ) {
      (self.line, self.file, self.language, self.prompt, self.voice) = (line, file, language, prompt, voice)
      (self.start, self.end, self.doubt) = (start, end, doubt)
    }
  }

  /// The map's path.
  public let path: String
  /// The rows in the order of the file.
  public let rows: [Row]

  /// The columns of a map.
  static let columns = ["file", "start", "end", "language", "prompt", "voice", "seconds", "doubt"]
  private static let limit = 4 << 20

  /// Creates a map from its rows.
  ///
  /// - Parameter path: the map's path for messages.
  public init(_ rows: [Row], path: String) {
    self.path = path
    self.rows = rows
  }

  /// Reads a map.
  ///
  /// - Throws: ``DiagnosticsError`` if the file cannot be read or parsed.
  public init(reading path: String) throws(DiagnosticsError) {
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try Files.read(path, limit: Self.limit) } catch {
      throw DiagnosticsError(path: path, message: "cannot be read: \(error.cause)", remedy: "check the path of the map")
    }
    try self.init(bytes, path: path)
  }

  /// Parses a map. Its content is untrusted: any fault in it is an error.
  ///
  /// - Throws: ``DiagnosticsError`` with the line of the first fault.
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
      throw failure(1, "its first row does not name the column 'file'", "write file,language,prompt,voice into it")
    }
    var rows: [Row] = []
    for line in table.rows {
      func cell(_ name: String) -> String? {
        guard let text = table.column(name).flatMap({ line[$0] }) else { return nil }
        let trimmed = CSVCell.unguarded(Self.trimmed(text))
        return trimmed.isEmpty ? nil : trimmed
      }
      guard let name = line[file].map({ CSVCell.unguarded(Self.trimmed($0)) }), !name.isEmpty else {
        throw failure(line.line, "this row names no file", "write the file's name, or remove the row")
      }
      var row = Row(
        line: line.line, file: name, language: cell("language"), prompt: cell("prompt"), voice: cell("voice"),
        doubt: cell("doubt"))
      for (column, path) in [("start", \Row.start), ("end", \Row.end)] {
        guard let text = cell(column) else { continue }
        guard let seconds = Self.seconds(text) else {
          throw failure(
            line.line, "its \(column) is '\(text.prefix(40))', not a time", "write seconds, or minutes: 75.5 or 1:15.5")
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

  /// Returns a time in seconds from `75.5`, `75,5`, `1:15.5` or `1:02:03`.
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

  /// Returns a row as CSV.
  ///
  /// - Parameter seconds: the length of the file or piece.
  static func line(_ row: Row, seconds: Double) -> String {
    line([
      row.file, row.start.map { "\($0)" } ?? "", row.end.map { "\($0)" } ?? "", row.language ?? "", row.prompt ?? "",
      row.voice ?? "", "\(seconds)", row.doubt ?? "",
    ])
  }

  /// Returns one row of CSV.
  static func line(_ cells: [String]) -> String {
    cells.map { cell in
      // A spreadsheet would read such a cell as a formula.
      let safe = cell == "-" ? cell : CSVCell.guarded(cell)
      let needs = safe.unicodeScalars.contains { [",", "\"", "\r", "\n", ";", "\t"].contains($0) }
      return needs ? "\"\(safe.replacing("\"", with: "\"\""))\"" : safe
    }.joined(separator: ",") + "\r\n"
  }
}
