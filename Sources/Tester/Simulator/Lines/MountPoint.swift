import CFuse
import Glibc
import Posix

/// An empty directory for lines.
struct MountPoint {
  /// Absolute path, without symbolic links.
  let path: String
  /// Whether the directory was created.
  let isNew: Bool

  /// Creates the directory if it does not exist, and removes what a killed run left: a mount without a server, or plain
  /// files.
  init(_ directory: String) throws(LinesError) {
    do throws(SystemError) {
      try Self.detachStale(directory)
      isNew = !Files.exists(directory)
      if isNew { try Files.makeDirectory(directory) }
      path = try Self.absolute(directory)
      if PlainFileTree.exists(at: path) { PlainFileTree.remove(at: path) }
      let names = try Files.list(path)
      if names.starts(with: ["drive", "gpio"]) { throw SystemError("mount", path: path, code: EBUSY) }
      if !names.isEmpty { throw SystemError("mount", path: path, code: ENOTEMPTY) }
    } catch {
      switch error.code {
      case EBUSY: throw .taken(path: directory)
      case ENOTEMPTY: throw .notEmpty(path: directory)
      default: throw .system(error)
      }
    }
  }

  /// Removes the directory if ``init(_:)`` created it, after a failure.
  func remove() { if isNew { _ = rmdir(path) } }

  /// Unmounts a file system whose server was killed: every call on it fails with ENOTCONN. umount2(2)
  static func detachStale(_ directory: String) throws(SystemError) {
    var status = stat()
    guard stat(directory, &status) != 0, errno == ENOTCONN || errno == ECONNABORTED else { return }
    if umount2(directory, CInt(MNT_DETACH)) == 0 { return }
    let code = errno
    // Without root, the helper that mounted it can unmount it.
    let arguments = ["fusermount3", "-u", "-z", "-q", "--", directory]
    var table: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for argument in table { free(argument) } }
    var process = pid_t()
    guard posix_spawnp(&process, "fusermount3", nil, nil, &table, environ) == 0 else {
      throw SystemError("unmount", path: directory, code: code)
    }
    var result: CInt = 0
    try posix("waitpid") { waitpid(process, &result, 0) }
    if result != 0 { throw SystemError("unmount", path: directory, code: code) }
  }

  /// Returns the absolute path. realpath(3)
  private static func absolute(_ directory: String) throws(SystemError) -> String {
    guard let real = realpath(directory, nil) else { throw SystemError("open", path: directory, code: errno) }
    defer { free(real) }
    return String(cString: real)
  }
}
