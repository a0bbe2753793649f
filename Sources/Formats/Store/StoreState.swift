import Encoding
import Kit

/// `store.json`: which kits a device has, which of them it plays, and whom it trusts. All that is decided stands in this
/// one file, so that one rename decides it.
public struct StoreState: Codable, Equatable, Sendable {
  public static let format = "firstword-store/1"
  static let limit = 32 << 20

  /// A kit in the directory `kits`.
  public struct Installed: Codable, Equatable, Sendable {
    /// Its file's name there.
    public var file: String
    public var name: String
    public var version: String
    /// Of its `kit.json`.
    public var sha256: String
    public var draft: Bool

    init(_ kit: KitFile) {
      (name, version, sha256) = (kit.manifest.name, kit.manifest.version, kit.sha256)
      draft = kit.manifest.draft
      file = "\(name)-\(version)-\(sha256.prefix(16)).kit"
    }
  }

  /// A key that somebody put their trust in.
  public struct Key: Codable, Equatable, Sendable {
    /// The line that `minisign -P` takes.
    public var key: String
    /// Another key took its place: what it signed and is here already still plays, but nothing new of it is taken.
    public var retired: Bool
  }

  public var format = Self.format
  /// In the order in which they came.
  public internal(set) var kits: [Installed] = []
  /// Files of `kits`.
  public internal(set) var active: String?
  /// What was active before: a way back.
  public internal(set) var previous: String?
  public internal(set) var keys: [Key] = []
  /// By the id of the key that signed it: what is recalled.
  public internal(set) var recalls: [String: RecallList] = [:]
  /// By a kit's name: the highest version that was ever here.
  var highest: [String: String] = [:]

  init() {}

  /// The first kit that `name` names: by its file, its name, or its name and version.
  public func kit(named name: String) -> Installed? {
    kits.first { $0.file == name } ?? kits.last {
      "\($0.name) \($0.version)" == name || "\($0.name)@\($0.version)" == name
    }
      ?? kits.last { $0.name == name }
  }

  /// Who may vouch for a kit that is here already; whose key was recalled may not.
  public var trusted: TrustedKeys { trusted(retired: true) }

  /// Who may vouch for what is new.
  public var trustedForNew: TrustedKeys { trusted(retired: false) }

  private func trusted(retired: Bool) -> TrustedKeys {
    let keys = keys.filter { retired || !$0.retired }.compactMap { PublicKey(base64: $0.key) }
    return TrustedKeys(keys.filter { !isRecalled(.key, $0.id.description) })
  }

  /// Whoever has taken it back, and why; `nil` for what nobody has.
  func recall(_ kind: Recall.Kind, _ id: String) -> Recall? {
    recalls.values.lazy.compactMap { $0.recall(kind, id) }.first
  }

  public func isRecalled(_ kind: Recall.Kind, _ id: String) -> Bool { recall(kind, id) != nil }

  /// SHA-256 of all clips that must not be played any more.
  public var recalledClips: Set<String> {
    Set(recalls.values.flatMap { $0.entries.filter { $0.kind == .clip }.map(\.id) })
  }

  /// From now on `file` is played.
  mutating func activate(_ file: String) {
    if active == file { return }
    (previous, active) = (active, file)
  }

  /// From now on this key vouches for kits, also for new ones. False where it did before.
  @discardableResult
  mutating func trust(_ key: PublicKey) -> Bool {
    if keys.contains(where: { $0.key == key.base64 && !$0.retired }) { return false }
    keys.removeAll { $0.key == key.base64 }
    keys.append(Key(key: key.base64, retired: false))
    return true
  }

  /// From now on the key of this id vouches for nothing new.
  mutating func retire(_ id: String) {
    for index in keys.indices where PublicKey(base64: keys[index].key)?.id.description == id {
      keys[index].retired = true
    }
  }

  // MARK: The document

  init(json: [UInt8]) throws(DocumentError) {
    do throws(DocumentError) { self = try Documents.decode(StoreState.self, from: json) } catch {
      if let other = Documents.format(of: json), other != Self.format { throw .form(other, expected: Self.format) }
      throw error
    }
    try validate()
  }

  func validate() throws(DocumentError) {
    if format != Self.format { throw .form(format, expected: Self.format) }
    for (index, kit) in kits.enumerated() {
      try Rule.word(kit.name, "kits[\(index)].name", alphabet: Rule.names, limit: 64)
      try Rule.word(kit.version, "kits[\(index)].version", alphabet: Rule.versions, limit: 64)
      try Rule.hash(kit.sha256, "kits[\(index)].sha256")
      // A name becomes a path.
      try Rule.word(kit.file, "kits[\(index)].file", alphabet: Rule.versions, limit: 160)
    }
    for (key, file) in [("active", active), ("previous", previous)] {
      if let file, !kits.contains(where: { $0.file == file }) { throw DocumentError(key, "is none of the kits") }
    }
    for (index, key) in keys.enumerated() where PublicKey(base64: key.key) == nil {
      throw DocumentError("keys[\(index)].key", "is no public key")
    }
  }
}
