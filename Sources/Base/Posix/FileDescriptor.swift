import CLinux
import Glibc

/// An open file of any kind; closed when the value is destroyed. close(2)
public struct FileDescriptor: ~Copyable, Sendable {
  /// The descriptor for poll(2) and ioctl(2): valid as long as this value lives, and closed by it alone.
  public let raw: CInt

  /// Creates a value that owns an open descriptor and closes it.
  public init(owning raw: CInt) { self.raw = raw }

  deinit { _ = close(raw) }

  /// Opens a file, always close-on-exec. open(2)
  ///
  /// - Parameters:
  ///   - flags: `O_RDONLY` and others of open(2).
  ///   - mode: permissions of a file that the call creates, less the umask.
  public init(opening path: some PathConvertible, _ flags: CInt, mode: mode_t = 0o644) throws(SystemError) {
    raw = try posix("open", path: path) { Glibc.open(path.description, flags | O_CLOEXEC, mode) }
  }

  /// Returns another descriptor of the same open file, for a library that closes the descriptor it gets.
  /// fcntl(2), F_DUPFD_CLOEXEC
  public func duplicate() throws(SystemError) -> CInt {
    let raw = raw
    return try posix("fcntl") { fcntl(raw, F_DUPFD_CLOEXEC, 0) }
  }

  /// Creates a non-blocking counter that wakes a poll(2) in another thread. eventfd(2)
  public static func event() throws(SystemError) -> FileDescriptor {
    FileDescriptor(owning: try posix("eventfd") { eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK)) })
  }

  /// Creates a non-blocking descriptor that delivers signals, and blocks these in the calling thread. signalfd(2)
  ///
  /// Call it before any thread is created: threads inherit the mask.
  public static func signals(_ numbers: [CInt]) throws(SystemError) -> FileDescriptor {
    var set = sigset_t()
    sigemptyset(&set)
    for number in numbers { sigaddset(&set, number) }
    let code = pthread_sigmask(SIG_BLOCK, &set, nil)
    if code != 0 { throw SystemError("pthread_sigmask", code: code) }
    return FileDescriptor(
      owning: try posix("signalfd") { signalfd(-1, &set, CInt(SFD_CLOEXEC | SFD_NONBLOCK)) })
  }

  /// Returns the next signal from a descriptor of `signals(_:)`; `nil` if none is pending. signalfd(2)
  public func takeSignal() -> CInt? {
    var information = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    guard Glibc.read(raw, &information, size) == size else { return nil }
    return CInt(information.ssi_signo)
  }

  /// Reads at most `count` bytes; returns none at the end of the file. read(2)
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

  /// Reads exactly `count` bytes at `offset`; `nil` if the file ends before. pread(2)
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

  /// Reads the byte at `offset`; `nil` if the file ends before. pread(2)
  public func byte(at offset: Int) throws(SystemError) -> UInt8? {
    var byte: UInt8 = 0
    let count = try posix("read") { pread(raw, &byte, 1, off_t(offset)) }
    return count == 0 ? nil : byte
  }

  /// Writes all bytes, in as many calls as it takes. write(2)
  public func write(_ bytes: some Sequence<UInt8>) throws(SystemError) {
    let all = Array(bytes)
    var done = 0
    while done < all.count {
      done += try posix("write") { all.withUnsafeBytes { Glibc.write(raw, $0.baseAddress! + done, $0.count - done) } }
    }
  }

  /// Writes the bytes of a buffer, in as many calls as it takes. write(2)
  public func write(contentsOf buffer: UnsafeRawBufferPointer) throws(SystemError) {
    var rest = buffer
    while let start = rest.baseAddress, !rest.isEmpty {
      let done = try posix("write") { Glibc.write(raw, start, rest.count) }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(done))
    }
  }
}
