import Posix

/// The kernel's state of a GPIO line, and the level that drives it from outside.
struct SysfsLine: Sendable {
  /// The value of the file `edge`.
  enum Edge: String, CaseIterable, Sendable { case none, rising, falling, both }

  /// One export of the line.
  struct Export: Sendable {
    /// When the line was exported.
    let time: Monotonic
    /// Distinguishes exports of the same line: files of an earlier export stay invalid.
    let number: UInt64
  }

  /// The level that drives the line from outside.
  var outside: Bool
  /// Whether the line is an output.
  var isOutput = false
  /// The level that the chip drives if the line is an output.
  var latch = false
  /// Whether the file `value` is inverted.
  var activeLow = false
  /// The edges that count as events.
  var edge = Edge.none
  /// The current export; `nil` if the line is not exported.
  var export: Export?
  /// Number of events, plus 1, as in kernfs: an open file that was never read has seen 0.
  private(set) var edges: UInt64 = 1
  /// Number of changes of the level, plus 1.
  private(set) var changes: UInt64 = 1

  init(outside: Bool) { self.outside = outside }

  /// The level of the line.
  var level: Bool { isOutput ? latch : outside }

  /// Changes the line and counts the edge that follows. Every change that can affect the level uses this method.
  mutating func change(_ body: (inout SysfsLine) -> Void) {
    let before = level
    body(&self)
    guard level != before else { return }
    changes += 1
    // active_low inverts the sense of an edge as it inverts the value.
    let rises = level != activeLow
    switch edge {
    case .none: break
    case .rising: if rises { edges += 1 }
    case .falling: if !rises { edges += 1 }
    case .both: edges += 1
    }
  }
}
