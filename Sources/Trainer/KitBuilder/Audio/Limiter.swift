import Glibc

/// Holds a sound's true peak below a ceiling by attenuating it around its peaks.
///
/// The whole sound is in memory, so nothing is delayed: the gain that each millisecond needs is spread over 5 ms on both
/// sides, recovers slowly, and is smoothed so that no edge is audible.
struct Limiter {
  private let samples: [Float]
  /// Frames of a cell: about a millisecond, with one gain.
  private let cell: Int
  /// Highest amplitude in each cell, also between the samples.
  private let peaks: [Float]
  private let overshoot: CodecOvershoot
  /// The fraction of its way back that the gain recovers in a cell.
  private let release: Float

  /// Seconds in which the gain recovers: faster is audible as distortion, slower takes loudness from the words after a
  /// peak.
  private static let release = 0.03
  /// Cells on both sides over which the gain is averaged, twice. With the ramp from one cell's middle to the next they
  /// stay within the reach of the minimum: no average exceeds the gain that a peak needs.
  private static let smoothing = 2
  private static let reach = 2 * smoothing + 1

  /// Measures the true peaks of a sound.
  ///
  /// - Parameters:
  ///   - samples: full scale is 1.
  ///   - rate: Hz.
  ///   - interest: amplitude of `samples` below which no peak will matter.
  ///   - overshoot: where the codec raises peaks.
  init(_ samples: [Float], rate: Int, interest: Float, overshoot: CodecOvershoot = CodecOvershoot()) {
    self.samples = samples
    cell = Self.cell(rate)
    release = Float(1 - exp(-Double(cell) / (Self.release * Double(rate))))
    peaks = Self.highest(Self.truePeaks(samples, from: interest / 2), in: cell)
    self.overshoot = overshoot
  }

  static func cell(_ rate: Int) -> Int { max(1, rate / 1000) }

  /// Returns the sound amplified by `factor` and held below an amplitude of `ceiling`, also between the samples.
  func apply(factor: Float, ceiling: Float) -> [Float] {
    let needed = peaks.enumerated().map { index, peak in
      (peak * factor > ceiling ? ceiling / peak : factor) / (overshoot.factors[index] ?? 1)
    }
    var gain = Self.minimum(needed)
    var last = factor
    for index in gain.indices {
      last = min(gain[index], last + (factor - last) * release)
      gain[index] = last
    }
    return amplified(by: Self.average(Self.average(gain)))
  }

  /// Returns the samples with a gain that ramps linearly from the middle of one cell to that of the next.
  private func amplified(by gain: [Float]) -> [Float] {
    guard let first = gain.first, let last = gain.last else { return [] }
    return samples.withUnsafeBufferPointer { samples in
      [Float](unsafeUninitializedCapacity: samples.count) { output, filled in
        let half = cell / 2
        var start = 0
        // Knots: before the middle of the first cell, between two middles, after the last.
        for knot in 0...gain.count {
          let from = knot == 0 ? first : gain[knot - 1]
          let to = knot == gain.count ? last : gain[knot]
          let end = min(samples.count, knot == gain.count ? samples.count : knot * cell + half)
          let step = (to - from) / Float(cell)
          let origin = (knot - 1) * cell + half
          for index in start..<max(start, end) {
            output[index] = samples[index] * (from + step * Float(index - origin))
          }
          start = max(start, end)
        }
        filled = samples.count
      }
    }
  }

  /// Returns the highest value in each cell.
  private static func highest(_ values: [Float], in cell: Int) -> [Float] {
    stride(from: 0, to: values.count, by: cell).map { start in
      values[start..<min(values.count, start + cell)].reduce(0, max)
    }
  }

  /// Returns the lowest value within `reach` on both sides of each.
  private static func minimum(_ values: [Float]) -> [Float] {
    values.indices.map { index in
      values[max(0, index - reach)...min(values.count - 1, index + reach)].reduce(.infinity, min)
    }
  }

  /// Returns the mean within `smoothing` on both sides of each; the first and the last value continue outside.
  private static func average(_ values: [Float]) -> [Float] {
    values.indices.map { index in
      var sum: Float = 0
      for neighbour in index - smoothing...index + smoothing {
        sum += values[min(max(0, neighbour), values.count - 1)]
      }
      return sum / Float(2 * smoothing + 1)
    }
  }

  /// Returns for each frame the highest amplitude from it to the next, at four times the rate as BS.1770 requires.
  ///
  /// Frames without an amplitude above `interest` around them are not interpolated: their own amplitude is enough.
  static func truePeaks(_ samples: [Float], from interest: Float) -> [Float] {
    var peaks = samples.map { abs($0) }
    let reach = taps / 2
    samples.withUnsafeBufferPointer { all in
      var index = 0
      var until = -1
      // `until`: the last frame that a large sample seen so far can reach.
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
}
