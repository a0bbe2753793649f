/// The errors that make a file, directory or device unusable: all that were found, not only the first.
public struct DiagnosticsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// By path, line and message; never empty.
  public let diagnostics: [Diagnostic]

  /// Creates an error of several diagnostics, which it sorts.
  public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics.sorted() }

  /// Creates an error of one diagnostic.
  ///
  /// - Parameters:
  ///   - path: the file, directory or device concerned.
  ///   - line: from 1; `nil` for the whole file.
  ///   - message: what is wrong.
  ///   - remedy: what to do, in the imperative.
  public init(path: String, line: Int? = nil, message: String, remedy: String) {
    diagnostics = [Diagnostic(path: path, line: line, message: message, remedy: remedy)]
  }

  /// A line for each diagnostic, without its severity.
  public var description: String { diagnostics.map(\.unlabelledDescription).joined(separator: "\n") }
}
