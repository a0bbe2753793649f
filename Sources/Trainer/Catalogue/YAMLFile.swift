import Diagnostics
import Posix
import Yams

/// Reads YAML files strictly: constructs that two parsers could interpret differently are errors.
///
/// A file is UTF-8, at most 1 MiB, and has one document without anchors, aliases, explicit tags, duplicate keys, and
/// tabs in the indentation. The time to read it grows with its size alone; see `YAMLBounds`.
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
    let decoded = String(validating: content, as: UTF8.self)
    if decoded == nil || content.contains(0x09) {
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
    guard let text = decoded else { return nil }
    switch YAMLBounds.fault(in: content) {
    case (let line, .alias)?:
      return refuse(line, "anchors and aliases ('&', '*') are not allowed", "write the value out, or in quotes")
    case (let line, .depth)?:
      return refuse(line, "more than \(YAMLBounds.maximumDepth) levels of lists and keys", "remove the inner levels")
    case (let line, .values)?:
      return refuse(line, "more than \(YAMLBounds.maximumValues) keys and values", "remove what does not belong here")
    case nil: break
    }
    do {
      // The other resolvers try ten regular expressions on each key.
      let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
      guard let node = try parser.singleRoot() else {
        return refuse(nil, "the file is empty", "write its content or remove it")
      }
      let field = Field(file: file, name: "", mark: Place(node) ?? Place(line: 1, column: 1), node: node, log: log)
      if field.isNull { return refuse(nil, "the file is empty", "write its content or remove it") }
      // Anchors are valid only while their parser exists.
      return withExtendedLifetime(parser) { field.isPlainData() ? field : nil }
    } catch let error as YamlError {
      return explain(error, content, refuse)
    } catch {
      return refuse(nil, "not readable as YAML: \(error)", "correct it")
    }
  }

  private static func explain(
    _ error: YamlError, _ content: ArraySlice<UInt8>, _ refuse: (Int?, String, String) -> Field?
  ) -> Field? {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
      return refuse(
        mark.line, "not readable as YAML (\(problem))",
        "check the quotes, colons and indentation here and on the line before")
    case .composer(_, let problem, let mark, _):
      let remedy =
        problem.contains("document") ? "keep one document in a file; remove the second '---'" : "correct it"
      return refuse(mark.line, "not readable as YAML (\(problem))", remedy)
    case .duplicatedKeysInMapping(let keys, let context):
      let key = keys.first ?? ""
      let line = secondLine(of: key, after: Place(context.mark), in: content) ?? context.mark.line
      return refuse(line, "'\(key)' is given twice, first in line \(context.mark.line)", "keep one of them")
    case .reader(let problem, _, _, _):
      return refuse(nil, "not readable as YAML (\(problem))", "remove control characters")
    default:
      return refuse(nil, "not readable as YAML (\(error))", "correct it")
    }
  }

  /// Returns the line of the second of two equal keys. The parser reports only the first; the second follows it with
  /// the same indentation.
  private static func secondLine(of key: String, after mark: Place, in content: ArraySlice<UInt8>) -> Int? {
    let lines = content.split(separator: 0x0A, omittingEmptySubsequences: false)
    let starts = [key, "\"\(key)\"", "'\(key)'"].map { Array("\($0):".utf8) }
    for (index, line) in lines.enumerated().dropFirst(mark.line) {
      let text = line.drop { $0 == 0x20 }
      if line.count - text.count == mark.column - 1, starts.contains(where: { text.starts(with: $0) }) {
        return index + 1
      }
    }
    return nil
  }
}

/// A place in a file.
package struct Place {
  /// The line, from 1.
  package let line: Int
  /// The column in Unicode scalars, from 1.
  package let column: Int

  init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  init(_ mark: Mark) { self.init(line: mark.line, column: mark.column) }

  init?(_ node: Node) {
    guard let mark = node.mark else { return nil }
    self.init(mark)
  }
}
