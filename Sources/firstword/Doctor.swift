import ArgumentParser
import Buttons
import Catalogue
import Fittings
import Kit

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at this machine's buttons, lines and LEDs, and tell what is wrong.",
    discussion: """
      Without a board: what there is. With one: through which of the kernel's interfaces each of its lines is read, \
      and why; which input devices and LEDs are missing; what to do.

        firstword doctor
        firstword doctor --board Hardware/boards/raspberry-pi.yaml
        firstword doctor --board /etc/firstword/board.json --json

      The lines are opened for a moment. A running firstwordd has some of them for itself: stop it, or ask it \
      ('firstword ctl status').

      Exit status: 0 all is well; 1 something is wrong; 2 it could not be looked at.
      """)

  @Option(help: ArgumentHelp("The board, as YAML or compiled.", valueName: "FILE"))
  var board: String?

  @Flag(help: "For machines.")
  var json = false

  @Option(help: ArgumentHelp("Where the GPIO lines are found.", valueName: "DIR"))
  var gpioRoot = "/sys/class/gpio"

  @Option(help: ArgumentHelp("Where the LEDs are found.", valueName: "DIR"))
  var ledRoot = "/sys/class/leds"

  @OptionGroup var words: CatalogueOption

  func run() throws {
    let survey = Survey(KernelPlaces(gpio: gpioRoot, leds: ledRoot))
    var report = Report(survey)
    if let board {
      report.examine(board.hasSuffix(".json") ? try loaded(board) : try readBoard(board, words.catalogue), survey)
    }
    if json { try printJSON(report) } else { report.print() }
    if report.faults > 0 { throw ExitCode(1) }
  }

  private func loaded(_ path: String) throws -> Board {
    do { return try Board.load(path) } catch {
      if case .content = error { throw Failure.wrong("\(error)") }
      throw error
    }
  }
}

/// What the doctor found.
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

  struct Line: Encodable {
    var button: String
    var chip: String
    var line: Int
    /// How it is read; absent where it is not.
    var access: String?
    var why: String?
    var fault: String?
  }

  struct Input: Encodable {
    var device: String
    var path: String?
    var fault: String?
  }

  struct LED: Encodable {
    var led: String
    var fault: String?
  }

  struct Examined: Encodable {
    var name: String
    var lines: [Line]
    var inputs: [Input]
    var leds: [LED]
  }

  var chips: [Chip]
  var inputs: [Device]
  var leds: [String]
  var board: Examined?
  var faults = 0

  init(_ survey: Survey) {
    chips = survey.chips().map { Chip(path: $0.path, label: $0.label, lines: $0.lines) }
    inputs = survey.inputs().map { Device(path: $0.path, name: $0.name) }
    leds = survey.leds()
  }

  mutating func examine(_ board: Board, _ survey: Survey) {
    let configuration = ButtonConfiguration(board)
    let lines = zip(board.lines.buttons, configuration.lines).map { line, setting in
      let found = survey.line(setting)
      let down = "it is down: let it go; else its level, its pull or its wire is wrong"
      return Line(
        button: line.button.description, chip: line.chip, line: line.line, access: found.access?.description,
        why: found.access == nil ? nil : found.why, fault: found.error?.description ?? (found.isDown ? down : nil))
    }
    let inputs = zip(board.inputs, configuration.inputs).map { input, setting in
      switch survey.input(setting.device) {
      case .success(let path): Input(device: input.shown, path: path)
      case .failure(let error): Input(device: input.shown, fault: "\(error)")
      }
    }
    let leds = board.leds.map { led in
      let setting = LEDConfiguration(led)
      return LED(led: "\(setting.kind)", fault: survey.led(setting))
    }
    faults = (lines.map(\.fault) + inputs.map(\.fault) + leds.map(\.fault)).compactMap { $0 }.count
    self.board = Examined(name: board.name, lines: lines, inputs: inputs, leds: leds)
  }

  func print() {
    func heading(_ text: String) { Swift.print(Terminal.paint(text, .bold)) }
    func fault(_ text: String?) { if let text { Swift.print("    \(Terminal.paint("✗ \(text)", .red))") } }
    heading("GPIO chips")
    if chips.isEmpty { Swift.print("  none: this machine has no lines, or this user may not see them (group gpio)") }
    for chip in chips { Swift.print("  \(filled(chip.path, 32)) \(chip.label), \(chip.lines) lines") }
    heading("Input devices")
    if inputs.isEmpty { Swift.print("  none") }
    for input in inputs { Swift.print("  \(filled(input.path, 32)) \(input.name)") }
    heading("LEDs")
    Swift.print("  \(leds.isEmpty ? "none" : leds.joined(separator: ", "))")
    guard let board else { return }
    heading("Board \(board.name)")
    for line in board.lines {
      let place = filled("\(line.chip):\(line.line)", 22)
      Swift.print("  \(filled(line.button, 20)) \(place) \(line.access ?? "not readable")")
      if let why = line.why { Swift.print(Terminal.paint("    \(why)", .faint)) }
      fault(line.fault)
    }
    for input in board.inputs {
      Swift.print("  keys of \(input.device)\(input.path.map { " at \($0)" } ?? "")")
      fault(input.fault)
    }
    for led in board.leds {
      Swift.print("  LED \(led.led)")
      fault(led.fault)
    }
    switch faults {
    case 0: Swift.print(Terminal.paint("All is well.", .green))
    case 1: Swift.print("1 fault.")
    default: Swift.print("\(faults) faults.")
    }
  }
}
