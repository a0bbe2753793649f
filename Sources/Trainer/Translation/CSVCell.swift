/// Cells that a spreadsheet must not read as formulas.
package enum CSVCell {
  /// The characters that begin a formula, the full-width and small forms of them, which some spreadsheets take for the
  /// same, and the apostrophe, so that reading removes exactly one.
  private static let dangerous: Set<Unicode.Scalar> = [
    "=", "+", "-", "@", "\t", "\r", "'", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}", "\u{FE62}", "\u{FE63}",
    "\u{FE66}", "\u{FE6B}",
  ]

  /// Returns whether a spreadsheet may read a cell as a formula. Invisible characters and spaces before its first sign
  /// do not count, as some spreadsheets ignore them.
  package static func isDangerous(_ cell: String) -> Bool {
    let first = cell.unicodeScalars.first { scalar in
      if dangerous.contains(scalar) { return true }
      if scalar.properties.isDefaultIgnorableCodePoint || scalar.properties.isWhitespace { return false }
      return ![.control, .format].contains(scalar.properties.generalCategory)
    }
    return first.map(dangerous.contains) == true
  }

  /// Returns a cell as it is written: with an apostrophe before it, if it is dangerous.
  package static func guarded(_ cell: String) -> String { isDangerous(cell) ? "'" + cell : cell }

  /// Returns a cell as it was before it was written.
  package static func unguarded(_ cell: String) -> String {
    guard cell.unicodeScalars.first == "'" else { return cell }
    let text = String(String.UnicodeScalarView(cell.unicodeScalars.dropFirst()))
    return isDangerous(text) ? text : cell
  }
}
