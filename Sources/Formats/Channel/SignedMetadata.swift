import Encoding

/// A metadata file: a role's document and the signatures of it. TUF 1.0, section 4.2
public struct SignedMetadata<Role: RoleMetadata>: Equatable, Sendable {
  /// A signature of the document.
  public struct Signature: Equatable, Sendable {
    /// The id of the key.
    public var keyID: String
    /// The signature in hexadecimal digits; a text that is none does not count.
    public var text: String
  }

  /// The document.
  public let role: Role
  /// What is signed: the canonical form of the document, with all its fields.
  public let canonical: [UInt8]
  /// The signatures, at most one of each key.
  public private(set) var signatures: [Signature]
  private let signed: JSONValue
  private let others: [String: JSONValue]

  /// Creates a file without signatures.
  public init(_ role: Role) {
    self.role = role
    signed = role.json
    canonical = signed.canonical
    signatures = []
    others = [:]
  }

  /// Parses a file, without verifying its signatures.
  ///
  /// - Throws: an error for anything but strict JSON, another type of metadata, two signatures of one key, and values
  ///   out of bounds.
  public init(parsing bytes: [UInt8]) throws(DocumentError) {
    var fields = try JSONFields(try JSONValue(parsing: bytes), "")
    signed = try fields.value("signed")
    var signatures: [Signature] = []
    for (index, value) in try fields.array("signatures", limit: ChannelLimit.keys).enumerated() {
      var entry = try JSONFields(value, "signatures[\(index)]")
      let keyID = try entry.text("keyid", limit: 128)
      guard case .string(let text) = try entry.value("sig"), text.utf8.count <= 16_384 else {
        throw DocumentError(entry.place("sig"), "is not a text of at most 16384 bytes")
      }
      if signatures.contains(where: { $0.keyID == keyID }) {
        throw DocumentError(entry.place("keyid"), "has signed twice")
      }
      signatures.append(Signature(keyID: keyID, text: text))
    }
    self.signatures = signatures
    others = fields.rest
    role = try Role(signed)
    canonical = signed.canonical
  }

  /// The content of the file.
  public var file: [UInt8] {
    let list = signatures.map { JSONValue.object(["keyid": .string($0.keyID), "sig": .string($0.text)]) }
    return JSONValue.object(others.merging(["signed": signed, "signatures": .array(list)]) { _, own in own }).file
  }

  /// Adds a key's signature of `canonical`, in place of one that it made before.
  public mutating func add(signature: [UInt8], by keyID: String) {
    signatures.removeAll { $0.keyID == keyID }
    signatures.append(Signature(keyID: keyID, text: Digest.hexadecimal(signature)))
  }

  /// Returns the ids of a role's keys whose signatures are right. A key counts once, under whatever ids it is listed.
  ///
  /// - Parameters:
  ///   - role: the role that must have signed.
  ///   - keys: the keys of the document that names the role.
  public func signers(of role: RoleKeys, among keys: [String: ChannelKey]) -> [String] {
    var points: Set<[UInt8]> = []
    var signers: [String] = []
    for id in role.keyIDs {
      guard let key = keys[id], let point = key.point, !points.contains(point),
        let signature = signatures.first(where: { $0.keyID == id }), let bytes = ChannelKey.bytes(signature.text),
        key.verifies(bytes, of: canonical)
      else { continue }
      points.insert(point)
      signers.append(id)
    }
    return signers
  }

  /// Returns whether as many of a role's keys have signed as its threshold demands.
  public func isSigned(by role: RoleKeys, among keys: [String: ChannelKey]) -> Bool {
    signers(of: role, among: keys).count >= role.threshold
  }
}
