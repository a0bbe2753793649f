import Glibc
import Posix

/// Small text files of the kernel.
enum Sysfs {
  /// The first line, without white space at its end.
  static func read(_ path: String) throws(SystemError) -> String {
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try FileDescriptor(opening: path, O_RDONLY).read(atMost: 4096)
    } catch {
      throw SystemError(error.operation, path: path, code: error.code)
    }
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
    return String(decoding: line, as: UTF8.self)
  }

  /// One write(2), as the kernel wants it.
  static func write(_ text: String, to path: String) throws(SystemError) {
    do throws(SystemError) {
      try FileDescriptor(opening: path, O_WRONLY).write(text.utf8)
    } catch {
      throw SystemError(error.operation, path: path, code: error.code)
    }
  }

  /// Calls again, every few milliseconds, while it is refused for want of permission: udev sets the group of a file
  /// some milliseconds after the export that made it. Without a deadline, for a second.
  static func retry<Value: ~Copyable>(
    until deadline: Monotonic = .now.adding(milliseconds: 1000), _ call: () throws(SystemError) -> Value
  ) throws(SystemError) -> Value {
    while true {
      do throws(SystemError) {
        return try call()
      } catch {
        let now = Monotonic.now
        guard error.code == EACCES || error.code == EPERM, now < deadline else { throw error }
        var pause = Poll()
        try pause.wait(until: min(deadline, now.adding(milliseconds: 5)))
      }
    }
  }
}
