import CLinux
import Glibc

/// Tells systemd how the service stands: one datagram to $NOTIFY_SOCKET. sd_notify(3)
enum Readiness {
  /// `READY=1`, `STOPPING=1`, `STATUS=…`. Without a service manager nothing happens.
  static func notify(_ state: String) {
    guard let name = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }), name.utf8.count > 1 else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(name.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
    // A name that begins with @ lies in the abstract namespace.
    if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    let descriptor = fw_datagram_socket()
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let message = Array(state.utf8)
    _ = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        fw_send_to(descriptor, message, message.count, $0, length)
      }
    }
  }
}

/// One line on standard error, where systemd's journal collects it.
func say(_ line: String) {
  let bytes = Array("firstwordd: \(line)\n".utf8)
  _ = write(2, bytes, bytes.count)
}
