import Glibc
import Posix
import Simulator
import Testing

@testable import Buttons

@Suite("Buttons on lines without edges")
struct TimedLinesTests {
  static var kinds: [Lines.Kind] { linesCanBeMounted ? [.mounted, .plainFiles] : [.plainFiles] }

  @Test("a line without interrupts is polled on a timer", arguments: kinds)
  func withoutEdge(kind: Lines.Kind) throws {
    let rig = try ButtonRig(LinesConfiguration(withoutEdge: [5]), as: kind)
    let buttons = try rig.open(rig.configuration([5], poll: 10))
    #expect(buttons.access == [.timed(reason: "the line has no interrupt")])
    #expect(buttons.deadline == rig.time.adding(milliseconds: 10))
    var events = try rig.pass(95, buttons)
    events += try rig.drive(5, .low, to: buttons)
    events += try rig.pass(100, buttons)
    events += try rig.drive(5, .high, to: buttons)
    events += try rig.pass(100, buttons)
    #expect(rig.trace(events) == ["+0@100", "-0@200"])
  }

  @Test("a line that the board polls on a timer has no descriptor, with or without edges", arguments: kinds)
  func timed(kind: Lines.Kind) throws {
    let rig = try ButtonRig(as: kind)
    let buttons = try rig.open(rig.configuration([5], timed: true, poll: 7))
    #expect(buttons.access == [.timed(reason: "the board says so")])
    var poll = Poll()
    buttons.register(in: &poll)
    #expect(poll.add(0, events: 0) == 0)
    try rig.lines.drive(5, .low)
    #expect(rig.trace(try rig.pass(50, buttons)) == ["+0@7"])
  }

  @Test("one board has lines with edges and lines on a timer", .enabled(if: linesCanBeMounted))
  func mixed() throws {
    let rig = try ButtonRig(LinesConfiguration(withoutEdge: [6]))
    let buttons = try rig.open(rig.configuration([5, 6]))
    try rig.lines.drive(6, .low)
    var events = try rig.drive(5, .low, to: buttons)
    events += try rig.pass(15, buttons)
    #expect(rig.trace(events) == ["+0@0", "+1@10"])
  }

  @Test("a value file that is empty for a moment is ignored; one with an invalid value is a failure")
  func oddFiles() throws {
    let rig = try ButtonRig(as: .plainFiles)
    let buttons = try rig.open(rig.configuration([5, 6]))
    let value = rig.lines.gpioRoot + "/gpio517/value"
    #expect(truncate(value, 0) == 0)
    #expect(try rig.pass(50, buttons) == [])
    #expect(buttons.takeFailures() == [])
    try rig.lines.drive(5, .low)
    #expect(rig.trace(try rig.pass(50, buttons)) == ["+0@60"])
    try rig.put("x\n", "gpio517/value")
    #expect(rig.trace(try rig.pass(50, buttons)) == ["-0@110"])
    #expect(
      buttons.takeFailures().map(\.error) == [
        .lost(chip: ButtonRig.label, line: 5, SystemError("read a level", path: value, code: EINVAL))
      ])
    try rig.lines.drive(6, .low)
    #expect(rig.trace(try rig.pass(50, buttons)) == ["+1@160"])
  }

  @Test("invalid intervals, and a line twice, are refused")
  func configuration() throws {
    let rig = try ButtonRig(as: .plainFiles)
    #expect(throws: ButtonError.interval(name: "the poll interval", milliseconds: 0, minimum: 1)) {
      try rig.open(rig.configuration([5], poll: 0))
    }
    #expect(throws: ButtonError.interval(name: "the lock-out", milliseconds: -1, minimum: 0)) {
      try rig.open(rig.configuration([5], lockout: -1))
    }
    #expect(throws: ButtonError.duplicateLine(chip: ButtonRig.label, line: 5, 0, 2)) {
      try rig.open(rig.configuration([5, 6, 5]))
    }
  }

  @Test("a board without buttons is valid and never wakes the loop")
  func noButtons() throws {
    let buttons = try ButtonPanel(ButtonConfiguration(lines: [], paths: KernelPaths(gpio: "/nowhere")))
    #expect(buttons.deadline == nil)
  }
}
