import Encoding

/// A publisher's list of recalled kits, clips and keys: JSON with a signature (`SignedFile`).
///
/// It holds for what its signer signed, and for other publishers' kits, clips and keys only where the owner of a device
/// granted that. A store decides with the rotations that it knows; `refusals(of:trustedBy:by:forAll:)` without them.
public struct RecallList: Codable, Equatable, Sendable {
  /// The format that this program writes and reads.
  public static let format = "firstword-recall/1"

  /// The format of this document.
  public var format: String
  /// Rises with each change. A device refuses a lower issue than it has, so that an old list cannot come back.
  public private(set) var issue: Int
  /// The entries, sorted by kind and id, each once.
  public private(set) var entries: [Recall]

  /// Creates an empty list.
  public init() { (format, issue, entries) = (Self.format, 0, []) }

  /// Adds an entry.
  ///
  /// - Returns: false if it is listed already; its first reason and date stay.
  public mutating func add(_ recall: Recall) throws(DocumentError) -> Bool {
    try recall.validate("recall")
    if entries.contains(where: { $0.place == recall.place }) { return false }
    entries.append(recall)
    entries.sort { $0.place < $1.place }
    try raise()
    return true
  }

  /// Removes all entries with this id.
  ///
  /// - Returns: false if there is none.
  public mutating func remove(_ id: String) throws(DocumentError) -> Bool {
    let count = entries.count
    entries.removeAll { $0.id == id }
    if entries.count == count { return false }
    try raise()
    return true
  }

  private mutating func raise() throws(DocumentError) {
    if issue >= Self.issueLimit {
      throw DocumentError("issue", "is \(issue), the highest; begin a list with a new key")
    }
    issue += 1
  }

  /// Returns the entry that recalls a key: by the whole key, or by the id if the entry has no more.
  public func recall(of key: PublicKey) -> Recall? {
    entries.first { entry in
      entry.kind == .key && (entry.key.map { $0 == key.base64 } ?? (entry.id == key.id.description))
    }
  }

  /// Returns whether an entry is listed.
  public func contains(_ kind: Recall.Kind, _ id: String) -> Bool { recall(kind, id) != nil }

  /// Returns the entry of this kind and id, if it is listed.
  public func recall(_ kind: Recall.Kind, _ id: String) -> Recall? {
    entries.first { $0.id == id && $0.kind == kind }
  }

  /// Returns why a kit must not be used: one error for the kit itself, for each recalled clip in it, and for each manifest
  /// that only recalled keys signed. Empty if nothing of it is recalled.
  ///
  /// Whether the kit is trusted at all is checked by `KitFile.signer(trustedBy:)`.
  ///
  /// - Parameters:
  ///   - signer: the key that signed this list, which holds for what this key signed.
  ///   - forAll: whether the list holds for every publisher.
  public func refusals(
    of kit: KitFile, trustedBy trusted: TrustedKeys, by signer: PublicKey, forAll: Bool = false
  ) -> [KitError] {
    func holds(_ bundle: BundleManifest? = nil) -> Bool {
      forAll || kit.keys(TrustedKeys([signer]), of: bundle) == [signer]
    }
    var refusals = known(of: kit, holds)
    let left = trusted.without(self, by: signer, forAll: forAll)
    if left.keys.count < trusted.keys.count, (try? kit.signer(trustedBy: trusted)) != nil {
      do throws(KitError) { try kit.signer(trustedBy: left) } catch {
        if case .untrusted(let keys) = error.cause {
          let gone = trusted.keys.filter { keys.contains($0.id) && !left.keys.contains($0) }.compactMap {
            recall(of: $0)
          }
          refusals += gone.map {
            KitError(kit.path, error.entry, .recalled($0))
          }
        }
      }
    }
    return refusals
  }

  /// Returns the recalls of the kit and its clips by their hashes, without regard to keys.
  public func known(of kit: KitFile) -> [KitError] { known(of: kit) { _ in true } }

  /// Returns the recalls of the kit and its clips by their hashes.
  ///
  /// - Parameter holds: returns whether the list holds for a bundle of the kit; for the kit itself if it gets nil.
  private func known(of kit: KitFile, _ holds: (BundleManifest?) -> Bool) -> [KitError] {
    var refusals: [KitError] = []
    if let recall = recall(.kit, kit.sha256), holds(nil) { refusals.append(KitError(kit.path, .recalled(recall))) }
    let clips = Dictionary(entries.filter { $0.kind == .clip }.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
    if clips.isEmpty { return refusals }
    for bundle in kit.bundles {
      let found = bundle.clips.compactMap { clip in
        clips[clip.sha256].map { KitError(kit.path, clip.file, .recalled($0)) }
      }
      if !found.isEmpty, holds(bundle) { refusals += found }
    }
    return refusals
  }
}

// MARK: - The document

extension RecallList {
  /// Decodes and validates a list.
  public init(json: [UInt8]) throws(DocumentError) {
    do throws(DocumentError) { self = try Documents.decode(RecallList.self, from: json) } catch {
      if let other = Documents.format(of: json), other != Self.format {
        throw .format(other, expected: Self.format)
      }
      throw error
    }
    try validate()
  }

  /// Validates and encodes the list.
  public func json() throws(DocumentError) -> [UInt8] {
    try validate()
    return try Documents.encode(self)
  }

  /// Reads a list without verifying its signature.
  public static func read(_ path: String) throws(SignedFileError) -> RecallList {
    try content(try SignedFile.read(path), path)
  }

  /// Reads a list and verifies that a trusted key signed it.
  public static func read(
    _ path: String, trustedBy trusted: TrustedKeys
  ) throws(SignedFileError) -> (list: RecallList, signer: PublicKey) {
    try read(SignedDocument(reading: path), trustedBy: trusted)
  }

  /// Decodes a list and verifies that a trusted key signed it.
  public static func read(
    _ document: SignedDocument, trustedBy trusted: TrustedKeys
  ) throws(SignedFileError) -> (list: RecallList, signer: PublicKey) {
    let (bytes, signer) = try document.verified(by: trusted)
    return (try content(bytes, document.path), signer)
  }

  private static func content(_ bytes: [UInt8], _ path: String) throws(SignedFileError) -> RecallList {
    do throws(DocumentError) { return try RecallList(json: bytes) } catch { throw .content(path: path, error) }
  }

  /// The highest issue.
  static let issueLimit = Int(Int32.max)

  /// Checks the rules that JSON cannot express.
  package func validate() throws(DocumentError) {
    if format != Self.format { throw .format(format, expected: Self.format) }
    try Rule.range(issue, "issue", 0...Self.issueLimit)
    try Rule.count(entries.count, "entries", limit: 50_000)
    for (index, entry) in entries.enumerated() {
      try entry.validate("entries[\(index)]")
      if index > 0, entries[index - 1].place >= entry.place {
        throw DocumentError("entries[\(index)]", "not above the entry before it in kind and id")
      }
    }
  }
}

extension Recall {
  /// Its place in a list.
  fileprivate var place: (Kind, String, String) { (kind, id, key ?? "") }

  fileprivate func validate(_ key: String) throws(DocumentError) {
    switch kind {
    case .kit, .clip: try Rule.hash(id, "\(key).id")
    case .key: if KeyID(id) == nil { throw DocumentError("\(key).id", "is no key's id of 16 hexadecimal digits") }
    }
    if let whole = self.key, kind != .key || PublicKey(base64: whole)?.id.description != id {
      throw DocumentError("\(key).key", "is no public key with this id")
    }
    try Rule.text(reason, "\(key).reason", needed: true)
    try Rule.date(date, "\(key).date")
  }
}

extension TrustedKeys {
  /// Returns the keys that the list does not recall.
  ///
  /// - Parameters:
  ///   - signer: the key that signed the list, which recalls itself.
  ///   - forAll: whether the list holds for every publisher's keys.
  public func without(_ recalls: RecallList, by signer: PublicKey, forAll: Bool = false) -> TrustedKeys {
    TrustedKeys(keys.filter { recalls.recall(of: $0) == nil || !forAll && $0 != signer })
  }
}
