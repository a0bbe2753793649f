import Glibc
import Posix

extension Lines {
  /// Why ``serve(mountedAt:_:as:started:)`` returned.
  public enum End: Equatable, Sendable {
    /// SIGINT, SIGTERM or SIGHUP was received.
    case signal
    /// Another program unmounted the directory.
    case unmounted
  }

  /// Simulates lines until SIGINT, SIGTERM or SIGHUP is received or another program unmounts the directory, and removes
  /// them.
  ///
  /// Call it before other threads are created, so that the signals are blocked in all of them.
  ///
  /// - Parameters:
  ///   - directory: as for ``start(mountedAt:_:as:)``.
  ///   - configuration: the simulated chip.
  ///   - kind: as for ``start(mountedAt:_:as:)``.
  ///   - started: called once the lines can be used.
  /// - Returns: why it ended.
  public static func serve(
    mountedAt directory: String, _ configuration: LinesConfiguration = LinesConfiguration(), as kind: Kind? = nil,
    started: (Lines) -> Void
  ) throws(LinesError) -> End {
    let signals = try system { () throws(SystemError) in try FileDescriptor.signals([SIGINT, SIGTERM, SIGHUP]) }
    let lines = try start(mountedAt: directory, configuration, as: kind)
    defer { lines.unmount() }
    started(lines)
    var poll = Poll()
    let signal = poll.add(signals.raw, events: POLLIN)
    let end = lines.endDescriptor.map { poll.add($0, events: POLLIN) }
    while true {
      do throws(SystemError) { try poll.wait(until: nil) } catch { throw .system(error) }
      if poll.answer(signal) != 0 { return .signal }
      if let end, poll.answer(end) != 0 { return .unmounted }
    }
  }

  private static func system<Value: ~Copyable>(_ call: () throws(SystemError) -> Value) throws(LinesError) -> Value {
    do throws(SystemError) { return try call() } catch { throw .system(error) }
  }
}
