import CLinux
import Glibc

/// A Unix socket's address. unix(7)
public enum SocketAddress {
  /// Calls with the address of `path`; ENAMETOOLONG above 107 bytes.
  ///
  /// - Parameter abstract: the first byte of `path` stands for the zero byte of a name that is in no directory.
  @discardableResult
  public static func with<Result: FixedWidthInteger & SignedInteger>(
    _ path: String, _ operation: String, abstract: Bool = false,
    _ call: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) throws(SystemError) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(path.utf8)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    if bytes.count >= room { throw SystemError(operation, path: path, code: ENAMETOOLONG) }
    if abstract, !bytes.isEmpty { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    // An abstract name is as long as it is said to be; a path ends at its zero byte.
    let length = abstract ? MemoryLayout<sa_family_t>.size + bytes.count : MemoryLayout<sockaddr_un>.size
    return try posix(operation, path: path) {
      withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, socklen_t(length)) }
      }
    }
  }
}

extension FileDescriptor {
  /// socket(2) for Unix sockets, close-on-exec.
  public static func streamSocket() throws(SystemError) -> FileDescriptor {
    FileDescriptor(owning: try posix("socket") { fw_socket() })
  }

  public static func datagramSocket() throws(SystemError) -> FileDescriptor {
    FileDescriptor(owning: try posix("socket") { fw_datagram_socket() })
  }
}
