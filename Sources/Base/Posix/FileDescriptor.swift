import CLinux
import Glibc

/// An open file of any kind. It is closed when the value ends.
public struct FileDescriptor: ~Copyable, Sendable {
  /// Valid as long as this value lives; poll(2) and ioctl(2) take it, nobody closes it.
  public let raw: CInt

  /// Takes ownership of an open descriptor.
  public init(owning raw: CInt) { self.raw = raw }

  deinit { _ = close(raw) }

  /// open(2); close-on-exec is always set. `mode` counts when the file is made, less the umask.
  public init(opening path: String, _ flags: CInt, mode: mode_t = 0o644) throws(SystemError) {
    raw = try posix("open", path: path) { Glibc.open(path, flags | O_CLOEXEC, mode) }
  }

  /// Another descriptor of the same open file, for a library that closes what it is given. fcntl(2), F_DUPFD_CLOEXEC
  public func duplicate() throws(SystemError) -> CInt {
    let raw = raw
    return try posix("fcntl") { fcntl(raw, F_DUPFD_CLOEXEC, 0) }
  }

  /// eventfd(2), non-blocking: a count that wakes a poll(2) in another thread.
  public static func event() throws(SystemError) -> FileDescriptor {
    FileDescriptor(owning: try posix("eventfd") { eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK)) })
  }

  /// signalfd(2), non-blocking, for signals that are blocked in every thread by this call
  /// (call it before threads are made).
  public static func signals(_ numbers: [CInt]) throws(SystemError) -> FileDescriptor {
    var set = sigset_t()
    sigemptyset(&set)
    for number in numbers { sigaddset(&set, number) }
    let code = pthread_sigmask(SIG_BLOCK, &set, nil)
    if code != 0 { throw SystemError("pthread_sigmask", code: code) }
    return FileDescriptor(
      owning: try posix("signalfd") { signalfd(-1, &set, CInt(SFD_CLOEXEC | SFD_NONBLOCK)) })
  }

  /// The next signal of a descriptor that `signals` made; `nil` where none waits. signalfd(2)
  public func takeSignal() -> CInt? {
    var information = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    guard Glibc.read(raw, &information, size) == size else { return nil }
    return CInt(information.ssi_signo)
  }

  /// Reads at most `count` bytes; empty at the end of the file.
  public func read(atMost count: Int) throws(SystemError) -> [UInt8] {
    var failure: SystemError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(SystemError) {
        filled = try posix("read") { Glibc.read(raw, buffer.baseAddress, count) }
      } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Exactly `count` bytes from `offset`, or `nil` where the file ends before. pread(2)
  public func read(_ count: Int, at offset: Int) throws(SystemError) -> [UInt8]? {
    var failure: SystemError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(SystemError) {
        while filled < count {
          let got = try posix("read") {
            pread(raw, buffer.baseAddress! + filled, count - filled, off_t(offset + filled))
          }
          if got == 0 { break }
          filled += got
        }
      } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes.count == count ? bytes : nil
  }

  /// The byte at `offset`, or `nil` where the file ends before. pread(2)
  public func byte(at offset: Int) throws(SystemError) -> UInt8? {
    var byte: UInt8 = 0
    let count = try posix("read") { pread(raw, &byte, 1, off_t(offset)) }
    return count == 0 ? nil : byte
  }

  /// Writes all of it. write(2)
  public func write(_ bytes: some Sequence<UInt8>) throws(SystemError) {
    let all = Array(bytes)
    var done = 0
    while done < all.count {
      done += try posix("write") { all.withUnsafeBytes { Glibc.write(raw, $0.baseAddress! + done, $0.count - done) } }
    }
  }
}
