extension String {
  /// The text on one line and in one direction: control characters, line separators, bidirectional controls and
  /// invisible marks become `\u{…}`, so that a file's name can neither move the cursor nor reorder the message around
  /// it.
  public var printable: String {
    var text = ""
    for scalar in unicodeScalars {
      if scalar.isHazardous {
        text += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

extension Unicode.Scalar {
  /// Whether a terminal obeys the character instead of showing it, or shows nothing of it. The joiners U+200B to
  /// U+200D are not: words of several languages have them.
  var isHazardous: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x200E, 0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x206F, 0xFEFF,
      0xFFF9...0xFFFB, 0xE0000...0xE007F:
      true
    default: false
    }
  }
}
