import CLinux
import Glibc

/// A POSIX thread. pthread_create(3)
///
/// Each thread is joined or detached, exactly once; otherwise its stack is never freed.
public struct Thread: Sendable {
  private let handle: pthread_t

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Starts a thread.
  ///
  /// - Parameters:
  ///   - name: at most 15 bytes; `top -H` shows it.
  ///   - body: runs on the new thread.
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

  /// Waits until the thread has ended. pthread_join(3)
  public func join() { pthread_join(handle, nil) }

  /// Lets the thread free its own resources when it ends. pthread_detach(3)
  public func detach() { pthread_detach(handle) }
}
