import Foundation

/// Low noise that rises and falls, at 48 kHz: no two are alike, nor is one like itself later on.
package func murmur(seed: UInt64, seconds: Double) -> [Float] {
  let count = Int(seconds * 48_000)
  var state = seed &* 0x9E37_79B9_7F4A_7C15
  var (slow, slower) = (0.0, 0.0)
  return (0..<count).map { index in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let noise = Double(Int64(bitPattern: state) >> 32) / Double(Int32.max)
    slow += 0.06 * (noise - slow)
    slower += 0.06 * (slow - slower)
    let edge = min(1, Double(min(index, count - index)) / 240)
    return Float(max(-0.9, min(0.9, edge * 1.6 * slower)))
  }
}

/// Returns a sound in place of speech: a buzz of 120 Hz in syllables with pauses. Each value of `words` moves its overtones
/// differently, as other words do.
package func babble(seconds: Double, rate: Int, amplitude: Double = 0.3, words: Int = 0) -> [Float] {
  (0..<Int(seconds * Double(rate))).map { index in
    let time = Double(index) / Double(rate)
    let syllable = max(0, sin(2 * .pi * 2.5 * time))
    var sum = 0.0
    for harmonic in 1...20 where Double(harmonic) * 120 < Double(rate) / 2 {
      // Phases with which the harmonics do not add up to one peak.
      let phase = Double.pi * Double(harmonic * harmonic) / 20
      let turn = 2 * .pi * (0.9 + 0.43 * Double(words)) * time + Double(harmonic * (words % 3 + 1)) / 2
      let weight = words == 0 ? 1 : 0.55 + 0.45 * sin(turn)
      sum += weight * cos(2 * .pi * 120 * Double(harmonic) * time + phase) / Double(harmonic)
    }
    return Float(amplitude / 4 * syllable * sum)
  }
}
