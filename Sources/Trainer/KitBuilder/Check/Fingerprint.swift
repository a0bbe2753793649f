import FoundationEssentials
import Glibc

/// A property of speech that survives encoding, a change of level, filtering, and cutting of its ends: for each moment of
/// 20 ms with speech, the bands among eight in which its spectrum falls more steeply than on average.
public struct Fingerprint: Equatable, Sendable {
  /// A byte for each moment.
  let bits: [UInt8]
  /// For each moment, 255 with speech and 0 in a pause; as many as `bits`.
  let spoken: [UInt8]

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

  /// Returns the per cent of agreement in the part where the two differ most, at the best alignment: a copy agrees
  /// everywhere, but two sentences that differ in one word do not.
  public func likeness(to other: Fingerprint) -> Double { FingerprintTable([self, other]).likeness(0, 1) }

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

/// As one text, which is read much faster than lists of numbers: the build cache has one for each recording.
extension Fingerprint: Codable {
  /// Decodes the Base64 of `bits` and `spoken`. RFC 4648, section 4
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let data = Data(base64Encoded: try container.decode(String.self)), data.count.isMultiple(of: 2) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "is no fingerprint")
    }
    let bytes = [UInt8](data)
    bits = Array(bytes[..<(bytes.count / 2)])
    spoken = Array(bytes[(bytes.count / 2)...])
  }

  /// Encodes the fingerprint as `init(from:)` decodes it.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(Data(bits + spoken).base64EncodedString())
  }
}
