import CLinux
import Glibc
import Posix

/// A Unix stream socket's address. unix(7)
enum SocketAddress {
  /// Calls with the address of `path`; ENAMETOOLONG above 107 bytes.
  static func with(
    _ path: String, _ operation: String, _ call: (UnsafePointer<sockaddr>, socklen_t) -> CInt
  ) throws(SystemError) -> CInt {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    if bytes.count >= room { throw SystemError(operation, path: path, code: ENAMETOOLONG) }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return try posix(operation, path: path) {
      withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          call($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
    }
  }

  static func socket() throws(SystemError) -> FileDescriptor {
    FileDescriptor(owning: try posix("socket") { fw_socket() })
  }
}

/// Bytes of a client, cut into lines.
struct LineBuffer {
  /// Longest line in bytes.
  let limit: Int
  private var bytes: [UInt8] = []
  /// A line longer than allowed is thrown away up to its end, and told once.
  private var skipping = false

  init(limit: Int) { self.limit = limit }

  enum Line: Equatable {
    case whole([UInt8])
    case tooLong
  }

  mutating func append(_ more: some Sequence<UInt8>) -> [Line] {
    var lines: [Line] = []
    for byte in more {
      if byte == 0x0A {
        if !skipping { lines.append(.whole(bytes)) }
        skipping = false
        bytes.removeAll(keepingCapacity: true)
      } else if !skipping {
        bytes.append(byte)
        if bytes.count > limit {
          skipping = true
          bytes.removeAll(keepingCapacity: true)
          lines.append(.tooLong)
        }
      }
    }
    return lines
  }
}
