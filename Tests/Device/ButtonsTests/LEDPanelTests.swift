import Board
import Glibc
import Posix
import Simulator
import Synchronization
import Testing

@testable import Buttons

@Suite("Patterns of a LED")
struct LEDPatterns {
  @Test("dark and steady never change; the others change in time and repeat")
  func light() {
    #expect(
      Board.LED.Pattern.dark.light(at: 77).isLit == false && Board.LED.Pattern.dark.light(at: 77).remaining == nil)
    #expect(Board.LED.Pattern.steady.light(at: 77).isLit && Board.LED.Pattern.steady.light(at: 77).remaining == nil)
    for round in [0, 1000, 86_400_000] {
      #expect(Board.LED.Pattern.blink.light(at: round) == (true, 500))
      #expect(Board.LED.Pattern.blink.light(at: round + 499) == (true, 1))
      #expect(Board.LED.Pattern.blink.light(at: round + 500) == (false, 500))
    }
    #expect(Board.LED.Pattern.double.light(at: 120) == (false, 160))
    #expect(Board.LED.Pattern.double.light(at: 280) == (true, 120))
    #expect(Board.LED.Pattern.double.light(at: 999) == (false, 1))
  }
}

/// Simulated LEDs and lines, in the test's time.
@Suite("LEDs", .enabled(if: linesCanBeMounted))
struct LEDShow {
  private static let patterns = Board.LED.Patterns(
    ready: .steady, draft: .dark, playing: .blink, waiting: .dark, error: .flicker)

  private func named(_ name: String) -> Board.LED { Board.LED(led: name, shows: Self.patterns) }

  private func line(_ line: Int, active: Board.ActiveLevel = .high) -> Board.LED {
    Board.LED(output: .init(chip: ButtonRig.label, line: line, active: active), shows: Self.patterns)
  }

  private func glow(_ rig: ButtonRig, _ name: String) throws -> String {
    String(decoding: try Files.read("\(rig.lines.directory)/drive/\(name)").filter { $0 > 32 }, as: UTF8.self)
  }

  @Test("a named LED has no trigger and full brightness; dark states are dark")
  func namedLED() throws {
    let rig = try ButtonRig(LinesConfiguration(leds: ["ACT"]))
    var sequencer = LEDSequencer([named("ACT")], rig.paths)
    #expect(sequencer.update(.ready, at: at(0)) == nil, "steady: nothing wakes the thread")
    #expect(try glow(rig, "ACT") == "255")
    let trigger = String(decoding: try Files.read(rig.lines.ledRoot + "/ACT/trigger"), as: UTF8.self)
    #expect(trigger.hasPrefix("[none]"))
    #expect(sequencer.update(.waiting, at: at(10)) == nil)
    #expect(try glow(rig, "ACT") == "0")
    #expect(sequencer.takeFaults() == [])
  }

  @Test("blinking wakes at each change and at no other time, and restarts with each state")
  func blinking() throws {
    let rig = try ButtonRig(LinesConfiguration(leds: ["ACT"]))
    var sequencer = LEDSequencer([named("ACT")], rig.paths)
    #expect(sequencer.update(.playing, at: at(1000)) == at(1500))
    #expect(try glow(rig, "ACT") == "255")
    #expect(sequencer.update(.playing, at: at(1500)) == at(2000))
    #expect(try glow(rig, "ACT") == "0")
    #expect(sequencer.update(.playing, at: at(1750)) == at(2000))
    #expect(sequencer.update(.error, at: at(1800)) == at(1900))
    #expect(try glow(rig, "ACT") == "255")
    #expect(sequencer.update(nil, at: at(1850)) == nil)
    #expect(try glow(rig, "ACT") == "0")
  }

  @Test("an LED of an answer mode is lit while that is on, whatever the state")
  func mode() throws {
    let rig = try ButtonRig(LinesConfiguration(leds: ["ACT", "PWR"]))
    var sequencer = LEDSequencer([named("ACT"), Board.LED(led: "PWR", mode: .tap)], rig.paths)
    for state in [Board.LED.State.ready, .playing, .error] {
      _ = sequencer.update(state, mode: .tap, at: at(0))
      #expect(try glow(rig, "PWR") == "255", "\(state)")
      _ = sequencer.update(state, mode: .card, at: at(0))
      #expect(try glow(rig, "PWR") == "0", "\(state)")
    }
    _ = sequencer.update(.ready, mode: .tap, at: at(10))
    _ = sequencer.update(nil, at: at(20))
    #expect(try glow(rig, "PWR") == "0", "at the end")
    #expect(sequencer.update(.ready, mode: .tap, at: at(30)) == nil, "nothing wakes the thread")
  }

  @Test("an output line is lit high or low, in either directory, and the lines are released", arguments: [true, false])
  func lines(legacy: Bool) throws {
    let rig = try ButtonRig(LinesConfiguration(legacy: legacy, ownSysfs: !legacy))
    do {
      var sequencer = LEDSequencer([line(17), line(18, active: .low)], rig.paths)
      _ = sequencer.update(nil, at: at(0))
      #expect(try (glow(rig, "17"), glow(rig, "18")) == ("0", "1"))
      _ = sequencer.update(.ready, at: at(0))
      #expect(try (glow(rig, "17"), glow(rig, "18")) == ("1", "0"))
      #expect(sequencer.takeFaults() == [])
      #expect(Files.exists(rig.lines.gpioRoot + (legacy ? "/gpio529" : "/chip0/gpio17")))
    }
    #expect(!Files.exists(rig.lines.gpioRoot + (legacy ? "/gpio529" : "/chip0/gpio17")))
  }

  @Test("a missing LED is reported once and wakes nothing; the others are lit")
  func missing() throws {
    let rig = try ButtonRig(LinesConfiguration(inUse: [18], leds: ["ACT"]))
    var sequencer = LEDSequencer([named("PWR"), named("ACT"), line(18)], rig.paths)
    _ = sequencer.update(.ready, at: at(0))
    #expect(try glow(rig, "ACT") == "255")
    let faults = sequencer.takeFaults()
    #expect(faults.count == 2)
    #expect(faults.first?.hasPrefix("LED PWR: ") == true && faults.last?.contains("in use by a driver") == true)
    #expect(sequencer.update(nil, at: at(10)) == nil)
    #expect(sequencer.takeFaults() == [])
    #expect(sequencer.faults.map { $0 == nil } == [false, true, false])
    #expect(sequencer.update(.playing, at: at(20)) == at(520))
    var alone = LEDSequencer([named("PWR")], rig.paths)
    #expect(alone.update(.playing, at: at(0)) == nil)
  }

  @Test("an LED that disappears is reported, and lit again when it is back")
  func vanishes() throws {
    let rig = try ButtonRig()
    var sequencer = LEDSequencer([line(17)], rig.paths)
    _ = sequencer.update(.ready, at: at(0))
    try rig.put("529", "unexport")
    _ = sequencer.update(nil, at: at(10))
    #expect(sequencer.takeFaults().count == 1)
    _ = sequencer.update(.ready, at: at(20))
    #expect(sequencer.faults == [nil])
    #expect(try glow(rig, "17") == "1")
  }

  @Test("the panel shows a state from another thread, and is dark at its end")
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
      let panel = try LEDPanel([named("ACT"), named("PWR")], rig.paths) { line in
        complaints.withLock { $0.append(line) }
      }
      panel.show(.ready)
      #expect(try wait(for: "2"))
    }
    #expect(try wait(for: "0"))
    #expect(complaints.withLock { $0.count } == 1)
  }
}
