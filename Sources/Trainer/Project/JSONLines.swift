import Catalogue
import Diagnostics
import Encoding
import FoundationEssentials
import Glibc
import Posix

/// A file of JSON lines to which lines are only ever added: what people vouch for and object to. Each line stands for
/// itself, so that two people's files are merged by keeping the lines of both.
enum JSONLines {
  static let limit = 64 << 20

  /// The entries of a file of at most 64 MiB; none where there is no file. A line that is not wholly understood is an
  /// error: it might take back what another one says.
  ///
  /// - Parameter what: `an approval`, for the message.
  static func read<Entry: Decodable>(
    _ type: Entry.Type, _ path: String, what: String, remedy: String
  ) throws(DiagnosticsError) -> [Entry] {
    let bytes: [UInt8]
    do {
      bytes = try Files.read(path, limit: limit)
    } catch {
      if error.code == ENOENT { return [] }
      throw DiagnosticsError([.unreadable(path, error)])
    }
    var entries: [Entry] = []
    var findings: [Diagnostic] = []
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) { continue }
      do throws(DocumentError) {
        entries.append(try Documents.decode(type, from: Array(line)))
      } catch {
        findings.append(Diagnostic(path: path, line: index + 1, message: "not \(what): \(error)", remedy: remedy))
      }
    }
    if !findings.isEmpty { throw DiagnosticsError(findings) }
    return entries
  }

  /// Adds a line for each entry: all of them or none, and on the disk when this returns.
  static func append(_ entries: [some Encodable], to path: String) throws(SystemError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var lines: [UInt8] = []
    for entry in entries {
      // Texts and whole numbers only: JSON has a form for each.
      guard let line = try? encoder.encode(entry) else { throw SystemError("write", path: path, code: EINVAL) }
      lines += Array(line) + [0x0A]
    }
    if !lines.isEmpty { try Files.append(path, lines) }
  }
}

/// Keys of a line that says only what it may.
struct LineKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }

  /// Throws for a key that is none of these.
  static func check(_ decoder: any Decoder, known: [String]) throws {
    for key in try decoder.container(keyedBy: LineKey.self).allKeys where !known.contains(key.stringValue) {
      throw corrupted(key.stringValue, "unknown key\(Spelling.hint(key.stringValue, known))")
    }
  }

  static func checkHash(_ hash: String) throws {
    if hash.utf8.count != 64 || !hash.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) {
      throw corrupted("hash", "64 lower-case hexadecimal digits are due")
    }
  }

  static func checkDate(_ key: String, _ date: String?) throws {
    if let date, !Day.isDay(date) { throw corrupted(key, "a date such as 2026-05-01 is due") }
  }

  static func checkName(_ name: String) throws {
    if PersonName(name) == nil { throw corrupted("name", "it is empty, or no name of one line") }
  }

  static func corrupted(_ key: String, _ message: String) -> DecodingError {
    .dataCorrupted(DecodingError.Context(codingPath: [LineKey(stringValue: key)], debugDescription: message))
  }
}
