/// How a line is read, as was found out when it was opened.
public enum LineAccess: Equatable, Sendable, CustomStringConvertible {
  /// The kernel wakes the poll: nothing happens while nothing is pressed.
  case edges
  /// It is looked at on a timer.
  case timed(reason: String)

  public var description: String {
    switch self {
    case .edges: "sysfs, edges"
    case .timed(let reason): "sysfs, on a timer (\(reason))"
    }
  }
}
