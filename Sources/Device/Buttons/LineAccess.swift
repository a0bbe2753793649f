/// How a button is read.
public enum LineAccess: Equatable, Sendable, CustomStringConvertible {
  /// Through sysfs, with edges: no wake-up while nothing is pressed.
  case edges
  /// Through sysfs, on a timer, for a reason given for people.
  case timed(reason: String)
  /// Through the GPIO character device, with edges that the kernel time-stamps.
  case character
  /// Through an input device.
  case input

  /// The access in words, for people.
  public var description: String {
    switch self {
    case .edges: "sysfs, edges"
    case .timed(let reason): "sysfs, on a timer (\(reason))"
    case .character: "character device, edges with the kernel's time"
    case .input: "input device"
    }
  }

  /// The access in one word, for statistics: `edge`, `poll`, `chardev`, `input`.
  public var path: String {
    switch self {
    case .edges: "edge"
    case .timed: "poll"
    case .character: "chardev"
    case .input: "input"
    }
  }
}
