import Posix

/// Something happened to a button.
public struct ButtonEvent: Equatable, Sendable {
  public enum Kind: Equatable, Sendable {
    case pressed
    case released
    /// A long press: it is still down. Told once, and only where the configuration asks for it.
    case held
    /// It has been down for longer than any finger stays, or since before anybody looked. Told once; it says nothing
    /// more until it has been let go.
    case stuck
    /// A stuck button was let go: it is a button again.
    case freed
  }

  /// Which of the configured buttons, from 0.
  public var index: Int
  public var kind: Kind
  /// When it was noticed: the source's own time stamp where it has one, else the wake-up or the timed look.
  public var time: Monotonic

  public init(index: Int, kind: Kind, time: Monotonic) {
    self.index = index
    self.kind = kind
    self.time = time
  }
}

/// A line that failed while it was in use. It is told once; the other lines go on.
public struct ButtonFailure: Equatable, Sendable {
  /// Which of the configured buttons, from 0.
  public var index: Int
  public var error: ButtonError
  public var time: Monotonic
}

/// An input device was lost, or is there again.
public struct DeviceChange: Equatable, Sendable {
  /// Which of the configured input devices, from 0.
  public var input: Int
  /// Why it is lost; `nil` where it is there.
  public var error: ButtonError?
}
