import Glibc

/// A time of CLOCK_MONOTONIC, which is never set back.
public struct Monotonic: Comparable, Hashable, Sendable {
  /// Nanoseconds since the machine started.
  public var nanoseconds: Int64

  /// Creates a time from nanoseconds since the machine started.
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// The current time. clock_gettime(2)
  public static var now: Monotonic {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Monotonic(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// Returns the signed time from `earlier` to this, in nanoseconds.
  public func since(_ earlier: Monotonic) -> Int64 { nanoseconds - earlier.nanoseconds }

  /// Returns the time that is `milliseconds` later.
  public func adding(milliseconds: Int) -> Monotonic {
    Monotonic(nanoseconds: nanoseconds + Int64(milliseconds) * 1_000_000)
  }

  /// Returns whether `a` is before `b`.
  public static func < (a: Monotonic, b: Monotonic) -> Bool { a.nanoseconds < b.nanoseconds }
}
