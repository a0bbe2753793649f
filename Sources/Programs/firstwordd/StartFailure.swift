import Glibc
import Posix

/// Why the daemon does not start: one line, and an exit status of sysexits(3).
struct StartFailure: Error {
  /// The exit status.
  let status: CInt
  /// The line.
  let message: String

  /// Whether the kit is not trusted, not released, or recalled.
  var isRefusal: Bool { status == 77 }

  /// A file that is damaged, or that does not exist or cannot be read.
  static func unread(_ error: some Error, _ path: String) -> StartFailure {
    Files.exists(path) ? .data(error) : .input(error)
  }

  /// EX_DATAERR: a file is damaged.
  static func data(_ error: some Error) -> StartFailure { StartFailure(status: 65, message: "\(error)") }
  /// EX_NOINPUT: a file cannot be read.
  static func input(_ error: some Error) -> StartFailure { StartFailure(status: 66, message: "\(error)") }
  /// EX_UNAVAILABLE: a line, the card or another part of the machine cannot be used.
  static func lines(_ error: some Error) -> StartFailure { StartFailure(status: 69, message: "\(error)") }
  /// EX_CANTCREAT: the socket or the journal cannot be created.
  static func output(_ error: some Error) -> StartFailure { StartFailure(status: 73, message: "\(error)") }
  /// EX_NOPERM: the kit may not be played.
  static func refused(_ message: String) -> StartFailure { StartFailure(status: 77, message: message) }
}
