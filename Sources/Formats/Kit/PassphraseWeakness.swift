import Diagnostics

/// Why a passphrase can be guessed by anyone who copies the key file. The description completes "it …".
public enum PassphraseWeakness: Equatable, Sendable, CustomStringConvertible {
  /// It has few characters.
  case short(characters: Int)
  /// It has only digits.
  case digits
  /// It has few different characters.
  case uniform
  /// Little of it is left without words that are tried first.
  case common

  /// The minimum number of characters, and of digits if there is nothing else.
  private static let minimum = (characters: 12, digits: 25)
  /// Words and rows of keys that are tried first.
  private static let familiar = [
    "password", "passphrase", "passwort", "firstword", "publisher", "shelter", "letmein", "welcome", "admin", "qwerty",
    "asdfgh", "abcdef", "secret", "iloveyou", "1234567890", "12345678", "123456", "1234", "2024", "2025", "2026",
    "2027",
  ]

  /// Returns the first weakness of a passphrase; `nil` if none is known.
  ///
  /// - Parameter passphrase: UTF-8.
  public static func find(in passphrase: [UInt8]) -> PassphraseWeakness? {
    let characters = passphrase.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    if characters < minimum.characters { return .short(characters: characters) }
    if passphrase.count < minimum.digits, passphrase.allSatisfy({ (0x30...0x39).contains($0) }) { return .digits }
    if Set(passphrase).count < 6 { return .uniform }
    var rest = passphrase.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    for word in familiar.map({ Array($0.utf8) }) {
      while let range = rest.firstRange(of: word) { rest.removeSubrange(range) }
    }
    return rest.count < passphrase.count && rest.count < minimum.characters / 2 ? .common : nil
  }

  /// The weakness, to be read after "it".
  public var description: String {
    switch self {
    case .short(let characters): "has only \(counted(characters, "character"))"
    case .digits: "has only digits"
    case .uniform: "repeats a few characters"
    case .common: "consists of words that are tried first"
    }
  }
}
