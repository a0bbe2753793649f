/// What the builder would make of a take that is not kept yet.
public struct TakeTrial: Sendable {
  /// What `check` reports of the take alone, the most severe first.
  public var findings: [CheckFinding]
  /// Seconds of the take.
  public var duration: Double
  /// The Ogg Opus file; `nil` where no clip can be made.
  public var clip: [UInt8]?
  /// What was measured of the take; `nil` where it cannot be read.
  public var measures: Measures?

  /// Whether the take cannot be used.
  public var hasErrors: Bool { findings.contains { $0.severity == .error } }
}
