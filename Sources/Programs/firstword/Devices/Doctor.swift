import ArgumentParser
import Board
import BoardJSON
import Buttons
import Catalogue
import Diagnostics
import SelfTest

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check this machine, its card, buttons, lines and LEDs, and report what is wrong.",
    discussion: """
      Without a board it lists GPIO chips, input devices and LEDs, and checks the machine: priority, memory, clock, \
      root file system. With a board it also checks the card, its rates and whether it supports rewind; which of the \
      kernel's interfaces reads each line, and why; lines that are stuck or float; input devices and LEDs. With a kit \
      it verifies every clip, the status of the kit, and its signatures.

        firstword doctor
        firstword doctor --board Hardware/boards/raspberry-pi.yaml
        firstword doctor --board /etc/firstword/board.json --kit shelter.kit --trust publisher.pub --json

      'firstwordd --self-test' makes the same checks where only the daemon is installed.

      With --acceptance it follows the running daemon while you press each button once, in any order, and writes a sheet \
      for a person to sign: board, kit, keys, hashes, versions, each button and what sounded. It ends when each button \
      was pressed, when you press Return, or when nothing is pressed for --wait seconds. It needs no network.

        firstword doctor --acceptance sheet.html --store /var/lib/firstword

      The lines and the card are opened for a moment, without sound; press nothing meanwhile. A running firstwordd \
      holds some of them: stop it first, or use 'firstword ctl status' instead.

      Exit status: 0 no errors (there may be warnings); 1 errors; 2 the checks could not run.
      """)

  @Option(help: ArgumentHelp("The board file, in YAML or compiled.", valueName: "FILE"))
  var board: String?

  @Option(help: ArgumentHelp("ALSA PCM to check instead of the board's.", valueName: "NAME"))
  var pcm: String?

  @Option(help: ArgumentHelp("A kit to check.", valueName: "FILE.kit"))
  var kit: String?

  @Option(help: ArgumentHelp("The device's store to check.", valueName: "DIR"))
  var store: String?

  @Option(help: ArgumentHelp("A trusted public key, or a directory of them.", valueName: "PUB|DIR"))
  var trust: String?

  @Option(help: ArgumentHelp("The daemon's journal, whose directory is checked.", valueName: "FILE"))
  var journal: String?

  @Flag(help: "As for firstwordd: a DRAFT kit is a warning, not an error (trial boards only).")
  var allowDraft = false

  @Flag(help: "As for firstwordd: a kit that no trusted key signed is a warning (trial boards only).")
  var allowUntrusted = false

  @Option(help: ArgumentHelp("Press each button of the running device, and write this sheet.", valueName: "FILE.html"))
  var acceptance: String?

  @Option(help: ArgumentHelp("With --acceptance: the daemon's --socket.", valueName: "PATH"))
  var socket = "/run/firstword/control"

  @Option(help: ArgumentHelp("With --acceptance: the record of 'firstword image'.", valueName: "FILE"))
  var card = "/etc/firstword/card.json"

  @Option(help: ArgumentHelp("With --acceptance: seconds without a press after which it ends.", valueName: "S"))
  var wait = 120

  @Flag(help: "JSON output.")
  var json = false

  @Option(help: ArgumentHelp("The sysfs directory of GPIO lines.", valueName: "DIR"))
  var gpioRoot = "/sys/class/gpio"

  @Option(help: ArgumentHelp("The sysfs directory of LEDs.", valueName: "DIR"))
  var ledRoot = "/sys/class/leds"

  @OptionGroup var words: CatalogueOption

  func validate() throws {
    if let acceptance, !acceptance.hasSuffix(".html") { throw ValidationError("--acceptance FILE must end in .html") }
    if !(1...3600).contains(wait) { throw ValidationError("--wait must be 1 to 3600 seconds") }
  }

  /// Follows the running daemon, and writes the sheet.
  private func accept(_ sheet: String) throws {
    let file = board ?? "/etc/firstword/board.json"
    let isCompiled = file.hasSuffix(".json")
    let run = AcceptanceRun(
      sheet: sheet, board: isCompiled ? try loaded(file) : try readBoard(file, words.catalogue),
      boardFile: isCompiled ? file : nil, card: card, socket: socket, store: store, seconds: wait, json: json)
    try run.run()
  }

  func run() throws {
    if let acceptance { return try accept(acceptance) }
    let paths = KernelPaths(gpio: gpioRoot, leds: ledRoot)
    var subject = SelfTest.Subject()
    subject.board = try board.map { $0.hasSuffix(".json") ? try loaded($0) : try readBoard($0, words.catalogue) }
    subject.pcm = pcm
    subject.kit = kit
    subject.store = store
    subject.trust = trust
    subject.journal = journal
    subject.allowDraft = allowDraft
    subject.allowUntrusted = allowUntrusted
    subject.paths = paths
    let survey = Survey(paths)
    var progress = Terminal.Progress("verified")
    let checks = SelfTest(subject).run { progress.show($0, of: $1) }
    progress.end()
    let report = Report(survey, checks)
    if json { try printJSON(report) } else { report.show() }
    if checks.errors > 0 { throw ExitCode(1) }
  }

  private func loaded(_ path: String) throws -> Board {
    do { return try Board.load(path) } catch {
      if case .content = error { throw Failure.wrong("\(error)") }
      throw error
    }
  }
}

/// The devices of the machine and the results of the checks.
private struct Report: Encodable {
  struct Chip: Encodable {
    var path: String
    var label: String
    var lines: Int
  }

  struct Device: Encodable {
    var path: String
    var name: String
  }

  var chips: [Chip]
  var inputs: [Device]
  var leds: [String]
  /// The results: notes for what is well.
  var checks: [Diagnostic]
  var errors: Int
  var warnings: Int

  init(_ survey: Survey, _ checks: [Diagnostic]) {
    chips = survey.chips().map { Chip(path: $0.path, label: $0.label, lines: $0.lines) }
    inputs = survey.inputs().map { Device(path: $0.path, name: $0.name) }
    leds = survey.leds()
    self.checks = checks
    errors = checks.errors
    warnings = checks.warnings
  }

  func show() {
    func heading(_ text: String) { print(Terminal.paint(text, .bold)) }
    heading("GPIO chips")
    if chips.isEmpty {
      print("  none: this machine has no GPIO lines, or this user has no access to them (group gpio)")
    }
    for chip in chips { print("  \(filled(chip.path, 32)) \(chip.label), \(counted(chip.lines, "line"))") }
    heading("Input devices")
    if inputs.isEmpty { print("  none") }
    for input in inputs { print("  \(filled(input.path, 32)) \(input.name)") }
    heading("LEDs")
    print("  \(leds.isEmpty ? "none" : leds.joined(separator: ", "))")
    heading("Checks")
    let width = checks.map(\.path.count).max() ?? 0
    for check in checks {
      let (sign, colour): (String, Terminal.Colour) =
        switch check.severity {
        case .note: ("✓", .green)
        case .warning: ("!", .yellow)
        case .error: ("✗", .red)
        }
      print("  \(Terminal.paint(sign, colour)) \(filled(check.path, width))  \(check.message)")
      if let remedy = check.remedy { print("    \(filled("", width))  → \(remedy)") }
    }
    print(Terminal.paint(checks.summary, checks.errors > 0 ? .red : checks.warnings > 0 ? .yellow : .green))
  }
}
