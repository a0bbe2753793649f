import CFuse
import Glibc
import Posix

/// The folder that the lines are shown in: there, empty, and absolute.
struct LinesPlace {
  let path: String
  let isNew: Bool

  /// Makes the folder where there is none, and clears away what a killed run left: a mount without a server, or
  /// plain files.
  init(_ folder: String) throws(LinesError) {
    do throws(SystemError) {
      try Self.detachStale(folder)
      isNew = !Files.exists(folder)
      if isNew { try Files.makeFolder(folder) }
      path = try Self.absolute(folder)
      if LinesFolder.isLaid(at: path) { LinesFolder.remove(at: path) }
      let names = try Files.list(path)
      if names.starts(with: ["drive", "gpio"]) { throw SystemError("mount", path: path, code: EBUSY) }
      if !names.isEmpty { throw SystemError("mount", path: path, code: ENOTEMPTY) }
    } catch {
      switch error.code {
      case EBUSY: throw .taken(path: folder)
      case ENOTEMPTY: throw .notEmpty(path: folder)
      default: throw .system(error)
      }
    }
  }

  /// Undoes what `init` made, after a failure.
  func leave() { if isNew { _ = rmdir(path) } }

  /// A mount whose server was killed answers ENOTCONN to everything: only an unmount helps. umount2(2)
  private static func detachStale(_ folder: String) throws(SystemError) {
    var status = stat()
    guard stat(folder, &status) != 0, errno == ENOTCONN || errno == ECONNABORTED else { return }
    if umount2(folder, CInt(MNT_DETACH)) == 0 { return }
    let code = errno
    // Not root: the helper that mounted it may unmount it.
    let arguments = ["fusermount3", "-u", "-z", "-q", "--", folder]
    var table: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for argument in table { free(argument) } }
    var process = pid_t()
    guard posix_spawnp(&process, "fusermount3", nil, nil, &table, environ) == 0 else {
      throw SystemError("unmount", path: folder, code: code)
    }
    var result: CInt = 0
    try posix("waitpid") { waitpid(process, &result, 0) }
    if result != 0 { throw SystemError("unmount", path: folder, code: code) }
  }

  /// realpath(3)
  private static func absolute(_ folder: String) throws(SystemError) -> String {
    guard let real = realpath(folder, nil) else { throw SystemError("open", path: folder, code: errno) }
    defer { free(real) }
    return String(cString: real)
  }
}
