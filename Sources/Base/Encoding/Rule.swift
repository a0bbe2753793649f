/// Rules for values in documents, shared by manifests, boards and the store.
///
/// Each throws a `DocumentError` with the key that it gets.
package enum Rule {
  /// Letters of ASCII.
  package static let letters = alphabet("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
  /// Capitals and digits.
  package static let capitals = alphabet("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
  /// Lower-case letters, digits and hyphens.
  package static let ids = alphabet("abcdefghijklmnopqrstuvwxyz0123456789-")
  /// Letters, digits and hyphens.
  package static let names = alphabet("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
  /// Letters, digits and `-._+`.
  package static let versions = alphabet("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._+")

  private static func alphabet(_ characters: StaticString) -> [Bool] {
    var allowed = [Bool](repeating: false, count: 256)
    characters.withUTF8Buffer { for byte in $0 { allowed[Int(byte)] = true } }
    return allowed
  }

  /// Checks for 1 to `limit` characters of an alphabet, the first neither a hyphen nor a dot.
  package static func word(_ text: String, _ key: String, alphabet: [Bool], limit: Int) throws(DocumentError) {
    if text.isEmpty { throw DocumentError(key, "is empty") }
    if text.utf8.count > limit { throw DocumentError(key, "is longer than \(limit) characters") }
    guard text.allBytes({ alphabet[Int($0)] }), text.utf8.first != 0x2d, text.utf8.first != 0x2e else {
      throw DocumentError(key, "has a character that is not allowed there")
    }
  }

  /// Checks the form of a BCP 47 tag: subtags of 1 to 8 letters and digits, the first of 2 to 8 letters.
  package static func tag(_ text: String, _ key: String) throws(DocumentError) {
    try word(text, key, alphabet: names, limit: 35)
    let parts = text.utf8.split(separator: 0x2d, omittingEmptySubsequences: false)
    guard parts.allSatisfy({ (1...8).contains($0.count) }), parts[0].count >= 2,
      parts[0].allSatisfy({ letters[Int($0)] })
    else { throw DocumentError(key, "is no language tag") }
  }

  /// Checks for 64 lower-case hexadecimal digits.
  package static func hash(_ text: String, _ key: String) throws(DocumentError) {
    let digits = text.allBytes { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    if text.utf8.count != 64 || !digits {
      throw DocumentError(key, "is no SHA-256 in 64 lower-case hexadecimal digits")
    }
  }

  /// Checks a text that is shown to people: at most 4096 bytes, plain (`Text.isPlain`).
  ///
  /// - Parameter needed: whether it must have more than spaces.
  package static func text(_ text: String, _ key: String, needed: Bool = false) throws(DocumentError) {
    if needed, text.allBytes({ $0 == 0x20 }) { throw DocumentError(key, "is empty") }
    if text.utf8.count > 4096 { throw DocumentError(key, "is longer than 4096 bytes") }
    if !Text.isPlain(text) { throw DocumentError(key, "has a control character or a line end") }
  }

  /// Checks the form `2026-05-01`; any month may have 31 days.
  package static func date(_ text: String, _ key: String) throws(DocumentError) {
    let parts = text.utf8.split(separator: 0x2d, omittingEmptySubsequences: false)
    guard parts.map(\.count) == [4, 2, 2], text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2d }),
      (1...12).contains(Int(text.dropFirst(5).prefix(2)) ?? 0), (1...31).contains(Int(text.suffix(2)) ?? 0)
    else { throw DocumentError(key, "is no date such as 2026-05-01") }
  }

  /// Checks that a value is in a range.
  package static func range<Value: Comparable & Sendable>(
    _ value: Value, _ key: String, _ range: ClosedRange<Value>
  ) throws(DocumentError) {
    if !range.contains(value) {
      throw DocumentError(key, "is \(value), not \(range.lowerBound) to \(range.upperBound)")
    }
  }

  /// Checks a count against its maximum.
  package static func count(_ count: Int, _ key: String, limit: Int) throws(DocumentError) {
    if count > limit { throw DocumentError(key, "there are \(count), more than \(limit)") }
  }
}
