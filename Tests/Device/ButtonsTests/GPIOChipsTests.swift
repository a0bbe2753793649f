import Glibc
import Posix
import Simulator
import Testing

@testable import Buttons

@Suite("GPIO chips")
struct GPIOChipsByLabel {
  static var kinds: [Lines.Kind] { linesCanBeMounted ? [.mounted, .plainFiles] : [.plainFiles] }

  @Test(
    "A line's number is the base of the chip with its label, wherever that is", arguments: [0, 399, 512, 569], kinds)
  func base(base: Int, kind: Lines.Kind) throws {
    let rig = try ButtonRig(LinesConfiguration(base: base, count: 8), as: kind)
    let chips = try GPIOChips(root: rig.lines.gpioRoot)
    #expect(try chips.number(ofLine: 7, on: ButtonRig.label) == base + 7)
    let buttons = try rig.open(rig.configuration([7]))
    try rig.lines.drive(7, .low)
    var events = try rig.turn(buttons)
    events += try rig.pass(20, buttons)
    #expect(events.map(\.kind) == [.pressed])
  }

  @Test("a wrong label is reported with the existing ones")
  func wrongLabel() throws {
    let rig = try ButtonRig(LinesConfiguration(label: "gpio mockup"), as: .plainFiles)
    let root = rig.lines.gpioRoot
    let error = ButtonError.noChip(label: "pinctrl-bcm2835", root: root, labels: ["gpio mockup"])
    #expect(throws: error) { try GPIOChips(root: root).number(ofLine: 5, on: "pinctrl-bcm2835") }
    #expect(
      error.description
        == "\(root): no GPIO chip 'pinctrl-bcm2835': there is 'gpio mockup': correct the chip in the board file")
  }

  @Test("a line that the chip does not have is reported with the range of its lines", arguments: [58, 1000, -1])
  func wrongLine(line: Int) throws {
    let rig = try ButtonRig(as: .plainFiles)
    #expect(throws: ButtonError.noLine(line, chip: ButtonRig.label, count: 58)) {
      try rig.open(rig.configuration([line]))
    }
  }

  @Test("two chips with one label are an error")
  func twoChips() throws {
    let rig = try ButtonRig(as: .plainFiles)
    let root = rig.lines.gpioRoot
    try Files.makeDirectory(root + "/gpiochip600")
    for (file, text) in [("base", "600\n"), ("ngpio", "8\n"), ("label", ButtonRig.label + "\n")] {
      try Files.create("\(root)/gpiochip600/\(file)", with: Array(text.utf8))
    }
    let error = ButtonError.ambiguousChip(
      label: ButtonRig.label, root: root, directories: ["gpiochip512", "gpiochip600"])
    #expect(throws: error) { try rig.open(rig.configuration([5])) }
  }

  @Test("a kernel without GPIO and a chip with invalid files are reported")
  func noGPIO() throws {
    #expect(throws: ButtonError.noGPIO(root: "/nowhere", SystemError("open", path: "/nowhere", code: ENOENT))) {
      try GPIOChips(root: "/nowhere")
    }
    let rig = try ButtonRig(as: .plainFiles)
    for text in ["none", "-1", "2147483648", "9223372036854775807", "9223372036854775808"] {
      try rig.put(text, "gpiochip512/base")
      #expect(throws: ButtonError.notANumber(path: "\(rig.lines.gpioRoot)/gpiochip512/base")) {
        try GPIOChips(root: rig.lines.gpioRoot)
      }
    }
  }
}
