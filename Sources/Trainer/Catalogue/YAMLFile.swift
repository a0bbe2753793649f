import Diagnostics
import Posix

/// Reads YAML files strictly: constructs that two parsers could interpret differently are errors.
///
/// A file is UTF-8, at most 1 MiB, and has one document without anchors, aliases, explicit tags, duplicate keys, and
/// tabs in the indentation. The time to read it grows with its size alone; see ``YAMLComposer``.
package enum YAMLFile {
  /// The maximum size of a file in bytes.
  package static let limit = 1 << 20

  /// Reads a file.
  ///
  /// - Returns: the document, or nil after adding the errors to the log.
  package static func read(_ path: String, log: DiagnosticLog) -> Field? {
    let bytes: [UInt8]
    do {
      bytes = try Files.read(path, limit: limit)
    } catch {
      log.add(.unreadable(path, error))
      return nil
    }
    return parse(bytes, file: path, log: log)
  }

  /// Parses a file's content.
  ///
  /// - Parameter file: the path for diagnostics.
  /// - Returns: the document, or nil after adding the errors to the log.
  package static func parse(_ bytes: [UInt8], file: String, log: DiagnosticLog) -> Field? {
    func refuse(_ line: Int?, _ message: String, _ remedy: String) -> Field? {
      log.add(Diagnostic(path: file, line: line, message: message, remedy: remedy))
      return nil
    }
    // Some editors write a byte order mark.
    let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    let isUTF8 = String(validating: content, as: UTF8.self) != nil
    if !isUTF8 || content.contains(0x09) {
      for (index, line) in content.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
        guard String(validating: line, as: UTF8.self) != nil else {
          return refuse(index + 1, "this line is not UTF-8", "save the file as UTF-8")
        }
        if line.prefix(while: { $0 == 0x20 || $0 == 0x09 }).contains(0x09) {
          return refuse(index + 1, "a tab in the indentation", "use spaces")
        }
      }
    }
    // One of its lines was refused.
    if !isUTF8 { return nil }
    do throws(YAMLComposer.Fault) {
      guard let node = try YAMLComposer.document(in: content), !node.isNull else {
        return refuse(nil, "the file is empty", "write its content or remove it")
      }
      return Field(file: file, node: node, log: log)
    } catch {
      return refuse(error.line, error.message, error.remedy)
    }
  }
}
