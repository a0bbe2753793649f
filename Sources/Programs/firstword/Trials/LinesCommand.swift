import ArgumentParser
import Diagnostics
import Simulator

/// `firstword lines`
struct LinesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lines",
    abstract: "Simulate GPIO lines in a directory until Ctrl-C.",
    discussion: """
      DIR/gpio behaves like the kernel's /sys/class/gpio. DIR/drive drives the lines from outside: \
      'echo 0 > DIR/drive/5' presses a button that pulls line 5 down, 'echo 1 > DIR/drive/5' releases it, and \
      'cat DIR/drive/17' shows the level of an output.

        firstword lines /tmp/lines &
        firstwordd --gpio-root /tmp/lines/gpio --led-root /tmp/lines/leds ...
      """)

  @Argument(help: "The directory; created if it does not exist.")
  var directory: String

  @Option(help: "Label of the chip.")
  var label = "pinctrl-bcm2711"

  @Option(help: "Global number of the first line.")
  var base = 512

  @Option(help: "Number of lines.")
  var count = 58

  @Option(help: ArgumentHelp("Offsets of lines without interrupts, separated by commas.", valueName: "LINES"))
  var noEdge: String?

  @Option(
    help: ArgumentHelp(
      "Names of LEDs in DIR/leds, separated by commas; 'cat DIR/drive/NAME' shows the brightness.", valueName: "NAMES"))
  var leds: String?

  @Flag(help: "Behave like a kernel without the legacy tree: only DIR/gpio/chip0, without edges.")
  var noLegacy = false

  func run() throws {
    var configuration = LinesConfiguration()
    configuration.label = label
    configuration.base = base
    configuration.count = count
    configuration.withoutEdge = Set(
      try (noEdge ?? "").split(separator: ",").map { part in
        guard let line = Int(part) else { throw ValidationError("'\(part)' is not the offset of a line") }
        return line
      })
    configuration.leds = (leds ?? "").split(separator: ",").map(String.init)
    configuration.legacy = !noLegacy
    configuration.ownSysfs = noLegacy
    let end = try Lines.serve(mountedAt: directory, configuration) { lines in
      let kind = lines.kind == .mounted ? "with edges" : "as plain files, without edges"
      print("\(lines.gpioRoot)  \(counted(count, "line")) of \(label) from \(base), \(kind); Ctrl-C ends")
    }
    if end == .unmounted { throw Failure.impossible("\(directory): another program unmounted the lines") }
  }
}
