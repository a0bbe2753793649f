/// Which approvals of a project count.
public enum ApprovalPolicy: String, Codable, CaseIterable, Sendable {
  /// Approvals under any name. A key proves a name, but is not required, so one person can approve under two names.
  case names
  /// Only approvals that a known reviewer's key proves.
  case proved
}
