import Glibc

/// Holds a sound's true peak under a ceiling by turning it down around its peaks, before they come.
///
/// The whole sound is at hand, so nothing is delayed: the gain that each frame needs is spread over 4 ms on both
/// sides, comes back slowly, and is smoothed so that no edge is heard.
struct Limiter {
  private let samples: [Float]
  private let rate: Int
  /// Greatest amplitude around each frame.
  private let peaks: [Float]

  /// Seconds until the gain has come back: faster is heard as distortion, slower takes loudness from the words
  /// after a peak.
  private static let release = 0.03

  /// - Parameter interest: amplitude of `samples` under which no peak will matter.
  init(_ samples: [Float], rate: Int, interest: Float) {
    self.samples = samples
    self.rate = rate
    peaks = Self.truePeaks(samples, from: interest / 2)
  }

  /// The sound, amplified by `factor` and held under an amplitude of `ceiling`, between the samples too.
  func apply(factor: Float, ceiling: Float) -> [Float] {
    // Two averages of half the reach each stay within the reach of the minimum.
    let half = max(1, rate / 500)
    var gain = Self.minimum(peaks.map { $0 * factor > ceiling ? ceiling / $0 : factor }, reach: 2 * half, edge: factor)
    let release = Float(1 - exp(-1 / (Self.release * Double(rate))))
    var last = factor
    for index in gain.indices {
      last = min(gain[index], last + (factor - last) * release)
      gain[index] = last
    }
    gain = Self.average(Self.average(gain, reach: half), reach: half)
    return zip(samples, gain).map { $0 * $1 }
  }

  /// For each frame the greatest amplitude from it to the next, at four times the rate as BS.1770 asks.
  ///
  /// Frames with nothing above `interest` around them are not interpolated: their own amplitude is enough.
  static func truePeaks(_ samples: [Float], from interest: Float) -> [Float] {
    var peaks = samples.map { abs($0) }
    let reach = taps / 2
    samples.withUnsafeBufferPointer { all in
      var index = 0
      var until = -1
      // `until`: the last frame that a great sample seen so far can reach.
      while index < all.count {
        let ahead = min(all.count - 1, index + reach)
        if abs(all[ahead]) > interest { until = ahead + reach }
        if index <= until || index < reach && all[...ahead].contains(where: { abs($0) > interest }) {
          for phase in phases {
            var sum: Float = 0
            for tap in 0..<taps {
              let at = index + tap - reach + 1
              if at >= 0 && at < all.count { sum += phase[tap] * all[at] }
            }
            peaks[index] = max(peaks[index], abs(sum))
          }
        }
        index += 1
      }
    }
    return peaks
  }

  private static let taps = 12

  /// A sinc under a Hann window, at a quarter, a half and three quarters of the way to the next sample.
  private static let phases: [[Float]] = [0.25, 0.5, 0.75].map { (fraction: Double) -> [Float] in
    (0..<taps).map { tap -> Float in
      let distance = Double(tap - taps / 2 + 1) - fraction
      let window = 0.5 * (1 + cos(.pi * distance / Double(taps / 2)))
      return Float(window * sin(.pi * distance) / (.pi * distance))
    }
  }

  /// The least value within `reach` on both sides of each; `edge` stands for what is outside the sound.
  private static func minimum(_ values: [Float], reach: Int, edge: Float) -> [Float] {
    // Van Herk: running minima of blocks from both ends; any window is covered by one of each.
    let width = 2 * reach + 1
    let padded = Array(repeating: edge, count: reach) + values + Array(repeating: edge, count: reach)
    var forward = padded
    var backward = padded
    for start in stride(from: 0, to: padded.count, by: width) {
      let end = min(start + width, padded.count)
      for index in start + 1..<max(start + 1, end) { forward[index] = min(forward[index - 1], forward[index]) }
      for index in (start..<end - 1).reversed() { backward[index] = min(backward[index + 1], backward[index]) }
    }
    return values.indices.map { min(backward[$0], forward[$0 + width - 1]) }
  }

  /// The mean within `reach` on both sides of each; the first and the last go on outside.
  private static func average(_ values: [Float], reach: Int) -> [Float] {
    let width = 2 * reach + 1
    guard let first = values.first, let last = values.last else { return [] }
    let padded = Array(repeating: first, count: reach) + values + Array(repeating: last, count: reach)
    var sum = padded[..<(width - 1)].reduce(0.0) { $0 + Double($1) }
    return values.indices.map { index in
      sum += Double(padded[index + width - 1])
      defer { sum -= Double(padded[index]) }
      return Float(sum / Double(width))
    }
  }
}
