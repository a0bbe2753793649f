import Glibc
import Posix

/// Opens a TCP connection to a port of 127.0.0.1.
///
/// - Parameters:
///   - port: the port.
///   - seconds: after which a read or write that waits fails.
public func connectLocally(port: Int, seconds: Int = 30) throws -> FileDescriptor {
  let raw = try posix("socket") { socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0) }
  let connection = FileDescriptor(owning: raw)
  var time = timeval(tv_sec: seconds, tv_usec: 0)
  for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
    setsockopt(raw, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
  }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = in_port_t(port).bigEndian
  address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
  try posix("connect") {
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(raw, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
  return connection
}
