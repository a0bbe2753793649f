import Glibc
import Posix

/// The reason why a button cannot be read.
public enum ButtonError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The directory exposes no GPIO lines.
  case noGPIO(root: String, SystemError)
  /// No chip has the label.
  case noChip(label: String, root: String, labels: [String])
  /// Several chips have the label.
  case ambiguousChip(label: String, root: String, directories: [String])
  /// The chip has only `count` lines.
  case noLine(Int, chip: String, count: Int)
  /// A file of the chip holds no number.
  case notANumber(path: String)
  /// No character device of a chip can be opened.
  case noCharacterDevice(SystemError)
  /// Two buttons, with these indices, have the same line.
  case duplicateLine(chip: String, line: Int, Int, Int)
  /// An interval of the configuration is too short.
  case interval(name: String, milliseconds: Int, minimum: Int)
  /// The line is in use by a kernel driver or another program.
  case busy(chip: String, line: Int)
  /// The line cannot be configured.
  case setUp(chip: String, line: Int, SystemError)
  /// The line failed during use.
  case lost(chip: String, line: Int, SystemError)
  /// An input device is unavailable; it is retried until it appears.
  case noDevice(device: String, SystemError)

  /// The reason on one line, with the remedy.
  public var description: String {
    switch self {
    case .noGPIO(let root, let error):
      return "\(root): no GPIO lines here (\(error)): the kernel needs CONFIG_GPIO_SYSFS, or name another root"
    case .noChip(let label, let root, let labels):
      let known = labels.isEmpty ? "no chip at all" : labels.map { "'\($0)'" }.joined(separator: ", ")
      return "\(root): no GPIO chip '\(label)': there is \(known): correct the chip in the board file"
    case .ambiguousChip(let label, let root, let directories):
      return "\(root): \(directories.count) GPIO chips have the label '\(label)' "
        + "(\(directories.joined(separator: ", "))): the label must be unique"
    case .noLine(let line, let chip, let count):
      return "GPIO chip '\(chip)' has no line \(line): its lines are 0 to \(count - 1)"
    case .notANumber(let path):
      return "\(path): is not a number: is this a directory of GPIO chips?"
    case .noCharacterDevice(let error):
      return "no GPIO character device: \(error): the kernel needs CONFIG_GPIO_CDEV, and this user the group gpio; "
        + "only such a device sets pulls"
    case .duplicateLine(let chip, let line, let first, let second):
      return "line \(line) of '\(chip)' is configured twice, as buttons \(first + 1) and \(second + 1)"
    case .interval(let name, let milliseconds, let minimum):
      return "\(name) of the buttons is \(milliseconds) ms, it must be \(minimum) or more"
    case .busy(let chip, let line):
      return "line \(line) of '\(chip)' is in use by a driver or another program: free it, wire another line, or, "
        + "where the driver is gpio-keys, read it as an input device"
    case .setUp(let chip, let line, let error):
      return "line \(line) of '\(chip)' cannot be set up: \(error)"
    case .lost(let chip, let line, let error):
      return "line \(line) of '\(chip)' is lost: \(error)"
    case .noDevice(let device, let error):
      let hint =
        switch error.code {
        case ENOENT, ENODEV, ENXIO: "plug it in; `ls /dev/input/by-id` lists the devices"
        case EACCES, EPERM: "this user needs the group input"
        case EBUSY: "another program has grabbed it: stop that program"
        case ENOTTY: "it is not an input device: correct the board file"
        default: "plug it in again"
        }
      return "input device \(device): \(error.cause): \(hint)"
    }
  }
}
