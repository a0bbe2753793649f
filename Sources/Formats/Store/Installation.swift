import Glibc
import Kit
import Posix

extension Store {
  /// The choices of an installation.
  public struct InstallOptions: Sendable {
    /// Whether to accept a draft kit.
    public var allowDraft = false
    /// Whether to accept a lower version than the highest that was installed.
    public var allowDowngrade = false
    /// Whether to accept a kit that an operator has turned away from: an operator installs it.
    public var allowHeldBack = false
    /// Whether to make the kit the active one.
    public var activate = true

    /// Creates options that accept only released kits of a version not lower than before, which nobody has turned away
    /// from, and activate them.
    public init() {}
  }

  /// The bytes that stay free after an installation, for journal and system.
  static let margin = 16 << 20

  /// Installs a kit: refuses what the state does not admit, copies it, and verifies every byte of the copy.
  ///
  /// - Parameters:
  ///   - source: the kit's file.
  ///   - inspect: gets each clip whose hash is right with its bytes, and returns what else is wrong with it.
  ///   - progress: gets the number of clips verified and of all.
  @discardableResult
  public func install(
    _ source: String, _ options: InstallOptions = InstallOptions(),
    inspect: (Clip, [UInt8]) -> String? = { _, _ in nil },
    progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) throws(StoreError) -> StoreState.Installed {
    try install(source, options, inspect, progress) { () throws(KitError) in try KitFile(path: source) }
  }

  /// Installs a kit that is open, whatever its path names by now.
  @discardableResult
  func install(
    _ kit: KitFile, _ options: InstallOptions, inspect: (Clip, [UInt8]) -> String?
  ) throws(StoreError) -> StoreState.Installed {
    try install(kit.path, options, inspect, { _, _ in }) { () throws(KitError) in kit }
  }

  private func install(
    _ source: String, _ options: InstallOptions, _ inspect: (Clip, [UInt8]) -> String?,
    _ progress: (_ done: Int, _ all: Int) -> Void, _ open: () throws(KitError) -> KitFile
  ) throws(StoreError) -> StoreState.Installed {
    try changing { (state: inout StoreState, place: borrowing Directory) throws(StoreError) in
      if state.keys.isEmpty { throw .noKeys(path: path) }
      let kit: KitFile
      do throws(KitError) { kit = try open() } catch { throw .kit(error) }
      return try install(kit, source, options, &state, try kits(in: place), inspect, progress)
    }
  }

  private func install(
    _ kit: KitFile, _ source: String, _ options: InstallOptions, _ state: inout StoreState,
    _ kits: borrowing Directory, _ inspect: (Clip, [UInt8]) -> String?, _ progress: (_ done: Int, _ all: Int) -> Void
  ) throws(StoreError) -> StoreState.Installed {
    // Refuse before the copy what can be refused without it.
    let entry = try state.admit(kit, options)
    if options.activate && !options.allowHeldBack, let active = heldBack(entry, state, kits) {
      throw .heldBack(
        path: source, name: entry.name, version: entry.version, active: "\(active.name) \(active.version)")
    }
    if state.kits.contains(where: { $0.sha256 == entry.sha256 }), let installed = try? self.kit(entry.file, in: kits),
      (try? verify(installed, inspect)) != nil
    {
      state.take(entry, options)
      return entry
    }
    if kits.identity(of: Name.incoming) == kit.fileIdentity { throw .ownCopy(path: source) }
    // The copy of an interrupted install takes room.
    _ = try? kits.remove(Name.incoming)
    try makeRoom(for: kit)
    do throws(StoreError) {
      do throws(SystemError) { try copy(kit, to: kits) } catch { throw .system(error) }
      // Only the copy on the disk counts: the source may have changed, or the disk may have failed.
      let copy: KitFile
      do throws(KitError) { copy = try self.kit(Name.incoming, in: kits) } catch { throw .kit(error) }
      if try state.admit(copy, options) != entry {
        throw .kit(KitError(source, .damaged("it changed while it was read")))
      }
      try verify(copy, inspect, progress)
      do throws(SystemError) { try kits.commit(Name.incoming, as: entry.file) } catch {
        // Without a synced name the state must not name the kit: as long as it does not, nothing is done.
        throw .system(error.isUnconfirmed ? SystemError("fsync", path: kits.path, code: error.code) : error)
      }
    } catch {
      _ = try? kits.remove(Name.incoming)
      throw error
    }
    state.kits.removeAll { $0.file == entry.file }
    state.kits.append(entry)
    state.remember(entry.version, of: entry.name, signedBy: kit.keys(state.trustedForNew))
    state.take(entry, options)
    return entry
  }

  /// Returns the active kit if an operator has turned to it from this one and it can be played; nil if this one may come
  /// back.
  func heldBack(
    _ kit: StoreState.Installed, _ state: StoreState, _ kits: borrowing Directory
  ) -> StoreState.Installed? {
    guard state.heldBack?.contains(StoreState.HeldBack(name: kit.name, version: kit.version)) == true,
      let active = state.kits.first(where: { $0.file == state.active }), active.file != kit.file,
      (try? open(active.file, state, in: kits)) != nil
    else { return nil }
    return active
  }

  /// Throws `.full` if the disk has no room for a kit and the margin.
  private func makeRoom(for kit: KitFile) throws(StoreError) {
    let free = try mapError(StoreError.system, Files.free(at: directory.appending(Name.kits)))
    let needed = kit.size + Self.margin
    if free < needed { throw .full(path: path, needed: needed, free: free) }
  }

  /// Copies a kit to `incoming.part`, and syncs the copy.
  private func copy(_ kit: KitFile, to kits: borrowing Directory) throws(SystemError) {
    let file = try kits.create(Name.incoming)
    try kit.copy(to: file)
    let raw = file.raw
    try posix("fsync", path: kits.path.appending(Name.incoming)) { fsync(raw) }
    // Drop the cached pages, so that verification reads from the disk.
    _ = posix_fadvise(raw, 0, 0, POSIX_FADV_DONTNEED)
  }

  /// Reads, hashes and inspects every clip of a kit; throws its first fault.
  func verify(
    _ kit: KitFile, _ inspect: (Clip, [UInt8]) -> String? = { _, _ in nil },
    _ progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) throws(StoreError) {
    if let fault = kit.faults(inspect: inspect, progress: progress).first { throw .kit(fault) }
  }
}

extension StoreState {
  /// Checks the signatures, recalls, draft status and version of a kit against the state. Nothing of its clips is read.
  ///
  /// - Returns: the entry that the kit would have.
  /// - Throws: why an installation with these options would refuse it.
  package func admit(
    _ kit: KitFile, _ options: Store.InstallOptions = Store.InstallOptions()
  ) throws(StoreError) -> Installed {
    do throws(KitError) {
      try kit.signer(trustedBy: trustedForNew)
      if let recall = recall(of: kit) { throw KitError(kit.path, .recalled(recall)) }
    } catch { throw .kit(error) }
    if kit.manifest.draft && !options.allowDraft { throw .draft(path: kit.path) }
    let entry = Installed(kit)
    let highest = highest(of: entry.name, signedBy: kit.keys(trustedForNew))
    if let highest, VersionOrder(entry.version) < VersionOrder(highest), !options.allowDowngrade {
      throw .downgrade(path: kit.path, name: entry.name, version: entry.version, highest: highest)
    }
    return entry
  }

  /// Makes a kit that was installed the active one, if the options say so or there is none.
  fileprivate mutating func take(_ kit: Installed, _ options: Store.InstallOptions) {
    if options.activate && options.allowHeldBack { return choose(kit.file) }
    if options.activate || active == nil { activate(kit.file) }
  }
}
