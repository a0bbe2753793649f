import Glibc

/// A volume on its way: samples are multiplied by it, and a change is a slope, never a step.
///
/// Whole numbers, since the audio thread may not even ask how to round.
struct Gain: BitwiseCopyable {
  /// A factor of 1.
  static let one = 1 << 24
  /// Frames from silence to full volume: 20 ms.
  private static let slope = one / 960

  private var level: Int
  var target: Int

  init(_ level: Int) {
    self.level = level
    target = level
  }

  /// Volume in dB as a factor.
  static func factor(decibels: Double) -> Int { Int((Double(one) * pow(10, min(0, decibels) / 20)).rounded()) }

  /// Nobody hears: the change is done at once.
  mutating func settle() { level = target }

  /// The next frame.
  mutating func scale(_ sample: Int16) -> Int16 {
    if level != target {
      level = level < target ? min(target, level + Self.slope) : max(target, level - Self.slope)
    }
    return level == Self.one ? sample : Int16(truncatingIfNeeded: (Int(sample) * level + Self.one / 2) >> 24)
  }
}
