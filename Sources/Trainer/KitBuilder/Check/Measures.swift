import Glibc

/// Figures of one recording as it is, before it is filtered or lifted, each rounded to a hundredth.
public struct Measures: Codable, Equatable, Sendable {
  /// Seconds.
  public var length: Double
  /// Highest true peak in dBTP; `Measures.nothing` for digital silence.
  public var truePeak: Double
  /// Mean of all samples in per cent of full scale; a faulty sound card adds it.
  public var offset: Double
  /// Peaks that were clipped at full scale.
  public var clipped: Int
  /// Figures of the speech; `nil` where nobody speaks.
  public var speech: Speech?

  private enum CodingKeys: String, CodingKey {
    case length, truePeak, offset, clipped
    case speech = "voice"
  }

  /// Figures of the part in which somebody speaks.
  public struct Speech: Codable, Equatable, Sendable {
    /// Seconds before the speech.
    public var before: Double
    /// Seconds of the speech.
    public var length: Double
    /// Seconds of its longest pause.
    public var pause: Double
    /// Seconds after the speech.
    public var after: Double
    /// LUFS.
    public var loudness: Double
    /// Power of its loud parts in dBFS.
    public var level: Double
    /// Power of the room in dBFS; `nil` where no pause is long enough to measure it.
    public var noise: Double?
    /// dB from the noise to the speech.
    public var signalToNoise: Double? { noise.map { level - $0 } }
    /// Gaps of digital zero in the midst of the speech.
    public var dropouts: Int
    /// Milliseconds of the longest gap.
    public var longestDropout: Double
    /// Whether the recording begins in the middle of a sound.
    public var isCutBefore: Bool
    /// Whether the recording ends in the middle of a sound.
    public var isCutAfter: Bool
  }

  /// A level that stands for minus infinity, for which JSON has no number.
  public static let nothing = -150.0

  /// Measures a recording.
  ///
  /// - Parameters:
  ///   - recording: as it was recorded.
  ///   - speech: found in the filtered recording; `nil` where nobody speaks.
  ///   - loudness: LUFS of the trimmed speech.
  ///   - shortest: milliseconds of digital zero that make a dropout.
  public init(_ recording: Recording, speech: SpeechSegment?, loudness: Double?, shortestDropout shortest: Double) {
    let rate = Double(recording.rate)
    let extent = Extent(recording.samples)
    length = recording.duration.hundredths
    offset = (100 * extent.mean).hundredths
    clipped = extent.clipped
    // The highest peak between samples is near the highest sample.
    let peaks = Limiter.truePeaks(recording.samples, from: extent.highest * 0.9)
    truePeak = Self.finite(decibels(amplitude: Double(peaks.max() ?? 0)))
    self.speech = speech.map { speech in
      let dropouts = Self.dropouts(in: recording, speech: speech, shortest: shortest)
      return Speech(
        before: (Double(speech.range.lowerBound) / rate).hundredths,
        length: (Double(speech.range.count) / rate).hundredths, pause: (Double(speech.pause) / rate).hundredths,
        after: (Double(recording.samples.count - speech.range.upperBound) / rate).hundredths,
        loudness: Self.finite(loudness ?? -.infinity), level: Self.finite(speech.level),
        noise: speech.noise.map(Self.finite), dropouts: dropouts.count,
        longestDropout: (Double(dropouts.max() ?? 0) / rate * 1000).hundredths,
        isCutBefore: Self.isCut(recording, speech: speech, atEnd: false),
        isCutAfter: Self.isCut(recording, speech: speech, atEnd: true))
    }
  }

  /// Returns whether the speech is at its height in the first or last 5 ms: no speaker starts or stops so fast.
  ///
  /// Only a recording with a quiet room elsewhere can be judged. Where there is none, or all but the speech was cut
  /// out, the answer is false.
  private static func isCut(_ recording: Recording, speech: SpeechSegment, atEnd: Bool) -> Bool {
    guard let noise = speech.noise, noise.isFinite, speech.level - noise > 25 else { return false }
    let width = max(1, recording.rate / 200)
    let distance = atEnd ? recording.samples.count - speech.range.upperBound : speech.range.lowerBound
    let edge = atEnd ? recording.samples.suffix(width) : recording.samples.prefix(width)
    return distance < width && decibels(power: Array(edge).variance) > speech.level - 20
  }

  private static func finite(_ level: Double) -> Double { max(nothing, level).hundredths }

  /// What one pass over all samples measures.
  private struct Extent {
    var mean = 0.0
    var highest: Float = 0
    var clipped = 0

    init(_ samples: [Float]) {
      var sum = 0.0
      var cuts = ClippingCounter()
      samples.withUnsafeBufferPointer { all in
        for value in all {
          sum += Double(value)
          highest = max(highest, abs(value))
          cuts.add(value)
        }
      }
      clipped = cuts.count
      mean = samples.isEmpty ? 0 : sum / Double(samples.count)
    }
  }

  /// Returns the lengths in frames of the runs of digital zero within the speech that something other than the speaker made.
  ///
  /// A voice dies away before a pause and before the closure of a consonant, also where a noise gate then writes zeros. So
  /// a run of 5 ms or more is a dropout if both of its edges are hard; a shorter one, if both neighbouring milliseconds
  /// hold a loud sample.
  private static func dropouts(in recording: Recording, speech: SpeechSegment, shortest: Double) -> [Int] {
    let minimum = max(4, Int((shortest / 1000 * Double(recording.rate)).rounded()))
    let (short, millisecond) = (recording.rate / 200, max(2, recording.rate / 1000))
    let loud = Float(amplitude(decibels: speech.level - 12))
    let spoken = Float(pow(10, (speech.level - 15) / 10))
    var found: [Int] = []
    recording.samples.withUnsafeBufferPointer { all in
      func isDropout(_ gap: Range<Int>) -> Bool {
        func neighbours(_ width: Int) -> (
          before: Slice<UnsafeBufferPointer<Float>>, after: Slice<UnsafeBufferPointer<Float>>
        ) {
          (
            all[max(speech.range.lowerBound, gap.lowerBound - width)..<gap.lowerBound],
            all[gap.upperBound..<min(speech.range.upperBound, gap.upperBound + width)]
          )
        }
        if gap.count < minimum { return false }
        if gap.count < short {
          let (before, after) = neighbours(millisecond)
          return before.contains { abs($0) >= loud } && after.contains { abs($0) >= loud }
        }
        let (before, after) = neighbours(short)
        return isHard(before, power: spoken) && isHard(after.reversed(), power: spoken)
      }
      var start: Int?
      for index in speech.range {
        if all[index] == 0 {
          start = start ?? index
        } else if let begin = start {
          start = nil
          if isDropout(begin..<index) { found.append(index - begin) }
        }
      }
    }
    return found
  }

  /// Returns whether a sound breaks off after its last sample: it is as loud as speech, and the step to zero, at whatever
  /// phase of the wave, is no smaller than a tenth of its usual steps. A sound that dies away ends in tiny steps.
  private static func isHard(_ sound: some BidirectionalCollection<Float>, power: Float) -> Bool {
    guard sound.count > 2, let last = sound.last, let before = sound.dropLast().last else { return false }
    var (energy, steps) = (Float(0), Float(0))
    var previous: Float?
    for sample in sound {
      energy += sample * sample
      if let previous { steps += (sample - previous) * (sample - previous) }
      previous = sample
    }
    let usual = (steps / Float(sound.count - 1)).squareRoot()
    // Where the wave crosses zero just here, its slope breaks off instead of its height.
    let jump = max(abs(last), abs(2 * last - before))
    return energy >= power * Float(sound.count) && jump >= usual / 10
  }
}
