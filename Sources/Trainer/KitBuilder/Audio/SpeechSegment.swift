import Glibc

/// The part of a recording in which somebody speaks.
public struct SpeechSegment: Codable, Equatable, Sendable {
  /// Frames from the first to just after the last of the speech, with the soft sounds at its ends.
  public var range: Range<Int>
  /// Power of its loud parts in dBFS.
  public var level: Double
  /// Power of the room in dBFS, measured in the recording's pauses; `nil` where it has none that are long enough,
  /// -infinity where they are digital silence.
  public var noise: Double?
  /// Power in dBFS above which a moment counts as speech.
  public var gate: Double
  /// Frames of the longest stretch within it that stays below the gate.
  public var pause: Int

  /// Level in dBFS below which nothing counts as speech.
  public static let silence = -70.0
  /// Level in dBFS below which a microphone must be switched off: none is so quiet.
  static let deaf = -120.0

  /// Finds the speech in a recording.
  ///
  /// - Parameters:
  ///   - samples: full scale is 1; filtered by `Leveller.highPass`.
  ///   - rate: Hz.
  ///   - depth: dB from the level down to the gate, where another recording of the same speech has determined it;
  ///     otherwise it follows from the noise.
  /// - Returns: `nil` for silence and for mere clicks.
  public static func find(in samples: [Float], rate: Int, depth: Double? = nil) -> SpeechSegment? {
    let step = max(1, rate / 400)
    let powers = stepPowers(samples, step: step)
    if powers.isEmpty { return nil }
    // The loudest tenth: pauses do not count.
    let ranked = powers.sorted(by: >)
    let loud = ranked.prefix(max(1, ranked.count / 10))
    let level = decibels(power: loud.reduce(0, +) / Double(loud.count))
    if level < silence { return nil }
    let noise = noiseFloor(powers)
    let gate = level - (depth ?? self.depth(level: level, noise: noise))
    let threshold = pow(10, gate / 10)
    guard let first = firstSustained(powers, above: threshold),
      let last = firstSustained(powers.reversed(), above: threshold)
    else { return nil }
    guard first + last < powers.count else { return nil }
    let pause = longestPause(powers[first..<powers.count - last], under: threshold) * step
    var (start, rest) = (first, last)
    if let noise {
      let audible = pow(10, max(noise + softness, level - deepest) / 10)
      start = softStart(powers, before: first, above: audible)
      rest = softStart(powers.reversed(), before: last, above: audible)
    }
    let end = min(samples.count, (powers.count - rest) * step)
    return SpeechSegment(range: start * step..<end, level: level, noise: noise, gate: gate, pause: pause)
  }

  /// dB above the room's noise at which a sound beside the speech is audible.
  private static let softness = 4.0
  /// dB below the speech from which nothing is audible beside it.
  private static let deepest = 45.0

  /// Returns the first step of the soft sounds that lead to the speech: the "s" of "six" can stay below the gate for
  /// 200 ms. They begin at most 300 ms before it, and last until 80 ms before it: the closure of a "t" is silent.
  private static func softStart(_ powers: [Double], before first: Int, above threshold: Double) -> Int {
    let (width, reach, closure) = (12, 120, 32)
    var start = first
    for begin in stride(from: first - width, through: max(0, first - reach), by: -1) {
      if start - begin - width > closure { break }
      let window = powers[begin..<begin + width]
      if powers[begin] > threshold && window.count(where: { $0 > threshold }) * 2 >= width { start = begin }
    }
    return start
  }

  /// Returns the power in dBFS of a room in its quietest moment; `nil` where that is too short.
  static func room(in samples: [Float], rate: Int) -> Double? {
    quietest(stepPowers(samples, step: max(1, rate / 400)))
  }

  /// Returns the steps of the longest pause; a click of at most 20 ms does not end one.
  private static func longestPause(_ powers: ArraySlice<Double>, under threshold: Double) -> Int {
    var (longest, pause, click) = (0, 0, 0)
    for power in powers {
      click = power > threshold ? click + 1 : 0
      pause = click > 8 ? 0 : pause + 1
      longest = max(longest, pause - click)
    }
    return longest
  }

  /// Returns the dB from the speech down to its gate: above the room's noise, low enough for a soft consonant before
  /// the first vowel, and never so near to the speech that it would cut into it.
  static func depth(level: Double, noise: Double?) -> Double {
    guard let noise else { return 40 }
    return min(45, max(12, level - (noise + 9)))
  }

  /// Returns the mean squares of steps of 2.5 ms.
  private static func stepPowers(_ samples: [Float], step: Int) -> [Double] {
    samples.withUnsafeBufferPointer { all in
      stride(from: 0, to: all.count, by: step).map { start in
        let end = min(all.count, start + step)
        var sum: Float = 0
        for index in start..<end { sum += all[index] * all[index] }
        return Double(sum) / Double(end - start)
      }
    }
  }

  /// Returns the power in dBFS of the noise beneath a recording; `nil` where the recording cannot tell.
  ///
  /// Noise is steady, speech is not. Soft speech that lasts 80 ms lies 20 dB and more above the room of a good recording,
  /// so the quietest 30 ms are the most that the noise can be. They count as noise only if many moments are as quiet: in a
  /// tightly cut prompt they are a single dip within a word, which says nothing about the room.
  private static func noiseFloor(_ powers: [Double]) -> Double? {
    let moments = movingMeans(powers, width: 12)
    guard let minimum = moments.min(), moments.count(where: { $0 <= minimum * 4 }) >= 40 else { return nil }
    // The minimum of many measurements of one noise lies about 1 dB below their mean.
    return decibels(power: minimum) + 1
  }

  /// Returns the power in dBFS of the quietest 80 ms of a room in which nobody speaks, if such moments last for 150 ms.
  private static func quietest(_ powers: [Double]) -> Double? {
    guard let minimum = movingMeans(powers, width: 32).min() else { return nil }
    return powers.count { $0 <= minimum * 4 } >= 60 ? decibels(power: minimum) : nil
  }

  /// Returns the mean of each `width` neighbouring powers.
  private static func movingMeans(_ powers: [Double], width: Int) -> [Double] {
    if powers.count < width { return [] }
    return (0...(powers.count - width)).map { start in
      powers[start..<start + width].reduce(0, +) / Double(width)
    }
  }

  /// Returns the first step above the threshold that is no click: half of the 40 ms after it are above it too.
  private static func firstSustained(_ powers: [Double], above threshold: Double) -> Int? {
    let width = min(16, powers.count)
    var count = powers[..<width].count { $0 > threshold }
    for start in powers.indices {
      if powers[start] > threshold && count * 2 >= width { return start }
      if powers[start] > threshold { count -= 1 }
      if start + width < powers.count, powers[start + width] > threshold { count += 1 }
    }
    return nil
  }
}
