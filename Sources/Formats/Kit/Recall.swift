/// A kit, clip or key that must no longer be used.
public struct Recall: Codable, Equatable, Sendable {
  /// What is recalled.
  public enum Kind: String, Codable, CaseIterable, Comparable, Sendable {
    /// A kit; `id` is the SHA-256 of its `kit.json`.
    case kit
    /// A clip in any kit; `id` is the SHA-256 of its Opus file.
    case clip
    /// A key; its signatures are no longer accepted.
    case key

    /// Returns whether `a` sorts before `b`.
    public static func < (a: Kind, b: Kind) -> Bool { a.rawValue < b.rawValue }
  }

  /// What is recalled.
  public var kind: Kind
  /// The SHA-256 or key id, as `kind` says.
  public var id: String
  /// For a key: the whole key, as `minisign -P` takes it; absent in lists of older versions. The id alone has 8 bytes, and
  /// anyone can make a key with the id of another.
  public var key: String?
  /// The reason in one line, for people.
  public var reason: String
  /// The day of the recall: `2026-05-01`.
  public var date: String

  /// Creates an entry.
  public init(kind: Kind, id: String, key: PublicKey? = nil, reason: String, date: String) {
    self.kind = kind
    self.id = id
    self.key = key?.base64
    self.reason = reason
    self.date = date
  }
}
