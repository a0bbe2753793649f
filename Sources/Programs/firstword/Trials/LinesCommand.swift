import ArgumentParser
import Simulator

struct LinesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lines",
    abstract: "Serve simulated GPIO lines in a directory, until Ctrl-C.",
    discussion: """
      DIR/gpio behaves as the kernel's /sys/class/gpio; DIR/drive is the world outside: 'echo 0 > DIR/drive/5' presses \
      a button that pulls line 5 down, 'echo 1 > DIR/drive/5' lets it go, 'cat DIR/drive/17' shows what an output \
      drives.

        firstword lines /tmp/lines &
        firstwordd --gpio-root /tmp/lines/gpio --led-root /tmp/lines/leds ...
      """)

  @Argument(help: "Directory to serve them in; made if it is not there.")
  var directory: String

  @Option(help: "Label of the chip.")
  var label = "pinctrl-bcm2711"

  @Option(help: "Number of the first line.")
  var base = 512

  @Option(help: "How many lines.")
  var count = 58

  @Option(help: ArgumentHelp("Lines without interrupts, separated by commas.", valueName: "LINES"))
  var noEdge: String?

  @Option(
    help: ArgumentHelp("LEDs in DIR/leds, separated by commas; 'cat DIR/drive/NAME' shows one.", valueName: "NAMES"))
  var leds: String?

  @Flag(help: "As a kernel without the legacy tree: DIR/gpio/chip0 alone, without edges.")
  var noLegacy = false

  func run() throws {
    var configuration = LinesConfiguration()
    configuration.label = label
    configuration.base = base
    configuration.count = count
    configuration.withoutEdge = Set(
      try (noEdge ?? "").split(separator: ",").map { part in
        guard let line = Int(part) else { throw ValidationError("'\(part)' is no line's number") }
        return line
      })
    configuration.leds = (leds ?? "").split(separator: ",").map(String.init)
    configuration.legacy = !noLegacy
    configuration.ownSysfs = noLegacy
    let end = try Lines.serve(mountedAt: directory, configuration) { lines in
      let kind = lines.kind == .mounted ? "with edges" : "as plain files, without edges"
      print("\(lines.gpioRoot)  \(count) lines of \(label) from \(base), \(kind); Ctrl-C ends")
    }
    if end == .unmounted { throw Failure.impossible("\(directory): somebody unmounted the lines") }
  }
}
