extension String {
  /// Returns whether all bytes of its UTF-8 satisfy a rule.
  ///
  /// As `utf8.allSatisfy`, over the memory of the text: several times as fast.
  func allBytes(_ rule: (_ byte: UInt8) -> Bool) -> Bool {
    utf8.withContiguousStorageIfAvailable { $0.allSatisfy(rule) } ?? utf8.allSatisfy(rule)
  }
}

/// Rules for text that is shown to people.
package enum Text {
  /// Returns whether a text has no control characters (C0, DEL, C1), which a terminal would obey, and no line or
  /// paragraph separators.
  ///
  /// - Parameter tabs: whether tabs are allowed.
  package static func isPlain(_ text: String, tabs: Bool = false) -> Bool {
    // In UTF-8, C0 and DEL are single bytes, C1 begins with C2, and U+2028 and U+2029 with E2 80.
    var before: (UInt8, UInt8) = (0, 0)
    return text.allBytes { byte in
      if byte < 0x20 && !(tabs && byte == 9) || byte == 0x7f { return false }
      if before.1 == 0xc2 && (0x80...0x9f).contains(byte) { return false }
      if before == (0xe2, 0x80) && (0xa8...0xa9).contains(byte) { return false }
      before = (before.1, byte)
      return true
    }
  }
}
