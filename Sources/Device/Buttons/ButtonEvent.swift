import Posix

/// A change of a button.
public struct ButtonEvent: Equatable, Sendable {
  /// The kind of change.
  public enum Kind: Equatable, Sendable {
    /// The button was pressed.
    case pressed
    /// The button was released.
    case released
    /// A long press: the button is still down. Reported once for each press, and only where the configuration asks
    /// for it.
    case held
    /// The button has been down for longer than any press lasts, possibly since before the start. Reported once; no
    /// further event follows until the button is released.
    case stuck
    /// A stuck button was released and works again.
    case freed
  }

  /// Index of the button in the configuration, from 0.
  public var index: Int
  /// What changed.
  public var kind: Kind
  /// The time of the change: the kernel's time stamp where the source has one, else the time of the wake-up or read.
  public var time: Monotonic

  /// Creates an event.
  public init(index: Int, kind: Kind, time: Monotonic) {
    self.index = index
    self.kind = kind
    self.time = time
  }
}

/// The failure of a line during use. It is reported once; the other lines keep working.
public struct ButtonFailure: Equatable, Sendable {
  /// Index of the button in the configuration, from 0.
  public var index: Int
  /// Why the line failed.
  public var error: ButtonError
  /// When the failure was noticed.
  public var time: Monotonic
}

/// The loss or return of an input device.
public struct DeviceChange: Equatable, Sendable {
  /// Index of the input device in the configuration, from 0.
  public var input: Int
  /// Why the device is unavailable; nil where it is available.
  public var error: ButtonError?
}
