import Diagnostics

extension Diagnostic {
  /// Creates the result of a check.
  ///
  /// - Parameters:
  ///   - name: what was checked, in the place of a path: `card`, `line stop`, `kit`.
  ///   - severity: an error if the device does not serve its purpose, a warning if it works with a restriction, a note if
  ///     nothing is wrong.
  ///   - finding: what was found, on one line.
  ///   - remedy: what to do; nil where nothing needs to be done.
  init(_ name: String, _ severity: Severity, _ finding: String, remedy: String? = nil) {
    self.init(severity, path: name, message: finding, remedy: remedy)
  }
}

extension [Diagnostic] {
  /// The number of errors.
  public var errors: Int { count { $0.severity == .error } }
  /// The number of warnings.
  public var warnings: Int { count { $0.severity == .warning } }

  /// `All is well.`, or the number of errors and warnings.
  public var summary: String {
    if errors == 0 && warnings == 0 { return "All is well." }
    let parts = [(errors, "error"), (warnings, "warning")].filter { $0.0 > 0 }
    return parts.map { counted($0.0, $0.1) }.joined(separator: ", ") + "."
  }
}
