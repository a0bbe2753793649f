import Glibc

/// An open file or directory that nobody else holds locked: one user at a time, among processes that all ask. flock(2)
///
/// It is freed and closed when the value ends, or by `free()` before. Freed by name: a child that another thread is
/// just starting holds a copy of the descriptor until it becomes its program, and with it a lock that is only closed.
public final class LockedFile: Sendable {
  public let descriptor: FileDescriptor

  /// - Parameter waits: until nobody else holds it; otherwise that throws EWOULDBLOCK.
  public init(
    opening path: String, _ flags: CInt, mode: mode_t = 0o660, waits: Bool = false
  ) throws(SystemError) {
    descriptor = try FileDescriptor(opening: path, flags, mode: mode)
    let raw = descriptor.raw
    try posix("lock", path: path) { flock(raw, waits ? LOCK_EX : LOCK_EX | LOCK_NB) }
  }

  deinit { free() }

  public func free() { _ = flock(descriptor.raw, LOCK_UN) }
}
