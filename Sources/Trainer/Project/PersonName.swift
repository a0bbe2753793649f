import Foundation

/// Somebody's name as it counts when names are told apart: letters and digits only, without case, in one Unicode form.
/// `Ana P.` and `ana p` are one person.
public struct PersonName: Hashable, Sendable {
  private let folded: String

  /// Nil where nothing of a name is left, or where it holds a line break or another control character.
  public init?(_ name: String) {
    if name.count > 80 || name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      return nil
    }
    // Lower case may take a letter apart again (İ): the form is made last.
    let plain = name.precomposedStringWithCompatibilityMapping.lowercased()
    let kept = plain.unicodeScalars.filter {
      $0.properties.isAlphabetic || $0.properties.numericType != nil || $0.isMark
    }
    folded = String(String.UnicodeScalarView(kept)).precomposedStringWithCompatibilityMapping
    if folded.isEmpty { return nil }
  }
}

extension Unicode.Scalar {
  /// A vowel sign or an accent, which is part of a name in many scripts.
  fileprivate var isMark: Bool {
    [.nonspacingMark, .spacingMark, .enclosingMark].contains(properties.generalCategory)
  }
}

/// Days as people write them into files: `2026-05-01`, which compare as texts.
public enum Day {
  public static func isDay(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2D }),
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), (1...12).contains(month)
    else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (1...lengths[month - 1]).contains(day)
  }
}
