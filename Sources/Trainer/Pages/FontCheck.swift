import Glibc
import Posix

/// Whether this machine can show a text: a PDF has an empty box for each letter that no font has.
public enum FontCheck {
  /// Returns the letters and marks of texts beyond ASCII, each once, by code point.
  static func letters(of texts: [String]) -> [Unicode.Scalar] {
    let scalars = texts.flatMap(\.unicodeScalars).filter { scalar in
      if scalar.isASCII { return false }
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .otherLetter, .nonspacingMark, .spacingMark:
        return true
      default: return false
      }
    }
    return Set(scalars).sorted()
  }

  /// Returns whether one font of this machine has all letters of the texts.
  ///
  /// - Returns: nil if fontconfig's `fc-list` is not installed, so that it cannot be determined.
  public static func canShow(_ texts: [String]) -> Bool? {
    let letters = letters(of: texts)
    if letters.isEmpty { return true }
    let pattern = ":charset=" + letters.map { String($0.value, radix: 16) }.joined(separator: " ")
    guard let outcome = try? ChildProcess.run("fc-list", [pattern, "family"], seconds: 30), outcome.code == 0 else {
      return nil
    }
    return !outcome.output.isEmpty
  }
}
