import Glibc
import Posix
import Simulator
import Synchronization
import Testing

@testable import Buttons

@Suite("Patterns of a LED")
struct LEDPatterns {
  @Test("Dark and steady never change, the others do in their time and go around")
  func light() {
    #expect(LEDPattern.dark.light(at: 77).isLit == false && LEDPattern.dark.light(at: 77).left == nil)
    #expect(LEDPattern.steady.light(at: 77).isLit && LEDPattern.steady.light(at: 77).left == nil)
    for round in [0, 1000, 86_400_000] {
      #expect(LEDPattern.blink.light(at: round) == (true, 500))
      #expect(LEDPattern.blink.light(at: round + 499) == (true, 1))
      #expect(LEDPattern.blink.light(at: round + 500) == (false, 500))
    }
    #expect(LEDPattern.double.light(at: 120) == (false, 160))
    #expect(LEDPattern.double.light(at: 280) == (true, 120))
    #expect(LEDPattern.double.light(at: 999) == (false, 1))
  }
}

/// The show in the test's own time, on simulated LEDs and lines.
@Suite("LEDs", .enabled(if: linesCanBeMounted))
struct LEDShow {
  private static let shows: [LEDState: LEDPattern] = [.ready: .steady, .playing: .blink, .error: .flicker]

  private func named(_ name: String) -> LEDConfiguration { LEDConfiguration(.named(name), shows: Self.shows) }

  private func line(_ line: Int, isInverted: Bool = false) -> LEDConfiguration {
    LEDConfiguration(
      .line(LineConfiguration(chip: ButtonRig.label, line: line), isInverted: isInverted), shows: Self.shows)
  }

  private func glow(_ rig: ButtonRig, _ name: String) throws -> String {
    String(decoding: try Files.read("\(rig.lines.directory)/drive/\(name)").filter { $0 > 32 }, as: UTF8.self)
  }

  @Test("A named LED leaves its trigger and shines with all its brightness; dark states are dark")
  func namedLED() throws {
    let rig = try ButtonRig(LinesConfiguration(leds: ["ACT"]))
    var show = Show([named("ACT")], rig.places)
    #expect(show.turn(.ready, at: at(0)) == nil, "steady: nothing wakes the thread")
    #expect(try glow(rig, "ACT") == "255")
    let trigger = String(decoding: try Files.read(rig.lines.ledRoot + "/ACT/trigger"), as: UTF8.self)
    #expect(trigger.hasPrefix("[none]"))
    #expect(show.turn(.waiting, at: at(10)) == nil)
    #expect(try glow(rig, "ACT") == "0")
    #expect(show.takeFaults() == [])
  }

  @Test("Blinking wakes at each change and at no other time, and starts anew with each state")
  func blinking() throws {
    let rig = try ButtonRig(LinesConfiguration(leds: ["ACT"]))
    var show = Show([named("ACT")], rig.places)
    #expect(show.turn(.playing, at: at(1000)) == at(1500))
    #expect(try glow(rig, "ACT") == "255")
    #expect(show.turn(.playing, at: at(1500)) == at(2000))
    #expect(try glow(rig, "ACT") == "0")
    #expect(show.turn(.playing, at: at(1750)) == at(2000))
    #expect(show.turn(.error, at: at(1800)) == at(1900))
    #expect(try glow(rig, "ACT") == "255")
    #expect(show.turn(.off, at: at(1850)) == nil)
    #expect(try glow(rig, "ACT") == "0")
  }

  @Test("An output line shines high or low, in either tree, and the lines are given back", arguments: [true, false])
  func lines(legacy: Bool) throws {
    let rig = try ButtonRig(LinesConfiguration(legacy: legacy, ownSysfs: !legacy))
    do {
      var show = Show([line(17), line(18, isInverted: true)], rig.places)
      _ = show.turn(.off, at: at(0))
      #expect(try (glow(rig, "17"), glow(rig, "18")) == ("0", "1"))
      _ = show.turn(.ready, at: at(0))
      #expect(try (glow(rig, "17"), glow(rig, "18")) == ("1", "0"))
      #expect(show.takeFaults() == [])
      #expect(Files.exists(rig.lines.gpioRoot + (legacy ? "/gpio529" : "/chip0/gpio17")))
    }
    #expect(!Files.exists(rig.lines.gpioRoot + (legacy ? "/gpio529" : "/chip0/gpio17")))
  }

  @Test("A missing LED is told once and wakes nobody; the others shine")
  func missing() throws {
    let rig = try ButtonRig(LinesConfiguration(inUse: [18], leds: ["ACT"]))
    var show = Show([named("PWR"), named("ACT"), line(18)], rig.places)
    _ = show.turn(.ready, at: at(0))
    #expect(try glow(rig, "ACT") == "255")
    let faults = show.takeFaults()
    #expect(faults.count == 2)
    #expect(faults.first?.hasPrefix("LED PWR: ") == true && faults.last?.contains("in use by a driver") == true)
    #expect(show.turn(.off, at: at(10)) == nil)
    #expect(show.takeFaults() == [])
    #expect(show.faults.map { $0 == nil } == [false, true, false])
    #expect(show.turn(.playing, at: at(20)) == at(520))
    var alone = Show([named("PWR")], rig.places)
    #expect(alone.turn(.playing, at: at(0)) == nil)
  }

  @Test("A LED that vanishes is told, and shines again when it is back")
  func vanishes() throws {
    let rig = try ButtonRig()
    var show = Show([line(17)], rig.places)
    _ = show.turn(.ready, at: at(0))
    try rig.put("529", "unexport")
    _ = show.turn(.off, at: at(10))
    #expect(show.takeFaults().count == 1)
    _ = show.turn(.ready, at: at(20))
    #expect(show.faults == [nil])
    #expect(try glow(rig, "17") == "1")
  }

  @Test("The panel shows a state from another thread, and puts all out at its end")
  func panel() throws {
    let rig = try ButtonRig(LinesConfiguration(leds: ["ACT"]))
    let wire = try FileDescriptor(opening: rig.lines.directory + "/drive/ACT", O_RDONLY)
    func wait(for text: String) throws -> Bool {
      let end = Monotonic.now.adding(milliseconds: 20_000)
      while Monotonic.now < end {
        if try wire.byte(at: 0) == text.utf8.first { return true }
        var poll = Poll()
        _ = poll.add(wire.raw, events: POLLPRI)
        try poll.wait(until: end)
      }
      return false
    }
    let complaints = Mutex<[String]>([])
    do {
      let panel = try LEDPanel([named("ACT"), named("PWR")], rig.places) { line in
        complaints.withLock { $0.append(line) }
      }
      panel.show(.ready)
      #expect(try wait(for: "2"))
    }
    #expect(try wait(for: "0"))
    #expect(complaints.withLock { $0.count } == 1)
  }
}
