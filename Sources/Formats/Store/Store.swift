import CLinux
import Encoding
import Glibc
import Kit
import Posix

/// The kits that a device has, in a directory of their own:
///
///     store.json      what is decided (StoreState)
///     store.json.old  the decision before, should the first be damaged
///     kits/           NAME-VERSION-HASH.kit
///     lock
///
/// A kit comes in whole or not at all: copied beside, brought to the disk, verified where it lies, and only then named
/// in `store.json`, which is replaced by one rename(2). Whenever the power is cut, the old decision holds or the new
/// one, and the kit that it names is there.
///
/// Who reads takes no lock; who changes holds `lock` (flock(2)).
public struct Store: Sendable {
  public let path: String

  /// What is left free behind a new kit, for journal and system.
  static let margin = 16 << 20

  public init(_ path: String) { self.path = path }

  private var document: String { path + "/store.json" }
  private var older: String { path + "/store.json.old" }
  private var directory: String { path + "/kits" }
  private var incoming: String { directory + "/incoming.part" }

  private func place(_ file: String) -> String { directory + "/" + file }

  // MARK: Reading

  /// What is decided. A damaged `store.json` is passed over for the one before it.
  public func state() throws(StoreError) -> StoreState {
    let failure: StoreError
    do throws(StoreError) { return try Self.read(document) } catch {
      if case .system(let error) = error, error.code == ENOENT, !Files.exists(older) { throw .absent(path: path) }
      failure = error
    }
    do throws(StoreError) { return try Self.read(older) } catch { throw failure }
  }

  private static func read(_ path: String) throws(StoreError) -> StoreState {
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try Files.read(path, limit: StoreState.limit) } catch { throw .system(error) }
    do throws(DocumentError) { return try StoreState(json: bytes) } catch { throw .damaged(path: path, error) }
  }

  /// A kit to be played.
  public struct Choice: Sendable {
    public let kit: KitFile
    public let signer: KitFile.Signer
    /// SHA-256 of clips that must not be played any more.
    public let recalledClips: Set<String>
    /// Why the active kit, and others, were passed over; empty where the active one is played.
    public let passedOver: [String]
  }

  /// The kit to be played: the active one; where that cannot be trusted or read, or was recalled, the one before it,
  /// then whatever else is here, the newest first. Its clips are hashed when they are played.
  public func choose() throws(StoreError) -> Choice {
    let state = try state()
    let first = [state.active, state.previous].compactMap { $0 }
    let others = state.kits.map(\.file).filter { !first.contains($0) }.reversed()
    var passedOver: [String] = []
    for file in first + others {
      do throws(StoreError) {
        let (kit, signer) = try playable(file, state)
        return Choice(kit: kit, signer: signer, recalledClips: state.recalledClips, passedOver: passedOver)
      } catch { passedOver.append(error.description) }
    }
    throw .nothing(path: path, passedOver)
  }

  private func playable(_ file: String, _ state: StoreState) throws(StoreError) -> (KitFile, KitFile.Signer) {
    do throws(KitError) {
      let kit = try KitFile(path: place(file))
      let signer = try kit.signer(trustedBy: state.trusted)
      if let recall = state.recall(.kit, kit.sha256) { throw KitError(kit.path, .recalled(recall)) }
      return (kit, signer)
    } catch { throw .kit(error) }
  }

  // MARK: Changing

  public struct InstallOptions: Sendable {
    public var allowDraft = false
    public var allowDowngrade = false
    /// Play it from now on.
    public var activate = true

    public init() {}
  }

  /// Brings a kit in. `inspect` looks at a clip's bytes after its hash was found right, and says what is wrong with it;
  /// `progress` gets the number of clips done and of all.
  @discardableResult
  public func install(
    _ source: String, _ options: InstallOptions = InstallOptions(),
    inspect: (Clip, [UInt8]) -> String? = { _, _ in nil },
    progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) throws(StoreError) -> StoreState.Installed {
    try changing { (state: inout StoreState) throws(StoreError) in
      try install(source, options, &state, inspect, progress)
    }
  }

  private func install(
    _ source: String, _ options: InstallOptions, _ state: inout StoreState, _ inspect: (Clip, [UInt8]) -> String?,
    _ progress: (_ done: Int, _ all: Int) -> Void
  ) throws(StoreError) -> StoreState.Installed {
    if state.keys.isEmpty { throw .noKeys(path: path) }
    // The cheap refusals come before the copy.
    let entry = try admit(source, state, options)
    if state.kits.contains(where: { $0.sha256 == entry.sha256 }),
      (try? verify(place(entry.file), inspect, { _, _ in })) != nil
    {
      if options.activate { state.activate(entry.file) }
      return entry
    }
    sweep(state)
    try makeRoom(for: source)
    do throws(StoreError) {
      try copy(source)
      // What counts is what lies here now: the source may have changed since, or the disk may have lied.
      if try admit(incoming, state, options) != entry {
        throw .kit(KitError(source, .damaged("it changed while it was read")))
      }
      try verify(incoming, inspect, progress)
      do throws(SystemError) { try Files.commit(incoming, as: place(entry.file)) } catch { throw .system(error) }
    } catch {
      _ = unlink(incoming)
      throw error
    }
    state.kits.removeAll { $0.file == entry.file }
    state.kits.append(entry)
    if VersionOrder(state.highest[entry.name] ?? "") < VersionOrder(entry.version) {
      state.highest[entry.name] = entry.version
    }
    if options.activate || state.active == nil { state.activate(entry.file) }
    return entry
  }

  /// Plays this kit from now on; it is verified first.
  @discardableResult
  public func activate(_ name: String) throws(StoreError) -> StoreState.Installed {
    try changing { (state: inout StoreState) throws(StoreError) in
      guard let kit = state.kit(named: name) else {
        throw .unknown(path: path, name: name, known: state.kits.map { "\($0.name)@\($0.version)" })
      }
      return try activate(kit, &state)
    }
  }

  /// Goes back to what was active before, which then becomes the way back.
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
    _ = try playable(kit.file, state)
    try verify(place(kit.file), { _, _ in nil }, { _, _ in })
    state.activate(kit.file)
    return kit
  }

  /// Removes all kits but the active one and the one before it, and what an interrupted install left; says which.
  @discardableResult
  public func prune() throws(StoreError) -> [StoreState.Installed] {
    // First nobody counts on them any more, then they go.
    try changing(sweeps: true) { (state: inout StoreState) throws(StoreError) in
      let gone = state.kits.filter { [state] in $0.file != state.active && $0.file != state.previous }
      state.kits.removeAll { gone.contains($0) }
      return gone
    }
  }

  /// Trusts a key from now on; makes the store if there is none. False where it was trusted already.
  @discardableResult
  public func trust(_ key: PublicKey) throws(StoreError) -> Bool {
    do throws(SystemError) {
      try Files.makeDirectory(directory)
      // The new directory itself must outlast a power cut.
      try Files.sync(directory: Path(path).parent)
    } catch { throw .system(error) }
    return try changing(orNew: true) { (state: inout StoreState) throws(StoreError) in state.trust(key) }
  }

  /// Heeds a publisher's rotation: the new key is trusted, and the old one vouches for nothing new.
  @discardableResult
  public func rotate(_ file: String) throws(StoreError) -> KeyRotation {
    try changing { (state: inout StoreState) throws(StoreError) in
      let rotation: KeyRotation
      // A key that was retired already speaks no more: whoever found it could go on from there.
      do throws(SignedFileError) { rotation = try KeyRotation.read(file, trustedBy: state.trustedForNew) } catch {
        throw .signed(error)
      }
      guard let new = rotation.newKey else { throw .strangeKey(path: file, id: rotation.old) }
      state.retire(rotation.old)
      state.trust(new)
      return rotation
    }
  }

  /// Heeds a publisher's recall list from now on. One that is older than what is known is refused.
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

  /// Has `body` change what is decided while nobody else can, and decides it so.
  private func changing<Result>(
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
    if !Files.isDirectory(path) { throw .absent(path: path) }
    do throws(SystemError) { return try LockedFile(opening: path + "/lock", O_RDWR | O_CREAT) } catch {
      throw error.code == EWOULDBLOCK ? .busy(path: path) : .system(error)
    }
  }

  /// Whether a kit may come in, by what it says and who signed it.
  private func admit(
    _ source: String, _ state: StoreState, _ options: InstallOptions
  ) throws(StoreError) -> StoreState.Installed {
    let kit: KitFile
    do throws(KitError) {
      kit = try KitFile(path: source)
      try kit.signer(trustedBy: state.trustedForNew)
      if let recall = state.recall(.kit, kit.sha256) { throw KitError(source, .recalled(recall)) }
    } catch { throw .kit(error) }
    if kit.manifest.draft && !options.allowDraft { throw .draft(path: source) }
    let entry = StoreState.Installed(kit)
    if let highest = state.highest[entry.name], VersionOrder(entry.version) < VersionOrder(highest),
      !options.allowDowngrade
    {
      throw .downgrade(path: source, name: entry.name, version: entry.version, highest: highest)
    }
    return entry
  }

  /// Throws where the disk has no room for a kit.
  private func makeRoom(for source: String) throws(StoreError) {
    let (needed, free): (Int, Int)
    do throws(SystemError) {
      let size = try FileDescriptor(opening: source, O_RDONLY | O_NONBLOCK).regularFileSize(path: source)
      (needed, free) = (size + Self.margin, try Files.free(at: directory))
    } catch { throw .system(error) }
    if free < needed { throw .full(path: path, needed: needed, free: free) }
  }

  /// Copies a kit to `incoming`, and it is on the disk when this returns.
  private func copy(_ source: String) throws(StoreError) {
    do throws(SystemError) {
      let from = try FileDescriptor(opening: source, O_RDONLY | O_NONBLOCK)
      let size = try from.regularFileSize(path: source)
      let to = try FileDescriptor(opening: incoming, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
      var at = 0
      while at < size {
        guard let part = try from.read(min(1 << 20, size - at), at: at) else {
          throw SystemError("read", path: source, code: EIO)
        }
        try to.write(part)
        at += part.count
      }
      let raw = to.raw
      try posix("fsync", path: incoming) { fsync(raw) }
      // What is verified next is read from the disk, and not from memory.
      _ = posix_fadvise(raw, 0, 0, POSIX_FADV_DONTNEED)
    } catch { throw .system(error) }
  }

  /// Reads every clip from the disk, hashes it and has it looked at.
  private func verify(
    _ file: String, _ inspect: (Clip, [UInt8]) -> String?, _ progress: (Int, Int) -> Void
  ) throws(StoreError) {
    let faults: [KitError]
    do throws(KitError) {
      faults = try KitFile(path: file).faults(inspect: inspect, progress: progress)
    } catch { throw .kit(error) }
    if let fault = faults.first { throw .kit(fault) }
  }

  /// Removes files that no decision names: of an install that was cut off, or of kits that were pruned.
  private func sweep(_ state: StoreState) {
    let known = Set(state.kits.map(\.file))
    for name in (try? Files.list(directory)) ?? [] where !known.contains(name) { _ = unlink(place(name)) }
  }

  /// Decides. The decision before stays beside it.
  private func save(_ state: StoreState) throws(StoreError) {
    let bytes: [UInt8]
    do throws(DocumentError) {
      try state.validate()
      bytes = try Documents.encode(state)
    } catch { throw .damaged(path: document, error) }
    // A link to the file that is there now; the rename below leaves it alone. A damaged one is no way back.
    if (try? Self.read(document)) != nil {
      _ = unlink(older)
      _ = link(document, older)
    }
    do throws(SystemError) { try Files.replace(document, with: bytes) } catch { throw .system(error) }
  }
}
