import Catalogue

/// The keys of a line of JSON, and the validation of its values.
struct LineKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }

  /// Throws if the line has a key that is not in `known`.
  static func check(_ decoder: any Decoder, known: [String]) throws {
    for key in try decoder.container(keyedBy: LineKey.self).allKeys where !known.contains(key.stringValue) {
      throw corrupted(key.stringValue, "unknown key\(Spelling.hint(key.stringValue, known))")
    }
  }

  /// Throws if a text is not a SHA-256 in lower-case hexadecimal.
  static func checkHash(_ hash: String) throws {
    if hash.utf8.count != 64 || !hash.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) {
      throw corrupted("hash", "write 64 lower-case hexadecimal digits")
    }
  }

  /// Throws if a text is not a day; nil is valid.
  static func checkDate(_ key: String, _ date: String?) throws {
    if let date, !Day.isDay(date) { throw corrupted(key, "write a date such as 2026-05-01") }
  }

  /// Throws if a text is not a person's name.
  static func checkName(_ name: String) throws {
    if PersonName(name) == nil { throw corrupted("name", "write a name with letters, on one line") }
  }

  /// Returns the error for the value of a key.
  static func corrupted(_ key: String, _ message: String) -> DecodingError {
    .dataCorrupted(DecodingError.Context(codingPath: [LineKey(stringValue: key)], debugDescription: message))
  }
}
