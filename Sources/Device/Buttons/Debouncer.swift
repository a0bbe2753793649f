import Posix

/// Levels of one contact to presses and releases. A pure function of what it has been told.
///
/// The leading edge acts at once: a press is reported by the first level that shows it. Each report starts a
/// lock-out, in which further changes are taken for chatter and only remembered. When the lock-out ends, the level
/// last seen decides: so a release (or a new press) in the lock-out is reported late, never lost, and chatter never
/// makes two presses of one. Presses and releases alternate, a press first.
///
/// A contact that is closed at the start is *held*: no press, and its first release is none either.
public struct Debouncer: Equatable, Sendable {
  public enum State: Equatable, Sendable {
    case up
    case down
    /// Down since before anybody looked: it counts as up that cannot be pressed.
    case held
  }

  /// What has been reported.
  public private(set) var state: State
  /// When it became so: how long a button has been down, for a long press or a stuck one.
  public private(set) var since: Monotonic
  /// The end of a lock-out, at which `settle` wants to be called; `nil` when nothing is pending.
  public private(set) var deadline: Monotonic?

  private let lockout: Int
  /// The level last seen.
  private var isDown: Bool

  /// - Parameters:
  ///   - lockout: milliseconds; 0 takes every change.
  ///   - isDown: whether the contact is closed now.
  public init(lockout: Int, isDown: Bool, at time: Monotonic) {
    self.lockout = lockout
    self.isDown = isDown
    state = isDown ? .held : .up
    since = time
  }

  /// The level at a time, seen by an edge or by a look; times never go back. What it means, if anything.
  public mutating func see(_ isDown: Bool, at time: Monotonic) -> ButtonEvent.Kind? {
    // A change that waited for the end of the lock-out comes first: what is seen now may hide it.
    let waited = settle(at: time)
    self.isDown = isDown
    return waited ?? settle(at: time)
  }

  /// Time has passed with no further level: what waited for the end of the lock-out, if that has come.
  public mutating func settle(at time: Monotonic) -> ButtonEvent.Kind? {
    if let deadline {
      if time < deadline { return nil }
      self.deadline = nil
    }
    switch (state, isDown) {
    case (.up, true): return become(.down, at: time, telling: .pressed)
    case (.down, false): return become(.up, at: time, telling: .released)
    // Its chatter must not be a press either.
    case (.held, false): return become(.up, at: time, telling: nil)
    case (.up, false), (.down, true), (.held, true): return nil
    }
  }

  private mutating func become(
    _ state: State, at time: Monotonic, telling kind: ButtonEvent.Kind?
  ) -> ButtonEvent.Kind? {
    self.state = state
    since = time
    if lockout > 0 { deadline = time.adding(milliseconds: lockout) }
    return kind
  }
}
