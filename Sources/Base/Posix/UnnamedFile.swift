import CLinux
import Glibc
import Synchronization

/// A new file that has no name until it is kept: after a crash or a power cut nothing of it is left. open(2), O_TMPFILE
///
/// On a file system without such files, such as FAT, it has a hidden name. `removeLeftOvers(in:)` removes those of
/// programs that crashed.
public final class UnnamedFile: Sendable {
  /// The open file, for reading and writing.
  public let descriptor: FileDescriptor
  private let directory: Path
  /// The hidden name, on a file system that has no files without one.
  private let hidden: Mutex<String?>

  /// The beginning of hidden names.
  private static let prefix = ".upload-"

  /// Creates an empty file.
  ///
  /// - Parameters:
  ///   - directory: a directory of the file system on which the file will get its name.
  ///   - mode: permissions of the file, less the umask.
  public convenience init(in directory: some PathConvertible, mode: mode_t = 0o644) throws(SystemError) {
    try self.init(in: directory, mode: mode, canBeUnnamed: true)
  }

  /// Creates an empty file.
  ///
  /// - Parameters:
  ///   - directory: a directory of the file system on which the file will get its name.
  ///   - mode: permissions of the file, less the umask.
  ///   - canBeUnnamed: false to give it a hidden name at once, as on a file system without unnamed files.
  init(in directory: some PathConvertible, mode: mode_t = 0o644, canBeUnnamed: Bool) throws(SystemError) {
    self.directory = Path(directory)
    if canBeUnnamed, let unnamed = try Self.unnamed(in: directory, mode) {
      descriptor = unnamed
      hidden = Mutex(nil)
      return
    }
    Self.removeLeftOvers(in: directory)
    let name = Self.prefix + String(UInt64.random(in: .min ... .max), radix: 36)
    let path = Path(directory).appending(name)
    let file = try FileDescriptor(opening: path, O_RDWR | O_CREAT | O_EXCL, mode: mode)
    // A locked file is in use: its lock ends with the process.
    _ = flock(file.raw, LOCK_EX | LOCK_NB)
    descriptor = file
    hidden = Mutex(name)
  }

  /// Returns nil on a file system without unnamed files.
  private static func unnamed(
    in directory: some PathConvertible, _ mode: mode_t
  ) throws(SystemError) -> FileDescriptor? {
    do throws(SystemError) {
      return try FileDescriptor(opening: directory, O_RDWR | CInt(fw_o_tmpfile), mode: mode)
    } catch {
      // EISDIR: of a kernel or file system that takes it for the opening of a directory.
      if error.code == EOPNOTSUPP || error.code == EISDIR { return nil }
      throw error
    }
  }

  deinit {
    if let name = hidden.withLock({ $0 }) { unlink(directory.appending(name).string) }
  }

  /// A path at which this process and its children can open the file while this value lives. proc(5)
  public var path: String { "/proc/\(getpid())/fd/\(descriptor.raw)" }

  /// Syncs the file, gives it a name, and syncs that name's directory. linkat(2)
  ///
  /// - Parameter path: on the same file system.
  /// - Throws: EEXIST if the name is taken.
  public func keep(_ path: some PathConvertible) throws(SystemError) {
    let raw = descriptor.raw
    try posix("fsync", path: path) { fsync(raw) }
    let directory = directory
    try hidden.withLock { (hidden) throws(SystemError) in
      if let name = hidden {
        var status = stat()
        if lstat(path.description, &status) == 0 { throw SystemError("rename", path: path, code: EEXIST) }
        try posix("rename", path: path) { rename(directory.appending(name).string, path.description) }
        _ = flock(raw, LOCK_UN)
        hidden = nil
      } else {
        try posix("link", path: path) {
          linkat(AT_FDCWD, "/proc/self/fd/\(raw)", AT_FDCWD, path.description, AT_SYMLINK_FOLLOW)
        }
      }
    }
    try Files.sync(directory: Path(path).parent)
  }

  /// Removes the hidden files of programs that crashed. Those of programs that run are locked, and stay.
  public static func removeLeftOvers(in directory: some PathConvertible) {
    for name in (try? Files.list(directory)) ?? [] where name.hasPrefix(prefix) {
      let path = Path(directory).appending(name)
      guard let file = try? FileDescriptor(opening: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) else { continue }
      if flock(file.raw, LOCK_EX | LOCK_NB) == 0 { unlink(path.string) }
    }
  }
}
