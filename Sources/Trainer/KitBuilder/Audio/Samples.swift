import Glibc

extension Array where Element == Float {
  /// Mean square about the mean: power without a constant offset.
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

  /// Index of the first NaN or infinity.
  var firstNotANumber: Int? {
    // Zero times either is NaN, so one sum finds any.
    var sum: Float = 0
    withUnsafeBufferPointer { values in
      for value in values { sum += value * 0 }
    }
    return sum == 0 ? nil : firstIndex { !$0.isFinite }
  }
}

/// Power as dB; -infinity for none.
func decibels(power: Double) -> Double { power > 0 ? 10 * log10(power) : -.infinity }

/// Amplitude as dB; -infinity for none.
func decibels(amplitude: Double) -> Double { amplitude > 0 ? 20 * log10(amplitude) : -.infinity }

/// Factor for a gain in dB.
func amplitude(decibels: Double) -> Double { pow(10, decibels / 20) }

extension Double {
  /// With one decimal, whatever the locale.
  var tenths: String {
    if !isFinite { return isNaN ? "nan" : self < 0 ? "-inf" : "inf" }
    let tenths = Int((self * 10).rounded())
    return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }
}

extension Double {
  /// Rounded to a hundredth: further digits are noise of the machine that measured.
  var hundredths: Double { (self * 100).rounded() / 100 }
}
