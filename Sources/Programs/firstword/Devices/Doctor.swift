import ArgumentParser
import Board
import BoardJSON
import Buttons
import Catalogue
import SelfTest

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at this machine, its card, buttons, lines and LEDs, and tell what is wrong.",
    discussion: """
      Without a board: what there is, and how the machine stands (priority, memory, clock, root). With one: the card, \
      its rates and whether it gives frames back; through which of the kernel's interfaces each line is read, and why; \
      lines that are stuck or float; input devices and LEDs. With a kit: each clip, the release, and who signed it.

        firstword doctor
        firstword doctor --board Hardware/boards/raspberry-pi.yaml
        firstword doctor --board /etc/firstword/board.json --kit shelter.kit --trust publisher.pub --json

      'firstwordd --self-test' makes the same checks where only the daemon is installed.

      The lines and the card are opened for a moment, in silence; press nothing meanwhile. A running firstwordd has some \
      of them for itself: stop it, or ask it ('firstword ctl status').

      Exit status: 0 nothing is wrong (there may be warnings); 1 something is wrong; 2 it could not be looked at.
      """)

  @Option(help: ArgumentHelp("The board, as YAML or compiled.", valueName: "FILE"))
  var board: String?

  @Option(help: ArgumentHelp("ALSA PCM to look at, instead of the board's.", valueName: "NAME"))
  var pcm: String?

  @Option(help: ArgumentHelp("A kit to look at.", valueName: "FILE.kit"))
  var kit: String?

  @Option(help: ArgumentHelp("The device's store to look at.", valueName: "DIR"))
  var store: String?

  @Option(help: ArgumentHelp("A public key, or a directory of them: whose kits are played.", valueName: "PUB|DIR"))
  var trust: String?

  @Option(help: ArgumentHelp("The journal that the daemon writes, to look at its place.", valueName: "FILE"))
  var journal: String?

  @Flag(help: "As the daemon is started: a DRAFT kit is only a warning (trial boards only).")
  var allowDraft = false

  @Flag(help: "As the daemon is started: a kit that no trusted key signed is only a warning (trial boards only).")
  var allowUntrusted = false

  @Flag(help: "For machines.")
  var json = false

  @Option(help: ArgumentHelp("Where the GPIO lines are found.", valueName: "DIR"))
  var gpioRoot = "/sys/class/gpio"

  @Option(help: ArgumentHelp("Where the LEDs are found.", valueName: "DIR"))
  var ledRoot = "/sys/class/leds"

  @OptionGroup var words: CatalogueOption

  func run() throws {
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
    if json { try printJSON(report) } else { report.print() }
    if checks.errors > 0 { throw ExitCode(1) }
  }

  private func loaded(_ path: String) throws -> Board {
    do { return try Board.load(path) } catch {
      if case .content = error { throw Failure.wrong("\(error)") }
      throw error
    }
  }
}

/// What the doctor found: what there is, and how it stands.
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
  var checks: [Check]
  var errors: Int
  var warnings: Int

  init(_ survey: Survey, _ checks: [Check]) {
    chips = survey.chips().map { Chip(path: $0.path, label: $0.label, lines: $0.lines) }
    inputs = survey.inputs().map { Device(path: $0.path, name: $0.name) }
    leds = survey.leds()
    self.checks = checks
    errors = checks.errors
    warnings = checks.warnings
  }

  func print() {
    func heading(_ text: String) { Swift.print(Terminal.paint(text, .bold)) }
    heading("GPIO chips")
    if chips.isEmpty { Swift.print("  none: this machine has no lines, or this user may not see them (group gpio)") }
    for chip in chips { Swift.print("  \(filled(chip.path, 32)) \(chip.label), \(chip.lines) lines") }
    heading("Input devices")
    if inputs.isEmpty { Swift.print("  none") }
    for input in inputs { Swift.print("  \(filled(input.path, 32)) \(input.name)") }
    heading("LEDs")
    Swift.print("  \(leds.isEmpty ? "none" : leds.joined(separator: ", "))")
    heading("Checks")
    let width = checks.map(\.name.count).max() ?? 0
    for check in checks {
      let (sign, colour): (String, Terminal.Colour) =
        switch check.state {
        case .ok: ("✓", .green)
        case .warning: ("!", .yellow)
        case .error: ("✗", .red)
        }
      Swift.print("  \(Terminal.paint(sign, colour)) \(filled(check.name, width))  \(check.finding)")
      if let remedy = check.remedy { Swift.print("    \(filled("", width))  → \(remedy)") }
    }
    Swift.print(Terminal.paint(checks.summary, checks.errors > 0 ? .red : checks.warnings > 0 ? .yellow : .green))
  }
}
