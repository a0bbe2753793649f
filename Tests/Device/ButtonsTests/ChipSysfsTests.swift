import Glibc
import Posix
import Simulator
import Testing

@testable import Buttons

/// The interface that reads a line: legacy sysfs, the chip's sysfs, or the character device.
@Suite("The way to a line", .enabled(if: linesCanBeMounted))
struct WayToALine {
  private static let own = LinesConfiguration(legacy: false, ownSysfs: true)

  @Test("without the legacy directory the chip's is polled on a timer")
  func ownSysfs() throws {
    let rig = try ButtonRig(Self.own)
    let buttons = try rig.open(rig.configuration([5, 6]))
    #expect(buttons.access[0] == .timed(reason: "a chip's own sysfs has no edges"))
    #expect(buttons.accessReasons[0] == "no legacy sysfs for the chip; \(rig.lines.gpioRoot)/chip0 has the chip")
    var events = try rig.pass(95, buttons)
    events += try rig.drive(5, .low, to: buttons)
    events += try rig.pass(100, buttons)
    events += try rig.drive(5, .high, to: buttons)
    events += try rig.pass(100, buttons)
    #expect(rig.trace(events) == ["+0@100", "-0@200"])
  }

  @Test("with both, the one with edges is used, and a board can choose the other")
  func both() throws {
    let rig = try ButtonRig(LinesConfiguration(ownSysfs: true))
    var configuration = rig.configuration([5, 6])
    configuration.lines[1].access = .chipSysfs
    let buttons = try rig.open(configuration)
    #expect(buttons.access == [.edges, .timed(reason: "a chip's own sysfs has no edges")])
    #expect(buttons.accessReasons[0] == "\(rig.lines.gpioRoot)/gpiochip512 has the chip")
    #expect(buttons.accessReasons[1] == "the board says so; \(rig.lines.gpioRoot)/chip0 has the chip")
    try rig.lines.drive(6, .low)
    var events = try rig.drive(5, .low, to: buttons)
    events += try rig.pass(15, buttons)
    #expect(rig.trace(events) == ["+0@0", "+1@10"])
  }

  @Test("an exported line is unexported, also in the chip's directory")
  func exports() throws {
    let rig = try ButtonRig(Self.own)
    var buttons: ButtonPanel? = try rig.open(rig.configuration([5]))
    #expect(buttons != nil)
    #expect(Files.exists(rig.lines.gpioRoot + "/chip0/gpio5"))
    buttons = nil
    #expect(!Files.exists(rig.lines.gpioRoot + "/chip0/gpio5"))
  }

  @Test("a line that a driver uses, and a line that disappears, are handled alike in both directories")
  func faults() throws {
    let rig = try ButtonRig(LinesConfiguration(inUse: [6], legacy: false, ownSysfs: true))
    #expect(throws: ButtonError.busy(chip: ButtonRig.label, line: 6)) { try rig.open(rig.configuration([6])) }
    let buttons = try rig.open(rig.configuration([5]))
    try rig.put("5", "chip0/unexport")
    #expect(try rig.pass(20, buttons) == [])
    #expect(buttons.takeFailures().map(\.index) == [0])
  }

  @Test("a wrong label is reported with the labels of all interfaces, or of the chosen one")
  func wrongLabel() throws {
    let rig = try ButtonRig(Self.own)
    var configuration = rig.configuration([5])
    configuration.lines[0].chip = "elsewhere"
    #expect(
      throws: ButtonError.noChip(label: "elsewhere", root: rig.lines.gpioRoot, labels: [ButtonRig.label])
    ) { try rig.open(configuration) }
    configuration.lines[0].access = .character
    #expect(
      throws: ButtonError.noCharacterDevice(SystemError("find", path: "/tmp/gpiochip*", code: ENOENT))
    ) {
      configuration.paths.devices = "/tmp"
      return try rig.open(configuration)
    }
  }

  @Test("only the character device sets a pull; without it a pull is an error")
  func bias() throws {
    let rig = try ButtonRig()
    var configuration = rig.configuration([5])
    configuration.paths.devices = "/tmp"
    configuration.lines[0].bias = .up
    let error = ButtonError.noCharacterDevice(SystemError("find", path: "/tmp/gpiochip*", code: ENOENT))
    #expect(throws: error) { try rig.open(configuration) }
    #expect(error.description.contains("only such a device sets pulls"))
  }

  @Test("a survey reports each line, and one fault hides no other")
  func survey() throws {
    let rig = try ButtonRig(LinesConfiguration(withoutEdge: [7], inUse: [6]))
    try rig.lines.drive(8, .low)
    let survey = Survey(rig.paths)
    #expect(survey.chips().map(\.path) == ["\(rig.lines.gpioRoot)/gpiochip512"])
    let lines = rig.configuration([5, 6, 7, 8, 900]).lines.map { survey.line($0) }
    #expect(
      lines.map(\.access) == [.edges, nil, .timed(reason: "the line has no interrupt"), .edges, nil])
    #expect(lines.map(\.isDown) == [false, false, false, true, false])
    #expect(lines[1].error == .busy(chip: ButtonRig.label, line: 6))
    #expect(lines[4].error == .noLine(900, chip: ButtonRig.label, count: 58))
    #expect(!rig.isExported(5))
  }
}
