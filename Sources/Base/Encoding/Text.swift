/// What a text must be before it is shown to anybody.
package enum Text {
  /// No control character (C0, DEL, C1), so that no terminal obeys it, and no line or paragraph separator.
  package static func isPlain(_ text: String, tabs: Bool = false) -> Bool {
    // Most text has none of the bytes that could begin one: C0 and DEL stand alone, C1 begins with C2,
    // U+2028 and U+2029 with E2 80.
    var before: (UInt8, UInt8) = (0, 0)
    for byte in text.utf8 {
      if byte < 0x20 && !(tabs && byte == 9) || byte == 0x7f { return false }
      if before.1 == 0xc2 && (0x80...0x9f).contains(byte) { return false }
      if before == (0xe2, 0x80) && (0xa8...0xa9).contains(byte) { return false }
      before = (before.1, byte)
    }
    return true
  }
}
