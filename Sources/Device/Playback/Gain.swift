import Glibc

/// A gain for samples that changes in a ramp, never in a step.
///
/// It computes with integers, since rounding of floating-point numbers is a call that the audio thread may not make.
struct Gain: BitwiseCopyable {
  /// The factor for 0 dB.
  static let one = 1 << 24
  /// The change of the factor for each frame: silence to full volume takes 20 ms.
  private static let slope = one / 960

  private var current: Int
  /// The factor at the end of the ramp.
  var target: Int

  /// Creates a gain with a factor, 0...`one`.
  init(_ factor: Int) {
    current = factor
    target = factor
  }

  /// Returns the factor for a gain in dB; 0 dB for positive values.
  static func factor(decibels: Double) -> Int { Int((Double(one) * pow(10, min(0, decibels) / 20)).rounded()) }

  /// Ends the ramp at once, for use in silence.
  mutating func settle() { current = target }

  /// Applies the gain to the next frame, and advances the ramp.
  mutating func scale(_ sample: Int16) -> Int16 {
    if current != target {
      current = current < target ? min(target, current + Self.slope) : max(target, current - Self.slope)
    }
    return current == Self.one ? sample : Int16(truncatingIfNeeded: (Int(sample) * current + Self.one / 2) >> 24)
  }
}
