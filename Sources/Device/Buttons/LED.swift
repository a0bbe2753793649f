import CLinux
import Glibc
import Posix

/// An LED that can be switched on and off.
protocol LED: AnyObject {
  /// Switches the LED on or off.
  func set(_ isLit: Bool) throws(SystemError)
}

/// An LED that the kernel knows by name: `/sys/class/leds/NAME`.
final class NamedLED: LED {
  private let brightness: FileDescriptor
  private let path: String
  private let maximumBrightness: String

  /// Opens the LED and removes its trigger, such as that of the SD card, which would overwrite each brightness.
  init(_ name: String, root: String) throws(SystemError) {
    let directory = "\(root)/\(name)"
    path = "\(directory)/brightness"
    maximumBrightness = (try? Sysfs.read("\(directory)/max_brightness")) ?? "1"
    brightness = try FileDescriptor(opening: path, O_WRONLY)
    do throws(SystemError) {
      try Sysfs.write("none", to: "\(directory)/trigger")
    } catch {
      // An LED without triggers has no such file.
      if error.code != ENOENT { throw error }
    }
  }

  func set(_ isLit: Bool) throws(SystemError) {
    do throws(SystemError) { try brightness.write((isLit ? maximumBrightness : "0").utf8) } catch {
      throw SystemError(error.operation, path: path, code: error.code)
    }
  }
}

/// An LED on an output line, through sysfs.
final class SysfsLED: LED {
  /// Keeps the line exported for as long as the LED exists.
  private let export: SysfsExport
  private let direction: FileDescriptor
  private let path: String
  private let isInverted: Bool

  /// Makes the line an output, dark.
  ///
  /// - Parameters:
  ///   - export: the line.
  ///   - isInverted: whether a low level lights the LED.
  init(_ export: SysfsExport, isInverted: Bool) throws(SystemError) {
    self.export = export
    self.isInverted = isInverted
    path = "\(export.directory)/direction"
    direction = try Sysfs.retry { [path] () throws(SystemError) in try FileDescriptor(opening: path, O_WRONLY) }
    try set(false)
  }

  /// Writes to `direction`: `high` and `low` set the level of the wire, whatever `active_low` says, and make the line an
  /// output without a glitch.
  func set(_ isLit: Bool) throws(SystemError) {
    do throws(SystemError) { try direction.write((isLit != isInverted ? "high" : "low").utf8) } catch {
      throw SystemError(error.operation, path: path, code: error.code)
    }
  }
}

/// An LED on an output line, through the chip's character device.
final class CharacterLED: LED {
  private let line: FileDescriptor
  private let isInverted: Bool

  /// Requests the line as an output, dark. GPIO_V2_GET_LINE_IOCTL
  ///
  /// - Parameters:
  ///   - offset: offset of the line on its chip.
  ///   - device: the path of the chip's character device.
  ///   - isInverted: whether a low level lights the LED.
  init(_ offset: Int, of device: String, isInverted: Bool) throws(SystemError) {
    self.isInverted = isInverted
    let chip = try FileDescriptor(opening: device, O_RDWR)
    let raw = chip.raw
    let offsets = [UInt32(offset)]
    line = FileDescriptor(
      owning: try posix("request the line", path: device) {
        fw_gpio_request(
          raw, offsets, 1, UInt64(GPIO_V2_LINE_FLAG_OUTPUT.rawValue), 0, isInverted ? 1 : 0, "firstword-led")
      })
  }

  /// GPIO_V2_LINE_SET_VALUES_IOCTL
  func set(_ isLit: Bool) throws(SystemError) {
    let raw = line.raw
    try posix("set a level") { fw_gpio_set_levels(raw, 1, isLit != isInverted ? 1 : 0) }
  }
}
