import CLinux
import Glibc

/// An open directory. Its calls take the name of an entry, and never follow a link that lies in its place. openat(2)
///
/// Programs that change or remove files below a directory that others may write to use these calls instead of paths:
/// between a check and the call, a path can be made to lead elsewhere.
public struct Directory: ~Copyable, Sendable {
  /// The directory as messages show it.
  public let path: Path
  private let descriptor: FileDescriptor

  /// Opens the directory at `path`. Links in the path are followed: the caller names it.
  public init(opening path: some PathConvertible) throws(SystemError) {
    // Swift 6.0 crashes on an initializer that throws after it has set a property.
    let descriptor = try FileDescriptor(opening: path, O_RDONLY | O_DIRECTORY)
    self.init(descriptor, Path(path))
  }

  /// Opens the directory at `path` itself. Links in the path are followed, and none in the place of the last component.
  ///
  /// - Throws: ENOTDIR or ELOOP if the last component is a link or no directory.
  public init(openingItself path: some PathConvertible) throws(SystemError) {
    let descriptor = try FileDescriptor(opening: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    self.init(descriptor, Path(path))
  }

  /// Opens the directory that a descriptor is, even one that was opened with `O_PATH`. openat(2)
  ///
  /// - Parameter path: the directory as messages show it.
  public init(of descriptor: borrowing FileDescriptor, path: Path) throws(SystemError) {
    let raw = descriptor.raw
    let own = try posix("open", path: path) { openat(raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    self.init(FileDescriptor(owning: own), path)
  }

  private init(_ descriptor: consuming FileDescriptor, _ path: Path) {
    self.path = path
    self.descriptor = descriptor
  }

  /// The kinds of entries.
  public enum Kind: Sendable {
    /// A regular file.
    case file
    /// A directory.
    case directory
    /// A symbolic link.
    case link
    /// A device, a FIFO or a socket.
    case special
  }

  /// Opens a directory in this one.
  ///
  /// - Throws: ENOTDIR if the entry is a link or no directory.
  public func directory(_ name: String) throws(SystemError) -> Directory {
    Directory(try open(name, O_RDONLY | O_DIRECTORY), path.appending(name))
  }

  /// Opens an entry, always close-on-exec and without blocking.
  ///
  /// - Parameters:
  ///   - flags: `O_RDONLY` and others of open(2).
  ///   - mode: permissions of a file that the call creates, less the umask.
  /// - Throws: ELOOP if the entry is a link.
  public func open(_ name: String, _ flags: CInt, mode: mode_t = 0o644) throws(SystemError) -> FileDescriptor {
    let (place, raw) = (try entry(name, "open"), descriptor.raw)
    return FileDescriptor(
      owning: try posix("open", path: place) {
        openat(raw, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode)
      })
  }

  /// Reads a whole regular file.
  ///
  /// - Parameter limit: the maximum size in bytes.
  /// - Throws: EFBIG above `limit`; ELOOP, EISDIR or ESPIPE for anything but a regular file.
  public func read(_ name: String, limit: Int = 1 << 30) throws(SystemError) -> [UInt8] {
    try open(name, O_RDONLY).readFile(limit: limit, path: path.appending(name))
  }

  /// Returns the names of all entries, sorted by their bytes, without `.` and `..`. readdir(3)
  public func list() throws(SystemError) -> [String] {
    let stream = try stream()
    defer { closedir(stream) }
    return try Files.names(in: stream, path: path)
  }

  /// Calls `visit` with the names of the first `limit` entries, as the file system has them, without `.` and `..`. Names
  /// that are no UTF-8 have U+FFFD in the place of what is none. readdir(3)
  ///
  /// - Returns: false if there are more.
  public func visit(atMost limit: Int, _ visit: (String) -> Void) throws(SystemError) -> Bool {
    let stream = try stream()
    defer { closedir(stream) }
    var count = 0
    while let name = try Files.nextName(in: stream, path: path) {
      count += 1
      if count > limit { return false }
      visit(name)
    }
    return true
  }

  /// Opens a stream at the first entry, on a descriptor of its own, which closedir(3) closes. fdopendir(3)
  private func stream() throws(SystemError) -> OpaquePointer {
    let raw = descriptor.raw
    let own = try posix("open", path: path) { openat(raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard let stream = fdopendir(own) else {
      let code = errno
      close(own)
      throw SystemError("open", path: path, code: code)
    }
    return stream
  }

  /// Returns the kind of an entry; nil if there is none. fstatat(2)
  public func kind(of name: String) throws(SystemError) -> Kind? {
    let (place, raw) = (try entry(name, "stat"), descriptor.raw)
    var status = stat()
    do throws(SystemError) {
      try posix("stat", path: place) { fstatat(raw, name, &status, AT_SYMLINK_NOFOLLOW) }
    } catch {
      if error.code == ENOENT { return nil }
      throw error
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .directory
    case S_IFLNK: return .link
    default: return .special
    }
  }

  /// Returns the identity of an entry itself; nil if there is none. fstatat(2)
  public func identity(of name: String) -> FileIdentity? {
    var status = stat()
    guard fstatat(descriptor.raw, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
    return FileIdentity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
  }

  /// Removes an entry that is no directory; a link is removed, and its target stays. unlinkat(2)
  ///
  /// - Returns: false if there is none.
  @discardableResult
  public func remove(_ name: String) throws(SystemError) -> Bool {
    try unlink(name, flags: 0)
  }

  /// Removes an empty directory. unlinkat(2)
  ///
  /// - Returns: false if there is none.
  @discardableResult
  public func removeDirectory(_ name: String) throws(SystemError) -> Bool {
    try unlink(name, flags: AT_REMOVEDIR)
  }

  /// Removes the entries whose names are no UTF-8, which no other call can name; a directory that is not empty gets the
  /// name `hidden`. unlinkat(2), renameat(2)
  public func removeUnnameable(hiding hidden: String) throws(SystemError) {
    let stream = try stream()
    defer { closedir(stream) }
    let (raw, place) = (descriptor.raw, path.appending(hidden))
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if String(validating: name, as: UTF8.self) != nil { continue }
      let text = (name + [0]).map(CChar.init(bitPattern:))
      if unlinkat(raw, text, 0) == 0 || unlinkat(raw, text, AT_REMOVEDIR) == 0 { continue }
      try posix("rename", path: place) { renameat(raw, text, raw, hidden) }
    }
  }

  private func unlink(_ name: String, flags: CInt) throws(SystemError) -> Bool {
    let (place, raw) = (try entry(name, "remove"), descriptor.raw)
    do throws(SystemError) {
      try posix("remove", path: place) { unlinkat(raw, name, flags) }
      return true
    } catch {
      if error.code == ENOENT { return false }
      throw error
    }
  }

  /// Creates a directory, if there is no entry of this name. mkdirat(2)
  ///
  /// - Returns: false if there is one already, of whatever kind.
  @discardableResult
  public func makeDirectory(_ name: String, mode: mode_t = 0o755) throws(SystemError) -> Bool {
    let (place, raw) = (try entry(name, "mkdir"), descriptor.raw)
    do throws(SystemError) {
      try posix("mkdir", path: place) { mkdirat(raw, name, mode) }
      return true
    } catch {
      if error.code == EEXIST { return false }
      throw error
    }
  }

  /// Opens the same directory once more. dup(2)
  public func duplicate() throws(SystemError) -> Directory {
    Directory(FileDescriptor(owning: try descriptor.duplicate()), path)
  }

  /// Creates a file that nobody has, and writes and syncs its content. Where the name is taken, a number is added: no file
  /// is ever replaced. fsync(2)
  ///
  /// - Parameters:
  ///   - stem: the name before its ending.
  ///   - ending: `.html`.
  /// - Returns: the name.
  public func createNew(_ stem: String, ending: String, with bytes: [UInt8]) throws(SystemError) -> String {
    for number in 1...1000 {
      let name = number == 1 ? stem + ending : "\(stem)-\(number)\(ending)"
      let file: FileDescriptor
      do throws(SystemError) { file = try open(name, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600) } catch {
        if error.code == EEXIST { continue }
        throw error
      }
      do throws(SystemError) {
        try file.write(bytes)
        let raw = file.raw
        try posix("fsync") { fsync(raw) }
        try sync()
      } catch {
        _ = try? remove(name)
        throw error.at(path.appending(name))
      }
      return name
    }
    throw SystemError("create", path: path.appending(stem + ending), code: EEXIST)
  }

  /// Creates an empty file for writing. A left-over of the same name is removed first, so nothing is written to what
  /// others have put there.
  public func create(_ name: String, mode: mode_t = 0o644) throws(SystemError) -> FileDescriptor {
    try remove(name)
    return try open(name, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
  }

  /// Replaces the file `name`, or creates it, atomically: after a power cut it has the old content or the new.
  ///
  /// Writes `NAME.part`, then fsync(2), rename(2), and fsync(2) of the directory.
  ///
  /// - Parameter mode: permissions of the new file, less the umask.
  /// - Throws: an error that `isUnconfirmed` if the file is replaced, and a power cut may undo that.
  public func replace(_ name: String, with bytes: [UInt8], mode: mode_t = 0o644) throws(SystemError) {
    do throws(SystemError) {
      let temporary = try prepare(name, bytes, mode)
      do throws(SystemError) { try rename(temporary, to: name) } catch {
        _ = try? remove(temporary)
        throw error
      }
    } catch { throw error.at(path.appending(name)) }
    try confirm(name)
  }

  /// Writes and syncs the new content of a file under a temporary name, which it returns. fsync(2)
  private func prepare(_ name: String, _ bytes: [UInt8], _ mode: mode_t) throws(SystemError) -> String {
    let temporary = name + ".part"
    let place = try entry(temporary, "open")
    let file = try create(temporary, mode: mode)
    do throws(SystemError) {
      try file.write(bytes)
      let raw = file.raw
      try posix("fsync", path: place) { fsync(raw) }
    } catch {
      _ = try? remove(temporary)
      throw error
    }
    return temporary
  }

  /// Replaces the file `name`, or creates it, only if its content is still `old`. renameat2(2), RENAME_EXCHANGE
  ///
  /// The new file and the old one change places, and then the old one is compared: an editor that saves between a
  /// comparison and a rename would lose its work. On a file system that cannot exchange files it is compared before.
  ///
  /// - Parameters:
  ///   - old: the content from which `bytes` were made; nil if there was no file.
  ///   - mode: permissions of the new file, less the umask.
  /// - Returns: false if somebody else changed, created or removed the file; nothing is changed then.
  /// - Throws: an error that `isUnconfirmed` if the file is replaced, and a power cut may undo that.
  public func replace(
    _ name: String, with bytes: [UInt8], ifStill old: [UInt8]?, mode: mode_t = 0o644
  ) throws(SystemError) -> Bool {
    do throws(SystemError) {
      let temporary = try prepare(name, bytes, mode)
      defer { _ = try? remove(temporary) }
      guard let old else {
        do throws(SystemError) { try rename(temporary, to: name, CUnsignedInt(fw_rename_noreplace)) } catch {
          if error.code == EEXIST { return false }
          guard Self.isUnsupported(error) else { throw error }
          if try kind(of: name) != nil { return false }
          try rename(temporary, to: name)
        }
        try confirm(name)
        return true
      }
      guard has(name, old) else { return false }
      do throws(SystemError) { try rename(temporary, to: name, CUnsignedInt(fw_rename_exchange)) } catch {
        if error.code == ENOENT { return false }
        guard Self.isUnsupported(error) else { throw error }
        try rename(temporary, to: name)
        try confirm(name)
        return true
      }
      if !has(temporary, old) {
        // Back, and once more if yet another content has come in between.
        try rename(temporary, to: name, CUnsignedInt(fw_rename_exchange))
        if !has(temporary, bytes) { try rename(temporary, to: name, CUnsignedInt(fw_rename_exchange)) }
        return false
      }
    } catch { throw error.at(path.appending(name)) }
    try confirm(name)
    return true
  }

  /// Returns whether a file has a content.
  private func has(_ name: String, _ content: [UInt8]) -> Bool {
    do throws(SystemError) { return try read(name, limit: content.count) == content } catch { return false }
  }

  /// Whether a file system, or the kernel, lacks an operation.
  private static func isUnsupported(_ error: SystemError) -> Bool {
    [EINVAL, ENOSYS, EOPNOTSUPP].contains(error.code)
  }

  /// Renames an entry with flags of renameat2(2).
  private func rename(_ temporary: String, to name: String, _ flags: CUnsignedInt) throws(SystemError) {
    let raw = descriptor.raw
    let (_, place) = (try entry(temporary, "rename"), try entry(name, "rename"))
    try posix("rename", path: place) { fw_rename(raw, temporary, name, flags) }
  }

  /// Renames a finished, synced file of this directory, and syncs the directory. renameat(2)
  ///
  /// - Throws: an error that `isUnconfirmed` if the file is renamed, and a power cut may undo that.
  public func commit(_ temporary: String, as name: String) throws(SystemError) {
    try rename(temporary, to: name)
    try confirm(name)
  }

  private func rename(_ temporary: String, to name: String) throws(SystemError) {
    let raw = descriptor.raw
    let (_, place) = (try entry(temporary, "rename"), try entry(name, "rename"))
    try posix("rename", path: place) { renameat(raw, temporary, raw, name) }
  }

  /// Moves an entry to another directory of the same file system, where no entry may have the new name. renameat(2)
  ///
  /// Neither directory is synced.
  ///
  /// - Throws: EEXIST if the new name is taken.
  public func move(_ name: String, to other: borrowing Directory, as newName: String) throws(SystemError) {
    let (raw, otherRaw) = (descriptor.raw, other.descriptor.raw)
    let (_, place) = (try entry(name, "move"), try other.entry(newName, "move"))
    if try other.kind(of: newName) != nil { throw SystemError("move", path: place, code: EEXIST) }
    try posix("move", path: place) { renameat(raw, name, otherRaw, newName) }
  }

  /// Returns who owns the directory. fstat(2)
  public func ownership() throws(SystemError) -> FileOwnership { try descriptor.ownership(path: path) }

  /// Gives the directory to an account and sets its permissions. fchown(2), fchmod(2)
  public func give(to user: uid_t, group: gid_t, mode: mode_t) throws(SystemError) {
    try descriptor.give(to: user, group: group, mode: mode, path: path)
  }

  /// Syncs the directory after the change of an entry.
  private func confirm(_ name: String) throws(SystemError) {
    do throws(SystemError) { try sync() } catch {
      throw SystemError(SystemError.confirmation, path: path.appending(name), code: error.code)
    }
  }

  /// Makes the directory the working directory of this process. fchdir(2)
  public func enter() throws(SystemError) {
    let raw = descriptor.raw
    try posix("chdir", path: path) { fchdir(raw) }
  }

  /// Writes everything of the directory's file system to its device. syncfs(2)
  public func syncFileSystem() throws(SystemError) {
    let raw = descriptor.raw
    try posix("syncfs", path: path) { fw_syncfs(raw) }
  }

  /// Syncs the directory: names created, changed or removed in it are on the disk when this returns. fsync(2)
  public func sync() throws(SystemError) {
    let raw = descriptor.raw
    try posix("fsync", path: path) { fsync(raw) }
  }

  /// Returns the path of an entry, for messages; refuses a name that is a path.
  private func entry(_ name: String, _ operation: String) throws(SystemError) -> Path {
    let place = path.appending(name)
    if name.isEmpty || name == "." || name == ".." || name.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 })
    {
      throw SystemError(operation, path: place, code: EINVAL)
    }
    return place
  }
}

extension SystemError {
  /// The operation of an error after the change itself was made.
  static let confirmation = "sync its directory (the change is made, but a power cut may undo it)"

  /// Whether the change was made, and only the disk did not confirm it: a power cut may undo it.
  public var isUnconfirmed: Bool { operation == Self.confirmation }
}
