import Glibc
import Posix

extension Store {
  /// What a migration has done.
  public struct Migration: Equatable, Sendable {
    /// What was changed, a line each; empty if the store was this account's already.
    public var changes: [String] = []
    /// What could not be taken over, a line each with a remedy.
    public var leftovers: [String] = []
  }

  /// Takes a store over from the daemon's account, which owned it in earlier versions: the store belongs to this
  /// process's account (root) afterwards, and the daemon's journal is in `daemon/`.
  ///
  /// It can be stopped at any moment, by a power cut too, and runs again from the beginning. Nothing is removed but
  /// links and special files in the place of `lock`; what has a strange form is set aside under another name. Nothing is
  /// followed. The daemon must not run.
  // Swift 6.0's optimizer crashes on this function (CopyPropagation, with the borrowed directory).
  @_optimize(none)
  public func migrate() throws(StoreError) -> Migration {
    let place: Directory
    do throws(SystemError) { place = try Directory(openingItself: directory) } catch {
      if error.code == ENOENT { throw .absent(path: path) }
      throw error.code == ENOTDIR || error.code == ELOOP ? .noDirectory(path: path) : .system(error)
    }
    var migration = Migration()
    do throws(SystemError) {
      // First of all: from now on the other account changes no name in it.
      if try Self.claim(place) { migration.changes.append("\(path): taken over") }
      try clearLock(in: place)
    } catch { throw .system(error) }
    let lock = try lock(place)
    defer { lock.free() }
    do throws(SystemError) {
      if try !lock.descriptor.ownership(path: path).isOwn {
        try lock.descriptor.give(to: geteuid(), group: getegid(), mode: 0o600, path: path)
      }
      for name in [Name.document, Name.older] { try takeOver(name, in: place, &migration) }
      try takeOverKits(in: place, &migration)
      try moveJournal(in: place, &migration)
      try place.sync()
    } catch { throw .system(error) }
    return migration
  }

  /// Gives a directory to this account.
  ///
  /// - Returns: false if it was its own already.
  private static func claim(_ place: borrowing Directory) throws(SystemError) -> Bool {
    if try place.ownership().isOwn { return false }
    try place.give(to: geteuid(), group: getegid(), mode: 0o755)
    return true
  }

  /// Removes what is no lock file from its place: another account could hold or redirect it.
  private func clearLock(in place: borrowing Directory) throws(SystemError) {
    switch try place.kind(of: Name.lock) {
    case nil, .directory?: return
    case .link?, .special?: try place.remove(Name.lock)
    case .file?:
      let links = try place.open(Name.lock, O_RDONLY).ownership(path: place.path.appending(Name.lock)).links
      if links > 1 { try place.remove(Name.lock) }
    }
  }

  /// Replaces a file of another account by a copy, which no open descriptor of that account leads to.
  private func takeOver(
    _ name: String, in place: borrowing Directory, _ migration: inout Migration
  ) throws(SystemError) {
    let file = directory.appending(name).string
    guard let kind = try place.kind(of: name) else { return }
    if kind == .file {
      let owner = try place.open(name, O_RDONLY).ownership(path: file)
      if owner.isOwn { return }
      // With another name it may be somebody else's file, which nobody should read here.
      if owner.links == 1, try copy(name, in: place) {
        return migration.changes.append("\(file): taken over")
      }
    }
    try setAside(name, in: place, &migration)
  }

  /// Replaces a file by its copy.
  ///
  /// - Returns: false for a file that is too large for what it should be.
  private func copy(_ name: String, in place: borrowing Directory) throws(SystemError) -> Bool {
    do throws(SystemError) {
      try place.replace(name, with: try place.read(name, limit: limit))
      return true
    } catch {
      if error.code == EFBIG { return false }
      throw error
    }
  }

  /// Renames an entry of a strange form: nothing reads it under the new name.
  private func setAside(
    _ name: String, in place: borrowing Directory, _ migration: inout Migration
  ) throws(SystemError) {
    let other = try Self.freeName("set-aside", name, in: place)
    try place.commit(name, as: other)
    migration.leftovers.append(
      "\(directory.appending(name)): this is a link, or no file or directory of the store's own; it is called \(other) "
        + "now; look at it and remove it")
  }

  /// Returns the first of `WORD-1-NAME`, `WORD-2-NAME`, … that is not taken.
  private static func freeName(
    _ word: String, _ name: String, in place: borrowing Directory
  ) throws(SystemError) -> String {
    var number = 1
    while try place.kind(of: "\(word)-\(number)-\(name)") != nil { number += 1 }
    return "\(word)-\(number)-\(name)"
  }

  /// Takes over the kits. They are not copied: their clips are hashed before they are played.
  private func takeOverKits(
    in place: borrowing Directory, _ migration: inout Migration
  ) throws(SystemError) {
    switch try place.kind(of: Name.kits) {
    case nil: return
    case .directory?: break
    default:
      return migration.leftovers.append(
        StoreError.noDirectory(path: directory.appending(Name.kits).string).description)
    }
    let kits = try place.directory(Name.kits)
    if try Self.claim(kits) { migration.changes.append("\(kits.path): taken over") }
    for name in try kits.list() where name == Name.incoming || StoreState.Installed.isFileName(name) {
      let path = kits.path.appending(name)
      guard try kits.kind(of: name) == .file else {
        migration.leftovers.append("\(path): no file; remove it, and install the kit again")
        continue
      }
      let file = try kits.open(name, O_RDONLY)
      let owner = try file.ownership(path: path)
      if owner.isOwn { continue }
      if owner.links > 1 {
        migration.leftovers.append("\(path): the file has another name too; remove it, and install the kit again")
        continue
      }
      try file.give(to: geteuid(), group: getegid(), mode: 0o644, path: path)
      migration.changes.append("\(path): taken over")
    }
    try kits.sync()
  }

  /// Moves the journal, which lay in the store's directory in earlier versions, to the daemon's.
  private func moveJournal(
    in place: borrowing Directory, _ migration: inout Migration
  ) throws(SystemError) {
    if let kind = try place.kind(of: Name.daemon), kind != .directory {
      try setAside(Name.daemon, in: place, &migration)
    }
    for name in try place.list() where Self.isJournal(name) {
      guard try place.kind(of: name) == .file else {
        migration.leftovers.append("\(directory.appending(name)): no file; look at it and remove it")
        continue
      }
      let owner = try place.open(name, O_RDONLY).ownership(path: directory.appending(name))
      if try place.makeDirectory(Name.daemon, mode: 0o700) {
        try place.directory(Name.daemon).give(to: owner.user, group: owner.group, mode: 0o750)
      }
      let daemon = try place.directory(Name.daemon)
      let other = try daemon.kind(of: name) == nil ? name : try Self.freeName("earlier", name, in: daemon)
      try place.move(name, to: daemon, as: other)
      try daemon.sync()
      migration.changes.append("\(directory.appending(name)): moved to \(daemon.path.appending(other))")
    }
  }

  /// Returns whether a name is that of the journal of earlier versions, or of one of its closed files:
  /// `journal.NUMBER`, with ten digits.
  private static func isJournal(_ name: String) -> Bool {
    if name == "journal" { return true }
    let number = name.utf8.dropFirst("journal.".utf8.count)
    return name.hasPrefix("journal.") && number.count == 10 && number.allSatisfy { (0x30...0x39).contains($0) }
  }
}
