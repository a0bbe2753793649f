import Posix

/// The speech of a recording, filtered, trimmed and faded: what the leveller works on.
public struct SpeechExtract: Sendable {
  /// Where the recording has its speech.
  public let segment: SpeechSegment
  /// Mono samples, full scale 1: the speech with a short lead and tail.
  public let samples: [Float]
  /// Hz.
  public let rate: Int
  /// LUFS of the samples.
  public let loudness: Double

  /// Finds and measures the speech of a recording.
  ///
  /// - Returns: `nil` where nobody speaks.
  /// - Throws: ENOMEM, or EINVAL for a rate that libebur128 does not support.
  public init?(of recording: Recording, settings: LevelSettings) throws(SystemError) {
    let filtered = Leveller.highPass(recording.samples, rate: recording.rate)
    guard let segment = SpeechSegment.find(in: filtered, rate: recording.rate) else { return nil }
    self.segment = segment
    rate = recording.rate
    samples = Leveller.trim(filtered, to: segment.range, rate: rate, settings: settings)
    loudness = try Loudness.level(samples, rate: rate)
  }

  /// Cuts out speech that an earlier analysis of the same recording found and measured.
  init(of recording: Recording, segment: SpeechSegment, loudness: Double, settings: LevelSettings) {
    self.segment = segment
    self.loudness = loudness
    rate = recording.rate
    samples = Leveller.trim(
      Leveller.highPass(recording.samples, rate: rate), to: segment.range, rate: rate, settings: settings)
  }
}
