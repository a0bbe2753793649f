import Glibc
import Posix

/// Text files of the kernel that hold one value.
enum Sysfs {
  /// Returns the first line of a file.
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

  /// Writes a value with a single write(2), as the kernel requires.
  static func write(_ text: String, to path: String) throws(SystemError) {
    do throws(SystemError) {
      try FileDescriptor(opening: path, O_WRONLY).write(text.utf8)
    } catch {
      throw SystemError(error.operation, path: path, code: error.code)
    }
  }

  /// Retries a call every 5 ms while permission is denied: udev sets the group of a file some milliseconds after the
  /// export that creates it.
  ///
  /// - Parameters:
  ///   - deadline: when to give up; by default after one second.
  ///   - call: the call to retry on EACCES and EPERM.
  /// - Throws: the last error of `call`.
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
