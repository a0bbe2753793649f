import Catalogue
import Project

extension RecordingCheck {
  /// Where the lines are drawn; tried on recordings with faults of several strengths, and on speech without any.
  public struct Limits: Codable, Equatable, Sendable {
    /// Cut-off peaks in a second of voice, from which they are heard, and from which words suffer.
    public var clipped = 2.0
    public var distorted = 50.0
    /// dBTP: a recording may touch full scale, but what lies over it between the samples is cut off by a converter.
    public var truePeak = 1.0
    /// LUFS under which a recording is too quiet to be lifted cleanly.
    public var quiet = -42.0
    /// dBFS of the room.
    public var noise = -50.0
    /// dB between voice and room.
    public var signalToNoise = 20.0
    /// Per cent of full scale by which the whole recording is off zero.
    public var offset = 2.0
    /// Seconds of silence before, within and after the voice.
    public var before = 3.0
    public var pause = 2.0
    public var after = 3.0
    /// Milliseconds of digital zero in the midst of the voice.
    public var dropout = 1.0
    /// How many times longer or shorter than its text is spoken at a calm pace; a second is allowed on top.
    public var slow = 2.0
    public var fast = 0.4
    /// Per cent of their fingerprints in which two recordings of one sound agree.
    public var alike = 80.0
    /// LU from the middle of its language.
    public var spread = 9.0
    /// LU under the target.
    public var shortfall = 1.0

    public init() {}

    /// The standard ones, with what a project draws elsewhere.
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

    /// A figure beside the line that it crossed.
    func measure(_ value: Double, _ unit: CheckFinding.Unit, _ limit: CheckLimit) -> CheckFinding.Measure {
      CheckFinding.Measure(value, unit, threshold: self[keyPath: Self.path(to: limit)], setting: limit)
    }
  }
}
