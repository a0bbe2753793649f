import CLinux
import Encoding
import Glibc
import Kit
import Posix

/// The directory of a device's kits:
///
///     store.json      the state (StoreState)
///     store.json.old  the state before, for when the first is damaged
///     kits/           NAME-VERSION-HASH.kit
///     lock
///
/// A kit is installed atomically: copied to a temporary file, synced, verified from the disk, and then named in
/// `store.json`, which is replaced by one rename(2). After a power cut the old state holds or the new one, and the kit
/// that it names exists.
///
/// Readers take no lock; writers hold `lock` (flock(2)).
public struct Store: Sendable {
  /// The store's directory.
  public let directory: Path
  /// The directory as messages show it.
  public var path: String { directory.string }

  /// Creates a store of this directory, which need not exist yet.
  public init(_ directory: some PathConvertible) { self.directory = Path(directory) }

  var document: Path { directory.appending("store.json") }
  var older: Path { directory.appending("store.json.old") }
  var kits: Path { directory.appending("kits") }

  /// The name of a copy that is not verified yet, in `kits`.
  static let incoming = "incoming.part"

  // MARK: Reading

  /// Reads the state. If `store.json` is damaged, the state before it is returned.
  public func state() throws(StoreError) -> StoreState {
    let failure: StoreError
    do throws(StoreError) { return try Self.read(document) } catch {
      if case .system(let error) = error, error.code == ENOENT, !Files.exists(older) { throw .absent(path: path) }
      failure = error
    }
    do throws(StoreError) { return try Self.read(older) } catch { throw failure }
  }

  private static func read(_ path: Path) throws(StoreError) -> StoreState {
    let bytes = try mapError(StoreError.system, Files.read(path, limit: StoreState.limit))
    do throws(DocumentError) { return try StoreState(json: bytes) } catch {
      throw .damaged(path: path.string, error)
    }
  }

  /// Reads the state once, for decisions that belong together.
  public func snapshot() throws(StoreError) -> Snapshot { Snapshot(self, try state()) }

  /// Opens a kit of `kits/`, and verifies that it is trusted and not recalled.
  func open(_ file: String, _ state: StoreState) throws(StoreError) -> (KitFile, KitFile.Signer) {
    let kit = try mapError(StoreError.kit, KitFile(path: kits.appending(file).string))
    return (kit, try state.signer(of: kit))
  }

  // MARK: Changing

  /// Verifies a kit in full and makes it the active one.
  ///
  /// - Parameter name: a file, a name, or `NAME@VERSION`.
  @discardableResult
  public func activate(_ name: String) throws(StoreError) -> StoreState.Installed {
    try changing { (state: inout StoreState) throws(StoreError) in
      guard let kit = state.kit(named: name) else {
        throw .unknown(path: path, name: name, known: state.kits.map { "\($0.name)@\($0.version)" })
      }
      return try activate(kit, &state)
    }
  }

  /// Makes the previous kit the active one, and the active one the previous.
  @discardableResult
  public func rollback() throws(StoreError) -> StoreState.Installed {
    try changing { (state: inout StoreState) throws(StoreError) in
      guard let previous = state.previous, let kit = state.kit(named: previous) else { throw .noPrevious(path: path) }
      return try activate(kit, &state)
    }
  }

  private func activate(
    _ kit: StoreState.Installed, _ state: inout StoreState
  ) throws(StoreError) -> StoreState.Installed {
    try verify(try open(kit.file, state).0)
    state.activate(kit.file)
    return kit
  }

  /// Removes all kits but the active one, the previous one, and the one that a device without drafts falls back to; and
  /// files of an interrupted install.
  ///
  /// - Returns: the removed kits.
  @discardableResult
  public func prune() throws(StoreError) -> [StoreState.Installed] {
    // The state is saved before the files are removed.
    try changing(sweeps: true) { (state: inout StoreState) throws(StoreError) in
      // A device that plays no drafts falls back to the last kit that is none.
      let fallback = try? Snapshot(self, state).choose(acceptsDrafts: false).kit.path
      let kept = Set([state.active, state.previous, fallback.map { Path($0).lastComponent }].compactMap { $0 })
      let removed = state.kits.filter { !kept.contains($0.file) }
      state.kits.removeAll { removed.contains($0) }
      return removed
    }
  }

  /// Trusts a key, and creates the store if there is none.
  ///
  /// - Returns: false if it is trusted already.
  @discardableResult
  public func trust(_ key: PublicKey) throws(StoreError) -> Bool {
    try mapError(StoreError.system, Files.makeDirectory(kits))
    // The new directory itself must survive a power cut.
    try mapError(StoreError.system, Files.sync(directory: directory.parent))
    return try changing(orNew: true) { (state: inout StoreState) throws(StoreError) in state.trust(key) }
  }

  /// Applies a publisher's key rotation: the new key is trusted, and the old one no longer for new kits.
  @discardableResult
  public func rotate(_ file: String) throws(StoreError) -> KeyRotation {
    try changing { (state: inout StoreState) throws(StoreError) in
      let rotation: KeyRotation
      // A retired key cannot rotate again: anyone who has found it could take over.
      do throws(SignedFileError) { rotation = try KeyRotation.read(file, trustedBy: state.trustedForNew) } catch {
        throw .signed(error)
      }
      guard let new = rotation.newKey else { throw .strangeKey(path: file, id: rotation.old) }
      state.retire(rotation.old)
      state.trust(new)
      return rotation
    }
  }

  /// Applies a publisher's recall list.
  ///
  /// - Throws: `.oldIssue` if a higher issue by the same key is known.
  @discardableResult
  public func recall(_ file: String) throws(StoreError) -> RecallList {
    try changing { (state: inout StoreState) throws(StoreError) in
      let (list, signer): (RecallList, KeyID)
      do throws(SignedFileError) { (list, signer) = try RecallList.read(file, trustedBy: state.trusted) } catch {
        throw .signed(error)
      }
      if let known = state.recalls[signer.description], known.issue > list.issue {
        throw .oldIssue(path: file, issue: list.issue, known: known.issue)
      }
      state.recalls[signer.description] = list
      return list
    }
  }

  // MARK: Steps

  /// Locks the store, lets `body` change the state, and saves it.
  ///
  /// - Parameters:
  ///   - orNew: whether to begin with an empty state if there is no store.
  ///   - sweeps: whether to remove files that the new state does not name.
  func changing<Result>(
    orNew: Bool = false, sweeps: Bool = false, _ body: (inout StoreState) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    let lock = try lock()
    defer { lock.free() }
    var state: StoreState
    do throws(StoreError) { state = try self.state() } catch {
      guard orNew, case .absent = error else { throw error }
      state = StoreState()
    }
    let before = state
    let result = try body(&state)
    if state != before { try save(state) }
    if sweeps { sweep(state) }
    return result
  }

  private func lock() throws(StoreError) -> LockedFile {
    if !Files.isDirectory(directory) { throw .absent(path: path) }
    do throws(SystemError) { return try LockedFile(opening: directory.appending("lock"), O_RDWR | O_CREAT) } catch {
      throw error.code == EWOULDBLOCK ? .busy(path: path) : .system(error)
    }
  }

  /// Removes the store's own files that the state does not name: of an interrupted install, or of pruned kits. Files
  /// with other names belong to somebody else and stay.
  ///
  /// - Parameter source: the kit that is being installed; its file stays, whatever its name.
  func sweep(_ state: StoreState, except source: String? = nil) {
    let known = Set(state.kits.map(\.file))
    for name in (try? Files.list(kits)) ?? [] where !known.contains(name) {
      let path = kits.appending(name)
      guard name == Self.incoming || StoreState.Installed.isFileName(name), !Files.isSame(path, source) else {
        continue
      }
      _ = unlink(path.string)
    }
  }

  /// Replaces `store.json`, and keeps the state before as `store.json.old`.
  private func save(_ state: StoreState) throws(StoreError) {
    let bytes: [UInt8]
    do throws(DocumentError) {
      try state.validate()
      bytes = try Documents.encode(state)
    } catch { throw .damaged(path: document.string, error) }
    // A hard link to the current file, which the rename below does not touch; a damaged file is not kept.
    if (try? Self.read(document)) != nil {
      _ = unlink(older.string)
      _ = link(document.string, older.string)
    }
    try mapError(StoreError.system, Files.replace(document, with: bytes))
  }
}
