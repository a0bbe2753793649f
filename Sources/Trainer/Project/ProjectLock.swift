import Glibc
import Posix

/// The exclusive right of one process to write into a project.
///
/// It is a flock(2) lock on the project's directory: it needs no lock file, and the kernel releases it when the process
/// ends.
public final class ProjectLock {
  private let directory: LockedFile

  /// Locks a project; waits while another process holds the lock.
  ///
  /// - Parameters:
  ///   - path: the project's directory.
  ///   - waiting: called once before the wait, with a line that names the other process.
  /// - Throws: ENOENT if there is no directory; ENOLCK or EOPNOTSUPP if its file system has no locks.
  public init(_ path: String, waiting: (String) -> Void) throws(SystemError) {
    if let free = try Self.take(path) {
      directory = free
    } else {
      waiting("\(path): \(Self.holder(of: path)) is writing to it: this waits until that ends (Ctrl-C cancels)")
      directory = try LockedFile(opening: path, O_RDONLY | O_DIRECTORY, waits: true)
    }
  }

  /// Locks a project without waiting.
  ///
  /// - Parameters:
  ///   - path: the project's directory.
  ///   - busy: called with the name of the process that holds the lock.
  /// - Returns: nil if another process holds the lock.
  public init?(ifFree path: String, busy: (String) -> Void) throws(SystemError) {
    guard let free = try Self.take(path) else {
      busy(Self.holder(of: path))
      return nil
    }
    directory = free
  }

  /// Returns nil if another process holds the lock.
  private static func take(_ path: String) throws(SystemError) -> LockedFile? {
    do throws(SystemError) { return try LockedFile(opening: path, O_RDONLY | O_DIRECTORY) } catch {
      if error.code == EWOULDBLOCK { return nil }
      throw error
    }
  }

  /// Releases the lock; so does the deinitialisation of this value.
  public func end() { directory.free() }

  /// Returns the process that holds the lock, as far as it is known: `'firstword record ro' (process 4711)`.
  /// proc_locks(5)
  private static func holder(of directory: String) -> String {
    var status = stat()
    guard stat(directory, &status) == 0, let table = try? Files.read("/proc/locks") else { return "another process" }
    // On some file systems the device number differs from that of stat(2), so compare the inode only.
    let lines = String(decoding: table, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
    let owners = lines.filter { line in
      line.count > 5 && line[1] == "FLOCK" && line[5].split(separator: ":").last == "\(status.st_ino)"
    }
    guard let process = owners.first.flatMap({ Int($0[4]) }), process > 0 else { return "another process" }
    let words = (try? Files.read("/proc/\(process)/cmdline")).map { bytes in
      bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }
    guard let words, let program = words.first else { return "process \(process)" }
    let command = ([Path(program).lastComponent] + words.dropFirst()).joined(separator: " ")
    return "'\(command.prefix(60))' (process \(process))"
  }
}
