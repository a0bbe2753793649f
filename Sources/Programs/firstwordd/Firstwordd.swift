import ArgumentParser
import Board
import BoardJSON
import Buttons
import Diagnostics
import Encoding
import Glibc
import Kit
import Posix
import SelfTest

@main
struct Firstwordd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "firstwordd",
    abstract: "Plays the clips of a kit at the press of a button.",
    discussion: """
      Reads a board that 'firstword board compile' wrote and a kit that 'firstword build' signed, then waits for \
      presses: on the board's lines, and on the control socket ('firstword ctl').

      A kit is refused unless a trusted key signed it, and a DRAFT kit is refused. On a board for trials, \
      --allow-untrusted and --allow-draft permit them; a board for field use ignores both.

        firstwordd --board board.json --kit demo.kit --trust demo.pub --socket /run/firstword/control
        firstwordd --board board.json --store /var/lib/firstword --socket /run/firstword/control

      With --store it plays the kit that 'firstword install' installed; if that is damaged, recalled, or a DRAFT that is \
      not permitted, the one before it ('firstword ctl status' says why). SIGHUP, or 'firstword ctl reload', makes it look \
      for another kit; it changes when no message is played and no finder or sequence is under way. A kit that was \
      recalled is silenced at once.

      The daemon needs no right to change the store, and none of its files: 'firstword install' and 'firstword store' are \
      root's. With --state it keeps a record of fallbacks in a directory of its own.

      Exit status: 0 stopped by SIGTERM or SIGINT; 64 wrong options; 65 kit or board damaged; 66 file missing or \
      unreadable; 69 a button's line cannot be used; 73 the socket cannot be created; 77 kit refused: not trusted, \
      or DRAFT.

      --self-test checks everything that the daemon needs, plays nothing, and ends: card, rates, rewind, priority, \
      memory, lines (present, stuck, floating), LEDs, kit, trust, clock, journal, and whether a power cut can damage \
      the root file system. Stop a running daemon first, and press nothing meanwhile. Its exit status: 0 no errors \
      (there may be warnings); 1 an error was found; 2 the board cannot be read.

        firstwordd --self-test --board board.json --kit demo.kit --trust demo.pub --journal /var/lib/firstword/journal
      """,
    version: programVersion)

  @Option(help: ArgumentHelp("The compiled board.", valueName: "BOARD.json"))
  var board: String

  @Option(help: ArgumentHelp("The kit to play.", valueName: "FILE.kit"))
  var kit: String?

  @Option(
    help: ArgumentHelp(
      "The device's store, instead of --kit and --trust ('firstword install', 'firstword store').", valueName: "DIR"))
  var store: String?

  @Option(
    help: ArgumentHelp(
      "A trusted public key, or a directory of them (*.pub): only their kits are played.", valueName: "PUB|DIR"))
  var trust: String?

  @Flag(help: "Play a DRAFT kit (trial boards only).")
  var allowDraft = false

  @Flag(help: "Play a kit that no trusted key signed (trial boards only). Its clips are still checked.")
  var allowUntrusted = false

  @Option(help: ArgumentHelp("ALSA PCM to play on, instead of the board's.", valueName: "NAME"))
  var pcm: String?

  @Option(help: ArgumentHelp("Control socket to create and serve.", valueName: "PATH"))
  var socket: String?

  @Option(help: ArgumentHelp("Group whose members may use the socket, besides its owner.", valueName: "NAME"))
  var socketGroup: String?

  @Option(help: ArgumentHelp("Journal to append to; the board decides how much is kept, if any.", valueName: "FILE"))
  var journal: String?

  @Option(
    help: ArgumentHelp(
      "Directory for the daemon's own files: with --store, when it played another kit than the active one, and why.",
      valueName: "DIR"))
  var state: String?

  @Option(
    help: ArgumentHelp(
      "Directory for requests to root's services, by the chords trust-stick, journal-to-stick and power-off.",
      valueName: "DIR"))
  var requests: String?

  @Option(help: ArgumentHelp("Directory of the GPIO lines.", valueName: "DIR"))
  var gpioRoot = "/sys/class/gpio"

  @Option(help: ArgumentHelp("Directory of the LEDs.", valueName: "DIR"))
  var ledRoot = "/sys/class/leds"

  @Flag(help: "Check the device, print the result, and end.")
  var selfTest = false

  @Flag(help: "With --self-test: print JSON.")
  var json = false

  func validate() throws {
    if (kit == nil) == (store == nil) { throw ValidationError("name what to play: --kit FILE.kit, or --store DIR") }
    if store != nil && (trust != nil || allowUntrusted) {
      throw ValidationError(
        "--store has its own trusted keys ('firstword store trust'); omit --trust and --allow-untrusted")
    }
    if state != nil && store == nil { throw ValidationError("--state goes with --store") }
    if json && !selfTest { throw ValidationError("--json goes with --self-test") }
  }

  func run() throws {
    if selfTest { return try test() }
    do {
      let daemon = try Daemon(self)
      try daemon.run()
    } catch let failure as StartFailure {
      say("\(failure.message)")
      throw ExitCode(failure.status)
    }
  }
}

extension Firstwordd {
  private func test() throws {
    var subject = SelfTest.Subject()
    do { subject.board = try Board.load(board) } catch {
      say("\(error)")
      throw ExitCode(2)
    }
    subject.pcm = pcm
    subject.kit = kit
    subject.store = store
    subject.trust = trust
    subject.journal = journal
    subject.allowDraft = allowDraft
    subject.allowUntrusted = allowUntrusted
    subject.paths = KernelPaths(gpio: gpioRoot, leds: ledRoot)
    let checks = SelfTest(subject).run()
    if json {
      print(Printable(json: String(decoding: try Documents.encode(checks), as: UTF8.self)))
    } else {
      for check in checks { print("\(check)\n") }
      print("\(checks.summary)\n")
    }
    if checks.errors > 0 { throw ExitCode(1) }
  }
}
