import Diagnostics
import Encoding

/// Returns the text with spaces after it, up to a width in columns.
func filled(_ text: Printable, _ width: Int) -> Printable { text.padded(after: width - text.columns) }

/// Returns the text, escaped, with spaces after it, up to a width in columns.
func filled(_ text: String, _ width: Int) -> Printable { filled(Printable(text), width) }

/// Returns the number with leading zeros, up to a width in digits.
func padded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// Returns a duration in words: `4 min 05 s`, `38 s`.
func duration(_ seconds: Double) -> String {
  let whole = Int(max(0, min(1e15, seconds.isNaN ? 0 : seconds)).rounded())
  return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(padded(whole % 60, 2)) s"
}

/// Returns a size in megabytes: `3.1 MB`.
func megabytes(_ bytes: Int) -> String { "\((Double(bytes) / 1e6).tenths) MB" }
