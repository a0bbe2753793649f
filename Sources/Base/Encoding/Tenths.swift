extension Double {
  /// The value with one decimal, in any locale: `-16.0`. `inf`, `-inf` and `nan` for what is no number.
  package var tenths: String {
    if isNaN { return "nan" }
    if isInfinite { return self < 0 ? "-inf" : "inf" }
    let tenths = (self * 10).rounded()
    // Beyond this a tenth is below the precision of the value.
    guard let whole = Int(exactly: tenths), abs(tenths) < 1e15 else { return "\(self)" }
    return "\(whole < 0 ? "-" : "")\(abs(whole) / 10).\(abs(whole) % 10)"
  }

  /// The value rounded to one decimal.
  package var roundedToTenths: Double { (self * 10).rounded() / 10 }
}
