import CLinux

/// Wakes a thread that polls `descriptor`. Any thread may signal; it never blocks.
public struct Wake: ~Copyable, Sendable {
  private let event: FileDescriptor

  public init() throws(SystemError) { event = try .event() }

  public var descriptor: CInt { event.raw }

  public func signal() { _ = eventfd_write(event.raw, 1) }

  /// Takes the signals back, so that the next poll sleeps.
  public func clear() {
    var count: eventfd_t = 0
    _ = eventfd_read(event.raw, &count)
  }
}
