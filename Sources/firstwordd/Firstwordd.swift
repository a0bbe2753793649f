import ArgumentParser
import Glibc
import Kit

@main
struct Firstwordd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "firstwordd",
    abstract: "Plays the clips of a kit at the press of a button.",
    discussion: """
      Reads a board that 'firstword board compile' wrote and a kit that 'firstword build' signed, then waits for \
      presses: on the board's lines, and on the control socket ('firstword ctl').

      A kit is refused unless a trusted key signed it, and a DRAFT kit is refused. On a board for trials \
      --allow-untrusted and --allow-draft permit them; a board for field use honours neither.

        firstwordd --board board.json --kit demo.kit --trust demo.pub --socket /run/firstword/control

      Exit status: 0 stopped by SIGTERM or SIGINT; 64 wrong options; 65 kit or board damaged; 66 file missing or \
      unreadable; 69 a button's line cannot be used; 73 socket or journal cannot be made; 77 kit refused: not trusted, \
      or DRAFT.
      """,
    version: programVersion)

  @Option(help: ArgumentHelp("The compiled board.", valueName: "BOARD.json"))
  var board: String

  @Option(help: ArgumentHelp("The kit to play.", valueName: "FILE.kit"))
  var kit: String

  @Option(help: ArgumentHelp("A public key, or a folder of them (*.pub): whose kits are played.", valueName: "PUB|DIR"))
  var trust: String?

  @Flag(help: "Play a kit with drafts or synthetic speech (trial boards only).")
  var allowDraft = false

  @Flag(help: "Play a kit that no trusted key signed (trial boards only). Its clips are still checked.")
  var allowUntrusted = false

  @Option(help: ArgumentHelp("ALSA PCM to play to, instead of the board's.", valueName: "NAME"))
  var pcm: String?

  @Option(help: ArgumentHelp("Control socket to serve.", valueName: "PATH"))
  var socket: String?

  @Option(help: ArgumentHelp("Group whose members may use the socket, beside its owner.", valueName: "NAME"))
  var socketGroup: String?

  @Option(help: ArgumentHelp("Journal to append to.", valueName: "FILE"))
  var journal: String?

  @Option(help: ArgumentHelp("Where the GPIO lines are found.", valueName: "DIR"))
  var gpioRoot = "/sys/class/gpio"

  @Option(help: ArgumentHelp("Where the LEDs are found.", valueName: "DIR"))
  var ledRoot = "/sys/class/leds"

  func run() throws {
    do {
      let daemon = try Daemon(self)
      try daemon.run()
    } catch let failure as StartFailure {
      say(failure.message)
      throw ExitCode(failure.status)
    }
  }
}

/// Why the daemon does not start: one line, and an exit status of sysexits(3).
struct StartFailure: Error {
  let status: CInt
  let message: String

  /// The input is damaged.
  static func data(_ error: some Error) -> StartFailure { StartFailure(status: 65, message: "\(error)") }
  /// The input cannot be read.
  static func input(_ error: some Error) -> StartFailure { StartFailure(status: 66, message: "\(error)") }
  static func lines(_ error: some Error) -> StartFailure { StartFailure(status: 69, message: "\(error)") }
  static func output(_ error: some Error) -> StartFailure { StartFailure(status: 73, message: "\(error)") }
  static func refused(_ message: String) -> StartFailure { StartFailure(status: 77, message: message) }
}
