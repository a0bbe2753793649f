/// The letters and marks of a script (ISO 15924).
package struct Script {
  private let ranges: [ClosedRange<UInt32>]

  /// Looks up a script; nil if the table does not have it.
  package init?(_ code: String) {
    guard let ranges = Self.table[code] else { return nil }
    self.ranges = ranges
  }

  /// Returns the first letter or mark of `text` that is not in the script. Digits, signs and spaces are in every one.
  package func foreignLetter(in text: String) -> Unicode.Scalar? {
    text.unicodeScalars.first { scalar in
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
        .spacingMark, .enclosingMark:
        !Self.shared.contains { $0.contains(scalar.value) } && !ranges.contains { $0.contains(scalar.value) }
      default: false
      }
    }
  }

  /// Modifier letters such as the Hausa apostrophe, and the combining accents.
  private static let shared: [ClosedRange<UInt32>] = [0x02B0...0x02FF, 0x0300...0x036F]

  /// From Unicode's Scripts.txt, by blocks, without presentation forms, which should not be typed.
  private static let table: [String: [ClosedRange<UInt32>]] = [
    "Arab": [0x0600...0x06FF, 0x0750...0x077F, 0x0870...0x08FF],
    "Armn": [0x0530...0x058F],
    "Beng": [0x0980...0x09FF],
    "Cyrl": [0x0400...0x052F, 0x1C80...0x1C8F, 0xA640...0xA69F],
    "Deva": [0x0900...0x097F, 0xA8E0...0xA8FF],
    "Ethi": [0x1200...0x139F, 0x2D80...0x2DDF, 0xAB00...0xAB2F],
    "Geor": [0x10A0...0x10FF, 0x1C90...0x1CBF],
    "Grek": [0x0370...0x03FF, 0x1F00...0x1FFF],
    "Gujr": [0x0A80...0x0AFF],
    "Guru": [0x0A00...0x0A7F],
    "Hans": han,
    "Hant": han,
    "Hebr": [0x0590...0x05FF],
    "Khmr": [0x1780...0x17FF],
    "Laoo": [0x0E80...0x0EFF],
    "Latn": [
      0x0041...0x005A, 0x0061...0x007A, 0x00AA...0x00AA, 0x00BA...0x00BA, 0x00C0...0x024F, 0x0250...0x02AF,
      0x1E00...0x1EFF, 0x2C60...0x2C7F, 0xA720...0xA7FF,
    ],
    "Mymr": [0x1000...0x109F, 0xA9E0...0xA9FF, 0xAA60...0xAA7F],
    "Sinh": [0x0D80...0x0DFF],
    "Taml": [0x0B80...0x0BFF],
    "Telu": [0x0C00...0x0C7F],
    "Thai": [0x0E00...0x0E7F],
  ]

  private static let han: [ClosedRange<UInt32>] = [
    0x3005...0x3007, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0x20000...0x323AF,
  ]
}
