import Glibc

extension Array where Element == Float {
  /// The mean square around the mean: the power without a constant offset.
  var variance: Double {
    if isEmpty { return 0 }
    var sum = 0.0
    var squares = 0.0
    withUnsafeBufferPointer { values in
      for value in values {
        sum += Double(value)
        squares += Double(value) * Double(value)
      }
    }
    let mean = sum / Double(count)
    return Swift.max(0, squares / Double(count) - mean * mean)
  }

  /// The index of the first NaN or infinity; nil if there is none.
  var firstNotANumber: Int? {
    // Zero times either is NaN, so one sum finds any.
    var sum: Float = 0
    withUnsafeBufferPointer { values in
      for value in values { sum += value * 0 }
    }
    return sum == 0 ? nil : firstIndex { !$0.isFinite }
  }
}

/// Returns a power in dB; -infinity for 0.
func decibels(power: Double) -> Double { power > 0 ? 10 * log10(power) : -.infinity }

/// Returns an amplitude in dB; -infinity for 0.
func decibels(amplitude: Double) -> Double { amplitude > 0 ? 20 * log10(amplitude) : -.infinity }

/// Returns the factor for a gain in dB.
func amplitude(decibels: Double) -> Double { pow(10, decibels / 20) }

extension Double {
  /// The value rounded to a hundredth: further digits are noise of the machine that measured.
  package var hundredths: Double { (self * 100).rounded() / 100 }
}
