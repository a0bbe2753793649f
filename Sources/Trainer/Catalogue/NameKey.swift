import Foundation

/// Folds names, so that spellings of one name compare equal.
package enum NameKey {
  /// Returns the letters and digits of a text, without case and accents.
  package static func of(_ text: String) -> String {
    let plain = text.decomposedStringWithCompatibilityMapping.lowercased()
    let kept = plain.unicodeScalars.filter { scalar in
      switch scalar.value {
      // Accents of Latin, Greek and Cyrillic, and the marks that Arabic may omit.
      case 0x0300...0x036F, 0x064B...0x065F, 0x0670, 0x0640: false
      default: scalar.isWordLetter || scalar.properties.numericType == .decimal
      }
    }
    return String(String.UnicodeScalarView(kept))
  }
}

extension Unicode.Scalar {
  /// Whether it is a letter, or a mark that belongs to one in its script.
  package var isWordLetter: Bool {
    if properties.isAlphabetic { return true }
    return [.nonspacingMark, .spacingMark, .enclosingMark].contains(properties.generalCategory) && !isPicture
  }

  /// Whether it is a selector after a picture, which looks like a mark.
  private var isPicture: Bool { (0xFE00...0xFE0F).contains(value) || value == 0x20E3 }
}
