import CSodium
import Encoding

/// A public key in metadata. TUF 1.0, section 4.2
///
/// Only Ed25519 signatures count. Keys of other types are kept as they are, for they are part of what was signed.
public struct ChannelKey: Equatable, Sendable {
  /// The SHA-256 of the canonical form of the key, in 64 hexadecimal digits.
  public let id: String
  /// The key as the document has it.
  public let json: JSONValue
  /// The point of an Ed25519 key, 32 bytes; nil for a key of another type.
  public let point: [UInt8]?

  /// Creates a key from its point, 32 bytes.
  public init(ed25519 point: [UInt8]) {
    let value = JSONValue.object(["public": .string(Digest.hexadecimal(point))])
    json = .object(["keytype": .string("ed25519"), "scheme": .string("ed25519"), "keyval": value])
    id = Digest.sha256(json.canonical)
    self.point = point
  }

  /// Decodes a key.
  init(_ json: JSONValue, _ place: String) throws(DocumentError) {
    var fields = try JSONFields(json, place)
    let type = try fields.text("keytype", limit: 64)
    let scheme = try fields.text("scheme", limit: 64)
    var value = try JSONFields(.object(try fields.object("keyval", limit: 16)), fields.place("keyval"))
    let text = try value.text("public", limit: 16_384)
    var point: [UInt8]?
    if type == "ed25519" && scheme == "ed25519" {
      guard let bytes = Self.bytes(text), bytes.count == 32 else {
        throw DocumentError(value.place("public"), "is no Ed25519 key in 64 hexadecimal digits")
      }
      point = bytes
    }
    self.json = json
    id = Digest.sha256(json.canonical)
    self.point = point
  }

  /// Decodes an object of keys, and verifies that each has its own id.
  static func keys(_ fields: [String: JSONValue], _ place: String) throws(DocumentError) -> [String: ChannelKey] {
    var keys: [String: ChannelKey] = [:]
    for (id, json) in fields {
      try Rule.hash(id, place)
      let key = try ChannelKey(json, "\(place).\(id)")
      if key.id != id { throw DocumentError("\(place).\(id)", "has not the id of its key, \(key.id)") }
      keys[id] = key
    }
    return keys
  }

  /// Encodes an object of keys.
  static func json(_ keys: [String: ChannelKey]) -> JSONValue { .object(keys.mapValues(\.json)) }

  /// Returns whether a signature of 64 bytes is this key's, of these bytes. crypto_sign_verify_detached(3)
  public func verifies(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
    guard let point, point.count == 32, signature.count == 64, Sodium.ready else { return false }
    return crypto_sign_verify_detached(signature, bytes, UInt64(bytes.count), point) == 0
  }

  /// Decodes hexadecimal digits; nil for anything else.
  static func bytes(_ text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    if digits.count % 2 != 0 { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x61...0x66: digit - 0x61 + 10
    case 0x41...0x46: digit - 0x41 + 10
    default: nil
    }
  }
}
