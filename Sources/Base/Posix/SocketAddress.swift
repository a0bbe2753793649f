import CLinux
import Glibc

/// The address of a Unix socket. unix(7)
public enum SocketAddress {
  /// Makes a system call with the address of `path`, and repeats it on EINTR.
  ///
  /// - Parameters:
  ///   - operation: the call's name, for the error.
  ///   - abstract: whether the name is in the abstract namespace; the first byte of `path` then stands for the zero byte.
  ///   - call: makes the call; the address is valid until it returns.
  /// - Returns: the result of `call`.
  /// - Throws: ENAMETOOLONG if `path` has more than 107 bytes.
  @discardableResult
  public static func with<Result: FixedWidthInteger & SignedInteger>(
    _ path: some PathConvertible, _ operation: String, abstract: Bool = false,
    _ call: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) throws(SystemError) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(path.description.utf8)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    if bytes.count >= room { throw SystemError(operation, path: path, code: ENAMETOOLONG) }
    if abstract, !bytes.isEmpty { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    // The length ends an abstract name, a zero byte ends a path.
    let length = abstract ? MemoryLayout<sa_family_t>.size + bytes.count : MemoryLayout<sockaddr_un>.size
    return try posix(operation, path: path) {
      withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, socklen_t(length)) }
      }
    }
  }
}

extension FileDescriptor {
  /// Creates a stream socket for Unix addresses, close-on-exec. socket(2)
  public static func streamSocket() throws(SystemError) -> FileDescriptor {
    FileDescriptor(owning: try posix("socket") { fw_socket() })
  }

  /// Creates a datagram socket for Unix addresses, close-on-exec. socket(2)
  public static func datagramSocket() throws(SystemError) -> FileDescriptor {
    FileDescriptor(owning: try posix("socket") { fw_datagram_socket() })
  }
}
