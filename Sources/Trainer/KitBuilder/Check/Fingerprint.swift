import Glibc

/// What stays of a voice when it is re-encoded, turned up or down, filtered, or cut at its ends: for each moment of
/// 20 ms in which somebody speaks, in which of eight bands its spectrum falls more steeply than it does on average.
public struct Fingerprint: Codable, Equatable, Sendable {
  /// A byte for each moment.
  private var bits: [UInt8]
  /// 255 where somebody speaks, 0 in pauses.
  private var spoken: [UInt8]

  /// Moments of voice, under which two recordings are not compared: too little is alike by chance.
  private static let least = 20
  /// How much of the longer one the two must share.
  private static let overlap = 0.6
  /// Moments from which a third of them is enough for the first look.
  private static let long = 100
  /// Moments by which one may be cut short at its beginning.
  private static let shift = 40

  /// - Parameter range: frames in which somebody speaks.
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

  /// Per cent in which the two agree where they are least alike, laid upon each other as well as can be: a copy is
  /// alike everywhere, but two sentences that differ in a word are not.
  public func likeness(to other: Fingerprint) -> Double {
    let (a, b) = bits.count >= other.bits.count ? (self, other) : (other, self)
    let needed = max(Self.least, Int(Self.overlap * Double(a.bits.count)))
    if b.bits.count < needed { return 0 }
    var best = (agreement: 0.0, shift: 0)
    func look(_ shifts: some Sequence<Int>, every step: Int = 1) {
      for shift in shifts {
        // Moment `index` of `b` lies upon `index + shift` of `a`.
        let begin = max(0, -shift)
        let end = min(b.bits.count, a.bits.count - shift)
        if end - begin < needed { continue }
        let (same, all) = a.agreement(with: b, from: begin, to: end, shift: shift, every: step)
        if all >= 8 * Self.least / step, Double(same) > best.agreement * Double(all) {
          best = (Double(same) / Double(all), shift)
        }
      }
    }
    // A moment holds half of its neighbours, so that a copy is seen from beside it too; and of a long one a part will
    // do to see that it is none.
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
      // A pause says nothing.
      if all >= 8 * Self.window / 2 { least = min(least, Double(same) / Double(all)) }
    }
    return 100 * least
  }

  /// Agreement on the whole, under which it is not worth while to look closer: a moment beside the best place, and
  /// there.
  private static let promising = 0.65
  private static let worthwhile = 0.75
  /// Moments of the closer look: about the length of a word.
  private static let window = 24

  /// Bits in which both speak and agree, and bits in which either speaks; eight moments at a time, of which only
  /// every `step`th counts.
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

  /// Powers of nine bands from 250 to 3,000 Hz, in moments of 20 ms, each with its neighbours.
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

  /// Means of `factor` samples: the bands lie far under what this folds back.
  private static func decimated(_ samples: ArraySlice<Float>, by factor: Int) -> [Float] {
    samples.withUnsafeBufferPointer { all in
      (0..<all.count / factor).map { index in
        var sum: Float = 0
        for offset in 0..<factor { sum += all[index * factor + offset] }
        return sum / Float(factor)
      }
    }
  }

  /// A second-order band-pass, and its output's power in each moment.
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
