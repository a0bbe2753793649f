import Glibc
import Posix
import Simulator
import TestSupport
import Testing

@testable import Buttons

@Suite("Buttons on lines with edges", .enabled(if: linesCanBeMounted))
struct EdgeLinesTests {
  @Test("a press and a release are reported in the turn of the loop that they wake")
  func pressAndRelease() throws {
    let rig = try ButtonRig()
    let buttons = try rig.open(rig.configuration([5, 6]))
    #expect(buttons.access == [.edges, .edges])
    #expect(buttons.deadline == nil, "idle: nothing wakes the loop")
    var events = try rig.turn(buttons)
    events += try rig.pass(100, buttons)
    events += try rig.drive(6, .low, to: buttons)
    events += try rig.pass(100, buttons)
    #expect(buttons.deadline == nil, "held down: nothing wakes the loop either")
    events += try rig.drive(5, .low, to: buttons)
    events += try rig.pass(100, buttons)
    events += try rig.drive(6, .high, to: buttons)
    events += try rig.pass(100, buttons)
    #expect(rig.trace(events) == ["+1@100", "+0@200", "-1@300"])
  }

  @Test("a button that pulls its line high is pressed when the line is high")
  func activeHigh() throws {
    let rig = try ButtonRig(LinesConfiguration(idle: .low))
    var configuration = rig.configuration([5])
    configuration.lines[0].active = .high
    let buttons = try rig.open(configuration)
    #expect(buttons.heldSinceStart == [])
    #expect(rig.trace(try rig.drive(5, .high, to: buttons)) == ["+0@0"])
  }

  @Test("a line with active_low set is read by its level, and active_low stays set")
  func turnedLine() throws {
    let rig = try ButtonRig()
    try rig.put("517", "export")
    try rig.put("1", "gpio517/active_low")
    let buttons = try rig.open(rig.configuration([5]))
    #expect(buttons.heldSinceStart == [])
    #expect(rig.trace(try rig.drive(5, .low, to: buttons)) == ["+0@0"])
    #expect(try rig.text("gpio517/active_low") == "1\n")
  }

  @Test("real contact bounce in the kernel's files gives one press and one release", arguments: Chatter.profiles)
  func chatter(profile: (name: String, closing: [Int], opening: [Int])) throws {
    let rig = try ButtonRig()
    let buttons = try rig.open(rig.configuration([5]))
    var events = try rig.pass(100, buttons)
    for (start, edges) in [(0, profile.closing), (200, profile.opening)] {
      var level = start == 0 ? Lines.Level.low : .high
      var spent = 0
      for edge in edges {
        events += try rig.pass(edge - spent, buttons)
        spent = edge
        events += try rig.drive(5, level, to: buttons)
        level = level == .low ? .high : .low
      }
      events += try rig.pass(200 - spent, buttons)
    }
    #expect(rig.trace(events) == ["+0@100", "-0@300"])
  }

  @Test("a press shorter than the lock-out is reported, with its release at the end of the lock-out")
  func tap() throws {
    let rig = try ButtonRig()
    let buttons = try rig.open(rig.configuration([5]))
    var events = try rig.drive(5, .low, to: buttons)
    events += try rig.pass(7, buttons)
    events += try rig.drive(5, .high, to: buttons)
    events += try rig.pass(100, buttons)
    #expect(rig.trace(events) == ["+0@0", "-0@20"])
    #expect(buttons.deadline == nil)
  }

  @Test("after a burst that is faster than the reader, the last level counts")
  func burst() throws {
    let rig = try ButtonRig()
    let buttons = try rig.open(rig.configuration([5]))
    var events = try rig.drive(5, .low, .high, .low, .high, .low, to: buttons)
    events += try rig.pass(100, buttons)
    #expect(rig.trace(events) == ["+0@0"])
    events = try rig.drive(5, .high, .low, .high, to: buttons)
    events += try rig.pass(100, buttons)
    #expect(rig.trace(events) == ["-0@100"])
    events = try rig.drive(5, .low, .high, to: buttons)
    #expect(events == [], "a pulse that ends before the next read is a disturbance")
    #expect(rig.trace(try rig.drive(5, .low, to: buttons)) == ["+0@200"], "and costs nothing")
  }

  @Test("a thousand presses give a thousand presses and a thousand releases")
  func thousand() throws {
    let rig = try ButtonRig()
    let buttons = try rig.open(rig.configuration([5, 6, 7]))
    var events: [ButtonEvent] = []
    for press in 0..<1000 {
      let line = 5 + press % 3
      events += try rig.drive(line, .low, .high, .low, to: buttons)
      events += try rig.pass(21 + press % 50, buttons)
      events += try rig.drive(line, .high, to: buttons)
      events += try rig.pass(21, buttons)
    }
    #expect(events.count == 2000)
    for (index, event) in events.enumerated() {
      #expect(event.index == index / 2 % 3 && event.kind == (index % 2 == 0 ? .pressed : .released))
    }
  }

  @Test("a button that is held at the start gives no press until it has been released")
  func held() throws {
    let rig = try ButtonRig()
    try rig.lines.drive(6, .low)
    let buttons = try rig.open(rig.configuration([5, 6]))
    #expect(buttons.heldSinceStart == [1])
    #expect(try rig.turn(buttons) == [])
    #expect(try rig.drive(6, .high, to: buttons) == [])
    #expect(buttons.heldSinceStart == [])
    #expect(try rig.pass(100, buttons) == [])
    #expect(rig.trace(try rig.drive(6, .low, to: buttons)) == ["+1@100"])
  }

  @Test("two readers of one line both see each press, and the reader that exported the line unexports it")
  func twoReaders() throws {
    let rig = try ButtonRig()
    var first: ButtonPanel? = try rig.open(rig.configuration([5]))
    var second: ButtonPanel? = try rig.open(rig.configuration([5]))
    try rig.lines.drive(5, .low)
    for reader in [first, second] {
      #expect(rig.trace(try rig.turn(try #require(reader))) == ["+0@0"])
    }
    second = nil
    #expect(rig.isExported(5))
    try rig.lines.drive(5, .high)
    let left = try #require(first)
    #expect(rig.trace(try rig.pass(50, left)) == ["-0@20"])
    first = nil
    #expect(second == nil)
  }

  @Test("a line that was exported before stays exported, and the others are unexported")
  func exports() throws {
    let rig = try ButtonRig()
    try rig.put("517", "export")
    var buttons: ButtonPanel? = try rig.open(rig.configuration([5, 6]))
    #expect(buttons?.access == [.edges, .edges])
    #expect(rig.isExported(6))
    buttons = nil
    #expect(rig.isExported(5))
    #expect(!rig.isExported(6))
  }

  @Test("an output line with another edge becomes an input with both edges")
  func formerOutput() throws {
    let rig = try ButtonRig()
    try rig.put("517", "export")
    try rig.put("rising", "gpio517/edge")
    try rig.put("out", "gpio517/direction")
    let buttons = try rig.open(rig.configuration([5]))
    #expect(try rig.text("gpio517/direction") == "in\n")
    #expect(try rig.text("gpio517/edge") == "both\n")
    #expect(rig.trace(try rig.drive(5, .low, to: buttons)) == ["+0@0"])
  }

  @Test("files that udev has not made accessible yet are tried again")
  func unreadableAtFirst() throws {
    let rig = try ButtonRig(LinesConfiguration(unreadable: 60))
    let buttons = try rig.open(rig.configuration([5, 6, 7]))
    #expect(buttons.access == [.edges, .edges, .edges])
  }

  @Test("files that stay inaccessible are an error that names them, and no line stays exported")
  func unreadableForGood() throws {
    let rig = try ButtonRig(LinesConfiguration(unreadable: 3_600_000))
    let path = "\(rig.lines.gpioRoot)/gpio517/direction"
    #expect(
      throws: ButtonError.setUp(chip: ButtonRig.label, line: 5, SystemError("open", path: path, code: EACCES))
    ) { try rig.open(rig.configuration([5, 6])) }
    #expect(!rig.isExported(5))
    #expect(!rig.isExported(6))
  }

  @Test("a line that a driver uses is an error, and the lines before it are released")
  func lineOfADriver() throws {
    let rig = try ButtonRig(LinesConfiguration(inUse: [6]))
    #expect(throws: ButtonError.busy(chip: ButtonRig.label, line: 6)) { try rig.open(rig.configuration([5, 6])) }
    #expect(!rig.isExported(5))
  }

  @Test("a line that disappears is reported once, its button is released, and the others work on")
  func lineDisappears() throws {
    let rig = try ButtonRig()
    let buttons = try rig.open(rig.configuration([5, 6]))
    #expect(rig.trace(try rig.drive(5, .low, to: buttons)) == ["+0@0"])
    try rig.put("517", "unexport")
    #expect(rig.trace(try rig.pass(100, buttons)) == ["-0@20"], "found at the end of the lock-out")
    let failures = buttons.takeFailures()
    #expect(failures.map(\.index) == [0])
    let path = "\(rig.lines.gpioRoot)/gpio517/value"
    #expect(
      failures.first?.error
        == .lost(chip: ButtonRig.label, line: 5, SystemError("read", path: path, code: ENODEV)))
    #expect(rig.trace(try rig.drive(6, .low, to: buttons)) == ["+1@100"])
    #expect(try rig.pass(100, buttons) == [])
    #expect(buttons.takeFailures() == [])
    #expect(buttons.deadline == nil)
  }

  @Test("when all lines disappear, each is reported once and the loop sleeps")
  func treeDisappears() throws {
    let rig = try ButtonRig()
    let buttons = try rig.open(rig.configuration([5, 6]))
    rig.lines.unmount()
    #expect(try rig.turn(buttons) == [])
    #expect(buttons.takeFailures().map(\.index) == [0, 1])
    var poll = Poll()
    buttons.register(in: &poll)
    #expect(buttons.deadline == nil)
    #expect(try rig.turn(buttons) == [])
    #expect(buttons.takeFailures() == [])
  }

  @Test("the last level of a writer that does not wait is not lost", arguments: 0..<4)
  func unsynchronised(seed: Int) throws {
    let rig = try ButtonRig()
    let buttons = try ButtonPanel(rig.configuration([5], lockout: seed % 2 == 0 ? 0 : 1))
    let end = try Wake()
    let lines = rig.lines
    let writer = BackgroundThread {
      var dice = Dice(seed)
      for turn in 0..<5000 {
        try lines.drive(5, turn % 2 == 0 ? .low : .high)
        // Not yielded: on a busy machine each yield would cost a time slice.
        let next = Monotonic(nanoseconds: Monotonic.now.nanoseconds + Int64(dice.roll(0...40_000)))
        while Monotonic.now < next {}
      }
      try lines.drive(5, seed < 2 ? .low : .high)
      end.signal()
    }
    var events: [ButtonEvent] = []
    var isOver = false
    while !isOver {
      var poll = Poll()
      buttons.register(in: &poll)
      let over = poll.add(end.descriptor, events: POLLIN)
      try poll.wait(until: buttons.deadline)
      isOver = poll.answer(over) != 0
      events += buttons.events(after: poll, now: .now)
    }
    try writer.finish()
    events += try rig.turn(buttons)
    // A pending change and the lock-out that it starts: there are no other ends.
    for _ in 0..<3 {
      guard let deadline = buttons.deadline else { break }
      var poll = Poll()
      buttons.register(in: &poll)
      try poll.wait(until: deadline)
      events += buttons.events(after: poll, now: .now)
    }
    for (index, event) in events.enumerated() {
      #expect(event.kind == (index % 2 == 0 ? .pressed : .released))
    }
    #expect(buttons.deadline == nil)
    #expect(buttons.contact(0).state == (seed < 2 ? .down : .up))
    #expect(events.count > 1)
  }

  static let measured = 400

  @Test("the time from the driven level to the awakened loop is measured and printed")
  func latency() throws {
    let rig = try ButtonRig()
    let buttons = try ButtonPanel(rig.configuration([5], lockout: 0))
    let lines = rig.lines
    let reported = try Wake()
    let driven = Samples()
    let writer = BackgroundThread {
      for turn in 0..<Self.measured {
        var poll = Poll()
        let place = poll.add(reported.descriptor, events: POLLIN)
        if turn > 0 {
          try poll.wait(until: Monotonic.now.adding(milliseconds: 20_000))
          guard poll.answer(place) != 0 else { throw SystemError("wait for a press", code: ETIMEDOUT) }
          reported.clear()
          // So that the loop sleeps, as it does between two presses of a finger.
          var pause = Poll()
          try pause.wait(until: Monotonic.now.adding(milliseconds: 1))
        }
        driven.times.append(.now)
        try lines.drive(5, turn % 2 == 0 ? .low : .high)
      }
    }
    var noticed: [Monotonic] = []
    let bound = Monotonic.now.adding(milliseconds: 60_000)
    while noticed.count < Self.measured && Monotonic.now < bound {
      var poll = Poll()
      buttons.register(in: &poll)
      try poll.wait(until: bound)
      let now = Monotonic.now
      for event in buttons.events(after: poll, now: now) {
        noticed.append(event.time)
        reported.signal()
      }
    }
    try writer.finish()
    #expect(noticed.count == Self.measured)
    let delays = zip(noticed, driven.times).map { $0.since($1) / 1000 }.sorted()
    guard delays.count == Self.measured else { return }
    let (median, p95, p99) = (
      delays[delays.count / 2], delays[delays.count * 95 / 100], delays[delays.count * 99 / 100]
    )
    print("drive to wake-up, \(delays.count) times: median \(median) us, p95 \(p95) us, p99 \(p99) us")
  }
}

/// Written by one thread before it ends, read by another after the join.
final class Samples: @unchecked Sendable { var times: [Monotonic] = [] }
