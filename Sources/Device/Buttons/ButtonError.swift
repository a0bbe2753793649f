import Glibc
import Posix

/// Why a button cannot be read: one line, with what to do.
public enum ButtonError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kernel shows no GPIO lines there.
  case noGPIO(root: String, SystemError)
  case noChip(label: String, root: String, labels: [String])
  case severalChips(label: String, root: String, directories: [String])
  case noLine(Int, chip: String, count: Int)
  /// A file of the chip that holds no number.
  case notANumber(path: String)
  /// No chip has a character device that may be opened.
  case noCharacterDevice(SystemError)
  /// The same line stands twice in the configuration, at these places.
  case twice(chip: String, line: Int, Int, Int)
  case interval(name: String, milliseconds: Int, least: Int)
  /// A driver of the kernel or another program has the line.
  case busy(chip: String, line: Int)
  /// The line cannot be set up.
  case setUp(chip: String, line: Int, SystemError)
  /// The line was in use, and is no more.
  case lost(chip: String, line: Int, SystemError)
  /// An input device is not there, or not to be had; it is looked for on and on.
  case noDevice(device: String, SystemError)

  public var description: String {
    switch self {
    case .noGPIO(let root, let error):
      return "\(root): no GPIO lines here (\(error)): the kernel needs CONFIG_GPIO_SYSFS, or name another root"
    case .noChip(let label, let root, let labels):
      let known = labels.isEmpty ? "no chip at all" : labels.map { "'\($0)'" }.joined(separator: ", ")
      return "\(root): no GPIO chip '\(label)': there is \(known): correct the chip in the board file"
    case .severalChips(let label, let root, let directories):
      return "\(root): \(directories.count) GPIO chips are called '\(label)' (\(directories.joined(separator: ", "))): "
        + "which one is meant cannot be told"
    case .noLine(let line, let chip, let count):
      return "GPIO chip '\(chip)' has no line \(line): its lines are 0 to \(count - 1)"
    case .notANumber(let path):
      return "\(path): is not a number: is this a directory of GPIO chips?"
    case .noCharacterDevice(let error):
      return "no GPIO character device: \(error): the kernel needs CONFIG_GPIO_CDEV, and this user the group gpio; "
        + "only such a device sets pulls"
    case .twice(let chip, let line, let first, let second):
      return "line \(line) of '\(chip)' is configured twice, as buttons \(first + 1) and \(second + 1)"
    case .interval(let name, let milliseconds, let least):
      return "\(name) of the buttons is \(milliseconds) ms, it must be \(least) or more"
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
        case ENOENT, ENODEV, ENXIO: "plug it in; `ls /dev/input/by-id` lists those that are there"
        case EACCES, EPERM: "this user needs the group input"
        case EBUSY: "another program has grabbed it: stop that one"
        case ENOTTY: "it is no input device: correct the board file"
        default: "plug it in again"
        }
      return "input device \(device): \(error.cause): \(hint)"
    }
  }
}
