import CLinux
import Glibc
import Posix

/// One LED that can be lit and put out.
protocol LED: AnyObject {
  func set(_ isLit: Bool) throws(SystemError)
}

/// A LED that the kernel knows by name: `/sys/class/leds/NAME`.
final class NamedLED: LED {
  private let brightness: FileDescriptor
  private let path: String
  private let brightest: String

  /// Takes it from the trigger that it has, such as that of the SD card: it would overwrite each brightness.
  init(_ name: String, root: String) throws(SystemError) {
    let directory = "\(root)/\(name)"
    path = "\(directory)/brightness"
    brightest = (try? Sysfs.read("\(directory)/max_brightness")) ?? "1"
    brightness = try FileDescriptor(opening: path, O_WRONLY)
    do throws(SystemError) {
      try Sysfs.write("none", to: "\(directory)/trigger")
    } catch {
      // A LED without triggers has no such file.
      if error.code != ENOENT { throw error }
    }
  }

  func set(_ isLit: Bool) throws(SystemError) {
    do throws(SystemError) { try brightness.write((isLit ? brightest : "0").utf8) } catch {
      throw SystemError(error.operation, path: path, code: error.code)
    }
  }
}

/// A LED on an output line, through sysfs.
final class SysfsLED: LED {
  /// Keeps the line until it ends.
  private let export: SysfsExport
  private let direction: FileDescriptor
  private let path: String
  private let isInverted: Bool

  init(_ export: SysfsExport, isInverted: Bool) throws(SystemError) {
    self.export = export
    self.isInverted = isInverted
    path = "\(export.directory)/direction"
    direction = try Sysfs.retry { [path] () throws(SystemError) in try FileDescriptor(opening: path, O_WRONLY) }
    try set(false)
  }

  /// `high` and `low` are levels of the wire, whatever `active_low` says, and make it an output without a flash.
  func set(_ isLit: Bool) throws(SystemError) {
    do throws(SystemError) { try direction.write((isLit != isInverted ? "high" : "low").utf8) } catch {
      throw SystemError(error.operation, path: path, code: error.code)
    }
  }
}

/// A LED on an output line, through the chip's character device.
final class CharacterLED: LED {
  private let line: FileDescriptor
  private let isInverted: Bool

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
