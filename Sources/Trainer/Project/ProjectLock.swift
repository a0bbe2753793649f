import Glibc
import Posix

/// The right to write into a project: one process at a time has it. It is a lock on the directory's own descriptor, so
/// that no file lies about, and ends with the process, however that ends. flock(2)
public final class ProjectLock {
  private let directory: LockedFile

  /// Takes it; waits where somebody else has it.
  ///
  /// - Parameter waiting: called once before the wait, with a line that says for whom.
  /// - Throws: ENOENT where there is no directory; ENOLCK or EOPNOTSUPP where its disk knows no locks.
  public init(_ path: String, waiting: (String) -> Void) throws(SystemError) {
    if let free = try Self.take(path) {
      directory = free
    } else {
      waiting("\(path): \(Self.holder(of: path)) writes to it: this waits until that has ended (Ctrl-C gives up)")
      directory = try LockedFile(opening: path, O_RDONLY | O_DIRECTORY, waits: true)
    }
  }

  /// Takes it where it is free; nil where somebody else has it.
  ///
  /// - Parameter busy: called then, with who that is.
  public init?(ifFree path: String, busy: (String) -> Void) throws(SystemError) {
    guard let free = try Self.take(path) else {
      busy(Self.holder(of: path))
      return nil
    }
    directory = free
  }

  /// Nil where somebody else has it.
  private static func take(_ path: String) throws(SystemError) -> LockedFile? {
    do throws(SystemError) { return try LockedFile(opening: path, O_RDONLY | O_DIRECTORY) } catch {
      if error.code == EWOULDBLOCK { return nil }
      throw error
    }
  }

  /// Gives it back; so does the end of this value.
  public func end() { directory.free() }

  /// `'firstword record ro' (process 4711)`, as far as the kernel tells. proc_locks(5)
  private static func holder(of directory: String) -> String {
    var status = stat()
    guard stat(directory, &status) == 0, let table = try? Files.read("/proc/locks") else { return "somebody else" }
    // The number of the device is not that of stat(2) on every disk: the inode's is enough to name somebody.
    let lines = String(decoding: table, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
    let owners = lines.filter { line in
      line.count > 5 && line[1] == "FLOCK" && line[5].split(separator: ":").last == "\(status.st_ino)"
    }
    guard let process = owners.first.flatMap({ Int($0[4]) }), process > 0 else { return "somebody else" }
    let words = (try? Files.read("/proc/\(process)/cmdline")).map { bytes in
      bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }
    guard let words, let program = words.first else { return "process \(process)" }
    let command = ([Path(program).lastComponent] + words.dropFirst()).joined(separator: " ")
    return "'\(command.prefix(60))' (process \(process))"
  }
}
