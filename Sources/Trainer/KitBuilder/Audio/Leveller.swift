import Glibc
import Posix

/// How loud clips become.
public struct LevelSettings: Codable, Equatable, Sendable {
  /// Loudness of the clip in LUFS.
  public var target = -16.0
  /// Highest true peak of the decoded clip, in dBTP.
  public var peak = -1.5
  /// Highest level in dBFS to which the room's noise may be lifted.
  public var noise = -45.0
  /// dB by which the limiter may attenuate the highest peak.
  public var limiting = 18.0
  /// Milliseconds kept before the speech.
  public var lead = 12
  /// Milliseconds kept after the speech.
  public var tail = 150

  /// The standard settings.
  public init() {}
}

/// Speech at its target level, ready for the encoder.
public struct LevelledSpeech: Sendable {
  /// Mono samples, full scale 1.
  public var samples: [Float]
  /// Hz.
  public var rate: Int
  /// dB by which it was lifted.
  public var gain: Double
  /// LU below the target.
  public var shortfall: Double
  /// What kept it below the target; `nil` where it reached it.
  public var cause: Cause?

  /// What keeps speech below its target.
  public enum Cause: String, Codable, Sendable {
    /// More gain would lift the room's noise too high.
    case noise
    /// More gain would ask too much of the limiter.
    case peaks
  }
}

/// Brings speech to its target level: high-pass, trim, lift, limit. Pure functions.
public enum Leveller {
  /// Removes rumble and mains hum (`HighPass`).
  public static func highPass(_ samples: [Float], rate: Int) -> [Float] {
    var filter = HighPass(rate: rate)
    return samples.withUnsafeBufferPointer { all in
      [Float](unsafeUninitializedCapacity: all.count) { output, filled in
        for index in 0..<all.count { output[index] = filter.next(all[index]) }
        filled = all.count
      }
    }
  }

  /// Keeps the speech with a short lead and tail, faded in and out.
  ///
  /// - Parameters:
  ///   - samples: the whole recording.
  ///   - speech: frames in which somebody speaks.
  ///   - rate: Hz.
  ///   - settings: lead and tail.
  public static func trim(_ samples: [Float], to speech: Range<Int>, rate: Int, settings: LevelSettings) -> [Float] {
    let begin = max(0, speech.lowerBound - rate * settings.lead / 1000)
    let end = min(samples.count, speech.upperBound + rate * settings.tail / 1000)
    var kept = Array(samples[begin..<end])
    // Over half of the lead; at least a millisecond, so that a hard cut makes no click.
    fade(&kept, over: max(rate / 1000, (speech.lowerBound - begin) / 2), atEnd: false)
    fade(&kept, over: max(rate / 500, (end - speech.upperBound) / 2), atEnd: true)
    return kept
  }

  /// Applies a raised cosine to the first or last frames.
  private static func fade(_ samples: inout [Float], over length: Int, atEnd: Bool) {
    let length = min(length, samples.count)
    for step in 0..<length {
      let factor = 0.5 - 0.5 * cos(.pi * (Double(step) + 0.5) / Double(length))
      samples[atEnd ? samples.count - 1 - step : step] *= Float(factor)
    }
  }

  /// Brings trimmed speech to `target` LUFS with its true peak below `ceiling` dBTP, as far as the room's noise
  /// and the limiter's range allow.
  ///
  /// - Parameters:
  ///   - samples: the trimmed speech.
  ///   - rate: Hz.
  ///   - measured: the loudness of `samples`.
  ///   - noise: the room's noise in dBFS; `nil` where it is unknown.
  ///   - target: LUFS.
  ///   - ceiling: dBTP.
  ///   - overshoot: where the codec raises peaks.
  ///   - settings: limits of noise and limiting.
  static func lift(
    _ samples: [Float], rate: Int, measured: Loudness, noise: Double?, target: Double, ceiling: Double,
    overshoot: CodecOvershoot = CodecOvershoot(), settings: LevelSettings
  ) throws(SystemError) -> LevelledSpeech {
    let quiet = noise.map { max(0, settings.noise - $0) } ?? .infinity
    let reach = ceiling + settings.limiting - measured.peak
    let maximum = min(quiet, reach)
    var gain = min(target - measured.level, maximum)
    var level = measured.level + gain
    var result: [Float]
    if measured.peak + gain <= ceiling && overshoot.isEmpty {
      let factor = Float(amplitude(decibels: gain))
      result = samples.map { $0 * factor }
    } else {
      let limiter = Limiter(
        samples, rate: rate, interest: Float(amplitude(decibels: min(ceiling - maximum, measured.peak))),
        overshoot: overshoot)
      let height = Float(amplitude(decibels: ceiling))
      // Limiting takes loudness with the peaks, and part of what is given back too: about a fifth.
      gain = min(gain + 0.2 * (measured.peak + gain - ceiling), maximum)
      var last: (gain: Double, level: Double)?
      var rounds = 0
      repeat {
        result = limiter.apply(factor: Float(amplitude(decibels: gain)), ceiling: height)
        level = try Loudness.level(result, rate: rate)
        let missing = target - level
        if abs(missing) < 0.1 || missing > 0 && gain >= maximum { break }
        let slope = last.map { (level - $0.level) / (gain - $0.gain) } ?? 0.65
        last = (gain, level)
        gain = min(gain + missing / min(1, max(0.2, slope)), maximum)
        rounds += 1
      } while rounds < 8 && gain != last?.gain
    }
    let shortfall = max(0, target - level)
    return LevelledSpeech(
      samples: result, rate: rate, gain: gain, shortfall: shortfall,
      cause: shortfall < 0.1 ? nil : quiet < reach ? .noise : .peaks)
  }
}
