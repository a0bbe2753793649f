import Glibc

/// A second-order Butterworth high-pass at 80 Hz: it removes rumble and mains hum, and keeps the deepest voice.
struct HighPass: Sendable {
  private let forward: Double
  private let back1: Double
  private let back2: Double
  private var state1 = 0.0
  private var state2 = 0.0
  private var hasBegun = false

  /// Creates a filter for a rate in Hz.
  init(rate: Int) {
    let turn = 2 * Double.pi * 80 / Double(rate)
    let width = sin(turn) / 2.0.squareRoot()
    let scale = 1 / (1 + width)
    forward = (1 + cos(turn)) / 2 * scale
    back1 = -2 * cos(turn) * scale
    back2 = (1 - width) * scale
  }

  mutating func next(_ sample: Float) -> Float {
    let value = Double(sample)
    if !hasBegun {
      // Starts as if the first value had always been there, so that an offset makes no thump.
      state1 = -forward * value
      state2 = forward * value
      hasBegun = true
    }
    let result = forward * value + state1
    state1 = -2 * forward * value - back1 * result + state2
    state2 = forward * value - back2 * result
    return Float(result)
  }
}
