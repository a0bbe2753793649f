import Foundation

/// Why a text must not be stored, compared or displayed as it is. Equal texts must have equal bytes.
struct TextFault {
  let message: String
  let remedy: String

  /// Creates the first fault of a text; nil if the text is valid.
  init?(in text: String) {
    // Most texts are, and the properties of characters and the normal form are looked up in long tables.
    let isPlain = text.unicodeScalars.allSatisfy(Self.isPlain)
    if !isPlain, let fault = Self(inScalarsOf: text) {
      self = fault
    } else if Self.hasLooseSpace(text.utf8) {
      // Other space characters are permitted: French puts U+202F and U+00A0 before some signs.
      self.init("has a space at its start or end, or two in a row", "remove the space")
    } else if !isPlain, !text.unicodeScalars.elementsEqual(text.precomposedStringWithCanonicalMapping.unicodeScalars) {
      self.init("is not in the normal form NFC", "type its accents again, or convert the file with 'uconv -x nfc'")
    } else {
      return nil
    }
  }

  /// Returns whether a character is assigned, visible, and itself in NFC whatever stands beside it: the letters and signs
  /// of ASCII, of Latin without combining marks, of Cyrillic, of Han and of Hangul syllables, and usual punctuation.
  static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7E, 0xA0...0xAC, 0xAE...0x2FF, 0x400...0x481, 0x48A...0x52F, 0x2010...0x2027, 0x202F, 0x4E00...0x9FEF,
      0xAC00...0xD7A3: true
    default: false
    }
  }

  /// Returns whether a text begins or ends with a space, or has two in a row.
  private static func hasLooseSpace(_ text: String.UTF8View) -> Bool {
    var previous = UInt8(ascii: " ")
    for byte in text {
      if byte == UInt8(ascii: " "), previous == byte { return true }
      previous = byte
    }
    return !text.isEmpty && previous == UInt8(ascii: " ")
  }

  /// Creates the fault of the first character that no text may have.
  private init?(inScalarsOf text: String) {
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control:
        self.init("holds a line break, tab or other control character", "write it on one line without them")
        return
      case .format where !Self.joiners.contains(scalar.value):
        self.init("holds the invisible character \(scalar.codePoint)", "remove it")
        return
      case .unassigned, .privateUse, .surrogate:
        self.init("holds \(scalar.codePoint), which is not a character", "remove it")
        return
      default: break
      }
    }
    return nil
  }

  private init(_ message: String, _ remedy: String) {
    self.message = message
    self.remedy = remedy
  }

  /// ZERO WIDTH SPACE, which separates words in Khmer, Lao, Burmese and Thai; ZERO WIDTH NON-JOINER and JOINER, which
  /// the spelling of Persian, Hindi and other languages needs.
  private static let joiners: Set<UInt32> = [0x200B, 0x200C, 0x200D]
}

extension Unicode.Scalar {
  /// The scalar's number: `U+202E`.
  var codePoint: String {
    let digits = String(value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
