import Encoding
import Posix

/// The fields of an object while it is decoded: each known one is taken, and the rest is what is not known.
struct JSONFields {
  /// The object's place in its document, for errors: `signed.roles.root`; empty for the document.
  let place: String
  /// What was not taken.
  private(set) var rest: [String: JSONValue]

  init(_ value: JSONValue, _ place: String) throws(DocumentError) {
    guard case .object(let fields) = value else { throw DocumentError(place, "is not an object") }
    self.place = place
    rest = fields
  }

  /// Returns the place of a field.
  func place(_ key: String) -> String {
    let shown = Text.isPlain(key) ? String(key.prefix(64)) : "?"
    return place.isEmpty ? shown : "\(place).\(shown)"
  }

  /// Takes a field; nil if there is none.
  mutating func optional(_ key: String) -> JSONValue? { rest.removeValue(forKey: key) }

  /// Takes a field that must be there.
  mutating func value(_ key: String) throws(DocumentError) -> JSONValue {
    guard let value = rest.removeValue(forKey: key) else { throw DocumentError(place(key), "missing") }
    return value
  }

  /// Takes a text of 1 to `limit` bytes.
  mutating func text(_ key: String, limit: Int) throws(DocumentError) -> String {
    guard case .string(let text) = try value(key) else { throw DocumentError(place(key), "is not a text") }
    if text.isEmpty { throw DocumentError(place(key), "is empty") }
    if text.utf8.count > limit { throw DocumentError(place(key), "is longer than \(limit) bytes") }
    return text
  }

  /// Takes a whole number of a range.
  mutating func integer(_ key: String, _ range: ClosedRange<Int>) throws(DocumentError) -> Int {
    guard case .integer(let number) = try value(key) else { throw DocumentError(place(key), "is not a whole number") }
    try Rule.range(number, place(key), range)
    return number
  }

  /// Takes `true` or `false`; nil if there is no such field.
  mutating func bool(_ key: String) throws(DocumentError) -> Bool? {
    guard let value = optional(key) else { return nil }
    guard case .bool(let flag) = value else { throw DocumentError(place(key), "is not true or false") }
    return flag
  }

  /// Takes an object with at most `limit` fields.
  mutating func object(_ key: String, limit: Int) throws(DocumentError) -> [String: JSONValue] {
    guard case .object(let fields) = try value(key) else { throw DocumentError(place(key), "is not an object") }
    try Rule.count(fields.count, place(key), limit: limit)
    return fields
  }

  /// Takes a list with at most `limit` elements.
  mutating func array(_ key: String, limit: Int) throws(DocumentError) -> [JSONValue] {
    guard case .array(let values) = try value(key) else { throw DocumentError(place(key), "is not a list") }
    try Rule.count(values.count, place(key), limit: limit)
    return values
  }

  /// Takes a list of texts of 1 to 512 bytes.
  mutating func texts(_ key: String, limit: Int) throws(DocumentError) -> [String] {
    var texts: [String] = []
    for value in try array(key, limit: limit) {
      guard case .string(let text) = value, (1...512).contains(text.utf8.count) else {
        throw DocumentError(place(key), "has an element that is not a text of 1 to 512 bytes")
      }
      texts.append(text)
    }
    return texts
  }

  /// Takes a time of the form `2030-01-01T00:00:00Z`.
  mutating func time(_ key: String) throws(DocumentError) -> WallTime {
    let text = try text(key, limit: 32)
    guard text.hasSuffix("Z"), let time = WallTime(text.dropLast() + ".000Z"), time.inSeconds == text else {
      throw DocumentError(place(key), "is no time such as 2030-01-01T00:00:00Z")
    }
    return time
  }
}

extension WallTime {
  /// The time as metadata has it, without milliseconds: `2030-01-01T00:00:00Z`.
  var inSeconds: String { description.dropLast(5) + "Z" }
}
