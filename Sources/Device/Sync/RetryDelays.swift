/// The delays before a run asks its mirrors again when none answers. Each is random, and on average twice as long as
/// the one before: devices that were turned away together do not come back together. For one thread.
final class RetryDelays {
  /// The delays of a run, after which the next run goes on.
  static let count = 3

  private var left: Int
  private var mean: Int

  /// Creates the delays of a run.
  ///
  /// - Parameters:
  ///   - seconds: the mean of the first delay; 0 for no delays.
  init(seconds: Int) { (left, mean) = (seconds > 0 ? Self.count : 0, seconds * 1000) }

  /// Returns the next delay in milliseconds; nil if there is none left.
  func next() -> Int? {
    if left == 0 { return nil }
    left -= 1
    defer { mean *= 2 }
    return Int.random(in: mean / 2...mean * 3 / 2)
  }
}
