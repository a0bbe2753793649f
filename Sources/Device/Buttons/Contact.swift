import Posix

/// One button over time: a debouncer, long presses and stuck buttons. Time is a parameter; there is no clock inside.
struct Contact: Equatable, Sendable {
  /// The time limits of a button.
  struct Limits: Equatable, Sendable {
    /// Milliseconds after a change during which further changes are bounce.
    var lockout: Int
    /// Milliseconds after which a press is a long press; nil where long presses are not reported.
    var hold: Int?
    /// Milliseconds after which the button is stuck; nil for never.
    var stuck: Int?
  }

  private let limits: Limits
  /// The debounced state.
  private(set) var debouncer: Debouncer
  /// Whether the long press has been reported.
  private var isHeld = false
  /// Whether the button is stuck.
  private(set) var isStuck = false

  /// Creates a button in a known state.
  init(_ limits: Limits, isDown: Bool, at time: Monotonic) {
    self.limits = limits
    debouncer = Debouncer(lockout: limits.lockout, isDown: isDown, at: time)
  }

  private var isDown: Bool { debouncer.state != .up }

  private var holdEnd: Monotonic? {
    guard debouncer.state == .down, !isHeld, !isStuck, let hold = limits.hold else { return nil }
    return debouncer.since.adding(milliseconds: hold)
  }

  private var stuckEnd: Monotonic? {
    guard isDown, !isStuck, let stuck = limits.stuck else { return nil }
    return debouncer.since.adding(milliseconds: stuck)
  }

  /// When `pass` must be called although the contact does not change; nil for never.
  var deadline: Monotonic? { [debouncer.deadline, holdEnd, stuckEnd].compactMap { $0 }.min() }

  /// Whether a lock-out has ended, so that the contact should be read.
  func needsRead(at time: Monotonic) -> Bool { debouncer.deadline.map { time >= $0 } ?? false }

  /// Records the state of the contact at a time, and returns the events in their order.
  mutating func observe(_ isDown: Bool, at time: Monotonic) -> [ButtonEvent.Kind] {
    // A long press or a stuck button is reported before its release.
    elapse(until: time) + change { $0.observe(isDown, at: time) }
  }

  /// Records that time has passed without a reading, and returns the events in their order.
  mutating func pass(at time: Monotonic) -> [ButtonEvent.Kind] { elapse(until: time) + change { $0.settle(at: time) } }

  private mutating func elapse(until time: Monotonic) -> [ButtonEvent.Kind] {
    var kinds: [ButtonEvent.Kind] = []
    if let end = holdEnd, time >= end {
      isHeld = true
      kinds.append(.held)
    }
    if let end = stuckEnd, time >= end {
      isStuck = true
      kinds.append(.stuck)
    }
    return kinds
  }

  private mutating func change(_ change: (inout Debouncer) -> ButtonEvent.Kind?) -> [ButtonEvent.Kind] {
    let before = debouncer.state
    var kinds = change(&debouncer).map { [$0] } ?? []
    if before != .up, debouncer.state == .up {
      if isStuck { kinds.append(.freed) }
      isStuck = false
      isHeld = false
    }
    return kinds
  }
}
