import Encoding

/// A file that a channel offers: its length and hashes, and what the publisher says of it. TUF 1.0, section 4.5
public struct TargetFile: Equatable, Sendable {
  /// The length in bytes.
  public var length: Int
  /// Hashes in hexadecimal digits by algorithm.
  public var hashes: [String: String]
  /// An object for the reader of the channel; nil if there is none.
  public var custom: JSONValue?
  /// Fields that this program does not know.
  public var others: [String: JSONValue] = [:]

  /// Creates an entry.
  public init(length: Int, sha256: String, custom: JSONValue? = nil) {
    self.length = length
    hashes = ["sha256": sha256]
    self.custom = custom
  }

  init(_ json: JSONValue, _ place: String) throws(DocumentError) {
    var fields = try JSONFields(json, place)
    length = try fields.integer("length", 0...ChannelLimit.length)
    hashes = try Self.hashes(&fields)
    if hashes.isEmpty { throw DocumentError(fields.place("hashes"), "is empty") }
    custom = fields.optional("custom")
    if let custom { _ = try JSONFields(custom, fields.place("custom")) }
    others = fields.rest
  }

  var json: JSONValue {
    var fields = others
    fields["length"] = .integer(length)
    fields["hashes"] = .object(hashes.mapValues { .string($0) })
    if let custom { fields["custom"] = custom }
    return .object(fields)
  }

  /// Takes hashes; those of SHA-256 and SHA-512 must have their form.
  static func hashes(_ fields: inout JSONFields) throws(DocumentError) -> [String: String] {
    let place = fields.place("hashes")
    var hashes: [String: String] = [:]
    for (algorithm, value) in try fields.object("hashes", limit: 16) {
      guard case .string(let text) = value, (1...256).contains(text.utf8.count), algorithm.utf8.count <= 64 else {
        throw DocumentError(place, "has a hash that is not a text of 1 to 256 bytes")
      }
      if let size = TargetHash.sizes[algorithm], ChannelKey.bytes(text)?.count != size || text != text.lowercased() {
        throw DocumentError("\(place).\(algorithm)", "is not \(size * 2) lower-case hexadecimal digits")
      }
      hashes[algorithm] = text
    }
    return hashes
  }

  /// The hash that is in the file's name on a mirror with consistent snapshots; nil if no algorithm is known.
  public var nameHash: String? { hashes["sha256"] ?? hashes["sha512"] }

  /// Checks the form of a target's path: 1 to 512 bytes, relative, without empty components, `.` and `..`, control
  /// characters and backslashes.
  public static func isPath(_ path: String) -> Bool {
    guard (1...512).contains(path.utf8.count), Text.isPlain(path), !path.utf8.contains(UInt8(ascii: "\\")) else {
      return false
    }
    return path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy {
      !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8)
    }
  }
}
