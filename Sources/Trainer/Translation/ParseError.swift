import Diagnostics

/// Why the content of a file of translations cannot be read, before the file's path is known.
struct ParseError: Error, Equatable {
  /// From 1; nil for the whole file.
  var line: Int?
  var message: String
  /// What to do, in the imperative.
  var remedy: String

  init(_ line: Int?, _ message: String, _ remedy: String) {
    self.line = line
    self.message = message
    self.remedy = remedy
  }

  /// Returns the error to report for the file at `path`.
  func at(_ path: String) -> DiagnosticsError {
    DiagnosticsError(path: path, line: line, message: message, remedy: remedy)
  }
}
