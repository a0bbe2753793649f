/// A limit of the recording check that a project can change; the raw value is its key under `check:` in kit.yaml.
///
/// The check itself defines the default values.
public enum CheckLimit: String, Codable, CaseIterable, Sendable {
  /// Clipped peaks in a second of voice from which there is a warning.
  case clipped
  /// Clipped peaks in a second of voice from which there is an error.
  case distorted
  /// The maximum true peak in dBTP.
  case truePeak = "true-peak"
  /// The minimum loudness in LUFS.
  case quiet
  /// The maximum room noise in dBFS.
  case noise
  /// The minimum ratio of voice to room noise in dB.
  case signalToNoise = "signal-to-noise"
  /// The maximum DC offset in per cent of full scale.
  case offset
  /// The maximum silence before the voice in seconds.
  case before
  /// The maximum silence within the voice in seconds.
  case pause
  /// The maximum silence after the voice in seconds.
  case after
  /// The minimum length of a dropout in milliseconds.
  case dropout
  /// The maximum length, as a multiple of the length expected for the text.
  case slow
  /// The minimum length, as a multiple of the length expected for the text.
  case fast
  /// The fingerprint similarity in per cent from which two recordings are the same.
  case alike
  /// The maximum distance from the language's median loudness in LU.
  case spread
  /// The maximum distance of a clip below the target loudness in LU.
  case shortfall

  /// The values that a project may set.
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
