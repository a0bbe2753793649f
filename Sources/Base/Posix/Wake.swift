import CLinux

/// Wakes a thread that polls `descriptor`. eventfd(2)
public struct Wake: ~Copyable, Sendable {
  private let event: FileDescriptor

  /// Creates a wake without a signal.
  public init() throws(SystemError) { event = try .event() }

  /// The descriptor to poll for `POLLIN`; valid as long as this value lives.
  public var descriptor: CInt { event.raw }

  /// Wakes the polling thread. Any thread may call it; it never blocks.
  public func signal() { _ = eventfd_write(event.raw, 1) }

  /// Clears all signals, so that the next poll sleeps.
  public func clear() {
    var count: eventfd_t = 0
    _ = eventfd_read(event.raw, &count)
  }
}
