import CLinux
import Glibc

/// A thread of its own, outside of Swift's pools. pthread_create(3)
public struct Thread: Sendable {
  private let handle: pthread_t

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Starts it: to be joined or detached, once, or its stack stays. The name, at most 15 bytes, is what `top -H` shows.
  public init(_ name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let context = Unmanaged.passRetained(
      Body {
        fw_name_thread(name)
        body()
      })
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, context.toOpaque())
    if code != 0 {
      context.release()
      throw SystemError("pthread_create", code: code)
    }
    handle = thread
  }

  /// Waits for its end; once. pthread_join(3)
  public func join() { pthread_join(handle, nil) }

  /// Leaves it to itself. pthread_detach(3)
  public func detach() { pthread_detach(handle) }
}
