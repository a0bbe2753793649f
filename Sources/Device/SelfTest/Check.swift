/// The result of one check of a device.
public struct Check: Codable, Equatable, Sendable {
  /// The severity of a result.
  public enum State: String, Codable, Sendable {
    /// Nothing is wrong.
    case ok
    /// The device works, with a restriction.
    case warning
    /// The device does not serve its purpose.
    case error
  }

  /// What was checked: `card`, `line stop`, `kit`.
  public var name: String
  /// The severity.
  public var state: State
  /// What was found, on one line.
  public var finding: String
  /// What to do; nil where nothing needs to be done.
  public var remedy: String?

  /// Creates a result.
  public init(_ name: String, _ state: State, _ finding: String, remedy: String? = nil) {
    self.name = name
    self.state = state
    self.finding = finding
    self.remedy = remedy
  }
}

extension Check: CustomStringConvertible {
  /// The result on one line: `error    card: hw:1: No such device → plug it in`.
  public var description: String {
    let state = state.rawValue + String(repeating: " ", count: 8 - state.rawValue.count)
    return "\(state) \(name): \(finding)" + (remedy.map { " → \($0)" } ?? "")
  }
}

extension [Check] {
  /// Number of errors.
  public var errors: Int { count { $0.state == .error } }
  /// Number of warnings.
  public var warnings: Int { count { $0.state == .warning } }

  /// `All is well.`, or the number of errors and warnings.
  public var summary: String {
    if errors == 0 && warnings == 0 { return "All is well." }
    let parts = [(errors, "error"), (warnings, "warning")].filter { $0.0 > 0 }
    return parts.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: ", ") + "."
  }
}
