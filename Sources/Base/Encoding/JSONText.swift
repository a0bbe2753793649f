/// Checks the strings of a JSON text before it is decoded. RFC 8259, section 7
///
/// FoundationEssentials of Swift 6.0 traps on a broken escape in a key; untrusted input must never do that.
struct JSONText {
  private var bytes: ArraySlice<UInt8>

  /// Returns whether the bytes are UTF-8 and each string has complete escapes, paired surrogates and no control
  /// characters. The rest of the grammar is left to the decoder.
  static func hasSoundStrings(_ bytes: [UInt8]) -> Bool {
    guard String(validating: bytes, as: UTF8.self) != nil else { return false }
    var text = JSONText(bytes: bytes[...])
    while let byte = text.next() {
      if byte == UInt8(ascii: "\""), !text.skipString() { return false }
    }
    return true
  }

  private mutating func next() -> UInt8? { bytes.popFirst() }

  /// Skips a string and its closing quote; the opening one has been read.
  private mutating func skipString() -> Bool {
    while let byte = next() {
      switch byte {
      case UInt8(ascii: "\""): return true
      case UInt8(ascii: "\\"): if !skipEscape() { return false }
      case 0..<0x20: return false
      default: break
      }
    }
    // The decoder reports a string that never ends.
    return true
  }

  /// Skips an escape; the backslash has been read.
  private mutating func skipEscape() -> Bool {
    guard let letter = next() else { return false }
    if letter != UInt8(ascii: "u") { return #""\/bfnrt"#.utf8.contains(letter) }
    guard let unit = unit() else { return false }
    switch unit {
    case 0xD800..<0xDC00:
      guard next() == UInt8(ascii: "\\"), next() == UInt8(ascii: "u"), let low = self.unit() else { return false }
      return (0xDC00..<0xE000).contains(low)
    case 0xDC00..<0xE000: return false
    default: return true
    }
  }

  /// Reads a UTF-16 code unit of four hexadecimal digits.
  private mutating func unit() -> Int? {
    var value = 0
    for _ in 0..<4 {
      guard let byte = next(), let digit = Character(UnicodeScalar(byte)).hexDigitValue else { return nil }
      value = value * 16 + digit
    }
    return value
  }
}
