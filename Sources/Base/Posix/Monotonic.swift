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

  /// Returns the signed time from `earlier` to this, in nanoseconds; the nearest `Int64` if it is out of range, as it
  /// can be with a time that was read from a file or a socket.
  public func since(_ earlier: Monotonic) -> Int64 {
    let (difference, isOutOfRange) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
    return isOutOfRange ? (nanoseconds < 0 ? .min : .max) : difference
  }

  /// Returns the time that is `milliseconds` later; the last or first one if it is out of range.
  public func adding(milliseconds: Int) -> Monotonic {
    let (span, isTooLong) = Int64(milliseconds).multipliedReportingOverflow(by: 1_000_000)
    let (sum, isOutOfRange) = nanoseconds.addingReportingOverflow(span)
    return Monotonic(nanoseconds: isTooLong || isOutOfRange ? (milliseconds < 0 ? .min : .max) : sum)
  }

  /// Returns whether `a` is before `b`.
  public static func < (a: Monotonic, b: Monotonic) -> Bool { a.nanoseconds < b.nanoseconds }
}
