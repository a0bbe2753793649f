import Posix

/// A token bucket: limits how many requests are answered, some at once and then at a steady rate.
struct Allowance {
  private let perSecond: Double
  private let burst: Double
  private var left: Double
  private var time: Monotonic

  init(perSecond: Int, burst: Int, at time: Monotonic) {
    self.perSecond = Double(perSecond)
    self.burst = Double(burst)
    left = self.burst
    self.time = time
  }

  /// Returns whether one more request may be answered at `now`.
  mutating func allows(at now: Monotonic) -> Bool {
    left = min(burst, left + Double(max(0, now.since(time))) / 1e9 * perSecond)
    time = max(time, now)
    return left >= 1
  }

  /// Counts one request that is answered.
  mutating func spend() { left -= 1 }

  /// The time of the next request that may be answered, if none may now.
  var next: Monotonic { Monotonic(nanoseconds: time.nanoseconds + Int64(max(0, 1 - left) / perSecond * 1e9) + 1000) }
}
