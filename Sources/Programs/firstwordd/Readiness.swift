import CLinux
import Glibc
import Posix

/// Tells systemd how the service stands: one datagram to $NOTIFY_SOCKET. sd_notify(3)
enum Readiness {
  /// `READY=1`, `STOPPING=1`, `STATUS=…`. Without a service manager nothing happens.
  static func notify(_ state: String) {
    guard let name = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }), name.utf8.count > 1 else { return }
    guard let socket = try? FileDescriptor.datagramSocket() else { return }
    let (raw, message) = (socket.raw, Array(state.utf8))
    // A name that begins with @ lies in the abstract namespace. A manager that does not listen changes nothing here.
    _ = try? SocketAddress.with(name, "send", abstract: name.hasPrefix("@")) {
      fw_send_to(raw, message, message.count, $0, $1)
    }
  }
}

/// One line on standard error, where systemd's journal collects it.
func say(_ line: String) {
  let bytes = Array("firstwordd: \(line)\n".utf8)
  _ = write(2, bytes, bytes.count)
}
