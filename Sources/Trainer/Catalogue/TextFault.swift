import Foundation

/// What makes a text unfit to be stored, compared or shown: the same words must always be the same bytes.
struct TextFault {
  let message: String
  let remedy: String

  /// Nil where the text is fit.
  init?(in text: String) {
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control:
        self.init("holds a line break, tab or other control character", "write it on one line without them")
        return
      case .format where !Self.joiners.contains(scalar.value):
        self.init("holds the invisible character \(scalar.codePoint)", "remove it")
        return
      case .unassigned, .privateUse, .surrogate:
        self.init("holds \(scalar.codePoint), which is no character", "remove it")
        return
      default: break
      }
    }
    // Every other space looks like a space and is not one; French puts U+202F and U+00A0 before some signs.
    if text.first == " " || text.last == " " || text.contains("  ") {
      self.init("has a space at its start or end, or two together", "remove the space")
    } else if !text.unicodeScalars.elementsEqual(text.precomposedStringWithCanonicalMapping.unicodeScalars) {
      self.init("is not in the normal form NFC", "type its accents anew, or pass the file through 'uconv -x nfc'")
    } else {
      return nil
    }
  }

  private init(_ message: String, _ remedy: String) {
    self.message = message
    self.remedy = remedy
  }

  /// ZERO WIDTH NON-JOINER and JOINER, which Persian, Hindi and others spell with; ZERO WIDTH SPACE, which parts
  /// words in Khmer, Lao, Burmese and Thai.
  private static let joiners: Set<UInt32> = [0x200B, 0x200C, 0x200D]
}

extension Unicode.Scalar {
  /// `U+202E`.
  var codePoint: String {
    let digits = String(value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
