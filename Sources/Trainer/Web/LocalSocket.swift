import CLinux
import Glibc
import Posix

/// A socket that listens on 127.0.0.1, and on no other address. ip(7)
public struct LocalSocket: ~Copyable {
  private let socket: FileDescriptor
  /// The port on which it listens.
  public let port: Int

  /// Opens a socket and listens.
  ///
  /// - Parameter port: 1...65535, or 0 for any that is free.
  /// - Throws: EADDRINUSE if another program listens there; EACCES below 1024.
  public init(port: Int) throws(SystemError) {
    let socket = FileDescriptor(
      owning: try posix("socket") { Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0) }
    )
    let raw = socket.raw
    var yes: CInt = 1
    let size = socklen_t(MemoryLayout<CInt>.size)
    // A port whose connections are still closing is free.
    try posix("setsockopt") { setsockopt(raw, SOL_SOCKET, SO_REUSEADDR, &yes, size) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    try posix("listen on 127.0.0.1:\(port)") {
      withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(raw, $0, length) }
      }
    }
    try posix("listen") { listen(raw, 128) }
    try posix("getsockname") {
      withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(raw, $0, &length) }
      }
    }
    self.port = Int(in_port_t(bigEndian: address.sin_port))
    self.socket = socket
  }

  /// Returns another descriptor of the socket, which does not block.
  func duplicate() throws(SystemError) -> FileDescriptor {
    let copy = FileDescriptor(owning: try socket.duplicate())
    let raw = copy.raw
    _ = try posix("fcntl") { fcntl(raw, F_SETFL, O_NONBLOCK) }
    return copy
  }
}
