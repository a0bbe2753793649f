import Encoding
import Kit
import Posix

/// The state of a store: its kits, the active one, and the trusted keys. `store.json` holds all of it, so that one
/// rename(2) changes it atomically.
public struct StoreState: Codable, Equatable, Sendable {
  /// The format that this program writes and reads.
  public static let format = "firstword-store/1"
  /// The maximum size of `store.json` in bytes.
  static let limit = 32 << 20

  /// A kit in the directory `kits`.
  public struct Installed: Codable, Equatable, Sendable {
    /// The name of its file.
    public var file: String
    /// The kit's name.
    public var name: String
    /// The kit's version.
    public var version: String
    /// The SHA-256 of its `kit.json`.
    public var sha256: String
    /// Whether it is a draft.
    public var draft: Bool

    /// Creates the entry of a kit.
    init(_ kit: KitFile) {
      (name, version, sha256) = (kit.manifest.name, kit.manifest.version, kit.sha256)
      draft = kit.manifest.draft
      file = "\(name)-\(version)-\(sha256.prefix(16)).kit"
    }

    /// Returns whether a name has the form of the store's own kits: `NAME-VERSION-HASH.kit`, with a hash of 16 digits.
    static func isFileName(_ name: String) -> Bool {
      let parts = name.split(separator: "-", omittingEmptySubsequences: false)
      guard parts.count >= 3, let last = parts.last, last.hasSuffix(".kit") else { return false }
      let hash = last.dropLast(4).utf8
      return hash.count == 16 && hash.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
  }

  /// A trusted key.
  public struct Key: Codable, Equatable, Sendable {
    /// The public key as `minisign -P` takes it.
    public var key: String
    /// Whether another key has replaced it: installed kits that it signed still play, new ones are refused.
    public var retired: Bool
  }

  /// The format of this document.
  public var format = Self.format
  /// The kits, in the order of installation.
  public internal(set) var kits: [Installed] = []
  /// The file of the active kit.
  public internal(set) var active: String?
  /// The file of the kit that was active before, for a rollback.
  public internal(set) var previous: String?
  /// The trusted keys.
  public internal(set) var keys: [Key] = []
  /// The recall lists by the id of the key that signed them.
  public internal(set) var recalls: [String: RecallList] = [:]
  /// The highest version ever installed, by kit name.
  var highest: [String: String] = [:]

  /// Creates the state of an empty store.
  init() {}

  /// Returns the kit with this file, this name and version (`NAME@VERSION`, `NAME VERSION`), or this name; the last
  /// installed of several.
  public func kit(named name: String) -> Installed? {
    kits.first { $0.file == name } ?? kits.last {
      "\($0.name) \($0.version)" == name || "\($0.name)@\($0.version)" == name
    }
      ?? kits.last { $0.name == name }
  }

  /// The keys that verify installed kits: all but recalled ones.
  public var trusted: TrustedKeys { trusted(retired: true) }

  /// The keys that verify new kits: all but recalled and retired ones.
  public var trustedForNew: TrustedKeys { trusted(retired: false) }

  private func trusted(retired: Bool) -> TrustedKeys {
    let keys = keys.filter { retired || !$0.retired }.compactMap { PublicKey(base64: $0.key) }
    return TrustedKeys(keys.filter { !isRecalled(.key, $0.id.description) })
  }

  /// Verifies that a kit is trusted and not recalled.
  ///
  /// - Returns: the trusted key that signed it.
  func signer(of kit: KitFile) throws(StoreError) -> KitFile.Signer {
    let signer = try mapError(StoreError.kit, kit.signer(trustedBy: trusted))
    if let recall = recall(.kit, kit.sha256) { throw .kit(KitError(kit.path, .recalled(recall))) }
    return signer
  }

  /// Returns the entry of any list that recalls this kit, clip or key.
  func recall(_ kind: Recall.Kind, _ id: String) -> Recall? {
    recalls.values.lazy.compactMap { $0.recall(kind, id) }.first
  }

  /// Returns whether a list recalls this kit, clip or key.
  public func isRecalled(_ kind: Recall.Kind, _ id: String) -> Bool { recall(kind, id) != nil }

  /// The SHA-256 of all recalled clips.
  public var recalledClips: Set<String> {
    Set(recalls.values.flatMap { $0.entries.filter { $0.kind == .clip }.map(\.id) })
  }

  /// Makes `file` the active kit, and the active kit the previous one.
  mutating func activate(_ file: String) {
    if active == file { return }
    (previous, active) = (active, file)
  }

  /// Trusts a key, also for new kits.
  ///
  /// - Returns: false if it is trusted already.
  @discardableResult
  mutating func trust(_ key: PublicKey) -> Bool {
    if keys.contains(where: { $0.key == key.base64 && !$0.retired }) { return false }
    keys.removeAll { $0.key == key.base64 }
    keys.append(Key(key: key.base64, retired: false))
    return true
  }

  /// Stops trusting the key with this id for new kits.
  mutating func retire(_ id: String) {
    for index in keys.indices where PublicKey(base64: keys[index].key)?.id.description == id {
      keys[index].retired = true
    }
  }

  // MARK: The document

  /// Decodes and validates a state.
  init(json: [UInt8]) throws(DocumentError) {
    do throws(DocumentError) { self = try Documents.decode(StoreState.self, from: json) } catch {
      if let other = Documents.format(of: json), other != Self.format { throw .format(other, expected: Self.format) }
      throw error
    }
    try validate()
  }

  /// Checks the rules that JSON cannot express.
  func validate() throws(DocumentError) {
    if format != Self.format { throw .format(format, expected: Self.format) }
    for (index, kit) in kits.enumerated() {
      try Rule.word(kit.name, "kits[\(index)].name", alphabet: Rule.names, limit: 64)
      try Rule.word(kit.version, "kits[\(index)].version", alphabet: Rule.versions, limit: 64)
      try Rule.hash(kit.sha256, "kits[\(index)].sha256")
      // The file name becomes part of a path.
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
