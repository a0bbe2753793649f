/// The evidence for an approval.
public enum ApprovalProof: String, Codable, CaseIterable, Sendable {
  /// Two names, without signatures.
  case claim
  /// Both people signed wording and recording with their own keys.
  case key
}
