import ArgumentParser
import Board
import Control
import Glibc
import Kit
import Posix
import Simulator

/// `firstword simulate`
struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Practise with a kit in a terminal, with keys as buttons.",
    discussion: """
      Runs the shipped firstwordd with the kit, and shows its buttons as keys, its LED, its messages and its journal. \
      It plays to the default sound card; without one it runs silently, in the time that a card would take. It works \
      over SSH ('ssh -t'), in 80 columns and 24 rows.

        firstword simulate trial.kit
        firstword simulate trial.kit --board raspberry-pi.yaml     # only the buttons of that board
        firstword simulate trial.kit --drill                       # tasks, and whether they were done correctly
        firstword simulate trial.kit --drill --answers tap         # the person of the drill answers by taps

      q or Ctrl-C ends it. Nothing is kept, the journal included.
      """)

  @Argument(help: "The kit.")
  var kit: String

  @Option(help: ArgumentHelp("A board's YAML file: only its buttons have keys.", valueName: "BOARD.yaml"))
  var board: String?

  @Option(help: ArgumentHelp("A public key, or a directory of them, for the daemon.", valueName: "PUB|DIR"))
  var trust: String?

  @Option(help: ArgumentHelp("ALSA PCM to play to.", valueName: "NAME"))
  var pcm = "default"

  @Flag(help: "Do not play sound.")
  var silent = false

  @Flag(help: "Set tasks, and report whether they were done correctly.")
  var drill = false

  @Option(
    help: ArgumentHelp(
      "Practise one answer mode of the kit in the drill: card, hand, tap or buttons; without it, the kit's default and "
        + "the change to the next.", valueName: "MODE"))
  var answers: AnswerMode?

  @Option(
    help: ArgumentHelp("Select the person of the drill; the same number gives the same person.", valueName: "NUMBER"))
  var seed: UInt64?

  @OptionGroup var words: CatalogueOption

  func validate() throws {
    if answers != nil, !drill { throw ValidationError("--answers is for --drill") }
  }

  func run() throws {
    try Keyboard.check()
    let file = try KitFile(path: kit)
    let offered = file.manifest.answers.modes
    if let answers, !offered.contains(answers) {
      throw Failure.wrong(
        "the kit offers no answers by '\(answers.rawValue)'; give one of \(offered.map(\.rawValue).joined(separator: ", "))"
      )
    }
    let board = try self.board.map { try readBoard($0, words.catalogue) }
    // Blocked before any thread is created, so that only the loop receives the signals.
    let signals = try FileDescriptor.signals([SIGINT, SIGTERM, SIGHUP, SIGWINCH])
    let plain = Board(
      name: "practice", use: .trial,
      sound: .init(pcm: "default", channels: 2, period: 480, buffer: 9600, rewind: false, gain: 0),
      lines: .init(lockout: 30, poll: 10, buttons: []))
    let practice = try PracticeDevice(
      .init(kit: kit, board: board ?? plain, trust: trust, pcm: silent ? nil : pcm))
    var screen = PracticeScreen(
      file, keys: PracticeKeys(board, file.manifest), silence: practice.silence, digits: (board ?? plain).presses.digits
    )
    if drill { screen.drill = Drill(file, answers, seed: seed ?? UInt64(Monotonic.now.nanoseconds)) }
    let keyboard = try Keyboard()
    screen.take(try practice.client.ask(.subscribe).state ?? ConsoleState())
    try loop(practice, &screen, keyboard, signals)
    withExtendedLifetime(keyboard) {}
  }

  private func loop(
    _ practice: PracticeDevice, _ screen: inout PracticeScreen, _ keyboard: Keyboard,
    _ signals: borrowing FileDescriptor
  ) throws {
    while true {
      screen.show()
      var poll = Poll()
      let signal = poll.add(signals.raw, events: POLLIN)
      let pressed = poll.add(0, events: POLLIN)
      _ = poll.add(practice.client.descriptor, events: POLLIN)
      try poll.wait(until: screen.deadline)
      if poll.answer(signal) != 0, signals.takeSignal() != SIGWINCH { return }
      if poll.answer(pressed) != 0 {
        guard let keys = keyboard.keys() else { return }
        for key in keys {
          switch screen.press(key) {
          case .quit: return
          case .press(let button):
            do throws(ControlClient.Failure) { _ = try practice.client.ask(.press, button: button) } catch {
              guard case .refused(let why) = error else { throw error }
              screen.refused(why.message)
            }
          case nil: break
          }
        }
      }
      for event in try practice.client.takeEvents() { screen.note(event) }
      screen.pass(.now)
      if let answer = screen.takePersonsPress() { _ = try practice.client.ask(.press, button: answer, by: "listener") }
      if !practice.isRunning { throw Failure.impossible("firstwordd ended unexpectedly") }
    }
  }
}

extension AnswerMode: ExpressibleByArgument {}
