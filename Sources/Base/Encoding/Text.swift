/// Rules for text that is shown to people.
package enum Text {
  /// Returns whether a text has no control characters (C0, DEL, C1), which a terminal would obey, and no line or
  /// paragraph separators.
  ///
  /// - Parameter tabs: whether tabs are allowed.
  package static func isPlain(_ text: String, tabs: Bool = false) -> Bool {
    // In UTF-8, C0 and DEL are single bytes, C1 begins with C2, and U+2028 and U+2029 with E2 80.
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
