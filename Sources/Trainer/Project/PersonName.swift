import Foundation

/// A person's name in the form in which names are compared: letters, marks and digits, without case, in Unicode form
/// NFKC. `Ana P.` and `ana p` are equal.
public struct PersonName: Hashable, Sendable {
  private let folded: String

  /// Creates the comparable form of a name.
  ///
  /// - Returns: nil if the name has no letter or digit, a control character, or more than 80 characters.
  public init?(_ name: String) {
    if name.count > 80 || name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      return nil
    }
    // Lower-casing may decompose a letter (İ), so normalise last.
    let plain = name.precomposedStringWithCompatibilityMapping.lowercased()
    let kept = plain.unicodeScalars.filter {
      $0.properties.isAlphabetic || $0.properties.numericType != nil || $0.isMark
    }
    folded = String(String.UnicodeScalarView(kept)).precomposedStringWithCompatibilityMapping
    if folded.isEmpty { return nil }
  }
}

extension Unicode.Scalar {
  /// Whether the scalar is a mark, such as a vowel sign or an accent.
  fileprivate var isMark: Bool {
    [.nonspacingMark, .spacingMark, .enclosingMark].contains(properties.generalCategory)
  }
}
