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

  /// Returns a text in the form in which names are compared: letters and digits, without case and accents.
  static func key(_ text: String) -> String {
    let plain = text.decomposedStringWithCompatibilityMapping.lowercased()
    let kept = plain.unicodeScalars.filter { scalar in
      switch scalar.value {
      // Accents of Latin, Greek and Cyrillic, and optional marks of Arabic.
      case 0x0300...0x036F, 0x064B...0x065F, 0x0670, 0x0640: false
      default: scalar.isLetter || scalar.properties.numericType == .decimal
      }
    }
    return String(String.UnicodeScalarView(kept))
  }

  private static func value(of digits: String.UnicodeScalarView) -> Int? {
    if digits.count > 9 { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1.properties.numericValue ?? 0) }
  }
}

extension Unicode.Scalar {
  /// Whether the scalar is a letter or a mark that belongs to one.
  fileprivate var isLetter: Bool {
    if properties.isAlphabetic { return true }
    return [.nonspacingMark, .spacingMark, .enclosingMark].contains(properties.generalCategory) && !isPicture
  }

  /// Whether the scalar can be within a word: an apostrophe or a joiner.
  fileprivate var isWithin: Bool { [0x27, 0x2019, 0x200C, 0x200D].contains(value) }

  /// Whether the scalar is a variation selector or keycap, which follows an emoji.
  private var isPicture: Bool { (0xFE00...0xFE0F).contains(value) || value == 0x20E3 }

  fileprivate var isUpper: Bool { properties.isUppercase }
  fileprivate var isLower: Bool { properties.isLowercase }
  fileprivate var isOpening: Bool { properties.generalCategory == .openPunctuation }
  fileprivate var isClosing: Bool { properties.generalCategory == .closePunctuation }
}

/// The Unicode form of file names: systems write an accented letter as one scalar or as two.
enum NameForm {
  static func composed(_ name: String) -> String { name.precomposedStringWithCanonicalMapping }
}
