import Diagnostics
import Posix

/// Collects diagnostics while files are read, so that reading continues after the first error.
package final class DiagnosticLog {
  /// In the order in which they were added.
  package private(set) var diagnostics: [Diagnostic] = []

  /// Creates an empty log.
  package init() {}

  /// Whether any of the diagnostics is an error.
  package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  /// Adds a diagnostic.
  package func add(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  /// Throws all errors of the log, if there are any.
  package func throwErrors() throws(DiagnosticsError) {
    if hasErrors { throw DiagnosticsError(diagnostics.filter { $0.severity == .error }) }
  }
}

extension Diagnostic {
  /// Returns the error for a file or directory that cannot be read.
  package static func unreadable(_ path: String, _ error: SystemError) -> Diagnostic {
    let whole = error.description
    let prefix = "\(path): "
    let message = whole.hasPrefix(prefix) ? String(whole.dropFirst(prefix.count)) : whole
    return Diagnostic(path: path, message: message, remedy: "check the path and the file's permissions")
  }

  /// Returns the error, with the code `conflict`, for a file that another program changed since it was read.
  package static func conflict(_ path: String) -> Diagnostic {
    Diagnostic(
      code: "conflict", path: path, message: "another program changed it meanwhile",
      remedy: "nothing was changed; look at it, and try again")
  }

  /// Returns the error for a file whose parser returned nothing and reported nothing. Reading must not continue
  /// silently in that case, although no known file causes it.
  package static func unusable(_ path: String) -> Diagnostic {
    Diagnostic(path: path, message: "not usable", remedy: "compare it with one that works")
  }
}
