import Glibc

/// The text with spaces behind it, up to a width in columns.
func filled(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.columns))
}

/// The number with zeros before it.
func padded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// `2.4`: one decimal, whatever the locale.
func tenths(_ value: Double) -> String {
  let number = Int((value * 10).rounded())
  return "\(number < 0 ? "-" : "")\(abs(number) / 10).\(abs(number) % 10)"
}

/// `4 min 05 s`, `38 s`
func duration(_ seconds: Double) -> String {
  let whole = Int(seconds.rounded())
  return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(padded(whole % 60, 2)) s"
}

/// `3.1 MB`
func megabytes(_ bytes: Int) -> String { "\(tenths(Double(bytes) / 1e6)) MB" }

/// The day in UTC, as the approvals write it: `2026-05-01`.
func today() -> String {
  var now = time(nil)
  var parts = tm()
  gmtime_r(&now, &parts)
  let (year, month, day) = (Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday))
  return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
}
