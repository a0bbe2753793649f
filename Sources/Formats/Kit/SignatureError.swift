/// A signature that is not valid. The caller knows its place.
public enum SignatureError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Not in minisign's format: why.
  case malformed(String)
  /// In the older form (`Ed`), which signs the message itself.
  case legacy
  /// Made with this key instead of the expected one.
  case otherKey(KeyID)
  /// The content differs from what was signed.
  case wrongContent
  /// The trusted comment differs from what was signed.
  case wrongComment

  /// What is wrong, without the place.
  public var description: String {
    switch self {
    case .malformed(let why): "not a minisign signature: \(why)"
    case .legacy: "a signature in minisign's legacy form (Ed), which is not accepted; sign again without -l"
    case .otherKey(let id): "made with the key \(id)"
    case .wrongContent: "the signature does not fit the content: one of the two was changed"
    case .wrongComment: "the signature does not fit its trusted comment: the comment was changed"
    }
  }
}
