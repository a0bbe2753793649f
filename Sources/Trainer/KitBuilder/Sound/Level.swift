import Glibc
import Posix

/// What a clip shall sound like.
public struct LevelSettings: Codable, Equatable, Sendable {
  /// LUFS.
  public var target = -16.0
  /// Greatest true peak of the decoded clip, in dBTP.
  public var peak = -1.5
  /// Greatest level in dBFS to which the room's noise may be lifted.
  public var noise = -45.0
  /// dB by which the limiter may turn down the highest peak.
  public var limiting = 18.0
  /// Milliseconds kept before the voice, and after it.
  public var lead = 12
  public var tail = 150

  public init() {}
}

/// A recording made ready for the encoder.
public struct Levelled: Sendable {
  public var samples: [Float]
  public var rate: Int
  /// dB by which it was lifted.
  public var gain: Double
  /// dB by which the limiter turned down the highest peak.
  public var limited: Double
  /// LU by which it stays under the target, and why.
  public var shortfall: Double
  public var cause: Cause?

  public enum Cause: String, Codable, Sendable { case noise, peaks }
}

/// The recording's way to the encoder: high-pass, trim, lift, limit. Pure functions.
public enum Level {
  /// Takes out rumble and the hum of the mains.
  public static func highPass(_ samples: [Float], rate: Int) -> [Float] {
    var filter = HighPass(rate: rate)
    return samples.withUnsafeBufferPointer { all in
      [Float](unsafeUninitializedCapacity: all.count) { output, filled in
        for index in 0..<all.count { output[index] = filter.next(all[index]) }
        filled = all.count
      }
    }
  }

  /// The voice in a recording, and its part of it, filtered and trimmed; `nil` where nobody speaks.
  static func spoken(_ recording: Recording, settings: LevelSettings) -> (voice: Voice, samples: [Float])? {
    let filtered = highPass(recording.samples, rate: recording.rate)
    guard let voice = Voice.find(in: filtered, rate: recording.rate) else { return nil }
    return (voice, trim(filtered, to: voice.range, rate: recording.rate, settings: settings))
  }

  /// Keeps the voice with a little before and after it, faded in and out.
  public static func trim(_ samples: [Float], to voice: Range<Int>, rate: Int, settings: LevelSettings) -> [Float] {
    let begin = max(0, voice.lowerBound - rate * settings.lead / 1000)
    let end = min(samples.count, voice.upperBound + rate * settings.tail / 1000)
    var kept = Array(samples[begin..<end])
    // Half of what stands before the voice; at least a millisecond, so that a hard cut makes no click.
    fade(&kept, over: max(rate / 1000, (voice.lowerBound - begin) / 2), atEnd: false)
    fade(&kept, over: max(rate / 500, (end - voice.upperBound) / 2), atEnd: true)
    return kept
  }

  /// A raised cosine over the first or last frames.
  private static func fade(_ samples: inout [Float], over length: Int, atEnd: Bool) {
    let length = min(length, samples.count)
    for step in 0..<length {
      let factor = 0.5 - 0.5 * cos(.pi * (Double(step) + 0.5) / Double(length))
      samples[atEnd ? samples.count - 1 - step : step] *= Float(factor)
    }
  }

  /// Brings a trimmed sound to `target` LUFS with its true peak under `ceiling` dBTP, as far as the room's noise
  /// and the limiter's reach allow.
  ///
  /// - Parameters:
  ///   - measured: of `samples`.
  ///   - swell: what the codec makes of their peaks.
  static func lift(
    _ samples: [Float], rate: Int, measured: Loudness, noise: Double?, target: Double, ceiling: Double,
    swell: Swell = Swell(), settings: LevelSettings
  ) throws(SystemError) -> Levelled {
    let quiet = noise.map { max(0, settings.noise - $0) } ?? .infinity
    let reach = ceiling + settings.limiting - measured.peak
    let most = min(quiet, reach)
    var gain = min(target - measured.level, most)
    var level = measured.level + gain
    var result: [Float]
    if measured.peak + gain <= ceiling && swell.isEmpty {
      let factor = Float(amplitude(decibels: gain))
      result = samples.map { $0 * factor }
    } else {
      let limiter = Limiter(
        samples, rate: rate, interest: Float(amplitude(decibels: min(ceiling - most, measured.peak))), swell: swell)
      let height = Float(amplitude(decibels: ceiling))
      // Limiting takes loudness with the peaks, and takes part of what is given back too: about a fifth.
      gain = min(gain + 0.2 * (measured.peak + gain - ceiling), most)
      var last: (gain: Double, level: Double)?
      var rounds = 0
      repeat {
        result = limiter.apply(factor: Float(amplitude(decibels: gain)), ceiling: height)
        level = try Loudness.level(result, rate: rate)
        let missing = target - level
        if abs(missing) < 0.1 || missing > 0 && gain >= most { break }
        let slope = last.map { (level - $0.level) / (gain - $0.gain) } ?? 0.65
        last = (gain, level)
        gain = min(gain + missing / min(1, max(0.2, slope)), most)
        rounds += 1
      } while rounds < 8 && gain != last?.gain
    }
    let shortfall = max(0, target - level)
    return Levelled(
      samples: result, rate: rate, gain: gain, limited: max(0, measured.peak + gain - ceiling), shortfall: shortfall,
      cause: shortfall < 0.1 ? nil : quiet < reach ? .noise : .peaks)
  }
}
