extension String {
  /// The text on one line and in one direction: control characters, line separators and bidirectional controls become
  /// `\u{…}`, so that a file's name can neither move the cursor nor reorder the message around it.
  public var printable: String {
    var text = ""
    for scalar in unicodeScalars {
      switch scalar.value {
      case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x200E, 0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x2069:
        text += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
