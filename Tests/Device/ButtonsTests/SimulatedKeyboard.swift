import CLinux
import Glibc
import Posix

/// A keyboard of the kernel's module uinput: a real input device with keys that the test presses.
final class SimulatedKeyboard {
  private static let device = "/dev/uinput"
  let name = "Firstword test keyboard \(getpid())"
  private let file: FileDescriptor

  static let isAvailable: Bool = {
    if access(device, W_OK) == 0 { return true }
    print("SKIPPED: tests with an input device of the kernel: no \(device) (as root: modprobe uinput evdev)")
    return false
  }()

  /// ioctl(2) with a plain number; Swift imports no variadic functions. linux/uinput.h
  private static func control(_ file: CInt, _ request: UInt, _ value: Int) throws {
    typealias Call = @convention(c) (CInt, UInt, Int) -> CInt
    guard let symbol = dlsym(nil, "ioctl") else { throw SystemError("find ioctl", code: ENOSYS) }
    let call = unsafeBitCast(symbol, to: Call.self)
    try posix("uinput") { call(file, request, value) }
  }

  init(keys: [Int]) throws {
    file = try FileDescriptor(opening: Self.device, O_WRONLY | O_NONBLOCK)
    // UI_SET_EVBIT, UI_SET_KEYBIT
    try Self.control(file.raw, 0x4004_5564, Int(EV_KEY))
    for key in keys { try Self.control(file.raw, 0x4004_5565, key) }
    // struct uinput_user_dev: a name of 80 bytes, an id, and tables of axes that a keyboard has none of.
    var description = Array(name.utf8) + [UInt8](repeating: 0, count: 80 - name.utf8.count)
    description += [UInt8](repeating: 0, count: 8 + 4 + 4 * 64 * 4)
    try file.write(description)
    // UI_DEV_CREATE
    try Self.control(file.raw, 0x5501, 0)
  }

  // UI_DEV_DESTROY
  deinit { try? Self.control(file.raw, 0x5502, 0) }

  func key(_ code: UInt16, _ value: Int32) throws {
    for (type, code, value) in [(UInt16(EV_KEY), code, value), (UInt16(EV_SYN), UInt16(SYN_REPORT), 0)] {
      var event = input_event()
      event.type = type
      event.code = code
      event.value = value
      try file.write(withUnsafeBytes(of: event) { Array($0) })
    }
  }
}
