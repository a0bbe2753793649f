import Board
import CLinux
import Glibc
import Posix

/// An open input device (evdev), grabbed so that its keys reach no other program.
///
/// A FIFO that carries `struct input_event` is accepted too; it cannot be grabbed, and its key state cannot be read.
final class InputDevice {
  /// A key that was pressed or released.
  struct Change: Equatable, Sendable {
    /// The key code, as in `linux/input-event-codes.h`.
    var code: Int
    /// Whether the key is down.
    var isDown: Bool
    /// When the key changed.
    var time: Monotonic
  }

  private let descriptor: FileDescriptor
  /// Whether the kernel time-stamps events with CLOCK_MONOTONIC.
  private let hasClock: Bool
  private var reader = RecordReader<input_event>()
  /// Whether the kernel's buffer overflowed: events are incomplete until SYN_REPORT.
  private var isDropping = false

  /// Opens and grabs a device. EVIOCGRAB, EVIOCSCLOCKID
  ///
  /// - Throws: `ButtonError.noDevice`.
  init(_ input: Board.Input, _ paths: KernelPaths) throws(ButtonError) {
    do throws(SystemError) {
      let path = try Self.path(of: input, paths)
      let descriptor = try FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK)
      let raw = descriptor.raw
      var status = stat()
      try posix("stat", path: path) { fstat(raw, &status) }
      switch status.st_mode & S_IFMT {
      case S_IFCHR: try posix("grab", path: path) { fw_input_grab(raw) }
      case S_IFIFO: break
      default: throw SystemError("grab", path: path, code: ENOTTY)
      }
      hasClock = fw_input_clock(raw, CLOCK_MONOTONIC) == 0
      self.descriptor = descriptor
    } catch {
      throw .noDevice(device: "\(input)", error)
    }
  }

  /// Returns the path of a device. A name is looked up in the kernel's list, as event numbers change at each plug-in.
  ///
  /// - Throws: ENOENT where no device has the name.
  static func path(of input: Board.Input, _ paths: KernelPaths) throws(SystemError) -> String {
    if let path = input.device { return path }
    for event in try Files.list(paths.inputs) where event.hasPrefix("event") {
      if (try? Sysfs.read("\(paths.inputs)/\(event)/device/name")) == input.name {
        return "\(paths.devices)/input/\(event)"
      }
    }
    throw SystemError("find", path: paths.inputs, code: ENOENT)
  }

  /// The descriptor, for poll(2) with POLLIN.
  var raw: CInt { descriptor.raw }

  /// Returns the keys that were pressed or released since the last call, in order.
  ///
  /// - Throws: ENODEV when the device is gone.
  func read(now: Monotonic) throws(SystemError) -> [Change] {
    var changes: [Change] = []
    for var event in try reader.read(descriptor) {
      let time = hasClock ? min(now, Monotonic(nanoseconds: fw_input_nanoseconds(&event))) : now
      switch (Int32(event.type), Int32(event.code)) {
      case (EV_SYN, SYN_DROPPED):
        isDropping = true
      case (EV_SYN, SYN_REPORT):
        if isDropping { changes += everyKey(now) }
        isDropping = false
      // The value 2 is the automatic repeat of a key that is down.
      case (EV_KEY, let code) where !isDropping && event.value != 2:
        changes.append(Change(code: Int(code), isDown: event.value != 0, time: time))
      default: break
      }
    }
    return changes
  }

  /// Returns whether a key is down now; nil where the device cannot say. EVIOCGKEY
  func isDown(_ code: Int) -> Bool? { keys().map { $0[code / 8] >> UInt8(code % 8) & 1 == 1 } }

  private func keys() -> [UInt8]? {
    var bits = [UInt8](repeating: 0, count: (Int(KEY_MAX) + 8) / 8)
    return fw_input_keys(descriptor.raw, &bits, CInt(bits.count)) < 0 ? nil : bits
  }

  /// Returns the state of all keys, for use after events were dropped.
  private func everyKey(_ now: Monotonic) -> [Change] {
    guard let bits = keys() else { return [] }
    return (0...Int(KEY_MAX)).map { Change(code: $0, isDown: bits[$0 / 8] >> UInt8($0 % 8) & 1 == 1, time: now) }
  }
}
