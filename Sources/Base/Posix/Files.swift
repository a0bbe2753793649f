import Glibc

/// Calls on whole files and directories.
public enum Files {
  /// Reads a whole regular file.
  ///
  /// The file is opened without blocking, so a FIFO in its place is an error instead of a wait.
  ///
  /// - Parameter limit: the maximum size in bytes.
  /// - Throws: EFBIG above `limit`; EISDIR or ESPIPE for anything but a regular file.
  public static func read(_ path: some PathConvertible, limit: Int = 1 << 30) throws(SystemError) -> [UInt8] {
    try FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK).readFile(limit: limit, path: path)
  }

  /// Replaces the file at `path`, or creates it, atomically: after a power cut it has the old content or the new.
  ///
  /// Writes `PATH.part`, then fsync(2), rename(2), and fsync(2) of the directory. A left-over in the place of `PATH.part`
  /// is removed first, and a link in the place of `path` is replaced; links in the directory's path are followed.
  ///
  /// - Parameter mode: permissions of the new file, less the umask.
  /// - Throws: an error that `isUnconfirmed` if the file is replaced, and a power cut may undo that.
  public static func replace(
    _ path: some PathConvertible, with bytes: [UInt8], mode: mode_t = 0o644
  ) throws(SystemError) {
    let path = Path(path)
    do throws(SystemError) {
      try Directory(opening: path.parent).replace(path.lastComponent, with: bytes, mode: mode)
    } catch { throw SystemError(error.operation, path: path, code: error.code) }
  }

  /// Renames a finished, synced file to `path` and syncs the directory. rename(2)
  public static func commit(_ temporary: some PathConvertible, as path: some PathConvertible) throws(SystemError) {
    try posix("rename", path: path) { rename(temporary.description, path.description) }
    try sync(directory: Path(path).parent)
  }

  /// Syncs a directory: names created, changed or removed in it are on the disk when this returns. fsync(2)
  public static func sync(directory path: some PathConvertible) throws(SystemError) {
    try Directory(opening: path).sync()
  }

  /// Returns the bytes that this user may still write to the file system that holds `path`, whatever a file system of
  /// another machine claims. statvfs(3)
  public static func free(at path: some PathConvertible) throws(SystemError) -> Int {
    var disk = statvfs()
    try posix("statvfs", path: path) { statvfs(path.description, &disk) }
    let (bytes, isOutOfRange) = UInt64(disk.f_bavail).multipliedReportingOverflow(by: UInt64(disk.f_frsize))
    return isOutOfRange ? .max : Int(clamping: bytes)
  }

  /// Replaces the file at `path`, or creates it, only if its content is still `old`: what an editor saved meanwhile is
  /// not lost. renameat2(2), RENAME_EXCHANGE
  ///
  /// - Parameters:
  ///   - old: the content from which `bytes` were made; nil if there was no file.
  ///   - mode: permissions of the new file, less the umask.
  /// - Returns: false if somebody else changed, created or removed the file; nothing is changed then.
  /// - Throws: an error that `isUnconfirmed` if the file is replaced, and a power cut may undo that.
  public static func replace(
    _ path: some PathConvertible, with bytes: [UInt8], ifStill old: [UInt8]?, mode: mode_t = 0o644
  ) throws(SystemError) -> Bool {
    let path = Path(path)
    do throws(SystemError) {
      return try Directory(opening: path.parent).replace(path.lastComponent, with: bytes, ifStill: old, mode: mode)
    } catch { throw SystemError(error.operation, path: path, code: error.code) }
  }

  /// Creates and syncs a new file, as a whole or not at all: it gets its name when it is complete.
  ///
  /// - Throws: EEXIST if the file exists.
  public static func create(
    _ path: some PathConvertible, with bytes: [UInt8], mode: mode_t = 0o644
  ) throws(SystemError) {
    let path = Path(path)
    do throws(SystemError) {
      var status = stat()
      if lstat(path.string, &status) == 0 { throw SystemError("open", path: path, code: EEXIST) }
      let file = try UnnamedFile(in: path.parent, mode: mode)
      try file.descriptor.write(bytes)
      try file.keep(path)
    } catch { throw SystemError(error.operation, path: path, code: error.code) }
  }

  /// Creates a directory and its missing parents; an existing directory is no error. mkdir(2)
  public static func makeDirectory(_ path: some PathConvertible) throws(SystemError) {
    if isDirectory(path) { return }
    let path = Path(path)
    if path.parent != path { try makeDirectory(path.parent) }
    do {
      try posix("mkdir", path: path) { mkdir(path.string, 0o755) }
    } catch {
      // Another process may have created it in between.
      if error.code != EEXIST || !isDirectory(path) { throw error }
    }
  }

  /// Creates a directory that only this user can enter, under TMPDIR or /tmp. mkdtemp(3)
  ///
  /// - Parameter name: the beginning of its name.
  public static func makeTemporaryDirectory(_ name: String) throws(SystemError) -> Path {
    let place = temporaryPlace
    var template = Array(place.appending("\(name)-XXXXXX").string.utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("make a directory", path: place, code: errno) }
    return Path(String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
  }

  /// Creates a file without a name under TMPDIR or /tmp; it is gone when its descriptor is closed. mkstemp(3)
  ///
  /// - Parameter name: the beginning of the name that it has for a moment.
  public static func makeTemporaryFile(_ name: String) throws(SystemError) -> FileDescriptor {
    let place = temporaryPlace
    var template = Array(place.appending("\(name)-XXXXXX").string.utf8CString)
    let raw = try posix("make a temporary file", path: place) { mkstemp(&template) }
    unlink(template)
    // A child that another thread starts before this line inherits the descriptor, and nothing else.
    _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
    return FileDescriptor(owning: raw)
  }

  /// The directory of temporary files: TMPDIR, or /tmp.
  public static var temporaryPlace: Path { getenv("TMPDIR").map { Path(String(cString: $0)) } ?? "/tmp" }

  /// Returns the names in a directory, sorted by their bytes, without `.` and `..`. readdir(3)
  public static func list(_ path: some PathConvertible) throws(SystemError) -> [String] {
    guard let directory = opendir(path.description) else { throw SystemError("open", path: path, code: errno) }
    defer { closedir(directory) }
    return try names(in: directory, path: path)
  }

  /// Reads the names in an open directory to its end. readdir(3)
  static func names(in directory: OpaquePointer, path: some PathConvertible) throws(SystemError) -> [String] {
    var names: [String] = []
    while let name = try nextName(in: directory, path: path) { names.append(name) }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Reads the next name in an open directory, without `.` and `..`. What is no UTF-8 in it is U+FFFD. readdir(3)
  ///
  /// - Parameter path: the directory, for errors.
  /// - Returns: nil at the end.
  static func nextName(in directory: OpaquePointer, path: some PathConvertible) throws(SystemError) -> String? {
    while true {
      // The end and an error differ only by errno.
      errno = 0
      guard let entry = readdir(directory) else {
        if errno == 0 { return nil }
        throw SystemError("read", path: path, code: errno)
      }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != "." && name != ".." { return name }
    }
  }

  /// Returns whether `path` names a file of any kind; follows links. access(2)
  public static func exists(_ path: some PathConvertible) -> Bool { access(path.description, F_OK) == 0 }

  /// Returns whether two paths lead to one file; false if either leads to none. stat(2)
  public static func isSame(_ path: some PathConvertible, _ other: String?) -> Bool {
    var (first, second) = (stat(), stat())
    guard let other, stat(path.description, &first) == 0, stat(other, &second) == 0 else { return false }
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }

  /// Returns whether `path` is a directory; follows links. stat(2)
  public static func isDirectory(_ path: some PathConvertible) -> Bool {
    var status = stat()
    return stat(path.description, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Returns whether `path` is a socket itself, and no link to one. lstat(2)
  public static func isSocket(_ path: some PathConvertible) -> Bool {
    var status = stat()
    return lstat(path.description, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
  }

  /// Returns the directory of the running program; follows links. readlink(2) of /proc/self/exe
  public static func programDirectory() throws(SystemError) -> Path {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = try posix("readlink", path: "/proc/self/exe") { readlink("/proc/self/exe", &buffer, buffer.count) }
    return Path(String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)).parent
  }
}

extension FileDescriptor {
  /// Returns the size in bytes of a regular file. fstat(2)
  ///
  /// - Parameter path: the file's path, for the error.
  /// - Throws: EISDIR for a directory, ESPIPE for any other file that is not regular.
  public func regularFileSize(path: some PathConvertible) throws(SystemError) -> Int {
    var status = stat()
    try posix("stat", path: path) { fstat(raw, &status) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return Int(status.st_size)
    case S_IFDIR: throw SystemError("read", path: path, code: EISDIR)
    default: throw SystemError("read as a file", path: path, code: ESPIPE)
    }
  }

  /// Reads the whole regular file from its beginning. It may grow meanwhile, and those of /proc and /sys report size 0.
  ///
  /// - Parameters:
  ///   - limit: the maximum size in bytes.
  ///   - path: the file's path, for errors.
  /// - Throws: EFBIG above `limit`; EISDIR or ESPIPE for anything but a regular file.
  func readFile(limit: Int, path: some PathConvertible) throws(SystemError) -> [UInt8] {
    let size = try regularFileSize(path: path)
    if size > limit { throw SystemError("read", path: path, code: EFBIG) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size)
    while true {
      let part = try read(atMost: max(4096, size - bytes.count))
      if part.isEmpty { return bytes }
      bytes += part
      if bytes.count > limit { throw SystemError("read", path: path, code: EFBIG) }
    }
  }
}
