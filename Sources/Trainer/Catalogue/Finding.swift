import Posix

/// One thing that is wrong in a file that people write: where, what, and what to do about it.
public struct Finding: Equatable, Sendable, CustomStringConvertible {
  public enum Severity: String, Codable, CaseIterable, Sendable {
    /// The file cannot be used as it stands.
    case error
    /// It can be used, but somebody should look.
    case warning
  }

  public var severity: Severity
  /// As it was given or found; not made absolute.
  public var file: String
  /// From 1; 0 where the finding concerns the whole file or directory.
  public var line: Int
  /// From 1, in Unicode scalars; 0 where the whole line is meant.
  public var column: Int
  public var message: String
  /// What to do, as an order to the reader.
  public var remedy: String

  public init(
    _ severity: Severity = .error, file: String, line: Int = 0, column: Int = 0, message: String, remedy: String
  ) {
    self.severity = severity
    self.file = file
    self.line = line
    self.column = column
    self.message = message
    self.remedy = remedy
  }

  /// One line: `Languages/ro.yaml:12: 'text' is missing: add it`.
  public var description: String {
    let place = line > 0 ? "\(file):\(line)" : file
    let kind = severity == .warning ? "warning: " : ""
    return "\(place): \(kind)\(message): \(remedy)"
  }
}

/// What made a catalogue, a board, a project or a scenario unusable: every finding, not only the first.
public struct CatalogueError: Error, Equatable, Sendable, CustomStringConvertible {
  /// By file, line and column; never empty.
  public let findings: [Finding]

  public init(_ findings: [Finding]) { self.findings = findings.sorted(by: Finding.comesFirst) }

  /// A line for each finding.
  public var description: String { findings.map(\.description).joined(separator: "\n") }
}

extension Finding {
  /// For a reader that gives nothing and says nothing: it never should, and must not go on in silence.
  package static func unread(_ path: String) -> Finding {
    Finding(file: path, message: "not usable", remedy: "compare it with one that works")
  }

  /// A file that cannot be read.
  package static func unreadable(_ path: String, _ error: SystemError) -> Finding {
    let whole = error.description
    let prefix = "\(path): "
    let what = whole.hasPrefix(prefix) ? String(whole.dropFirst(prefix.count)) : whole
    return Finding(file: path, message: what, remedy: "look whether the path is right and the file may be read")
  }

  package static func comesFirst(_ a: Finding, _ b: Finding) -> Bool {
    (a.file, a.line, a.column, a.message) < (b.file, b.line, b.column, b.message)
  }
}

/// Takes down findings while files are read, so that a reader can go on after the first.
package final class FindingLog {
  package private(set) var findings: [Finding] = []

  package init() {}

  package var hasErrors: Bool { findings.contains { $0.severity == .error } }

  package func add(_ finding: Finding) { findings.append(finding) }

  /// Throws everything taken down if any of it is an error.
  package func throwErrors() throws(CatalogueError) {
    if hasErrors { throw CatalogueError(findings.filter { $0.severity == .error }) }
  }
}
