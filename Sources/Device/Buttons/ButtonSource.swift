import Posix

/// A source of button readings. It reports whether contacts are closed; `ButtonPanel` turns that into events.
///
/// A sysfs line has its own descriptor or timer. A character device has one descriptor for many lines and time-stamps
/// each edge; an input device has one descriptor for many keys, and may be unplugged and return.
protocol ButtonSource: AnyObject {
  /// Indices of the buttons that this source reads.
  var indices: [Int] { get }

  /// Returns how a button is read.
  func access(of index: Int) -> LineAccess

  /// Adds the descriptors to wait for, and remembers their places. A timed source adds none.
  func register(in poll: inout Poll)

  /// When `readings` must be called although no descriptor is ready; nil for never.
  var deadline: Monotonic? { get }

  /// Returns the readings since the last call, in order of time.
  ///
  /// Called after a poll for which `register` was called.
  ///
  /// - Throws: `ButtonError` where all buttons of the source have failed. The source is not called again.
  func readings(after poll: Poll, now: Monotonic) throws(ButtonError) -> [ButtonReading]

  /// Reads whether a button is down now; nil where that is unknown.
  ///
  /// Called at the start, and to verify the state at the end of a lock-out.
  func isDown(at index: Int) throws(ButtonError) -> Bool?

  /// Returns losses and returns of the device since the last call, for a source that survives the loss of its device.
  func takeChanges() -> [DeviceChange]
}

extension ButtonSource {
  func takeChanges() -> [DeviceChange] { [] }
}

/// The state of a contact at a time.
struct ButtonReading: Equatable, Sendable {
  /// Index of the button in the configuration.
  var index: Int
  /// Whether the contact is closed.
  var isDown: Bool
  /// When the contact was in this state.
  var time: Monotonic
}
