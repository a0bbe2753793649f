/// How a button is read, as was found out when it was opened.
public enum LineAccess: Equatable, Sendable, CustomStringConvertible {
  /// sysfs; the kernel wakes the poll: nothing happens while nothing is pressed.
  case edges
  /// sysfs; it is looked at on a timer.
  case timed(reason: String)
  /// The GPIO character device: the kernel wakes the poll and stamps each edge.
  case character
  /// An input device, as an event of its own.
  case input

  public var description: String {
    switch self {
    case .edges: "sysfs, edges"
    case .timed(let reason): "sysfs, on a timer (\(reason))"
    case .character: "character device, edges with the kernel's time"
    case .input: "input device"
    }
  }

  /// One word for statistics: `edge`, `poll`, `chardev`, `input`.
  public var path: String {
    switch self {
    case .edges: "edge"
    case .timed: "poll"
    case .character: "chardev"
    case .input: "input"
    }
  }
}
