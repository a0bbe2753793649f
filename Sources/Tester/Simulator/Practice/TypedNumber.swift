import Board
import Posix

/// The number that is being typed on a number pad, to show it: two digits, or `*` and two digits.
///
/// It follows the same rules as the device: a number that is not completed in time is dropped.
public struct TypedNumber: Equatable, Sendable {
  /// Maximum milliseconds between two keys.
  private let limit: Int
  private var keys: [Button] = []
  /// When the number is no longer shown; `nil` if nothing is shown.
  public private(set) var deadline: Monotonic?

  /// Creates a number without digits.
  ///
  /// - Parameter limit: maximum milliseconds between two keys.
  public init(limit: Int) { self.limit = limit }

  /// Takes a press at a time. Any button other than a digit and `*` drops the number.
  public mutating func press(_ button: Button, at time: Monotonic) {
    pass(time)
    switch button {
    case .star: keys = [button]
    case .digit: keys = isComplete ? [button] : keys + [button]
    case .control, .prompt: keys = []
    }
    deadline = keys.isEmpty ? nil : time.adding(milliseconds: limit)
  }

  /// Takes the time: drops a number that was not completed in time, and one that was shown for as long.
  public mutating func pass(_ time: Monotonic) {
    if let deadline, time >= deadline { (keys, self.deadline) = ([], nil) }
  }

  /// The keys so far, with a line for each digit that is missing: `* 2 _`; empty if nothing is typed.
  public var text: String {
    if keys.isEmpty { return "" }
    let missing = Array(repeating: "_", count: max(0, 2 - digits))
    return (keys.map(\.description) + missing).joined(separator: " ")
  }

  private var digits: Int { keys.count { $0 != .star } }
  private var isComplete: Bool { digits == 2 }
}
