/// The approvals on which the clips of a bundle are based: one for each person and wording, and for each person and
/// recording.
///
/// Only a key proves who approved. One person can write an approval under any number of names.
public struct ApprovalCount: Codable, Equatable, Sendable {
  /// The number of approvals that a reviewer's key proves.
  public var proved: Int
  /// The number of approvals under a name that no key proves.
  public var unproved: Int
  /// The ids of the reviewers' keys that prove the others, sorted. A kit names no reviewer.
  public var keys: [String]

  /// Creates a count.
  public init(proved: Int, unproved: Int, keys: [String]) {
    self.proved = proved
    self.unproved = unproved
    self.keys = keys
  }
}
