import Posix

/// One button in time: what the debouncer reports, and how long it stays down. A pure function of what it was told.
struct Contact: Equatable, Sendable {
  struct Limits: Equatable, Sendable {
    /// Milliseconds.
    var lockout: Int
    /// Milliseconds until a press is a long one; `nil` where nobody asks.
    var hold: Int?
    /// Milliseconds until it is taken for stuck; `nil` for never.
    var stuck: Int?
  }

  private let limits: Limits
  private(set) var debouncer: Debouncer
  private var isHeld = false
  private(set) var isStuck = false

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

  /// When `pass` has something to tell, though no level changes; `nil` for never.
  var deadline: Monotonic? { [debouncer.deadline, holdEnd, stuckEnd].compactMap { $0 }.min() }

  /// Whether a lock-out has ended, so that the level is to be looked at.
  func wantsLook(at time: Monotonic) -> Bool { debouncer.deadline.map { time >= $0 } ?? false }

  mutating func see(_ isDown: Bool, at time: Monotonic) -> [ButtonEvent.Kind] {
    // What its duration says comes before what ends it.
    waited(until: time) + report { $0.see(isDown, at: time) }
  }

  /// Time has passed with no further level.
  mutating func pass(at time: Monotonic) -> [ButtonEvent.Kind] { waited(until: time) + report { $0.settle(at: time) } }

  private mutating func waited(until time: Monotonic) -> [ButtonEvent.Kind] {
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

  private mutating func report(_ change: (inout Debouncer) -> ButtonEvent.Kind?) -> [ButtonEvent.Kind] {
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
