import Encoding
import Kit

/// The state of a store: its kits, the active one, the trusted keys, and what was recalled. `store.json` holds all of
/// it, so that one rename(2) changes it atomically.
public struct StoreState: Codable, Equatable, Sendable {
  /// The format that this program writes. It reads `firstword-store/1` too, which has no checksum and names keys by
  /// their ids.
  public static let format = "firstword-store/2"
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
    /// Whether another key has replaced it: installed kits that it signed still play, and nothing new of it is accepted.
    public var retired: Bool
    /// Whether its recall lists hold for every publisher's kits, clips and keys; else for those of its own publisher.
    public var recallsAll: Bool?

    /// Whether its recall lists hold for every publisher.
    var isGranted: Bool { recallsAll == true }
  }

  /// A key rotation that was applied.
  public struct Rotation: Codable, Equatable, Sendable {
    /// The key that was replaced, as `minisign -P` takes it.
    public var old: String
    /// The key that replaced it.
    public var new: String
  }

  /// A kit that an operator has left for another one. The spool does not bring it back.
  public struct HeldBack: Codable, Equatable, Hashable, Sendable, CustomStringConvertible {
    /// The kit's name.
    public var name: String
    /// The kit's version.
    public var version: String

    /// `NAME VERSION`
    public var description: String { "\(name) \(version)" }
  }

  /// The format of the document that was read.
  public internal(set) var format = Self.format
  /// The SHA-256 of the document with zeros in the place of these digits; nil in memory.
  private(set) var checksum: String?
  /// The kits, in the order of installation.
  public internal(set) var kits: [Installed] = []
  /// The file of the active kit.
  public internal(set) var active: String?
  /// The file of the kit that was active before, for a rollback.
  public internal(set) var previous: String?
  /// The trusted keys.
  public internal(set) var keys: [Key] = []
  /// The rotations that were applied, in their order. None is applied twice, and none leads back.
  public internal(set) var rotations: [Rotation] = []
  /// The recall lists by the key that signed them, as `minisign -P` takes it.
  public internal(set) var recalls: [String: RecallList] = [:]
  /// The highest version that was ever installed, by kit name, among the keys that are trusted for new kits. Written for
  /// programs that know no `versions`, and read where there are none.
  fileprivate var highest: [String: String] = [:]
  /// The highest version of each kit that was ever installed, by the key that signed it and by the kit's name. A key that
  /// was replaced or recalled signs nothing new, so what it has signed bars no other key's kits.
  private(set) var versions: [String: [String: String]]?
  /// The kits that an operator has turned away from. Nil in documents of programs that know none.
  private(set) var heldBack: [HeldBack]?

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

  /// Makes `file` the active kit, and the active kit the previous one.
  mutating func activate(_ file: String) {
    if active == file { return }
    (previous, active) = (active, file)
    guard let kit = kits.first(where: { $0.file == file }), let held = heldBack else { return }
    // A later version takes the place of those before it.
    heldBack = held.filter { $0.name != kit.name || VersionOrder(kit.version) < VersionOrder($0.version) }
  }

  /// Makes `file` the active kit because an operator wants it. If that goes back, the kit that was active is held back.
  ///
  /// - Parameter isReturn: whether it goes back also if the kits have different names; else only to an older version of
  ///   the same kit.
  mutating func choose(_ file: String, isReturn: Bool = false) {
    guard let kit = kits.first(where: { $0.file == file }) else { return }
    if active != file, let left = kits.first(where: { $0.file == active }) {
      let isOlder = kit.name == left.name && VersionOrder(kit.version) < VersionOrder(left.version)
      if isOlder || isReturn { heldBack = (heldBack ?? []) + [HeldBack(name: left.name, version: left.version)] }
    }
    activate(file)
  }

  /// Returns the highest version of a kit that one of these keys has signed and the store has had.
  func highest(of name: String, signedBy signers: [PublicKey]) -> String? {
    signers.compactMap { versions?[$0.base64]?[name] }.max { VersionOrder($0) < VersionOrder($1) }
  }

  /// Remembers a version of a kit that these keys have signed.
  mutating func remember(_ version: String, of name: String, signedBy signers: [PublicKey]) {
    var all = versions ?? [:]
    for signer in signers where VersionOrder(all[signer.base64]?[name] ?? "") < VersionOrder(version) {
      all[signer.base64, default: [:]][name] = version
    }
    versions = all
  }

  /// Returns the kits of this state with the trust of a newer one: its keys, rotations, recalls and highest versions. A
  /// device that falls back to it plays nothing that was recalled meanwhile, and trusts no key that was retired.
  func with(trustOf newer: StoreState) -> StoreState {
    var state = self
    (state.keys, state.rotations, state.recalls) = (newer.keys, newer.rotations, newer.recalls)
    (state.highest, state.versions) = (newer.highest, newer.versions)
    return state
  }
}

// MARK: - The document

extension StoreState {
  private static let blank = String(repeating: "0", count: 64)

  /// Returns the line of a document that holds its checksum.
  private static func line(_ checksum: String) -> [UInt8] { Array("\"checksum\" : \"\(checksum)\"".utf8) }

  /// Validates and encodes the state, with its checksum.
  func json() throws(DocumentError) -> [UInt8] {
    try validate()
    var sealed = self
    (sealed.format, sealed.checksum) = (Self.format, Self.blank)
    sealed.highest = [:]
    for key in trustedForNew.keys {
      sealed.highest.merge(versions?[key.base64] ?? [:]) { VersionOrder($0) < VersionOrder($1) ? $1 : $0 }
    }
    var bytes = try Documents.encode(sealed)
    guard let place = bytes.firstRange(of: Self.line(Self.blank)) else { throw DocumentError("checksum", "is missing") }
    bytes.replaceSubrange(place, with: Self.line(Digest.sha256(bytes)))
    return bytes
  }

  /// Decodes and validates a state.
  ///
  /// - Throws: an error for a document that does not fit its checksum: a byte of it has changed.
  init(json: [UInt8]) throws(DocumentError) {
    let found = Documents.format(of: json)
    if found == FirstStoreState.format {
      self = try FirstStoreState.read(json)
    } else {
      do throws(DocumentError) { self = try Documents.decode(StoreState.self, from: json) } catch {
        if let found, found != Self.format { throw .format(found, expected: Self.format) }
        throw error
      }
      if format != Self.format { throw .format(format, expected: Self.format) }
      try verifyChecksum(of: json)
    }
    try validate()
    if versions == nil && !highest.isEmpty {
      // Nobody noted which key it was. A key that follows begins anew.
      versions = Dictionary(keys.map { ($0.key, highest) }) { first, _ in first }
    }
  }

  private mutating func verifyChecksum(of json: [UInt8]) throws(DocumentError) {
    guard let checksum, let place = json.firstRange(of: Self.line(checksum)) else {
      throw DocumentError("checksum", "is missing")
    }
    var bytes = json
    bytes.replaceSubrange(place, with: Self.line(Self.blank))
    if Digest.sha256(bytes) != checksum {
      throw DocumentError("checksum", "does not fit the content, which was changed")
    }
    self.checksum = nil
  }

  /// Checks the rules that JSON cannot express.
  func validate() throws(DocumentError) {
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
    func key(_ text: String, _ place: String) throws(DocumentError) {
      if PublicKey(base64: text) == nil { throw DocumentError(place, "is no public key") }
    }
    for (index, entry) in keys.enumerated() { try key(entry.key, "keys[\(index)].key") }
    for (index, rotation) in rotations.enumerated() {
      try key(rotation.old, "rotations[\(index)].old")
      try key(rotation.new, "rotations[\(index)].new")
    }
    for (signer, list) in recalls {
      try key(signer, "recalls")
      do throws(DocumentError) { try list.validate() } catch {
        throw DocumentError("recalls.\(signer).\(error.key)", error.why)
      }
    }
    func versions(_ known: [String: String], _ place: String) throws(DocumentError) {
      for (name, version) in known {
        try Rule.word(name, place, alphabet: Rule.names, limit: 64)
        try Rule.word(version, "\(place).\(name)", alphabet: Rule.versions, limit: 64)
      }
    }
    try versions(highest, "highest")
    for (signer, known) in self.versions ?? [:] {
      try key(signer, "versions")
      try versions(known, "versions.\(signer)")
    }
    for (index, kit) in (heldBack ?? []).enumerated() {
      try Rule.word(kit.name, "heldBack[\(index)].name", alphabet: Rule.names, limit: 64)
      try Rule.word(kit.version, "heldBack[\(index)].version", alphabet: Rule.versions, limit: 64)
    }
  }
}

/// A state of the format before: without a checksum, with recall lists by the ids of keys.
private struct FirstStoreState: Decodable {
  static let format = "firstword-store/1"

  var kits: [StoreState.Installed]
  var active: String?
  var previous: String?
  var keys: [StoreState.Key]
  var recalls: [String: RecallList]
  var highest: [String: String]
  /// Only the next format has one.
  var checksum: String?

  /// Reads a state as the present format has it. Recalls stay in force as they were: a key that had recalled something
  /// may still recall for every publisher, until the device's owner says otherwise.
  static func read(_ json: [UInt8]) throws(DocumentError) -> StoreState {
    let old = try Documents.decode(FirstStoreState.self, from: json)
    if old.checksum != nil { throw DocumentError("format", "has no checksum, but there is one") }
    var state = StoreState()
    state.format = Self.format
    (state.kits, state.active, state.previous) = (old.kits, old.active, old.previous)
    (state.keys, state.highest) = (old.keys, old.highest)
    for (id, list) in old.recalls {
      let signers = state.keys.indices.filter { PublicKey(base64: state.keys[$0].key)?.id.description == id }
      if signers.isEmpty { throw DocumentError("recalls.\(id)", "is by none of the keys") }
      for index in signers {
        state.keys[index].recallsAll = true
        state.recalls[state.keys[index].key] = list
      }
    }
    return state
  }
}
