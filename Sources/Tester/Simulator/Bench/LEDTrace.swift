import Buttons
import Posix

/// How long a LED shone and was dark, since a moment.
public struct LEDTrace: Equatable, Sendable, CustomStringConvertible {
  /// Milliseconds of whole stretches, the first one cut off by the moment and left out.
  private var stretches: [(isLit: Bool, milliseconds: Int)] = []
  /// How it is now, and for how many milliseconds.
  private var isLit = false
  private var lasting = 0

  public static func == (a: LEDTrace, b: LEDTrace) -> Bool { a.description == b.description }

  /// - Parameter changes: in order of time.
  init(_ changes: [(time: Monotonic, isLit: Bool)], since start: Monotonic, until now: Monotonic) {
    var begin: Monotonic?
    isLit = changes.last { $0.time <= start }?.isLit ?? false
    for change in changes where change.time > start {
      if let begin { stretches.append((isLit, Int(change.time.since(begin) / 1_000_000))) }
      (begin, isLit) = (change.time, change.isLit)
    }
    lasting = Int(now.since(begin ?? start) / 1_000_000)
  }

  /// Longer than any pattern is dark, or lit, without being always so.
  private static let longestDark = 700
  private static let longestLit = 2100

  /// Whether it has shown the pattern for a turn: a machine that is slow for a moment is waited for.
  func shows(_ pattern: LEDPattern) -> Bool {
    switch pattern.times.count {
    case 0: return !isLit && lasting > Self.longestDark
    case 1: return isLit && lasting > Self.longestLit
    default:
      let count = pattern.times.count
      guard stretches.count >= count else { return false }
      return (0...stretches.count - count).contains { first in
        stretches[first].isLit
          && zip(stretches[first..<first + count], pattern.times).allSatisfy { Self.isNear($0.milliseconds, $1) }
      }
    }
  }

  private static func isNear(_ milliseconds: Int, _ wanted: Int) -> Bool {
    abs(milliseconds - wanted) <= max(40, wanted * 3 / 10)
  }

  /// `lit 500 ms, dark 500 ms, now lit for 120 ms`
  public var description: String {
    let last = stretches.suffix(4).map { "\($0.isLit ? "lit" : "dark") \($0.milliseconds) ms" }
    return (last + ["now \(isLit ? "lit" : "dark") for \(lasting) ms"]).joined(separator: ", ")
  }
}
