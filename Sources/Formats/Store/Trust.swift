import Kit
import Posix

// Which keys are trusted, and what their recall lists hold for. Keys are compared whole: an id has 8 bytes, and anyone can
// make a key with the id of another.

extension StoreState {
  /// The keys that verify installed kits: all but recalled ones.
  public var trusted: TrustedKeys { trusted(retired: true) }

  /// The keys that verify new kits, recall lists and rotations: all but recalled and retired ones.
  public var trustedForNew: TrustedKeys { trusted(retired: false) }

  private func trusted(retired: Bool) -> TrustedKeys {
    TrustedKeys(
      keys.filter { retired || !$0.retired }.compactMap { PublicKey(base64: $0.key) }.filter { recall(of: $0) == nil })
  }

  /// All keys of the store, also retired and recalled ones.
  private var known: TrustedKeys { TrustedKeys(keys.compactMap { PublicKey(base64: $0.key) }) }

  // MARK: Recalls

  /// Returns the entry that recalls a key, of a list that holds for it.
  public func recall(of key: PublicKey) -> Recall? {
    for (signer, list) in recalls {
      if let entry = list.recall(of: key), holds(signer, for: [key]) { return entry }
    }
    return nil
  }

  /// Returns the entry that recalls a kit, of a list that holds for it.
  public func recall(of kit: KitFile) -> Recall? {
    for (signer, list) in recalls {
      if let entry = list.recall(.kit, kit.sha256), holds(signer, for: kit.keys(known)) { return entry }
    }
    return nil
  }

  /// Returns the SHA-256 of the clips of a kit that were recalled, by lists that hold for their bundles.
  public func recalledClips(of kit: KitFile) -> Set<String> {
    var clips: Set<String> = []
    for (signer, list) in recalls {
      let listed = Set(list.entries.filter { $0.kind == .clip }.map(\.id))
      if listed.isEmpty { continue }
      for bundle in kit.bundles {
        let found = listed.intersection(bundle.clips.map(\.sha256))
        if !found.isEmpty, holds(signer, for: kit.keys(known, of: bundle)) { clips.formUnion(found) }
      }
    }
    return clips
  }

  /// Verifies that a kit is trusted and not recalled.
  ///
  /// - Returns: the trusted key that signed it.
  func signer(of kit: KitFile) throws(StoreError) -> KitFile.Signer {
    let signer = try mapError(StoreError.kit, kit.signer(trustedBy: trusted))
    if let recall = recall(of: kit) { throw .kit(KitError(kit.path, .recalled(recall))) }
    return signer
  }

  /// Returns whether the lists of a key hold for what these keys signed: a publisher recalls its own, and more only if
  /// the device's owner granted it. What is signed by keys that are retired without a known successor has no publisher
  /// left that could recall it, so every trusted key may.
  func holds(_ signer: String, for signers: [PublicKey]) -> Bool {
    if keys.contains(where: { $0.key == signer && $0.isGranted }) { return true }
    let own = publisher(of: signer)
    let orphans = Set(keys.filter(\.retired).map(\.key)).subtracting(rotations.map(\.old))
    return signers.contains { own.contains($0.base64) || orphans.contains($0.base64) }
  }

  /// Returns a key and the keys that it replaced, directly or through others.
  private func publisher(of key: String) -> Set<String> {
    var own: Set<String> = [key]
    while true {
      let more = rotations.filter { own.contains($0.new) && !own.contains($0.old) }.map(\.old)
      if more.isEmpty { return own }
      own.formUnion(more)
    }
  }

  /// Returns the entries of a list that do not hold here: of keys, kits and clips that the store has, which are another
  /// publisher's.
  ///
  /// - Parameters:
  ///   - signer: the key that signed the list.
  ///   - installed: the kits of the store.
  func unheeded(_ list: RecallList, by signer: String, _ installed: [KitFile]) -> [Recall] {
    var entries: [Recall] = []
    for key in known.keys {
      if let entry = list.recall(of: key), !holds(signer, for: [key]) { entries.append(entry) }
    }
    for kit in installed {
      if let entry = list.recall(.kit, kit.sha256), !holds(signer, for: kit.keys(known)) { entries.append(entry) }
      for bundle in kit.bundles where !holds(signer, for: kit.keys(known, of: bundle)) {
        entries += bundle.clips.compactMap { list.recall(.clip, $0.sha256) }
      }
    }
    return entries
  }

  // MARK: Changes

  /// Returns a key of the store that has the id of this one and is another.
  private func namesake(of key: PublicKey) -> PublicKey? { known.keys.first { $0.id == key.id && $0 != key } }

  /// Trusts a key, also for what is new.
  ///
  /// - Parameters:
  ///   - recallsAll: whether its recall lists hold for every publisher; nil leaves that as it is.
  /// - Returns: false if nothing has changed.
  /// - Throws: `.sameID` if the store knows another key with its id.
  @discardableResult
  mutating func trust(_ key: PublicKey, recallsAll: Bool? = nil) throws(StoreError) -> Bool {
    if namesake(of: key) != nil { throw .sameID(id: key.id.description) }
    guard let index = keys.firstIndex(where: { $0.key == key.base64 }) else {
      keys.append(Key(key: key.base64, retired: false, recallsAll: recallsAll == true ? true : nil))
      return true
    }
    let before = keys[index]
    keys[index].retired = false
    if let recallsAll { keys[index].recallsAll = recallsAll ? true : nil }
    return keys[index] != before
  }

  /// Replaces a key by another one, which is the same publisher's from now on.
  ///
  /// - Parameter path: the statement's file, for errors.
  /// - Throws: `.rotationReturns` if the statement was applied before, or leads back to a key that was replaced.
  mutating func rotate(from old: PublicKey, to new: PublicKey, path: String) throws(StoreError) {
    let rotation = Rotation(old: old.base64, new: new.base64)
    let isKnown = keys.contains { $0.key == new.base64 && $0.retired }
    if isKnown || rotations.contains(rotation) || rotations.contains(where: { $0.old == rotation.new }) {
      throw .rotationReturns(path: path, old: old.id.description, new: new.id.description)
    }
    if recall(of: new) != nil { throw .recalledSuccessor(path: path, id: new.id.description) }
    // The owner's grant was to the publisher.
    let isGranted = keys.contains { $0.key == old.base64 && $0.isGranted }
    try trust(new, recallsAll: isGranted ? true : nil)
    for index in keys.indices where keys[index].key == old.base64 { keys[index].retired = true }
    rotations.append(rotation)
  }

  /// Replaces the recall list of a key.
  ///
  /// - Parameter path: the list's file, for errors.
  /// - Throws: `.oldIssue` for a lower issue than is known; `.sameIssue` for another list with the known issue.
  mutating func heed(_ list: RecallList, by signer: PublicKey, path: String) throws(StoreError) {
    if let known = recalls[signer.base64] {
      if known.issue > list.issue { throw .oldIssue(path: path, issue: list.issue, known: known.issue) }
      if known.issue == list.issue && known != list { throw .sameIssue(path: path, issue: list.issue) }
    }
    recalls[signer.base64] = list
  }
}
