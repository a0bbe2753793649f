import Glibc

/// Whole files, read and replaced.
public enum Files {
  /// The bytes of a regular file of at most `limit` bytes; EFBIG above that.
  ///
  /// Opened without blocking, so a FIFO in a file's place is an error and not a wait.
  public static func read(_ path: String, limit: Int = 1 << 30) throws(SystemError) -> [UInt8] {
    let file = try FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK)
    let size = try file.regularFileSize(path: path)
    if size > limit { throw SystemError("read", path: path, code: EFBIG) }
    // A file may grow while it is read, or say 0 as those of /proc and /sys do: read to the end.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size)
    while true {
      let part = try file.read(atMost: max(4096, size - bytes.count))
      if part.isEmpty { return bytes }
      bytes += part
      if bytes.count > limit { throw SystemError("read", path: path, code: EFBIG) }
    }
  }

  /// Puts `bytes` in place of the file at `path`: the old content or the new, never half of it,
  /// also when the power is cut (temporary file, fsync, rename, fsync of the directory).
  public static func replace(_ path: String, with bytes: [UInt8], mode: mode_t = 0o644) throws(SystemError) {
    let temporary = path + ".part"
    do throws(SystemError) {
      let file = try FileDescriptor(opening: temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: mode)
      try file.write(bytes)
      try posix("fsync", path: temporary) { fsync(file.raw) }
      try commit(temporary, as: path)
    } catch {
      _ = unlink(temporary)
      throw SystemError(error.operation, path: error.path ?? path, code: error.code)
    }
  }

  /// Moves a finished, synced file into its place and syncs the directory. rename(2)
  public static func commit(_ temporary: String, as path: String) throws(SystemError) {
    try posix("rename", path: path) { rename(temporary, path) }
    try sync(directory: parent(of: path))
  }

  /// Names that were made, changed or removed in a directory are on the disk when this returns. fsync(2)
  public static func sync(directory path: String) throws(SystemError) {
    let directory = try FileDescriptor(opening: path, O_RDONLY | O_DIRECTORY)
    let raw = directory.raw
    try posix("fsync", path: path) { fsync(raw) }
  }

  /// Bytes that this user may still write to the disk that holds `path`. statvfs(3)
  public static func free(at path: String) throws(SystemError) -> Int {
    var disk = statvfs()
    try posix("statvfs", path: path) { statvfs(path, &disk) }
    return Int(clamping: UInt64(disk.f_bavail) * UInt64(disk.f_frsize))
  }

  /// Makes a new file and refuses one that is there (EEXIST); nothing stays behind if writing fails.
  public static func create(_ path: String, with bytes: [UInt8], mode: mode_t = 0o644) throws(SystemError) {
    let file = try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
    do throws(SystemError) {
      try file.write(bytes)
      try posix("fsync", path: path) { fsync(file.raw) }
    } catch {
      _ = unlink(path)
      throw SystemError(error.operation, path: path, code: error.code)
    }
  }

  /// Makes a directory and what leads to it; one that is there already is no error.
  public static func makeDirectory(_ path: String) throws(SystemError) {
    if isDirectory(path) { return }
    let above = parent(of: path)
    if above != path { try makeDirectory(above) }
    do {
      try posix("mkdir", path: path) { mkdir(path, 0o755) }
    } catch {
      // Somebody else was faster.
      if error.code != EEXIST || !isDirectory(path) { throw error }
    }
  }

  /// Makes a new directory, for this user alone, under TMPDIR or /tmp; says where. mkdtemp(3)
  public static func makeTemporaryDirectory(_ name: String) throws(SystemError) -> String {
    let place = temporaryPlace
    var template = Array("\(place)/\(name)-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("make a directory", path: place, code: errno) }
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Makes a new file under TMPDIR or /tmp that has no name any more, and is gone with its descriptor. mkstemp(3)
  public static func makeTemporaryFile(_ name: String) throws(SystemError) -> FileDescriptor {
    let place = temporaryPlace
    var template = Array("\(place)/\(name)-XXXXXX".utf8CString)
    let raw = try posix("make a temporary file", path: place) { mkstemp(&template) }
    unlink(template)
    // A child that another thread starts just now gets a file that it does not know of, and nothing else.
    _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
    return FileDescriptor(owning: raw)
  }

  private static var temporaryPlace: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }

  /// Names in a directory, sorted by their bytes, without `.` and `..`. readdir(3)
  public static func list(_ path: String) throws(SystemError) -> [String] {
    guard let directory = opendir(path) else { throw SystemError("open", path: path, code: errno) }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  public static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// True for a socket itself, not for a link to one. lstat(2)
  public static func isSocket(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
  }

  /// The directory that holds `path`: `.` for a bare name.
  public static func parent(of path: String) -> String {
    var trimmed = Substring(path)
    while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
    guard let slash = trimmed.lastIndex(of: "/") else { return "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
  }

  /// The last part of `path`.
  public static func name(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// The directory of the running program, through links. readlink(2) of /proc/self/exe
  public static func programDirectory() throws(SystemError) -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = try posix("readlink", path: "/proc/self/exe") { readlink("/proc/self/exe", &buffer, buffer.count) }
    return parent(of: String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self))
  }
}

extension FileDescriptor {
  /// Size in bytes of a regular file; throws EISDIR, or ESPIPE for what is no file. fstat(2)
  public func regularFileSize(path: String) throws(SystemError) -> Int {
    var status = stat()
    try posix("stat", path: path) { fstat(raw, &status) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return Int(status.st_size)
    case S_IFDIR: throw SystemError("read", path: path, code: EISDIR)
    default: throw SystemError("read as a file", path: path, code: ESPIPE)
    }
  }
}
