import Diagnostics
import Glibc
import Posix
import Sync

/// Writes a line to standard error, which systemd's journal collects.
func say(_ line: Printable) { write(2, "firstword-sync: \(line)\n") }

/// Prints a text to standard output.
func print(_ text: Printable) { write(1, text) }

/// What is printed is a `Printable`: a text of a mirror cannot reach the terminal unescaped.
@available(*, unavailable, message: "interpolate the value: print(\"\\(value)\\n\")")
func print(_ items: Any..., separator: String = " ", terminator: String = "\n") {}

/// Writes a text; ignores errors. write(2)
private func write(_ descriptor: CInt, _ text: Printable) {
  let bytes = Array(text.text.utf8)
  _ = Glibc.write(descriptor, bytes, bytes.count)
}

/// What a run does, in lines for people.
enum Progress {
  /// Shows an event: mirrors and files as lines, and on a terminal how far a file has come.
  static func show(_ event: Synchronizer.Event) {
    switch event {
    case .mirror(let mirror):
      if let error = mirror.error { say("\(mirror.mirror): \(error)") }
    case .retrying(let milliseconds): say("no mirror answers; asking again in \((milliseconds + 500) / 1000) s")
    case .fetching(let path, let done, let size):
      if isatty(2) == 1 { write(2, "\r\(path): \(done / 1024) of \(size / 1024) KiB") }
      if done == size && isatty(2) == 1 { write(2, "\n") }
    case .handed(let path): print("\(path): handed to the spool\n")
    case .silent(let text): say("\(text)")
    }
  }

  /// Shows what a run found.
  static func show(_ report: SyncReport) {
    for warning in report.warnings { say("\(warning); accepted, by the policy 'warn'") }
    for fault in report.faults { say("\(fault)") }
    if let receipt = report.receipt, let error = receipt.error { say("receipt \(receipt.number): \(error)") }
    for file in report.state.handed where file.outcome == .refused {
      say("\(file.path): refused: \(file.message ?? "")")
    }
    guard report.mirrors.contains(where: { $0.error == nil }), let timestamp = report.state.timestamp else { return }
    let isIdle = report.fetched.isEmpty && report.handed.isEmpty && report.faults.isEmpty
    let news = isIdle ? "nothing new for this device" : "\(report.fetched.count) fetched"
    print("the channel is at version \(timestamp), \(news)\n")
  }
}
