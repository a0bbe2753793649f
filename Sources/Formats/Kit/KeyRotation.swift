import Encoding

/// A publisher's statement that from now on another key signs: JSON, signed with the old key beside (`SignedFile`).
///
/// It holds only as long as nobody else has the old key: one that was stolen is recalled instead, and the new one is
/// handed out as the first was.
public struct KeyRotation: Codable, Equatable, Sendable {
  public static let format = "firstword-rotation/1"

  public var format: String
  /// Id of the key that signs this, and then no more.
  public var old: String
  /// The line that `minisign -P` takes.
  public var new: String
  /// `2026-05-01`
  public var date: String

  public init(from old: PublicKey, to new: PublicKey, date: String) {
    format = Self.format
    self.old = old.id.description
    self.new = new.base64
    self.date = date
  }

  /// What the signature says of it.
  public var comment: String { "firstword key \(old) is followed by \(newKey?.id.description ?? "")" }

  public var newKey: PublicKey? { PublicKey(base64: new) }

  public func json() throws(DocumentError) -> [UInt8] {
    try validate()
    return try Documents.encode(self)
  }

  /// The statement, if the trusted key that it replaces signed it; no other key may speak for that one.
  public static func read(
    _ path: String, trustedBy trusted: TrustedKeys
  ) throws(SignedFileError) -> KeyRotation {
    let (bytes, signer) = try SignedFile.read(path, trustedBy: trusted)
    do throws(DocumentError) {
      let rotation = try Documents.decode(KeyRotation.self, from: bytes)
      try rotation.validate()
      if rotation.old != signer.description { throw DocumentError("old", "is not \(signer), the key that signed it") }
      return rotation
    } catch { throw .content(path: path, error) }
  }

  /// The keys with the new one in the old one's place; as they are where the old one is not among them.
  public func applied(to trusted: TrustedKeys) -> TrustedKeys {
    guard let newKey, trusted.keys.contains(where: { $0.id.description == old }) else { return trusted }
    return TrustedKeys(trusted.keys.filter { $0.id.description != old && $0 != newKey } + [newKey])
  }

  private func validate() throws(DocumentError) {
    if format != Self.format { throw .form(format, expected: Self.format) }
    if KeyID(old) == nil { throw DocumentError("old", "is no key's id of 16 hexadecimal digits") }
    guard let newKey else { throw DocumentError("new", "is no public key") }
    if newKey.id.description == old { throw DocumentError("new", "is the old key") }
    try Rule.date(date, "date")
  }
}
