import CLinux
import Encoding
import Glibc
import Kit
import Posix

/// The directory of a device's kits:
///
///     store.json      the state (StoreState), with a checksum
///     store.json.old  the kits of the state before, and the trust of this one, for when the first is damaged
///     kits/           NAME-VERSION-HASH.kit
///     lock
///
/// A kit is installed atomically: copied to a temporary file, synced, verified from the disk, and then named in
/// `store.json`, which is replaced by one rename(2). After a power cut the old state holds or the new one, and the kit
/// that it names exists. Both files know every recall and every retired key.
///
/// Readers take no lock; writers hold `lock` (flock(2)). Nothing in the directory is followed if it is a link, and only
/// files with names of the store's own form are removed.
///
/// On a device the directory belongs to root, and the daemon reads it: root's commands change it, and root's service for
/// what lies in the `Spool`. The daemon's own files are in `daemon/`, which belongs to the daemon's account.
public struct Store: Sendable {
  /// The store's directory.
  public let directory: Path
  /// The maximum size of `store.json` in bytes.
  let limit: Int
  /// Whether a change waits while another program changes the store; else that is an error.
  let waits: Bool
  /// The directory as messages show it.
  public var path: String { directory.string }

  /// Creates a store of this directory, which need not exist yet.
  ///
  /// - Parameter waits: whether a change waits while another program changes the store.
  public init(_ directory: some PathConvertible, waits: Bool = false) {
    self.init(directory, limit: StoreState.limit, waits: waits)
  }

  /// Creates a store whose state may have at most `limit` bytes.
  package init(_ directory: some PathConvertible, limit: Int, waits: Bool = false) {
    self.directory = Path(directory)
    self.limit = limit
    self.waits = waits
  }

  /// The names of the entries.
  enum Name {
    static let document = "store.json"
    static let older = "store.json.old"
    static let kits = "kits"
    static let lock = "lock"
    /// A copy that is not verified yet, in `kits`.
    static let incoming = "incoming.part"
    /// The directory of the daemon's own files.
    static let daemon = "daemon"
  }

  /// The directory of the daemon's own files: its journal, and its record of fallbacks.
  public var daemonDirectory: Path { directory.appending(Name.daemon) }

  /// The account that owns the store's directory; nil if there is none.
  public var owner: uid_t? { try? Directory(opening: directory).ownership().user }

  // MARK: Reading

  /// Reads the state. If `store.json` is damaged, the copy is returned.
  public func state() throws(StoreError) -> StoreState { try read(try open()).state }

  /// Reads the state once, for decisions that belong together.
  public func snapshot() throws(StoreError) -> Snapshot {
    let reading = try read(try open())
    return Snapshot(self, reading.state, fault: reading.fault)
  }

  /// A state that was read.
  private struct Reading {
    var state: StoreState
    /// Why it is not from `store.json`.
    var fault: StoreError?
  }

  func open() throws(StoreError) -> Directory {
    do throws(SystemError) { return try Directory(opening: directory) } catch {
      throw error.code == ENOENT || error.code == ENOTDIR ? .absent(path: path) : .system(error)
    }
  }

  private func read(_ place: borrowing Directory) throws(StoreError) -> Reading {
    let failure: StoreError
    do throws(StoreError) { return Reading(state: try state(Name.document, in: place)) } catch { failure = error }
    if case .system(let error) = failure, error.code == ENOENT, (try? place.kind(of: Name.older)) == nil {
      throw .absent(path: path)
    }
    do throws(StoreError) {
      let state = try state(Name.older, in: place)
      return Reading(state: state, fault: .recovered(path: directory.appending(Name.document).string, failure.cause))
    } catch { throw failure }
  }

  private func state(_ name: String, in place: borrowing Directory) throws(StoreError) -> StoreState {
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try place.read(name, limit: limit) } catch { throw .system(error) }
    do throws(DocumentError) { return try StoreState(json: bytes) } catch {
      throw .damaged(path: directory.appending(name).string, error)
    }
  }

  /// Opens the directory of kits.
  ///
  /// - Throws: `.noDirectory` if a link or a file lies in its place.
  func kits(in place: borrowing Directory) throws(StoreError) -> Directory {
    do throws(SystemError) { return try place.directory(Name.kits) } catch {
      throw error.code == ENOTDIR || error.code == ELOOP
        ? .noDirectory(path: directory.appending(Name.kits).string) : .system(error)
    }
  }

  /// Opens a kit by the name of its file; nothing is verified yet.
  func kit(
    _ file: String, in kits: borrowing Directory, keeping detail: KitFile.Detail = .all
  ) throws(KitError) -> KitFile {
    let path = kits.path.appending(file).string
    let failure = { (error: SystemError) in KitError(path, .system(error)) }
    return try KitFile(path: path, file: try mapError(failure, kits.open(file, O_RDONLY)), keeping: detail)
  }

  /// Opens a kit of `kits/`, and verifies that it is trusted and not recalled.
  func open(
    _ file: String, _ state: StoreState, in kits: borrowing Directory, keeping detail: KitFile.Detail = .all
  ) throws(StoreError) -> (KitFile, KitFile.Signer) {
    let kit: KitFile
    do throws(KitError) { kit = try self.kit(file, in: kits, keeping: detail) } catch { throw .kit(error) }
    return (kit, try state.signer(of: kit))
  }

  /// Returns the directory of kits, for a snapshot.
  func kits() throws(StoreError) -> Directory { try kits(in: try open()) }

  // MARK: Changing

  /// Verifies a kit in full and makes it the active one. If it is an older version of the active
  /// one, that is held back as after a rollback.
  ///
  /// - Parameter name: a file, a name, or `NAME@VERSION`.
  @discardableResult
  public func activate(_ name: String) throws(StoreError) -> StoreState.Installed {
    try changing { (state: inout StoreState, place: borrowing Directory) throws(StoreError) in
      guard let kit = state.kit(named: name) else {
        throw .unknown(path: path, name: name, known: state.kits.map { "\($0.name)@\($0.version)" })
      }
      return try activate(kit, isReturn: false, &state, place)
    }
  }

  /// Makes the previous kit the active one, and the active one the previous. That is held back from now on: the spool
  /// installs a higher version, and this one only if the active kit can no longer be played.
  @discardableResult
  public func rollback() throws(StoreError) -> StoreState.Installed {
    try changing { (state: inout StoreState, place: borrowing Directory) throws(StoreError) in
      guard let previous = state.previous, let kit = state.kit(named: previous) else { throw .noPrevious(path: path) }
      return try activate(kit, isReturn: true, &state, place)
    }
  }

  private func activate(
    _ kit: StoreState.Installed, isReturn: Bool, _ state: inout StoreState, _ place: borrowing Directory
  ) throws(StoreError) -> StoreState.Installed {
    try verify(try open(kit.file, state, in: try kits(in: place)).0)
    state.choose(kit.file, isReturn: isReturn)
    return kit
  }

  /// Removes all kits but the active one, the previous one, and the one that a device without drafts falls back to; and
  /// files of an interrupted install.
  ///
  /// - Returns: the removed kits.
  @discardableResult
  public func prune() throws(StoreError) -> [StoreState.Installed] {
    // The state is saved before the files are removed.
    try changing(sweeps: true) { (state: inout StoreState, place: borrowing Directory) throws(StoreError) in
      // A link in the place of the directory is an error before anything is changed.
      _ = try kits(in: place)
      // A device that plays no drafts falls back to the last kit that is none.
      let fallback = try? Snapshot(self, state, fault: nil).choose(acceptsDrafts: false).kit.path
      let kept = Set([state.active, state.previous, fallback.map { Path($0).lastComponent }].compactMap { $0 })
      let removed = state.kits.filter { !kept.contains($0.file) }
      state.kits.removeAll { removed.contains($0) }
      return removed
    }
  }

  /// Trusts a key, and creates the store if there is none.
  ///
  /// - Parameters:
  ///   - recallsAll: whether its recall lists hold for every publisher's kits, clips and keys; nil leaves that as it is,
  ///     and a new key recalls only its own.
  /// - Returns: false if nothing has changed.
  @discardableResult
  public func trust(_ key: PublicKey, recallsAll: Bool? = nil) throws(StoreError) -> Bool {
    try mapError(StoreError.system, Files.makeDirectory(directory))
    let place = try open()
    do throws(SystemError) { try place.makeDirectory(Name.kits) } catch { throw .system(error) }
    // The new directory itself must survive a power cut.
    try mapError(StoreError.system, Files.sync(directory: directory.parent))
    return try changing(orNew: true) { (state: inout StoreState, place: borrowing Directory) throws(StoreError) in
      try state.trust(key, recallsAll: recallsAll)
    }
  }

  /// Applies a publisher's key rotation: the new key is trusted, and the old one no longer for anything new.
  @discardableResult
  public func rotate(_ file: String) throws(StoreError) -> KeyRotation {
    try rotate(Self.document(file))
  }

  /// Applies a publisher's key rotation that was read.
  @discardableResult
  public func rotate(_ document: SignedDocument) throws(StoreError) -> KeyRotation {
    try changing { (state: inout StoreState, place: borrowing Directory) throws(StoreError) in
      let (rotation, old): (KeyRotation, PublicKey)
      // A retired key cannot rotate again: anyone who has found it could take over.
      do throws(SignedFileError) {
        (rotation, old) = try KeyRotation.read(document, trustedBy: state.trustedForNew)
      } catch { throw .signed(error) }
      guard let new = rotation.newKey else { throw .strangeKey(path: document.path, id: rotation.old) }
      try state.rotate(from: old, to: new, path: document.path)
      return rotation
    }
  }

  /// A recall list that was applied.
  public struct Recalling: Sendable {
    /// The list.
    public let list: RecallList
    /// Entries that do not hold here, because what they name is another publisher's, and the device's owner has not
    /// granted the key of this list to recall it.
    public let unheeded: [Recall]
  }

  /// Applies a publisher's recall list.
  ///
  /// - Throws: `.oldIssue` if a higher issue by the same key is known; `.sameIssue` if another list with this issue is.
  @discardableResult
  public func recall(_ file: String) throws(StoreError) -> Recalling {
    try recall(Self.document(file))
  }

  /// Applies a publisher's recall list that was read.
  ///
  /// - Throws: `.oldIssue` if a higher issue by the same key is known; `.sameIssue` if another list with this issue is.
  @discardableResult
  public func recall(_ document: SignedDocument) throws(StoreError) -> Recalling {
    try changing { (state: inout StoreState, place: borrowing Directory) throws(StoreError) in
      let (list, signer): (RecallList, PublicKey)
      // A retired key says nothing more: it may have been found by somebody.
      do throws(SignedFileError) {
        (list, signer) = try RecallList.read(document, trustedBy: state.trustedForNew)
      } catch {
        throw .signed(error)
      }
      try state.heed(list, by: signer, path: document.path)
      let kits = try kits(in: place)
      var installed: [KitFile] = []
      for kit in state.kits { if let open = try? self.kit(kit.file, in: kits) { installed.append(open) } }
      return Recalling(list: list, unheeded: state.unheeded(list, by: signer.base64, installed))
    }
  }

  // MARK: Steps

  private static func document(_ file: String) throws(StoreError) -> SignedDocument {
    do throws(SignedFileError) { return try SignedDocument(reading: file) } catch { throw .signed(error) }
  }

  /// Locks the store, lets `body` change the state, and saves it. A state that was read from the copy, or has an older
  /// format, is saved also unchanged.
  ///
  /// - Parameters:
  ///   - orNew: whether to begin with an empty state if there is no store.
  ///   - sweeps: whether to remove files that the new state does not name.
  /// - Throws: `.unconfirmed` if everything was done, and the disk has not confirmed it.
  // Swift 6.0's optimizer crashes on this function (CopyPropagation, with the borrowed directory).
  @_optimize(none)
  func changing<Result>(
    orNew: Bool = false, sweeps: Bool = false,
    _ body: (inout StoreState, borrowing Directory) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    let place = try open()
    let lock = try lock(place)
    defer { lock.free() }
    var reading: Reading
    do throws(StoreError) { reading = try read(place) } catch {
      guard orNew, case .absent = error else { throw error }
      reading = Reading(state: StoreState())
    }
    let before = reading.state
    let result = try body(&reading.state, place)
    var doubt: StoreError?
    if reading.state != before || reading.fault != nil || before.format != StoreState.format {
      doubt = try save(reading.state, after: before, in: place)
    }
    if sweeps { sweep(reading.state, try kits(in: place)) }
    if let doubt { throw doubt }
    return result
  }

  func lock(_ place: borrowing Directory) throws(StoreError) -> LockedFile {
    do throws(SystemError) {
      return try LockedFile(
        place.open(Name.lock, O_RDWR | O_CREAT, mode: 0o600), path: place.path.appending(Name.lock), waits: waits)
    } catch {
      throw error.code == EWOULDBLOCK ? .busy(path: path) : .system(error)
    }
  }

  /// Removes the store's own files that the state does not name: of an interrupted install, and of pruned kits. Files
  /// with other names, and what is no file, belong to somebody else and stay.
  private func sweep(_ state: StoreState, _ kits: borrowing Directory) {
    let known = Set(state.kits.map(\.file))
    for name in (try? kits.list()) ?? [] where !known.contains(name) {
      guard name == Name.incoming || StoreState.Installed.isFileName(name), (try? kits.kind(of: name)) == .file else {
        continue
      }
      _ = try? kits.remove(name)
    }
  }

  /// Replaces `store.json.old` and then `store.json`. The old one gets the kits of the state before, and the trust of
  /// this one: a recall that was reported as done holds with either.
  ///
  /// - Returns: an error if the state is in effect, and the disk has not confirmed it.
  private func save(
    _ state: StoreState, after before: StoreState, in place: borrowing Directory
  ) throws(StoreError) -> StoreError? {
    let (bytes, older) = (try encode(state), try encode(before.with(trustOf: state)))
    do throws(SystemError) {
      try place.replace(Name.older, with: older)
    } catch { if !error.isUnconfirmed { throw .system(error) } }
    do throws(SystemError) {
      try place.replace(Name.document, with: bytes)
      return nil
    } catch {
      if error.isUnconfirmed { return .unconfirmed(path: path, error) }
      throw .system(error)
    }
  }

  private func encode(_ state: StoreState) throws(StoreError) -> [UInt8] {
    let document = directory.appending(Name.document).string
    let bytes: [UInt8]
    do throws(DocumentError) { bytes = try state.json() } catch { throw .invalid(path: document, error) }
    if bytes.count > limit { throw .tooLarge(path: document, bytes: bytes.count, limit: limit) }
    return bytes
  }
}
