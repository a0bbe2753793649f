import CLinux
import Glibc
import Posix

/// An open input device (evdev), grabbed so that its keys reach nobody else.
///
/// A FIFO that a program writes `struct input_event` into is read as one too; it cannot be grabbed or asked.
final class InputDevice {
  struct Change: Equatable, Sendable {
    var code: Int
    var isDown: Bool
    var time: Monotonic
  }

  private let descriptor: FileDescriptor
  /// The kernel stamps events with CLOCK_MONOTONIC.
  private let hasClock: Bool
  private var reader = RecordReader<input_event>()
  /// The kernel's buffer ran over: what comes until the next report is no whole story.
  private var isDropping = false

  init(_ device: InputConfiguration.Device, _ places: KernelPlaces) throws(ButtonError) {
    do throws(SystemError) {
      let path = try Self.path(of: device, places)
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
      throw .noDevice(device: "\(device)", error)
    }
  }

  /// A name is looked up in the kernel's list, as its numbers change with every plug.
  static func path(of device: InputConfiguration.Device, _ places: KernelPlaces) throws(SystemError) -> String {
    switch device {
    case .path(let path): return path
    case .name(let name):
      for event in try Files.list(places.inputs) where event.hasPrefix("event") {
        if (try? Sysfs.read("\(places.inputs)/\(event)/device/name")) == name {
          return "\(places.devices)/input/\(event)"
        }
      }
      throw SystemError("find", path: places.inputs, code: ENOENT)
    }
  }

  /// poll(2) it for POLLIN.
  var raw: CInt { descriptor.raw }

  /// Keys that were pressed or let go, in order; ENODEV when the device is gone.
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
      // 2 is the keyboard's own repeat of a key that is held.
      case (EV_KEY, let code) where !isDropping && event.value != 2:
        changes.append(Change(code: Int(code), isDown: event.value != 0, time: time))
      default: break
      }
    }
    return changes
  }

  /// Whether a key is down now; `nil` where that cannot be asked. EVIOCGKEY
  func isDown(_ code: Int) -> Bool? { keys().map { $0[code / 8] >> UInt8(code % 8) & 1 == 1 } }

  private func keys() -> [UInt8]? {
    var bits = [UInt8](repeating: 0, count: (Int(KEY_MAX) + 8) / 8)
    return fw_input_keys(descriptor.raw, &bits, CInt(bits.count)) < 0 ? nil : bits
  }

  /// The state of all keys, after events were lost.
  private func everyKey(_ now: Monotonic) -> [Change] {
    guard let bits = keys() else { return [] }
    return (0...Int(KEY_MAX)).map { Change(code: $0, isDown: bits[$0 / 8] >> UInt8($0 % 8) & 1 == 1, time: now) }
  }
}
