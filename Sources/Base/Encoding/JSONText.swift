/// A look at JSON before it is decoded: are all its strings well formed? RFC 8259, section 7
///
/// FoundationEssentials of Swift 6.0 ends the program where a key holds a broken escape. A byte from a stranger must
/// never do that.
struct JSONText {
  private var bytes: ArraySlice<UInt8>

  /// True if the bytes are UTF-8 and each string in them has whole escapes, paired surrogates and no control
  /// characters. Nothing is said of the rest of the grammar: that is the decoder's.
  static func hasSoundStrings(_ bytes: [UInt8]) -> Bool {
    guard String(validating: bytes, as: UTF8.self) != nil else { return false }
    var text = JSONText(bytes: bytes[...])
    while let byte = text.next() {
      if byte == UInt8(ascii: "\""), !text.skipString() { return false }
    }
    return true
  }

  private mutating func next() -> UInt8? { bytes.popFirst() }

  /// From behind the opening quote to behind the closing one.
  private mutating func skipString() -> Bool {
    while let byte = next() {
      switch byte {
      case UInt8(ascii: "\""): return true
      case UInt8(ascii: "\\"): if !skipEscape() { return false }
      case 0..<0x20: return false
      default: break
      }
    }
    // The decoder knows what to say of a text that never ends.
    return true
  }

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

  /// Four hexadecimal digits.
  private mutating func unit() -> Int? {
    var value = 0
    for _ in 0..<4 {
      guard let byte = next(), let digit = Character(UnicodeScalar(byte)).hexDigitValue else { return nil }
      value = value * 16 + digit
    }
    return value
  }
}
