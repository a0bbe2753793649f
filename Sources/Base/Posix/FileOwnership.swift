import Glibc

/// Which account owns an open file, and who may do what with it. stat(2)
public struct FileOwnership: Equatable, Sendable {
  /// The account.
  public let user: uid_t
  /// The group.
  public let group: gid_t
  /// The permissions: the lower twelve bits of `st_mode`.
  public let mode: mode_t
  /// The number of names that the file has.
  public let links: Int

  /// Whether this process's account owns it, and no other may write to it by its permissions.
  public var isOwn: Bool { user == geteuid() && mode & 0o022 == 0 }
}

extension FileDescriptor {
  /// Returns who owns the open file. fstat(2)
  ///
  /// - Parameter path: the file's path, for the error.
  public func ownership(path: some PathConvertible) throws(SystemError) -> FileOwnership {
    var status = stat()
    try posix("stat", path: path) { fstat(raw, &status) }
    return FileOwnership(
      user: status.st_uid, group: status.st_gid, mode: status.st_mode & 0o7777, links: Int(status.st_nlink))
  }

  /// Gives the open file to an account and sets its permissions. fchown(2), fchmod(2)
  ///
  /// - Parameter path: the file's path, for the error.
  public func give(
    to user: uid_t, group: gid_t, mode: mode_t, path: some PathConvertible
  ) throws(SystemError) {
    try posix("chown", path: path) { fchown(raw, user, group) }
    try posix("chmod", path: path) { fchmod(raw, mode) }
  }

  /// Copies the first bytes of the open file, whatever its path names by now. pread(2), write(2)
  ///
  /// - Parameter path: the file's path, for errors.
  /// - Throws: EIO if the file ends before.
  public func copy(
    _ count: Int, to target: borrowing FileDescriptor, path: some PathConvertible
  ) throws(SystemError) {
    var offset = 0
    while offset < count {
      guard let part = try read(min(1 << 20, count - offset), at: offset) else {
        throw SystemError("read", path: path, code: EIO)
      }
      try target.write(part)
      offset += part.count
    }
  }
}
