import Board
import Posix

/// The intervals during which a LED was lit and dark since a point in time.
public struct LEDTrace: Equatable, Sendable, CustomStringConvertible {
  /// Complete intervals. The first one, which began before the start, is left out.
  private var intervals: [(isLit: Bool, milliseconds: Int)] = []
  /// Whether the LED is lit now, and for how many milliseconds it has been so (``lasting``).
  private var isLit = false
  private var lasting = 0

  /// Compares the descriptions.
  public static func == (a: LEDTrace, b: LEDTrace) -> Bool { a.description == b.description }

  /// Creates a trace.
  ///
  /// - Parameters:
  ///   - changes: all changes of the LED, in order of time.
  ///   - start: when the trace begins.
  ///   - now: when it ends.
  init(_ changes: [(time: Monotonic, isLit: Bool)], since start: Monotonic, until now: Monotonic) {
    var begin: Monotonic?
    isLit = changes.last { $0.time <= start }?.isLit ?? false
    for change in changes where change.time > start {
      if let begin { intervals.append((isLit, Int(change.time.since(begin) / 1_000_000))) }
      (begin, isLit) = (change.time, change.isLit)
    }
    lasting = Int(now.since(begin ?? start) / 1_000_000)
  }

  /// Milliseconds: longer than any pattern stays dark, or lit, within a period.
  private static let longestDark = 700
  private static let longestLit = 2100

  /// Returns whether the LED has shown one whole period of the pattern, within tolerance.
  func shows(_ pattern: Board.LED.Pattern) -> Bool {
    switch pattern.times.count {
    case 0: return !isLit && lasting > Self.longestDark
    case 1: return isLit && lasting > Self.longestLit
    default:
      let count = pattern.times.count
      guard intervals.count >= count else { return false }
      return (0...intervals.count - count).contains { first in
        intervals[first].isLit
          && zip(intervals[first..<first + count], pattern.times).allSatisfy { Self.isNear($0.milliseconds, $1) }
      }
    }
  }

  private static func isNear(_ milliseconds: Int, _ wanted: Int) -> Bool {
    abs(milliseconds - wanted) <= max(40, wanted * 3 / 10)
  }

  /// `lit 500 ms, dark 500 ms, now lit for 120 ms`
  public var description: String {
    let last = intervals.suffix(4).map { "\($0.isLit ? "lit" : "dark") \($0.milliseconds) ms" }
    return (last + ["now \(isLit ? "lit" : "dark") for \(lasting) ms"]).joined(separator: ", ")
  }
}
