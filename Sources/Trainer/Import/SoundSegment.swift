import Glibc
import KitBuilder

/// A part of a recording between two pauses.
struct SoundSegment: Equatable {
  /// The start in seconds.
  var start: Double
  /// The end in seconds.
  var end: Double
  /// Whether it has no pitch: a cough, a door, paper.
  var isNoise: Bool

  var length: Double { end - start }

  /// The minimum length of a pause in seconds.
  private static let pause = 0.16
  /// The minimum length of a sound in seconds.
  private static let shortest = 0.06
  /// The maximum length of a noise in seconds; a longer sound is speech.
  private static let longestNoise = 1.2

  /// Returns all segments of a recording, in order.
  static func all(in recording: Recording) -> [SoundSegment] {
    let hop = max(1, recording.rate / 100)
    let levels = recording.samples.withUnsafeBufferPointer { samples in
      stride(from: 0, to: samples.count, by: hop).map { start in
        let end = min(samples.count, start + hop)
        var sum: Float = 0
        for index in start..<end { sum += samples[index] * samples[index] }
        return sum > 0 ? 10 * log10(Double(sum) / Double(end - start)) : -150
      }
    }
    guard let gate = gate(levels) else { return [] }
    let second = Double(hop) / Double(recording.rate)
    var found: [SoundSegment] = []
    var start: Int?
    for index in 0...levels.count {
      let sounds = index < levels.count && levels[index] > gate
      if sounds {
        start = start ?? index
      } else if let begin = start {
        start = nil
        let next = SoundSegment(start: Double(begin) * second, end: Double(index) * second, isNoise: false)
        if let last = found.last, next.start - last.end < pause {
          found[found.count - 1].end = next.end
        } else {
          found.append(next)
        }
      }
    }
    found.removeAll { $0.length < shortest }
    for index in found.indices where found[index].length < longestNoise {
      found[index].isNoise = !hasPitch(recording, found[index])
    }
    return found
  }

  /// Returns the level in dBFS above which there is sound: above the room noise and below speech.
  private static func gate(_ levels: [Double]) -> Double? {
    if levels.isEmpty { return nil }
    let ranked = levels.sorted()
    let loud = ranked[ranked.count * 19 / 20]
    if loud < SpeechSegment.silence { return nil }
    let room = ranked[ranked.count / 10]
    return loud - min(45, max(12, loud - (room + 9)))
  }

  /// Returns whether the waveform has a period of 1/400 to 1/60 s anywhere, as a voice has.
  private static func hasPitch(_ recording: Recording, _ segment: SoundSegment) -> Bool {
    // About 4 kHz suffices to find a pitch.
    let step = max(1, recording.rate / 4000)
    let rate = recording.rate / step
    let first = Int(segment.start * Double(recording.rate))
    let last = min(recording.samples.count, Int(segment.end * Double(recording.rate)))
    let values = stride(from: first, to: last, by: step).map { start in
      let part = recording.samples[start..<min(last, start + step)]
      return part.reduce(0, +) / Float(part.count)
    }
    let width = rate * 3 / 100
    let lags = rate / 400...rate / 60
    var (pitched, frames) = (0, 0)
    var start = 0
    while start + width + lags.upperBound <= values.count {
      frames += 1
      let best = lags.map { likeness(values, start, width, lag: $0) }.max() ?? 0
      if best > 0.6 { pitched += 1 }
      start += width
    }
    return frames == 0 || pitched * 5 >= frames
  }

  /// Returns the normalised correlation of a part with the part `lag` later: 1 if they are equal.
  private static func likeness(_ values: [Float], _ start: Int, _ width: Int, lag: Int) -> Float {
    var (product, first, second): (Float, Float, Float) = (0, 0, 0)
    values.withUnsafeBufferPointer { values in
      for index in start..<start + width {
        product += values[index] * values[index + lag]
        first += values[index] * values[index]
        second += values[index + lag] * values[index + lag]
      }
    }
    let power = (first * second).squareRoot()
    return power > 0 ? product / power : 0
  }
}
