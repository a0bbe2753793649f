import Foundation

/// A word or a number in a name, and how it stands there.
struct NameToken: Equatable {
  enum Content: Equatable {
    /// As `key(_:)` makes it.
    case word(String)
    /// Nil for a number of more than nine digits.
    case number(Int?, digits: Int)
  }

  /// What stands between it and the one before.
  enum Gap: Equatable { case start, nothing, space, sign }

  var content: Content
  /// As it stands there.
  var text: String
  var gap: Gap
  /// In brackets of any kind.
  var isBracketed: Bool

  var word: String? { if case .word(let word) = content { word } else { nil } }
  var number: Int? { if case .number(let number, _) = content { number } else { nil } }
  var digits: Int { if case .number(_, let digits) = content { digits } else { 0 } }

  /// Takes a name apart at signs, spaces, pictures, brackets, where digits meet letters, and within `SafeHere`.
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
          // `safeHere` before the capital, `ROSafe` before the last of them.
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
  static func key(_ text: String) -> String {
    let plain = text.decomposedStringWithCompatibilityMapping.lowercased()
    let kept = plain.unicodeScalars.filter { scalar in
      switch scalar.value {
      // Accents of Latin, Greek and Cyrillic, and what Arabic may leave out.
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
  /// A letter, or a sign that belongs to one in its script.
  fileprivate var isLetter: Bool {
    if properties.isAlphabetic { return true }
    return [.nonspacingMark, .spacingMark, .enclosingMark].contains(properties.generalCategory) && !isPicture
  }

  /// What may stand within a word: an apostrophe, a joiner.
  fileprivate var isWithin: Bool { [0x27, 0x2019, 0x200C, 0x200D].contains(value) }

  /// Selectors behind a picture look like marks.
  private var isPicture: Bool { (0xFE00...0xFE0F).contains(value) || value == 0x20E3 }

  fileprivate var isUpper: Bool { properties.isUppercase }
  fileprivate var isLower: Bool { properties.isLowercase }
  fileprivate var isOpening: Bool { properties.generalCategory == .openPunctuation }
  fileprivate var isClosing: Bool { properties.generalCategory == .closePunctuation }
}

/// Names of files: systems write an accent as one letter or as two.
enum NameForm {
  static func composed(_ name: String) -> String { name.precomposedStringWithCanonicalMapping }
}
