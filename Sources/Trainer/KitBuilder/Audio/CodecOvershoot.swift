/// The places where the codec raises peaks (at bursts of breath, mostly), and by how much. The limiter attenuates
/// those places before encoding, and nothing else.
struct CodecOvershoot {
  /// Factors by the limiter's cells; cells that are absent have 1.
  private(set) var factors: [Int: Float] = [:]

  /// Whether no place is recorded.
  var isEmpty: Bool { factors.isEmpty }

  /// Records every place where a decoded clip exceeds an amplitude.
  ///
  /// - Parameters:
  ///   - decoded: at 48 kHz.
  ///   - height: the amplitude; full scale is 1.
  ///   - rate: of the sound that was encoded, in Hz.
  /// - Returns: false where no place was found.
  mutating func note(_ decoded: [Float], above height: Float, rate: Int) -> Bool {
    let cell = Limiter.cell(rate)
    var found: [Int: Float] = [:]
    for (frame, peak) in Limiter.truePeaks(decoded, from: height / 2).enumerated() where peak > height {
      // The codec spreads a burst over the cells beside it.
      let middle = frame * rate / 48_000 / cell
      for index in middle - 2...middle + 2 { found[index] = max(found[index] ?? 1, peak / height) }
    }
    // A tenth of a dB more than was measured.
    for (index, factor) in found { factors[index] = (factors[index] ?? 1) * factor * 1.012 }
    return !found.isEmpty
  }
}
