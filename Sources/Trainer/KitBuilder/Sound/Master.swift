import Glibc
import Opus
import Posix

/// A finished clip, with what was measured after decoding it.
public struct MasteredClip: Equatable, Sendable {
  /// The Ogg Opus file.
  public var bytes: [UInt8]
  /// Of 48 kHz.
  public var frames: Int
  public var loudness: Loudness
  /// Frames of 48 kHz before the voice begins.
  public var onset: Int
  /// dB by which the recording was lifted, and by which the limiter turned its highest peak down.
  public var gain: Double
  public var limited: Double
  /// LU under the target, and what kept it there.
  public var shortfall: Double
  public var cause: Levelled.Cause?
  /// The recording before any of it.
  public var source: Source

  /// What was measured of the recording.
  public struct Source: Equatable, Sendable {
    public var loudness: Loudness
    public var voice: Voice
    public var rate: Int
    public var frames: Int
  }
}

/// Why no clip came of a recording.
public enum MasterError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Nobody speaks in it; its loudest moment in dBFS.
  case silent(peak: Double)
  case encode(EncodeError)
  /// What was just encoded does not decode.
  case decode(ClipError)
  case system(SystemError)

  public var description: String {
    switch self {
    case .silent(let peak):
      peak == -.infinity ? "is digital silence" : "holds no voice (its highest peak is \(peak.tenths) dBFS)"
    case .encode(let error): error.description
    case .decode(let error): "does not decode: \(error)"
    case .system(let error): error.description
    }
  }
}

/// From a recording to a clip: level, encode, decode again, measure, and once more where the decoded clip is not
/// what was asked for.
public struct Master: Sendable {
  public var level: LevelSettings
  public var encode: EncodeSettings

  public init(level: LevelSettings = LevelSettings(), encode: EncodeSettings = EncodeSettings()) {
    self.level = level
    self.encode = encode
  }

  /// The same input gives the same clip.
  public func clip(_ recording: Recording, tags: ClipTags, serial: Int32) throws(MasterError) -> MasteredClip {
    let rate = recording.rate
    guard let (voice, trimmed) = Level.spoken(recording, settings: level) else {
      throw .silent(peak: decibels(amplitude: Double(recording.samples.reduce(0) { max($0, abs($1)) })))
    }
    let source = try measure(trimmed, rate: rate)
    if source.level == -.infinity { throw .silent(peak: source.peak) }

    // What the codec does to most voices is met beforehand: cheaper than a second pass.
    var ceiling = level.peak - Self.overshoot
    var target = level.target + Self.loss
    var swell = Swell()
    var best: MasteredClip?
    for pass in 1...Self.passes {
      let levelled = try lift(
        trimmed, rate: rate, measured: source, noise: voice.noise, target: target, ceiling: ceiling, swell: swell)
      let bytes = try encoded(levelled, tags: tags, serial: serial)
      let decoded = try decoded(bytes)
      let clip = try measured(
        bytes, decoded, levelled: levelled, recording: recording, source: source, voice: voice)
      let excess = clip.loudness.peak - level.peak
      let missing = level.target - clip.loudness.level
      // A louder clip over the peak is worse than a softer one under it.
      if best == nil || excess <= max(0, best!.loudness.peak - level.peak) { best = clip }
      let canMiss = clip.cause == nil && abs(missing) > Self.tolerance
      if excess <= 0 && !canMiss { break }
      if excess > 0 {
        let isFound = swell.note(decoded, above: Float(amplitude(decibels: level.peak)), rate: rate)
        // Where turning down the places is of no avail, the whole clip is.
        let isStubborn = pass >= Self.patience
        if isStubborn || !isFound { ceiling -= excess + 0.2 }
        if isStubborn { target -= excess + 0.2 }
      }
      if canMiss { target += missing }
    }
    return best!
  }

  /// dB by which the codec raises the highest peak, for most voices.
  static let overshoot = 1.3
  /// LU that it takes at 24 kb/s (0.4 to 1.0 was seen): it is the highest frequencies that it spends least on.
  static let loss = 0.6
  static let passes = 8
  /// Passes after which a peak that comes back counts as stubborn.
  static let patience = 4
  /// LU by which a decoded clip may miss the target.
  static let tolerance = 0.45

  private func measured(
    _ bytes: [UInt8], _ decoded: [Float], levelled: Levelled, recording: Recording, source: Loudness, voice: Voice
  ) throws(MasterError) -> MasteredClip {
    let loudness = try measure(decoded, rate: 48_000)
    // The gate that the recording told: trimmed, the clip has no room noise left to judge by.
    let heard = Voice.find(in: decoded, rate: 48_000, depth: voice.level - voice.gate)
    return MasteredClip(
      bytes: bytes, frames: decoded.count, loudness: loudness, onset: heard?.range.lowerBound ?? 0,
      gain: levelled.gain, limited: levelled.limited, shortfall: max(0, level.target - loudness.level),
      cause: levelled.cause,
      source: .init(loudness: source, voice: voice, rate: recording.rate, frames: recording.samples.count))
  }

  private func lift(
    _ samples: [Float], rate: Int, measured: Loudness, noise: Double?, target: Double, ceiling: Double, swell: Swell
  ) throws(MasterError) -> Levelled {
    do throws(SystemError) {
      return try Level.lift(
        samples, rate: rate, measured: measured, noise: noise, target: target, ceiling: ceiling, swell: swell,
        settings: level)
    } catch { throw .system(error) }
  }

  private func measure(_ samples: [Float], rate: Int) throws(MasterError) -> Loudness {
    do throws(SystemError) { return try Loudness.measure(samples, rate: rate) } catch { throw .system(error) }
  }

  private func encoded(_ sound: Levelled, tags: ClipTags, serial: Int32) throws(MasterError) -> [UInt8] {
    do throws(EncodeError) {
      return try Encode.clip(sound.samples, rate: sound.rate, tags: tags, serial: serial, settings: encode)
    } catch { throw .encode(error) }
  }

  /// As every player of this project decodes it: to 16 bits.
  private func decoded(_ bytes: [UInt8]) throws(MasterError) -> [Float] {
    do throws(ClipError) {
      return try ClipDecoder.decode(bytes).map { Float($0) / 32_768 }
    } catch { throw .decode(error) }
  }
}
