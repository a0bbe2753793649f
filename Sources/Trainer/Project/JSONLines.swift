import Catalogue
import Diagnostics
import Encoding
import FoundationEssentials
import Glibc
import Posix

/// Files of JSON lines to which lines are only appended. Each line is independent of the others, so two versions of a
/// file are merged by keeping the lines of both.
enum JSONLines {
  /// The maximum size of a file in bytes.
  static let limit = 64 << 20

  /// Reads the entries of a file; there are none if there is no file.
  ///
  /// - Parameters:
  ///   - what: the kind of entry for the message: `an approval`.
  ///   - remedy: what to do about an invalid line.
  /// - Throws: ``DiagnosticsError`` with every line that cannot be decoded, because such a line might revoke another.
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
    var diagnostics: [Diagnostic] = []
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) { continue }
      do throws(DocumentError) {
        entries.append(try Documents.decode(type, from: Array(line)))
      } catch {
        diagnostics.append(Diagnostic(path: path, line: index + 1, message: "not \(what): \(error)", remedy: remedy))
      }
    }
    if !diagnostics.isEmpty { throw DiagnosticsError(diagnostics) }
    return entries
  }

  /// Appends a line for each entry, all or none, and syncs the file.
  static func append(_ entries: [some Encodable], to path: String) throws(SystemError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var lines: [UInt8] = []
    for entry in entries {
      // Cannot fail: the entries hold only texts, integers and Booleans.
      guard let line = try? encoder.encode(entry) else { throw SystemError("write", path: path, code: EINVAL) }
      lines += Array(line) + [0x0A]
    }
    if !lines.isEmpty { try Files.append(path, lines) }
  }
}
