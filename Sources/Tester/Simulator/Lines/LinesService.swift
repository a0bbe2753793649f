import Glibc
import Posix

extension Lines {
  /// Why `serve` came back.
  public enum End: Equatable, Sendable {
    /// SIGINT, SIGTERM or SIGHUP has come.
    case signal
    /// Somebody else unmounted the directory.
    case unmounted
  }

  /// Shows the lines until SIGINT, SIGTERM or SIGHUP comes or somebody unmounts the directory, and leaves nothing
  /// behind: the whole of the command that serves lines.
  ///
  /// Call it before other threads are made, so that the signals are blocked in all of them.
  ///
  /// - Parameter started: is called once the lines can be used.
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
