/// What check measured of one recording. The leveller takes the speech that it found.
public struct RecordingAnalysis: Codable, Equatable, Sendable {
  /// SHA-256 of the file.
  public var sha256: String
  /// Seconds.
  public var duration: Double
  /// How two channels became one.
  public var mixdown: Recording.Mixdown
  /// Figures for people and for the check, rounded.
  public var measures: Measures
  /// Where the recording has its speech; `nil` where nobody speaks.
  public var speech: SpeechSegment?
  /// LUFS of the trimmed speech, as measured; `nil` where nobody speaks.
  public var loudness: Double?
  /// For comparison with other recordings; `nil` where nobody speaks.
  public var fingerprint: Fingerprint?
  /// Whether the file says that a machine speaks.
  public var synthetic: Bool
  /// SHA-256 of the wording that the machine spoke, if the file says it.
  public var wording: String?

  /// Measures a recording.
  ///
  /// - Parameters:
  ///   - recording: as it was recorded.
  ///   - speech: found in the filtered recording; `nil` where nobody speaks.
  ///   - loudness: LUFS of the trimmed speech.
  ///   - limits: the shortest dropout.
  init(_ recording: Recording, speech: SpeechSegment?, loudness: Double?, limits: RecordingCheck.Limits) {
    sha256 = recording.sha256
    duration = recording.duration
    mixdown = recording.mixdown
    synthetic = recording.synthetic
    wording = recording.wording
    self.speech = speech
    self.loudness = loudness
    measures = Measures(recording, speech: speech, loudness: loudness, shortestDropout: limits.dropout)
    fingerprint = speech.map { Fingerprint(recording.samples, range: $0.range, rate: recording.rate) }
  }
}
