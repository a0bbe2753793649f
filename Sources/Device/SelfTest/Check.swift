/// One thing that was looked at on a device: how it stands, and what to do.
public struct Check: Codable, Equatable, Sendable {
  public enum State: String, Codable, Sendable {
    case ok
    /// It works, and somebody should know.
    case warning
    /// It does not do what it is for.
    case error
  }

  /// `card`, `line stop`, `kit`.
  public var name: String
  public var state: State
  /// One line.
  public var finding: String
  /// What to do; absent where nothing is.
  public var remedy: String?

  public init(_ name: String, _ state: State, _ finding: String, remedy: String? = nil) {
    self.name = name
    self.state = state
    self.finding = finding
    self.remedy = remedy
  }
}

extension Check: CustomStringConvertible {
  /// `error    card: hw:1: No such device → plug it in`, on one line.
  public var description: String {
    let state = state.rawValue + String(repeating: " ", count: 8 - state.rawValue.count)
    return "\(state) \(name): \(finding)" + (remedy.map { " → \($0)" } ?? "")
  }
}

extension [Check] {
  public var errors: Int { count { $0.state == .error } }
  public var warnings: Int { count { $0.state == .warning } }

  /// `All is well.`, or what is not.
  public var summary: String {
    if errors == 0 && warnings == 0 { return "All is well." }
    let parts = [(errors, "error"), (warnings, "warning")].filter { $0.0 > 0 }
    return parts.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: ", ") + "."
  }
}
