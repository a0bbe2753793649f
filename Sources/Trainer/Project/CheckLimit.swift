/// A line that the check draws and that a project can move: its name under `check:` in kit.yaml.
///
/// Where each is drawn by itself stands with the check, for it is measured there.
public enum CheckLimit: String, Codable, CaseIterable, Sendable {
  /// Cut-off peaks in a second of voice, from which they are heard, and from which words suffer.
  case clipped, distorted
  /// dBTP.
  case truePeak = "true-peak"
  /// LUFS.
  case quiet
  /// dBFS.
  case noise
  /// dB.
  case signalToNoise = "signal-to-noise"
  /// Per cent of full scale.
  case offset
  /// Seconds of silence before, within and after the voice.
  case before, pause, after
  /// Milliseconds.
  case dropout
  /// How many times its text's length.
  case slow, fast
  /// Per cent of a fingerprint.
  case alike
  /// LU.
  case spread, shortfall

  /// What a project may set it to.
  public var range: ClosedRange<Double> {
    switch self {
    case .clipped, .distorted: 0.1...1000
    case .truePeak: -6...12
    case .quiet: -70 ... -10
    case .noise: -100 ... -20
    case .signalToNoise: 0...60
    case .offset: 0.01...50
    case .before, .pause, .after: 0.1...60
    case .dropout: 0.5...1000
    case .slow: 1...20
    case .fast: 0...1
    case .alike: 70...100
    case .spread, .shortfall: 0.5...40
    }
  }
}
