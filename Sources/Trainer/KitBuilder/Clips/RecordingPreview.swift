import Posix

/// A recording for the check page: its waveform and a small clip of it.
public struct RecordingPreview: Equatable, Sendable {
  /// Highest amplitudes of `RecordingPreview.parts` equal parts, 0...1.
  public var peaks: [Float]
  /// The part in which somebody speaks, as fractions of its length; `nil` where nobody does.
  public var speech: Range<Double>?
  /// An Ogg Opus file at a low bit rate: the speech, or the beginning of a recording without any.
  public var clip: [UInt8]

  /// Points of the waveform.
  public static let parts = 160
  /// Seconds that are encoded of a recording without speech.
  private static let beginning = 5

  /// Creates a preview.
  init(_ recording: Recording, settings: LevelSettings) throws(EncoderError) {
    let (samples, rate) = (recording.samples, recording.rate)
    peaks = (0..<Self.parts).map { part in
      let range = samples.count * part / Self.parts..<samples.count * (part + 1) / Self.parts
      return min(1, samples[range].reduce(0) { max($0, abs($1)) })
    }
    let found = SpeechSegment.find(in: Leveller.highPass(samples, rate: rate), rate: rate)
    speech = found.map {
      Double($0.range.lowerBound) / Double(samples.count)..<Double($0.range.upperBound) / Double(samples.count)
    }
    let audible =
      found.map { Leveller.trim(samples, to: $0.range, rate: rate, settings: settings) }
      ?? Array(samples.prefix(Self.beginning * rate))
    var small = EncoderSettings()
    small.bitrate = 16_000
    small.complexity = 0
    let tags = ClipTags(title: "", language: "", voice: "", prompt: "", status: "", synthetic: recording.synthetic)
    clip = try OpusEncoder.encode(audible, rate: rate, tags: tags, serial: 0, settings: small)
  }
}
