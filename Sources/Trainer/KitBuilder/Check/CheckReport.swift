import Catalogue

/// What a check of a project's recordings found.
public struct CheckReport: Codable, Equatable, Sendable {
  /// The most severe first.
  public var findings: [CheckFinding]
  /// How many recordings were checked.
  public var recordings: Int
  /// Seconds of sound in them.
  public var duration: Double
  /// The recordings by language, number and voice.
  public var takes: [CheckedTake]

  /// One recording with its measurements.
  public struct CheckedTake: Codable, Equatable, Sendable {
    /// The recording.
    public var take: Take
    /// `nil` where the file cannot be read.
    public var measures: Measures?
  }

  /// Whether a recording cannot be used, or one is missing.
  public var hasErrors: Bool { findings.contains { $0.severity == .error } }
}
