import Encoding

/// A publisher's statement that a new key replaces an old one: JSON, signed with the old key (`SignedFile`).
///
/// It proves nothing if someone else has the old key: recall a stolen key instead, and hand out the new one by hand.
public struct KeyRotation: Codable, Equatable, Sendable {
  /// The format that this program writes and reads.
  public static let format = "firstword-rotation/1"

  /// The format of this document.
  public var format: String
  /// The id of the old key, which signs this statement.
  public var old: String
  /// The new key, as `minisign -P` takes it.
  public var new: String
  /// The day of the statement: `2026-05-01`.
  public var date: String

  /// Creates a statement; `date` has the form `2026-05-01`.
  public init(from old: PublicKey, to new: PublicKey, date: String) {
    format = Self.format
    self.old = old.id.description
    self.new = new.base64
    self.date = date
  }

  /// The trusted comment of its signature.
  public var comment: String { "firstword key \(old) is followed by \(newKey?.id.description ?? "")" }

  /// The new key, parsed.
  public var newKey: PublicKey? { PublicKey(base64: new) }

  /// Validates and encodes the statement.
  public func json() throws(DocumentError) -> [UInt8] {
    try validate()
    return try Documents.encode(self)
  }

  /// Reads a statement and verifies that the key it replaces signed it and is trusted.
  ///
  /// - Returns: the statement, and the whole old key.
  public static func read(
    _ path: String, trustedBy trusted: TrustedKeys
  ) throws(SignedFileError) -> (rotation: KeyRotation, old: PublicKey) {
    try read(SignedDocument(reading: path), trustedBy: trusted)
  }

  /// Decodes a statement and verifies that the key it replaces signed it and is trusted.
  ///
  /// - Returns: the statement, and the whole old key.
  public static func read(
    _ document: SignedDocument, trustedBy trusted: TrustedKeys
  ) throws(SignedFileError) -> (rotation: KeyRotation, old: PublicKey) {
    let (bytes, signer) = try document.verified(by: trusted)
    do throws(DocumentError) {
      let rotation = try Documents.decode(KeyRotation.self, from: bytes)
      try rotation.validate()
      if rotation.old != signer.id.description {
        throw DocumentError("old", "is not \(signer.id), the key that signed it")
      }
      return (rotation, signer)
    } catch { throw .content(path: document.path, error) }
  }

  /// Returns the keys with the new key in place of the old one; unchanged if the old one is not among them.
  ///
  /// - Parameter old: the key that signed the statement.
  public func applied(to trusted: TrustedKeys, signedBy old: PublicKey) -> TrustedKeys {
    guard let newKey, trusted.keys.contains(old) else { return trusted }
    return TrustedKeys(trusted.keys.filter { $0 != old && $0 != newKey } + [newKey])
  }

  private func validate() throws(DocumentError) {
    if format != Self.format { throw .format(format, expected: Self.format) }
    if KeyID(old) == nil { throw DocumentError("old", "is no key's id of 16 hexadecimal digits") }
    guard let newKey else { throw DocumentError("new", "is no public key") }
    if newKey.id.description == old { throw DocumentError("new", "is the old key") }
    try Rule.date(date, "date")
  }
}
