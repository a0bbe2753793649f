/// A histogram of latencies in a fixed amount of memory.
///
/// Each doubling of the time has 32 buckets, so a percentile is at most about 3 % above the measured time.
public struct Latencies: Sendable {
  private static let perDoubling = 32
  /// 2^40 ns, 18 minutes; longer times count as this one.
  private static let longest: Int64 = (1 << 40) - 1

  private var buckets = [UInt32](repeating: 0, count: 37 * perDoubling)
  /// The number of recorded times.
  public private(set) var count = 0
  /// The maximum in nanoseconds.
  public private(set) var worst: Int64 = 0

  /// Creates an empty histogram.
  public init() {}

  /// Records one time; a negative one counts as 0.
  public mutating func record(nanoseconds: Int64) {
    let value = min(max(0, nanoseconds), Self.longest)
    let index = Self.bucket(of: value)
    if buckets[index] < .max { buckets[index] += 1 }
    count += 1
    worst = max(worst, value)
  }

  /// Returns the time in nanoseconds that `share` (0...1) of all times did not exceed; 0 if there is none.
  public func time(of share: Double) -> Int64 {
    if count == 0 { return 0 }
    let wanted = max(1, Int((share * Double(count)).rounded(.up)))
    var seen = 0
    for (index, number) in buckets.enumerated() {
      seen += Int(number)
      if seen >= wanted { return min(worst, Self.end(of: index)) }
    }
    return worst
  }

  /// Returns the bucket of a time. Each nanosecond below 64 has its own; above, the six highest bits choose.
  private static func bucket(of value: Int64) -> Int {
    let shift = max(0, 63 - value.leadingZeroBitCount - 5)
    return shift * perDoubling + Int(value >> Int64(shift))
  }

  /// Returns the longest time of a bucket.
  private static func end(of bucket: Int) -> Int64 {
    let shift = max(0, bucket / perDoubling - 1)
    return (Int64(bucket - shift * perDoubling + 1) << Int64(shift)) - 1
  }
}
