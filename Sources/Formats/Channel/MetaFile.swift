import Encoding

/// What one metadata file says of another: its version, and where they are listed, its length and hashes.
/// TUF 1.0, section 4.4
public struct MetaFile: Equatable, Sendable {
  /// The version.
  public var version: Int
  /// The length in bytes, if it is listed.
  public var length: Int?
  /// Hashes in hexadecimal digits by algorithm; empty if none are listed.
  public var hashes: [String: String] = [:]
  /// Fields that this program does not know.
  public var others: [String: JSONValue] = [:]

  /// Creates an entry without length and hashes.
  public init(version: Int) { self.version = version }

  /// Creates an entry of a file with this content.
  public init(version: Int, bytes: [UInt8]) {
    self.version = version
    length = bytes.count
    hashes = ["sha256": Digest.sha256(bytes)]
  }

  init(_ json: JSONValue, _ place: String) throws(DocumentError) {
    var fields = try JSONFields(json, place)
    version = try fields.integer("version", 1...ChannelLimit.version)
    if fields.rest["length"] != nil { length = try fields.integer("length", 1...ChannelLimit.length) }
    if fields.rest["hashes"] != nil { hashes = try TargetFile.hashes(&fields) }
    others = fields.rest
  }

  var json: JSONValue {
    var fields = others
    fields["version"] = .integer(version)
    if let length { fields["length"] = .integer(length) }
    if !hashes.isEmpty { fields["hashes"] = .object(hashes.mapValues { .string($0) }) }
    return .object(fields)
  }

  /// Returns whether a file has the length and the hashes that are listed. Hashes of unknown algorithms alone are none.
  func matches(_ bytes: [UInt8]) -> Bool {
    if let length, length != bytes.count { return false }
    if hashes.isEmpty { return true }
    var hash = TargetHash()
    bytes.withUnsafeBytes { hash.add($0) }
    return hash.matches(hashes)
  }
}
