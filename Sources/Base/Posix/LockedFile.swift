import Glibc

/// An open file or directory with an exclusive advisory lock. flock(2)
///
/// The lock is released by `free()` or when the object is destroyed, and explicitly with `LOCK_UN`: a child process that
/// another thread starts holds a copy of the descriptor until exec, and closing alone would leave the lock to it.
public final class LockedFile: Sendable {
  /// The open file.
  public let descriptor: FileDescriptor

  /// Opens a file and locks it.
  ///
  /// - Parameters:
  ///   - flags: `O_RDWR` and others of open(2).
  ///   - mode: permissions of a file that the call creates, less the umask.
  ///   - waits: whether to wait until the lock is free.
  /// - Throws: EWOULDBLOCK if the file is locked and `waits` is false.
  public init(
    opening path: some PathConvertible, _ flags: CInt, mode: mode_t = 0o660, waits: Bool = false
  ) throws(SystemError) {
    descriptor = try FileDescriptor(opening: path, flags, mode: mode)
    try lock(path, waits: waits)
  }

  /// Locks an open file.
  ///
  /// - Parameters:
  ///   - path: the file's path, for the error.
  ///   - waits: whether to wait until the lock is free.
  /// - Throws: EWOULDBLOCK if the file is locked and `waits` is false.
  public init(
    _ descriptor: consuming FileDescriptor, path: some PathConvertible, waits: Bool = false
  ) throws(SystemError) {
    self.descriptor = descriptor
    try lock(path, waits: waits)
  }

  private func lock(_ path: some PathConvertible, waits: Bool) throws(SystemError) {
    let raw = descriptor.raw
    try posix("lock", path: path) { flock(raw, waits ? LOCK_EX : LOCK_EX | LOCK_NB) }
  }

  deinit { free() }

  /// Releases the lock; the file stays open.
  public func free() { _ = flock(descriptor.raw, LOCK_UN) }
}
