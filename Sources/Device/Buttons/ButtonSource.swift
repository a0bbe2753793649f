import Posix

/// A place where buttons come from. It tells levels; what they mean, `ButtonPanel` decides.
///
/// A line of sysfs has a descriptor or a timer of its own; a character device has one descriptor for many lines and
/// stamps each edge itself, an input device one for many keys, and it may go and come.
protocol ButtonSource: AnyObject {
  /// The configured lines that it tells of.
  var indices: [Int] { get }

  /// How it reads a line, for people.
  func access(of index: Int) -> LineAccess

  /// Adds the descriptors to wait for, and remembers their places. None for a source that is looked at on a timer.
  func register(in poll: inout Poll)

  /// When it wants to be looked at even if no descriptor answers; `nil` for never.
  var deadline: Monotonic? { get }

  /// The levels since the last call, in order of time: after a poll that `register` was called for. After an error
  /// it is not asked again, and all its lines have failed.
  func levels(after poll: Poll, now: Monotonic) throws(ButtonError) -> [ButtonLevel]

  /// The level of one line now, at the start and to be sure of it when a lock-out ends; `nil` where that cannot be
  /// asked.
  func look(at index: Int) throws(ButtonError) -> Bool?

  /// Comings and goings since the last call: of a source that is not given up when its device is gone.
  func takeChanges() -> [DeviceChange]
}

extension ButtonSource {
  func takeChanges() -> [DeviceChange] { [] }
}

/// A contact was closed or open at a time.
struct ButtonLevel: Equatable, Sendable {
  var index: Int
  var isDown: Bool
  var time: Monotonic
}
