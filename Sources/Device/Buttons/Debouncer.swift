import Posix

/// Turns readings of one contact into presses and releases. Time is a parameter; there is no clock inside.
///
/// The leading edge acts at once: the first reading of a closed contact is a press. Each event starts a lock-out,
/// during which changes count as bounce and are only remembered. At the end of the lock-out the last reading decides:
/// a release (or a new press) in the lock-out is reported late but never lost, and bounce never turns one press into
/// two. Presses and releases alternate, starting with a press.
///
/// A contact that is closed at the start is *held*: neither that nor its first release is an event.
public struct Debouncer: Equatable, Sendable {
  /// The debounced state of a contact.
  public enum State: Equatable, Sendable {
    /// Open.
    case up
    /// Closed.
    case down
    /// Closed since before the start: no press is possible until it has been open.
    case held
  }

  /// The state as reported.
  public private(set) var state: State
  /// When the contact entered `state`.
  public private(set) var since: Monotonic
  /// The end of the lock-out, when `settle` must be called; nil outside a lock-out.
  public private(set) var deadline: Monotonic?

  private let lockout: Int
  /// The last reading.
  private var isDown: Bool

  /// Creates a debouncer.
  ///
  /// - Parameters:
  ///   - lockout: milliseconds; 0 accepts every change.
  ///   - isDown: whether the contact is closed at the start.
  ///   - time: the time of the start.
  public init(lockout: Int, isDown: Bool, at time: Monotonic) {
    self.lockout = lockout
    self.isDown = isDown
    state = isDown ? .held : .up
    since = time
  }

  /// Records a reading and returns the event, if any.
  ///
  /// - Parameters:
  ///   - isDown: whether the contact is closed.
  ///   - time: when it was; never earlier than in the call before.
  /// - Returns: `.pressed`, `.released` or nil.
  public mutating func observe(_ isDown: Bool, at time: Monotonic) -> ButtonEvent.Kind? {
    // A change that was delayed by the lock-out comes first: this reading could hide it.
    let delayed = settle(at: time)
    self.isDown = isDown
    return delayed ?? settle(at: time)
  }

  /// Records that time has passed without a reading. Returns the change that the lock-out delayed, if it has ended.
  public mutating func settle(at time: Monotonic) -> ButtonEvent.Kind? {
    if let deadline {
      if time < deadline { return nil }
      self.deadline = nil
    }
    switch (state, isDown) {
    case (.up, true): return become(.down, at: time, reporting: .pressed)
    case (.down, false): return become(.up, at: time, reporting: .released)
    // The lock-out that follows keeps its bounce from being a press.
    case (.held, false): return become(.up, at: time, reporting: nil)
    case (.up, false), (.down, true), (.held, true): return nil
    }
  }

  private mutating func become(
    _ state: State, at time: Monotonic, reporting kind: ButtonEvent.Kind?
  ) -> ButtonEvent.Kind? {
    self.state = state
    since = time
    if lockout > 0 { deadline = time.adding(milliseconds: lockout) }
    return kind
  }
}
