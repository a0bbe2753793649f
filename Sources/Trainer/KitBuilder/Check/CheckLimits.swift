import Catalogue
import Project

extension RecordingCheck {
  /// The thresholds of findings; tested on recordings with faults of several strengths, and on speech without faults.
  public struct Limits: Codable, Equatable, Sendable {
    /// Clipped peaks in a second of speech from which they are audible.
    public var clipped = 2.0
    /// Clipped peaks in a second of speech from which words are hard to understand.
    public var distorted = 50.0
    /// Maximum true peak in dBTP: a recording may reach full scale, but a converter clips what exceeds it between samples.
    public var truePeak = 1.0
    /// Minimum loudness in LUFS: a quieter recording cannot be lifted without audible noise.
    public var quiet = -42.0
    /// Maximum noise of the room in dBFS.
    public var noise = -50.0
    /// Minimum distance of the speech from the room's noise in dB.
    public var signalToNoise = 20.0
    /// Maximum mean of the samples in per cent of full scale.
    public var offset = 2.0
    /// Maximum silence before the speech in seconds.
    public var before = 3.0
    /// Maximum pause within the speech in seconds.
    public var pause = 2.0
    /// Maximum silence after the speech in seconds.
    public var after = 3.0
    /// Minimum length in milliseconds of a run of digital zero within the speech that counts as a gap.
    public var dropout = 1.0
    /// Maximum length as a multiple of the time that the text takes at a calm pace, plus a second.
    public var slow = 2.0
    /// Minimum length as a multiple of that time.
    public var fast = 0.4
    /// Per cent of agreement of two fingerprints from which the recordings count as the same sound.
    public var alike = 80.0
    /// Maximum distance from the median of the voice's recordings in LU.
    public var spread = 9.0
    /// Maximum distance of a clip below the target in LU.
    public var shortfall = 1.0

    /// Creates the standard thresholds.
    public init() {}

    /// Creates the standard thresholds with a project's changes.
    public init(_ changes: [CheckLimit: Double]) {
      for (limit, value) in changes { self[keyPath: Self.path(to: limit)] = value }
    }

    private static func path(to limit: CheckLimit) -> WritableKeyPath<Limits, Double> {
      switch limit {
      case .clipped: \.clipped
      case .distorted: \.distorted
      case .truePeak: \.truePeak
      case .quiet: \.quiet
      case .noise: \.noise
      case .signalToNoise: \.signalToNoise
      case .offset: \.offset
      case .before: \.before
      case .pause: \.pause
      case .after: \.after
      case .dropout: \.dropout
      case .slow: \.slow
      case .fast: \.fast
      case .alike: \.alike
      case .spread: \.spread
      case .shortfall: \.shortfall
      }
    }

    /// Returns a measure of a value and its threshold.
    func measure(_ value: Double, _ unit: CheckFinding.Unit, _ limit: CheckLimit) -> CheckFinding.Measure {
      CheckFinding.Measure(value, unit, threshold: self[keyPath: Self.path(to: limit)], setting: limit)
    }
  }
}
