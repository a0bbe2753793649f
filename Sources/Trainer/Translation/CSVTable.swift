import Diagnostics

/// A CSV table with a header row (RFC 4180), separated by commas, semicolons or tabs.
public struct CSVTable: Sendable {
  /// The header cells; empty if the file is empty.
  public let heads: [String]
  /// The rows, without those whose cells are all empty.
  public let rows: [Row]

  /// One row.
  public struct Row: Sendable {
    /// The row's first line in the file, from 1.
    public var line: Int
    fileprivate var cells: [String] = []

    /// The cell in a column; nil after the row's last cell.
    public subscript(column: Int) -> String? { cells.indices.contains(column) ? cells[column] : nil }
  }

  /// Parses a table.
  ///
  /// - Parameters:
  ///   - text: the file's content, without a byte order mark.
  ///   - path: the file's path, for the error.
  /// - Throws: ``DiagnosticsError`` if the quotation marks do not match.
  public init(_ text: String, path: String) throws(DiagnosticsError) {
    do throws(ParseError) { try self.init(text) } catch { throw error.at(path) }
  }

  init(_ text: String) throws(ParseError) {
    // Scalars, because CR LF is one Character.
    let scalars = Array(text.unicodeScalars)
    let all = try Self.rows(scalars, separator: Self.separator(scalars))
    heads = all.first?.cells ?? []
    rows = all.dropFirst().filter { !$0.cells.allSatisfy(\.isEmpty) }
  }

  /// Returns the first column with a name in lower case, ignoring the header's case.
  public func column(_ name: String) -> Int? { heads.firstIndex { $0.lowercased() == name } }

  private static func separator(_ scalars: [Unicode.Scalar]) -> Unicode.Scalar {
    let head = scalars.prefix { $0 != "\n" && $0 != "\r" }
    let counts = [",", ";", "\t"].map { (sign: Unicode.Scalar) in (sign, head.filter { $0 == sign }.count) }
    return counts.max { $0.1 < $1.1 }?.0 ?? ","
  }

  private static func rows(_ scalars: [Unicode.Scalar], separator: Unicode.Scalar) throws(ParseError) -> [Row] {
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
        if wasQuoted { throw ParseError(line, "text after a closing quotation mark", "save it as CSV again") }
        cell.append(scalar)
      }
    }
    if isQuoted { throw ParseError(row.line, "a quotation mark is not closed", "save it as CSV again") }
    if !cell.isEmpty || !row.cells.isEmpty {
      end()
      rows.append(row)
    }
    return rows
  }
}
