import Posix

/// A button was pressed or let go.
public struct ButtonEvent: Equatable, Sendable {
  public enum Kind: Equatable, Sendable { case pressed, released }

  /// Which of the configured lines, from 0.
  public var index: Int
  public var kind: Kind
  /// When it was noticed: the wake-up of the poll, the timed look, or the source's own time stamp.
  public var time: Monotonic

  public init(index: Int, kind: Kind, time: Monotonic) {
    self.index = index
    self.kind = kind
    self.time = time
  }
}

/// A line that failed while it was in use. It is told once; the other lines go on.
public struct ButtonFailure: Equatable, Sendable {
  /// Which of the configured lines, from 0.
  public var index: Int
  public var error: ButtonError
  public var time: Monotonic
}
