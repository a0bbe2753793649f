import Glibc

/// What was measured of one recording, as it is: before any of it is filtered or lifted.
public struct Measures: Codable, Equatable, Sendable {
  /// Seconds.
  public var length: Double
  /// Highest true peak in dBTP; `Measures.nothing` for digital silence.
  public var truePeak: Double
  /// Mean of all values in per cent of full scale: what a faulty sound card adds.
  public var offset: Double
  /// Peaks that were cut off at full scale.
  public var clipped: Int
  /// `nil` where nobody speaks.
  public var voice: Spoken?

  /// Of the part in which somebody speaks.
  public struct Spoken: Codable, Equatable, Sendable {
    /// Seconds before it, of it, of its longest pause, and after it.
    public var before: Double
    public var length: Double
    public var pause: Double
    public var after: Double
    /// LUFS.
    public var loudness: Double
    /// Power of its loud parts, and of the room where its pauses let it be heard, in dBFS.
    public var level: Double
    public var noise: Double?
    /// dB.
    public var signalToNoise: Double? { noise.map { level - $0 } }
    /// Places where the sound breaks off into nothing and comes back, and milliseconds of the longest.
    public var dropouts: Int
    public var longestDropout: Double
    /// The recording begins or ends in the middle of a sound, not in the room.
    public var isCutBefore: Bool
    public var isCutAfter: Bool
  }

  /// Stands for minus infinity, which JSON has no word for.
  public static let nothing = -150.0

  /// - Parameters:
  ///   - voice: found in the filtered recording; `nil` where nobody speaks.
  ///   - loudness: of the voice's part, in LUFS.
  ///   - shortest: milliseconds of nothing that make a dropout.
  public init(_ recording: Recording, voice: Voice?, loudness: Double?, shortestDropout shortest: Double) {
    let rate = Double(recording.rate)
    let extent = Extent(recording.samples)
    length = recording.duration.hundredths
    offset = (100 * extent.mean).hundredths
    clipped = extent.clipped
    // Near the highest sample lies the highest peak between samples.
    let peaks = Limiter.truePeaks(recording.samples, from: extent.highest * 0.9)
    truePeak = Self.finite(decibels(amplitude: Double(peaks.max() ?? 0)))
    self.voice = voice.map { voice in
      let dropouts = Self.dropouts(in: recording, voice: voice, shortest: shortest)
      return Spoken(
        before: (Double(voice.range.lowerBound) / rate).hundredths,
        length: (Double(voice.range.count) / rate).hundredths, pause: (Double(voice.pause) / rate).hundredths,
        after: (Double(recording.samples.count - voice.range.upperBound) / rate).hundredths,
        loudness: Self.finite(loudness ?? -.infinity), level: Self.finite(voice.level),
        noise: voice.noise.map(Self.finite), dropouts: dropouts.count,
        longestDropout: (Double(dropouts.max() ?? 0) / rate * 1000).hundredths,
        isCutBefore: Self.isCut(recording, voice: voice, atEnd: false),
        isCutAfter: Self.isCut(recording, voice: voice, atEnd: true))
    }
  }

  /// Whether the voice is at its height in the first or last 5 ms: nobody comes from nothing so fast. Told only of a
  /// recording that lets a quiet room be heard elsewhere: where there is none, or all but the voice was cut out, nobody can
  /// tell.
  private static func isCut(_ recording: Recording, voice: Voice, atEnd: Bool) -> Bool {
    guard let noise = voice.noise, noise.isFinite, voice.level - noise > 25 else { return false }
    let width = max(1, recording.rate / 200)
    let distance = atEnd ? recording.samples.count - voice.range.upperBound : voice.range.lowerBound
    let edge = atEnd ? recording.samples.suffix(width) : recording.samples.prefix(width)
    return distance < width && decibels(power: Array(edge).variance) > voice.level - 20
  }

  private static func finite(_ level: Double) -> Double { max(nothing, level).hundredths }

  /// What one pass over all samples tells.
  private struct Extent {
    var mean = 0.0
    var highest: Float = 0
    var clipped = 0

    init(_ samples: [Float]) {
      var sum = 0.0
      var cuts = CutPeaks()
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

  /// Returns the lengths in frames of the runs of digital zero within the voice that something other than the speaker made.
  ///
  /// A voice dies away before a pause and before the closure of a consonant, also where a noise gate then writes zeros. So
  /// a run of 5 ms or more is a dropout if both of its edges are hard; a shorter one, if both neighbouring milliseconds
  /// hold a loud sample.
  private static func dropouts(in recording: Recording, voice: Voice, shortest: Double) -> [Int] {
    let minimum = max(4, Int((shortest / 1000 * Double(recording.rate)).rounded()))
    let (short, millisecond) = (recording.rate / 200, max(2, recording.rate / 1000))
    let loud = Float(amplitude(decibels: voice.level - 12))
    let spoken = Float(pow(10, (voice.level - 15) / 10))
    var found: [Int] = []
    recording.samples.withUnsafeBufferPointer { all in
      func isDropout(_ gap: Range<Int>) -> Bool {
        func neighbours(_ width: Int) -> (
          before: Slice<UnsafeBufferPointer<Float>>, after: Slice<UnsafeBufferPointer<Float>>
        ) {
          (
            all[max(voice.range.lowerBound, gap.lowerBound - width)..<gap.lowerBound],
            all[gap.upperBound..<min(voice.range.upperBound, gap.upperBound + width)]
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
      for index in voice.range {
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
