import CLinux
import Diagnostics
import Glibc
import Posix

/// Reports the service's state to systemd: one datagram to $NOTIFY_SOCKET. sd_notify(3)
enum Readiness {
  /// Returns the pings that the service manager expects; nil where it expects none. `WatchdogSec=` of the unit
  static func watchdog() -> Watchdog? {
    func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    return Watchdog(limit: value("WATCHDOG_USEC"), process: value("WATCHDOG_PID"), own: getpid(), now: .now)
  }

  /// Sends a state: `READY=1`, `STOPPING=1`, `WATCHDOG=1`, `STATUS=…`. Without a service manager it does nothing.
  static func notify(_ state: String) {
    guard let name = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }), name.utf8.count > 1 else { return }
    guard let socket = try? FileDescriptor.datagramSocket() else { return }
    let (raw, message) = (socket.raw, Array(state.utf8))
    // A name that begins with @ is in the abstract namespace. A manager that does not listen is ignored.
    _ = try? SocketAddress.with(name, "send", abstract: name.hasPrefix("@")) {
      fw_send_to(raw, message, message.count, $0, $1)
    }
  }
}

/// Writes a line to standard error, which systemd's journal collects. Any thread may call it.
func say(_ line: Printable) { write(2, "firstwordd: \(line)\n") }

/// Prints a text to standard output.
func print(_ text: Printable) { write(1, text) }

/// What is printed is a `Printable`: a text of a file cannot reach the terminal unescaped.
@available(*, unavailable, message: "interpolate the value: print(\"\\(value)\\n\")")
func print(_ items: Any..., separator: String = " ", terminator: String = "\n") {}

/// Writes a text; ignores errors. write(2)
private func write(_ descriptor: CInt, _ text: Printable) {
  let bytes = Array(text.text.utf8)
  _ = Glibc.write(descriptor, bytes, bytes.count)
}
