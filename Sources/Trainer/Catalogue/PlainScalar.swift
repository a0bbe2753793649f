/// How YAML readers interpret a scalar without quotes.
enum PlainScalar {
  /// Returns whether any YAML reader interprets the text as null, a Boolean or a number.
  static func isAmbiguous(_ text: String) -> Bool {
    // No such word is longer than five letters, and a number begins with a digit, a sign or a point.
    if text.utf8.count > 5, let first = text.utf8.first, first > 0x39 { return false }
    let words = ["", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n"]
    return words.contains(text.lowercased()) || isNumber(text)
  }

  /// Returns whether the text is digits with an optional sign and point, which all readers interpret as one number.
  static func isDecimal(_ text: String) -> Bool {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }) else {
      return false
    }
    return parts[0] == "0" || parts[0].first != "0"
  }

  /// Returns whether the text is a number in any of YAML's forms: decimal, hexadecimal, octal, base 60, with an
  /// exponent, infinite.
  private static func isNumber(_ text: String) -> Bool {
    let lower = text.lowercased()
    let unsigned = lower.hasPrefix("-") || lower.hasPrefix("+") ? lower.dropFirst() : lower[...]
    if [".inf", ".nan"].contains(unsigned) { return true }
    if unsigned.hasPrefix("0x") {
      return unsigned.dropFirst(2).utf8.allSatisfy { isDigit($0) || (0x61...0x66).contains($0) || $0 == 0x5F }
    }
    guard let first = unsigned.utf8.first, isDigit(first) || first == 0x2E, unsigned.utf8.contains(where: isDigit)
    else { return false }
    return unsigned.utf8.allSatisfy { isDigit($0) || "_.:eo+-".utf8.contains($0) } && !isVersionOrDate(unsigned)
  }

  /// Returns whether the text is like `1.2.3` or `2024-05-01`, which the readers of these files leave as a text.
  private static func isVersionOrDate(_ text: Substring) -> Bool {
    text.filter { $0 == "." }.count > 1 || text.contains("-") && !text.contains("e")
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
