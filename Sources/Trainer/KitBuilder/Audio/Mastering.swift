import Encoding
import Glibc
import Opus
import Posix

/// A finished clip, with what was measured after decoding it.
public struct MasteredClip: Equatable, Sendable {
  /// The Ogg Opus file.
  public var bytes: [UInt8]
  /// Length in frames of 48 kHz.
  public var frames: Int
  /// Of the decoded clip.
  public var loudness: Loudness
  /// Frames of 48 kHz before the speech begins.
  public var onset: Int
  /// LU below the target.
  public var shortfall: Double
  /// What kept the clip below the target; `nil` where it reached it.
  public var cause: LevelledSpeech.Cause?
}

/// Why no clip was made of a recording.
public enum MasteringError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Nobody speaks in the recording, whose true peak is given in dBTP; -infinity for digital silence.
  case silent(peak: Double)
  /// libopusenc failed.
  case encode(EncoderError)
  /// The encoded clip cannot be decoded.
  case decode(ClipError)
  /// The loudness cannot be measured.
  case system(SystemError)

  /// Says what is wrong with the recording, for a text that names it before.
  public var description: String {
    switch self {
    case .silent(let peak):
      peak == -.infinity ? "is digital silence" : "holds no speech (its true peak is \(peak.tenths) dBTP)"
    case .encode(let error): error.description
    case .decode(let error): "does not decode: \(error)"
    case .system(let error): error.description
    }
  }
}

/// Turns speech into a clip: level, encode, decode, measure, and again where the decoded clip misses the target.
public struct Mastering: Sendable {
  /// How loud the clip becomes.
  public var level: LevelSettings
  /// How the clip is encoded.
  public var encode: EncoderSettings

  /// Creates a mastering with these settings.
  public init(level: LevelSettings = LevelSettings(), encode: EncoderSettings = EncoderSettings()) {
    self.level = level
    self.encode = encode
  }

  /// Makes the clip of a recording that was not checked before.
  public func clip(_ recording: Recording, tags: ClipTags, serial: Int32) throws(MasteringError) -> MasteredClip {
    let speech: SpeechExtract?
    do throws(SystemError) { speech = try SpeechExtract(of: recording, settings: level) } catch { throw .system(error) }
    if let speech { return try clip(speech, tags: tags, serial: serial) }
    throw .silent(peak: try truePeak(of: recording.samples, rate: recording.rate))
  }

  /// Makes a clip. The same input gives the same bytes.
  ///
  /// - Parameters:
  ///   - speech: its loudness is taken over, not measured again.
  ///   - tags: the clip's Opus comments.
  ///   - serial: of the Ogg stream.
  /// - Throws: `.silent` where the speech is below what counts as loudness.
  public func clip(_ speech: SpeechExtract, tags: ClipTags, serial: Int32) throws(MasteringError) -> MasteredClip {
    let rate = speech.rate
    let source = Loudness(
      level: speech.loudness, peak: try truePeak(of: speech.samples, rate: rate),
      rule: Loudness.Rule(speech.samples, rate: rate))
    if source.level == -.infinity { throw .silent(peak: source.peak) }

    // Most speech changes in the codec in the same way; allowing for that is cheaper than a second pass.
    var ceiling = level.peak - Self.peakGain
    var target = level.target + Self.loss
    var overshoot = CodecOvershoot()
    var best: MasteredClip?
    for pass in 1...Self.passes {
      let levelled = try lift(speech, measured: source, target: target, ceiling: ceiling, overshoot: overshoot)
      let bytes = try encoded(levelled, tags: tags, serial: serial)
      let decoded = try decoded(bytes)
      let clip = try measured(bytes, decoded, levelled: levelled, segment: speech.segment)
      let excess = clip.loudness.peak - level.peak
      let missing = level.target - clip.loudness.level
      // A louder clip above the peak is worse than a softer one below it.
      if best == nil || excess <= max(0, best!.loudness.peak - level.peak) { best = clip }
      let canMiss = clip.cause == nil && abs(missing) > Self.tolerance
      if excess <= 0 && !canMiss { break }
      if excess > 0 {
        let isFound = overshoot.note(decoded, above: Float(amplitude(decibels: level.peak)), rate: rate)
        // Where attenuating the peaks alone does not help, the whole clip is attenuated.
        let isStubborn = pass >= Self.patience
        if isStubborn || !isFound { ceiling -= excess + 0.2 }
        if isStubborn { target -= excess + 0.2 }
      }
      if canMiss { target += missing }
    }
    return best!
  }

  /// dB by which the codec raises the highest peak of most speech.
  static let peakGain = 1.3
  /// LU that the codec takes at 24 kb/s (0.4 to 1.0 were measured): it spends least on the highest frequencies.
  static let loss = 0.6
  static let passes = 8
  /// Passes after which a peak that comes back counts as stubborn.
  static let patience = 4
  /// LU by which a decoded clip may miss the target.
  static let tolerance = 0.45

  private func measured(
    _ bytes: [UInt8], _ decoded: [Float], levelled: LevelledSpeech, segment: SpeechSegment
  ) throws(MasteringError) -> MasteredClip {
    let loudness: Loudness
    do throws(SystemError) { loudness = try Loudness.measure(decoded, rate: 48_000) } catch { throw .system(error) }
    // The gate comes from the recording: the trimmed clip has no room noise left to derive it from.
    let found = SpeechSegment.find(in: decoded, rate: 48_000, depth: segment.level - segment.gate)
    return MasteredClip(
      bytes: bytes, frames: decoded.count, loudness: loudness, onset: found?.range.lowerBound ?? 0,
      shortfall: max(0, level.target - loudness.level), cause: levelled.cause)
  }

  private func lift(
    _ speech: SpeechExtract, measured: Loudness, target: Double, ceiling: Double, overshoot: CodecOvershoot
  ) throws(MasteringError) -> LevelledSpeech {
    do throws(SystemError) {
      return try Leveller.lift(
        speech.samples, rate: speech.rate, measured: measured, noise: speech.segment.noise, target: target,
        ceiling: ceiling, overshoot: overshoot, settings: level)
    } catch { throw .system(error) }
  }

  private func truePeak(of samples: [Float], rate: Int) throws(MasteringError) -> Double {
    do throws(SystemError) { return try Loudness.truePeak(of: samples, rate: rate) } catch { throw .system(error) }
  }

  private func encoded(_ speech: LevelledSpeech, tags: ClipTags, serial: Int32) throws(MasteringError) -> [UInt8] {
    do throws(EncoderError) {
      return try OpusEncoder.encode(speech.samples, rate: speech.rate, tags: tags, serial: serial, settings: encode)
    } catch { throw .encode(error) }
  }

  /// Decodes to 16 bits, as every player of this project does.
  private func decoded(_ bytes: [UInt8]) throws(MasteringError) -> [Float] {
    do throws(ClipError) {
      return try ClipDecoder.decode(bytes).map { Float($0) / 32_768 }
    } catch { throw .decode(error) }
  }
}
