import Glibc

/// A moment of CLOCK_MONOTONIC: nanoseconds since the machine started, never set back.
public struct Monotonic: Comparable, Hashable, Sendable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// clock_gettime(2)
  public static var now: Monotonic {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Monotonic(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// Signed time from `earlier` to this, in nanoseconds.
  public func since(_ earlier: Monotonic) -> Int64 { nanoseconds - earlier.nanoseconds }

  public func adding(milliseconds: Int) -> Monotonic {
    Monotonic(nanoseconds: nanoseconds + Int64(milliseconds) * 1_000_000)
  }

  public static func < (a: Monotonic, b: Monotonic) -> Bool { a.nanoseconds < b.nanoseconds }
}
