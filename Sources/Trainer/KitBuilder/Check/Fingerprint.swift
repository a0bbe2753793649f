import Glibc

/// A property of speech that survives encoding, a change of level, filtering, and cutting of its ends: for each moment of
/// 20 ms with speech, the bands among eight in which its spectrum falls more steeply than on average.
public struct Fingerprint: Codable, Equatable, Sendable {
  /// A byte for each moment.
  private var bits: [UInt8]
  /// For each moment, 255 with speech and 0 in a pause.
  private var spoken: [UInt8]

  /// The minimum of moments with speech for a comparison: shorter recordings are similar by chance.
  private static let least = 20
  /// The part of the longer fingerprint that the two must have in common.
  private static let overlap = 0.6
  /// The number of moments from which a third of them suffices for the first comparison.
  private static let long = 100
  /// The maximum of moments by which the beginning of one may be cut off.
  private static let shift = 40

  /// Computes the fingerprint of a recording.
  ///
  /// - Parameters:
  ///   - samples: the whole recording.
  ///   - range: the frames of the speech.
  ///   - rate: Hz.
  public init(_ samples: [Float], range: Range<Int>, rate: Int) {
    let energies = Self.bandEnergies(samples[range], rate: rate)
    let totals = energies.map { $0.reduce(0, +) }
    let loudest = totals.sorted(by: >).prefix(max(1, totals.count / 10))
    let gate = loudest.reduce(0, +) / Double(max(1, loudest.count)) / 300
    spoken = totals.map { $0 > gate ? 255 : 0 }
    let slopes = energies.map { bands in (0..<8).map { log(bands[$0] + 1e-15) - log(bands[$0 + 1] + 1e-15) } }
    var means = [Double](repeating: 0, count: 8)
    for (slope, mask) in zip(slopes, spoken) where mask != 0 {
      for band in 0..<8 { means[band] += slope[band] }
    }
    let count = Double(max(1, spoken.count { $0 != 0 }))
    bits = slopes.map { slope in
      (0..<8).reduce(0) { slope[$1] > means[$1] / count ? $0 | 1 << $1 : $0 }
    }
  }

  /// Its number of moments.
  var length: Int { bits.count }

  /// Returns whether fingerprints of these lengths can be compared: if not, their likeness is 0.
  static func canBeAlike(lengths a: Int, _ b: Int) -> Bool { min(a, b) >= commonLength(max(a, b)) }

  /// The number of moments that another fingerprint must have in common with one of this length, which is the longer.
  private static func commonLength(_ length: Int) -> Int { max(least, Int(overlap * Double(length))) }

  /// Returns the per cent of agreement in the part where the two differ most, at the best alignment: a copy agrees
  /// everywhere, but two sentences that differ in one word do not.
  public func likeness(to other: Fingerprint) -> Double {
    let (a, b) = bits.count >= other.bits.count ? (self, other) : (other, self)
    let needed = Self.commonLength(a.length)
    if b.length < needed { return 0 }
    var best = (agreement: 0.0, shift: 0)
    func look(_ shifts: some Sequence<Int>, every step: Int = 1) {
      for shift in shifts {
        // Moment `index` of `b` is aligned with `index + shift` of `a`.
        let begin = max(0, -shift)
        let end = min(b.bits.count, a.bits.count - shift)
        if end - begin < needed { continue }
        let (same, all) = a.agreement(with: b, from: begin, to: end, shift: shift, every: step)
        if all >= 8 * Self.least / step, Double(same) > best.agreement * Double(all) {
          best = (Double(same) / Double(all), shift)
        }
      }
    }
    // A moment contains half of its neighbours, so a copy is also recognised at an adjacent shift. For a long recording
    // a part of the moments suffices to exclude a copy.
    look(stride(from: -Self.shift, through: Self.shift, by: 3), every: b.bits.count > Self.long ? 3 : 1)
    if best.agreement < Self.promising { return 0 }
    best.agreement = 0
    look(best.shift - 2...best.shift + 2)
    if best.agreement < Self.worthwhile { return 0 }
    var least = best.agreement
    let begin = max(0, -best.shift)
    let end = min(b.bits.count, a.bits.count - best.shift)
    for start in stride(from: begin, to: max(begin + 1, end - Self.window + 1), by: 8) {
      let (same, all) = a.agreement(with: b, from: start, to: min(end, start + Self.window), shift: best.shift)
      // A pause gives no evidence.
      if all >= 8 * Self.window / 2 { least = min(least, Double(same) / Double(all)) }
    }
    return 100 * least
  }

  /// Total agreement below which no closer comparison is made: at a shift beside the best, and at the best.
  private static let promising = 0.65
  private static let worthwhile = 0.75
  /// Moments of a part in the closer comparison: about the length of a word.
  private static let window = 24

  /// Returns the number of bits that agree in moments where both have speech, and of bits in moments where either has.
  /// It compares eight moments at a time, every `step`th time.
  private func agreement(
    with b: Fingerprint, from begin: Int, to end: Int, shift: Int, every step: Int = 1
  ) -> (same: Int, all: Int) {
    var same = 0
    var all = 0
    bits.withUnsafeBytes { bits in
      spoken.withUnsafeBytes { spoken in
        b.bits.withUnsafeBytes { otherBits in
          b.spoken.withUnsafeBytes { otherSpoken in
            var index = begin
            while index < end {
              let (x, y, mx, my): (UInt64, UInt64, UInt64, UInt64)
              if index + 8 <= end {
                x = bits.loadUnaligned(fromByteOffset: index + shift, as: UInt64.self)
                y = otherBits.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                mx = spoken.loadUnaligned(fromByteOffset: index + shift, as: UInt64.self)
                my = otherSpoken.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                index += 8 * step
              } else {
                (x, y) = (UInt64(bits[index + shift]), UInt64(otherBits[index]))
                (mx, my) = (UInt64(spoken[index + shift]), UInt64(otherSpoken[index]))
                index += 1
              }
              same += (~(x ^ y) & mx & my).nonzeroBitCount
              all += (mx | my).nonzeroBitCount
            }
          }
        }
      }
    }
    return (same, all)
  }

  /// Returns the powers of nine bands from 250 to 3,000 Hz in moments of 20 ms, each with half of its neighbours.
  private static func bandEnergies(_ samples: ArraySlice<Float>, rate: Int) -> [[Double]] {
    let factor = max(1, rate / 8_000)
    let slow = decimated(samples, by: factor)
    let slowRate = Double(rate) / Double(factor)
    let count = Int(Double(slow.count) / slowRate / 0.02)
    var energies = [[Double]](repeating: [Double](repeating: 0, count: 9), count: count)
    for band in 0..<9 {
      let powers = bandPowers(slow, rate: slowRate, centre: 250 * pow(12, Double(band) / 8), moments: count)
      for moment in 0..<count {
        let (before, after) = (powers[max(0, moment - 1)], powers[min(count - 1, moment + 1)])
        energies[moment][band] = before + 2 * powers[moment] + after
      }
    }
    return energies
  }

  /// Returns the means of `factor` samples. The aliases lie far above the bands.
  private static func decimated(_ samples: ArraySlice<Float>, by factor: Int) -> [Float] {
    samples.withUnsafeBufferPointer { all in
      (0..<all.count / factor).map { index in
        var sum: Float = 0
        for offset in 0..<factor { sum += all[index * factor + offset] }
        return sum / Float(factor)
      }
    }
  }

  /// Returns the power of a second-order band-pass's output in each moment.
  private static func bandPowers(_ samples: [Float], rate: Double, centre: Double, moments: Int) -> [Double] {
    let turn = 2 * Double.pi * centre / rate
    let width = sin(turn) / (2 * 3.2)
    let (forward, back1, back2) = (
      Float(width / (1 + width)), Float(-2 * cos(turn) / (1 + width)), Float((1 - width) / (1 + width))
    )
    var powers = [Double](repeating: 0, count: moments)
    var (x1, x2, y1, y2): (Float, Float, Float, Float) = (0, 0, 0, 0)
    samples.withUnsafeBufferPointer { all in
      for moment in 0..<moments {
        var sum: Float = 0
        for index in Int(Double(moment) * 0.02 * rate)..<Int(Double(moment + 1) * 0.02 * rate) {
          let value = forward * (all[index] - x2) - back1 * y1 - back2 * y2
          (x2, x1) = (x1, all[index])
          (y2, y1) = (y1, value)
          sum += value * value
        }
        powers[moment] = Double(sum)
      }
    }
    return powers
  }
}
