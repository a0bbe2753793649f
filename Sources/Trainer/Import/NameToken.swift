import Catalogue
import Foundation

/// A word or number in a file's name.
struct NameToken: Equatable {
  enum Content: Equatable {
    /// A word in the form of `key(_:)`.
    case word(String)
    /// A number; nil if it has more than nine digits.
    case number(Int?, digits: Int)
  }

  /// The separator before a token.
  enum Gap: Equatable { case start, nothing, space, sign }

  var content: Content
  /// The token as it is written.
  var text: String
  var gap: Gap
  /// Whether the token is in brackets.
  var isBracketed: Bool

  var word: String? { if case .word(let word) = content { word } else { nil } }
  var number: Int? { if case .number(let number, _) = content { number } else { nil } }
  var digits: Int { if case .number(_, let digits) = content { digits } else { 0 } }

  /// Splits a name at signs, spaces, emoji and brackets, between digits and letters, and at the capitals of `SafeHere`.
  static func all(in name: String) -> [NameToken] {
    var tokens: [NameToken] = []
    var text = String.UnicodeScalarView()
    var isNumber = false
    var gap = Gap.start
    var depth = 0
    func end() {
      guard !text.isEmpty else { return }
      let whole = String(text)
      let word = isNumber ? "" : key(whole)
      if isNumber || !word.isEmpty {
        let content: Content = isNumber ? .number(value(of: text), digits: text.count) : .word(word)
        tokens.append(NameToken(content: content, text: whole, gap: gap, isBracketed: depth > 0))
        gap = .nothing
      }
      text = String.UnicodeScalarView()
    }
    let scalars = Array(name.precomposedStringWithCompatibilityMapping.unicodeScalars)
    for (index, scalar) in scalars.enumerated() {
      if scalar.properties.numericType == .decimal {
        if !isNumber { end() }
        isNumber = true
        text.append(scalar)
      } else if scalar.isLetter || !text.isEmpty && !isNumber && scalar.isWithin {
        if isNumber { end() }
        if let last = text.last, last.isUpper != scalar.isUpper || last.isUpper {
          let next = index + 1 < scalars.count ? scalars[index + 1] : nil
          // Split `safeHere` before the capital, and `ROSafe` before the last capital.
          if !last.isUpper && scalar.isUpper || last.isUpper && scalar.isUpper && next?.isLower == true { end() }
        }
        isNumber = false
        text.append(scalar)
      } else {
        end()
        isNumber = false
        let isSpace = scalar.properties.isWhitespace
        if scalar.isOpening { depth += 1 }
        if scalar.isClosing { depth = max(0, depth - 1) }
        if tokens.isEmpty { continue }
        gap = isSpace && gap != .sign ? .space : .sign
      }
    }
    end()
    return tokens
  }

  /// A text as it counts when names are compared: its letters and digits alone, without case and accents.
  static func key(_ text: String) -> String { NameKey.of(text) }

  private static func value(of digits: String.UnicodeScalarView) -> Int? {
    if digits.count > 9 { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1.properties.numericValue ?? 0) }
  }
}

extension Unicode.Scalar {
  fileprivate var isLetter: Bool { isWordLetter }

  /// Whether the scalar can be within a word: an apostrophe or a joiner.
  fileprivate var isWithin: Bool { [0x27, 0x2019, 0x200C, 0x200D].contains(value) }

  fileprivate var isUpper: Bool { properties.isUppercase }
  fileprivate var isLower: Bool { properties.isLowercase }
  fileprivate var isOpening: Bool { properties.generalCategory == .openPunctuation }
  fileprivate var isClosing: Bool { properties.generalCategory == .closePunctuation }
}

/// The Unicode form of file names: systems write an accented letter as one scalar or as two.
enum NameForm {
  static func composed(_ name: String) -> String { name.precomposedStringWithCanonicalMapping }
}
