/// The review status of a wording or recording, derived from the approvals ledger.
public enum Status: String, Codable, CaseIterable, Comparable, Sendable {
  /// No approval.
  case draft
  /// Approved under one name.
  case reviewed
  /// Approved under two different names.
  case approved

  /// Returns whether `a` is the lower status.
  public static func < (a: Status, b: Status) -> Bool {
    allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)!
  }
}
