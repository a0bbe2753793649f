/// A recording as a listener will hear it.
public struct ReviewClip: Sendable {
  /// SHA-256 of the recording, by which the approvals ledger names it.
  public var sha256: String
  /// Seconds of the recording.
  public var duration: Double
  /// Whether a machine speaks; such a recording cannot be approved.
  public var synthetic: Bool
  /// The Ogg Opus file.
  public var clip: [UInt8]
}
