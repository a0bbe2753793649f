import Board
import CLinux
import Glibc
import Posix
import Testing

@testable import Buttons

/// The reader of a character device's lines without the request: a pipe gives the kernel's records.
@Suite("Lines of a character device")
struct CharacterLinesByRecords {
  /// A chip with lines 5 and 9, whose levels the test sets.
  private final class Chip {
    let peer: Peer
    let source: CharacterLines
    let buttons: ButtonPanel
    /// The levels, by bit.
    final class Wires { var levels: Result<UInt64, SystemError> = .success(0b11) }
    let wires = Wires()
    private var number: UInt32 = 0

    init(active: Board.ActiveLevel = .low, levels: UInt64 = 0b11) throws {
      let (peer, descriptor) = try Peer.pair()
      self.peer = peer
      wires.levels = .success(levels)
      let lines = [5, 9].enumerated().map {
        CharacterLines.Line(index: $0.offset, offset: $0.element, chip: "c", active: active)
      }
      source = CharacterLines(lines, events: FileDescriptor(owning: descriptor)) { [wires] _, mask in
        wires.levels.map { $0 & mask }
      }
      buttons = try ButtonPanel([source], [.init(lockout: 20), .init(lockout: 20)], now: at(0))
    }

    /// An edge as the kernel reports it, after `skipping` events for which its buffer had no room.
    func edge(_ offset: UInt32, rises: Bool, at time: Monotonic, skipping: UInt32 = 0) throws {
      number += 1 + skipping
      var event = gpio_v2_line_event()
      event.timestamp_ns = UInt64(time.nanoseconds)
      event.id = (rises ? GPIO_V2_LINE_EVENT_RISING_EDGE : GPIO_V2_LINE_EVENT_FALLING_EDGE).rawValue
      event.offset = offset
      event.seqno = number
      let bit: UInt64 = offset == 5 ? 1 : 2
      wires.levels = wires.levels.map { rises ? $0 | bit : $0 & ~bit }
      try peer.write(event)
    }

    func turn(_ now: Monotonic) throws -> [ButtonEvent] {
      var poll = Poll()
      buttons.register(in: &poll)
      try poll.wait(until: .now)
      return buttons.events(after: poll, now: now)
    }
  }

  @Test("the kernel's record has the expected layout")
  func layout() {
    #expect(MemoryLayout<gpio_v2_line_event>.size == 48)
    #expect(MemoryLayout<gpio_v2_line_event>.offset(of: \.offset) == 12)
    #expect(MemoryLayout<gpio_v2_line_event>.offset(of: \.seqno) == 16)
  }

  @Test("edges become presses and releases with the kernel's times")
  func edges() throws {
    let chip = try Chip()
    #expect(chip.buttons.access == [.character, .character])
    try chip.edge(9, rises: false, at: at(100))
    try chip.edge(5, rises: false, at: at(130))
    try chip.edge(9, rises: true, at: at(180))
    #expect(
      try chip.turn(at(500)) == [
        ButtonEvent(index: 1, kind: .pressed, time: at(100)), ButtonEvent(index: 0, kind: .pressed, time: at(130)),
        ButtonEvent(index: 1, kind: .released, time: at(180)),
      ])
    #expect(chip.buttons.takeFailures() == [])
  }

  @Test("a press that ends before it is read is a press and a release: no edge is lost")
  func tap() throws {
    let chip = try Chip()
    try chip.edge(5, rises: false, at: at(100))
    try chip.edge(5, rises: true, at: at(104))
    #expect(try chip.turn(at(110)) == [ButtonEvent(index: 0, kind: .pressed, time: at(100))])
    #expect(try chip.turn(at(120)) == [ButtonEvent(index: 0, kind: .released, time: at(120))])
  }

  @Test("real contact bounce gives one press and one release", arguments: Chatter.profiles)
  func chatter(profile: (name: String, closing: [Int], opening: [Int])) throws {
    let chip = try Chip()
    for (start, edges, first) in [(1000, profile.closing, false), (1200, profile.opening, true)] {
      for (index, edge) in edges.enumerated() {
        try chip.edge(5, rises: index % 2 == 0 ? first : !first, at: at(start + edge))
      }
    }
    var events = try chip.turn(at(1215))
    for now in [1220, 1240] { events += try chip.turn(at(now)) }
    #expect(
      events == [
        ButtonEvent(index: 0, kind: .pressed, time: at(1000)), ButtonEvent(index: 0, kind: .released, time: at(1200)),
      ])
  }

  @Test("a button that pulls up, and one that is held at the start")
  func activeHigh() throws {
    let chip = try Chip(active: .high, levels: 0b10)
    #expect(chip.buttons.heldSinceStart == [1])
    try chip.edge(5, rises: true, at: at(50))
    #expect(try chip.turn(at(60)) == [ButtonEvent(index: 0, kind: .pressed, time: at(50))])
  }

  @Test("after lost edges the levels are read")
  func overflow() throws {
    let chip = try Chip()
    try chip.edge(5, rises: false, at: at(100))
    _ = try chip.turn(at(100))
    _ = try chip.turn(at(120))
    // The release of 5 and a press of 9 are lost; the next event is a late edge of 5.
    chip.wires.levels = .success(0b01)
    try chip.edge(5, rises: true, at: at(300), skipping: 7)
    #expect(
      try chip.turn(at(310)) == [
        ButtonEvent(index: 0, kind: .released, time: at(300)), ButtonEvent(index: 1, kind: .pressed, time: at(310)),
      ])
  }

  @Test("a record that is read in two parts is one record")
  func parts() throws {
    let chip = try Chip()
    var event = gpio_v2_line_event()
    event.timestamp_ns = UInt64(at(100).nanoseconds)
    event.id = GPIO_V2_LINE_EVENT_FALLING_EDGE.rawValue
    event.offset = 5
    event.seqno = 1
    let bytes = withUnsafeBytes(of: event) { Array($0) }
    try chip.peer.write(bytes: Array(bytes.prefix(20)))
    #expect(try chip.turn(at(110)) == [])
    try chip.peer.write(bytes: Array(bytes.dropFirst(20)))
    #expect(try chip.turn(at(115)) == [ButtonEvent(index: 0, kind: .pressed, time: at(100))])
  }

  @Test("a time in the future counts as now")
  func future() throws {
    let chip = try Chip()
    try chip.edge(5, rises: false, at: at(999_999))
    #expect(try chip.turn(at(100)).map(\.time) == [at(100)])
  }

  @Test("when a chip disappears, earlier events count, then each of its lines is reported as lost once")
  func vanishes() throws {
    let chip = try Chip()
    try chip.edge(5, rises: false, at: at(100))
    chip.wires.levels = .failure(SystemError("read levels", code: ENODEV))
    chip.peer.hangUp()
    #expect(try chip.turn(at(110)) == [ButtonEvent(index: 0, kind: .pressed, time: at(100))])
    #expect(try chip.turn(at(111)) == [ButtonEvent(index: 0, kind: .released, time: at(111))])
    #expect(chip.buttons.takeFailures().map(\.index) == [0, 1])
    #expect(chip.buttons.deadline == nil)
    #expect(try chip.turn(at(112)) == [])
    #expect(chip.buttons.takeFailures() == [])
  }

  @Test("any bytes give levels or a failure, and never a crash", arguments: 0..<50)
  func strangeBytes(seed: Int) throws {
    let chip = try Chip()
    var dice = Dice(seed)
    try chip.peer.write(bytes: (0..<dice.roll(1...2000)).map { _ in UInt8.random(in: 0...255, using: &dice) })
    for now in 0..<20 { _ = try chip.turn(at(100 * now)) }
  }
}

/// With the kernel's simulator gpio-sim, where root can load it.
@Suite("A character device of the kernel", .enabled(if: SimulatedChip.isAvailable))
struct CharacterDeviceOfTheKernel {
  @Test("finds the chip by its label, sets pulls, and gives each edge a time")
  func edges() throws {
    let chip = try SimulatedChip(lines: 8)
    let paths = KernelPaths(gpio: "/nowhere")
    let line = Board.Line(chip: chip.label, line: 3, bias: .up, button: .control(.stop))
    let buttons = try ButtonPanel(ButtonConfiguration(lines: [line], lockout: 0, paths: paths))
    #expect(buttons.access == [.character])
    let before = Monotonic.now
    try chip.pull(3, up: false)
    var poll = Poll()
    buttons.register(in: &poll)
    try poll.wait(until: before.adding(milliseconds: 20_000))
    let events = buttons.events(after: poll, now: .now)
    #expect(events.map(\.kind) == [.pressed])
    #expect(events.allSatisfy { $0.time >= before && $0.time <= .now })
    #expect(throws: ButtonError.busy(chip: chip.label, line: 3)) {
      try ButtonPanel(ButtonConfiguration(lines: [line], paths: paths))
    }
  }
}
