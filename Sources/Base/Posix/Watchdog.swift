import Glibc

/// When a loop must report to the service manager that it goes round. sd_watchdog_enabled(3)
///
/// The loop itself asks `isDue` in each turn and pings, so a loop that stalls misses its ping.
public struct Watchdog: Sendable {
  /// The time of the next ping.
  public private(set) var deadline: Monotonic
  /// A third of the manager's limit: one late turn is no stall.
  private let interval: Int64

  /// Reads what the manager expects.
  ///
  /// - Parameters:
  ///   - limit: the value of `WATCHDOG_USEC`, microseconds.
  ///   - process: the value of `WATCHDOG_PID`; nil where it is not set.
  ///   - own: this process.
  ///   - now: the time of the first ping.
  /// - Returns: nil where the manager expects no pings of this process.
  public init?(limit: String?, process: String?, own: pid_t, now: Monotonic) {
    guard let limit = limit.flatMap({ Int64($0) }), (3...86_400_000_000).contains(limit) else { return nil }
    if let process, pid_t(process) != own { return nil }
    interval = limit * 1000 / 3
    deadline = now
  }

  /// Returns whether a ping is due, and sets the time of the next one.
  public mutating func isDue(at now: Monotonic) -> Bool {
    guard now >= deadline else { return false }
    deadline = Monotonic(nanoseconds: now.nanoseconds + interval)
    return true
  }
}
