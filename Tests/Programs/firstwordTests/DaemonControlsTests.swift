import Board
import Control
import Foundation
import Glibc
import Journal
import Kit
import Posix
import Simulator
import TestSupport
import Testing

/// The shipped daemon and its buttons, keys and LEDs: what a hand, a bad contact and a loose plug do to them.
@Suite("The daemon's buttons and LEDs", .serialized)
struct DaemonControlsTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  // MARK: Helpers

  /// The status that fulfils the condition, asked for again and again; the last one after 20 s.
  private func status(_ bench: Bench, until isSo: (DaemonStatus) -> Bool) throws -> DaemonStatus {
    let client = try ControlClient(path: bench.socket)
    let end = Monotonic.now.adding(milliseconds: 20_000)
    while true {
      let status = try #require(try client.ask(.status).status)
      if isSo(status) || Monotonic.now >= end { return status }
    }
  }

  /// Waits until the lines of the journal fulfil the condition; returns false after 20 s.
  private func waitForJournal(_ bench: Bench, until isSo: ([JournalFields]) -> Bool) throws -> Bool {
    let end = Monotonic.now.adding(milliseconds: 20_000)
    while Monotonic.now < end {
      // The last line may be half written.
      let lines = try Files.read(bench.journal).split(separator: 0x0A)
      if isSo(lines.compactMap { try? JSONDecoder().decode(JournalFields.self, from: Data($0)) }) { return true }
      try bench.rest(until: .now.adding(milliseconds: 5))
    }
    return false
  }

  private func line(_ button: String) throws -> Int {
    try #require(Sandbox.board().lines.buttons.first { $0.button == Button(button) }).line
  }

  private func state(_ button: String, _ status: DaemonStatus) -> DaemonStatus.ButtonStatus.State? {
    status.buttons.first { $0.button == button }?.state
  }

  /// Waits until the wire of a LED shows one of the values; false after 20 s.
  private func wait(_ bench: Bench, led: String, shows values: Set<String>) throws -> Bool {
    let wire = try FileDescriptor(opening: "\(bench.lines.directory)/drive/\(led)", O_RDONLY)
    let end = Monotonic.now.adding(milliseconds: 20_000)
    while Monotonic.now < end {
      let text = String(decoding: try wire.bytes(), as: UTF8.self)
      if values.contains(text.trimmingCharacters(in: .whitespacesAndNewlines)) { return true }
      var poll = Poll()
      _ = poll.add(wire.raw, events: POLLPRI)
      try poll.wait(until: end)
    }
    return false
  }

  private func heard(_ language: String, _ prompt: String, _ verdict: SoundVerifier.Verdict) -> Bool {
    guard case .clip(language, prompt, _, completed: true) = verdict.heard else { return false }
    return verdict.faults.isEmpty
  }

  private func judge(_ bench: Bench) throws -> [SoundVerifier.Verdict] {
    let presses = bench.presses
    return SoundVerifier(ClipLibrary(try KitFile(path: sandbox.kit))).verify(presses, try bench.finish())
  }

  // MARK: Lines

  @Test("a kernel without the legacy tree: the chip's own is looked at on a timer, and plays")
  func ownSysfs() throws {
    let bench = try sandbox.bench {
      $0.chip.legacy = false
      $0.chip.ownSysfs = true
    }
    try #require(bench.lines.kind == .mounted)
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    let status = try status(bench) { !$0.latencies.isEmpty }
    #expect(status.buttons.allSatisfy { $0.path.hasPrefix("sysfs, on a timer") })
    #expect(status.latencies.first { $0.path == "poll" }?.count == 1)
    #expect(heard("ro", "language-name", try judge(bench)[0]))
  }

  @Test("chatter: a burst of edges is one press")
  func chatter() throws {
    let bench = try sandbox.bench()
    let line = try line("next-language")
    try bench.lines.drive(line, .low, .high, .low, .high, .low)
    #expect(try status(bench) { $0.presses > 0 }.presses == 1)
    try bench.lines.drive(line, .high, .low, .high)
    #expect(try status(bench) { $0.playing == nil }.presses == 1)
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    let end = try status(bench) { _ in true }
    #expect(end.presses == 2)
    #expect(end.language == "bg")
  }

  @Test("stuck button: told in status and journal, ignored, and a button again when it is let go")
  func stuckButton() throws {
    let bench = try sandbox.bench { $0.board.presses.stuck = 2 }
    let line = try line("safe-here")
    try bench.lines.drive(line, .low)
    let stuck = try status(bench) { state("safe-here", $0) == .stuck }
    #expect(state("safe-here", stuck) == .stuck)
    #expect(stuck.presses == 1, "its own press, and no more")
    #expect(
      try waitForJournal(bench) { $0.last { $0.event == "button-stuck" }?.detail?.hasPrefix("safe-here") == true })
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    try bench.lines.drive(line, .high)
    #expect(state("safe-here", try status(bench) { state("safe-here", $0) == .good }) == .good)
    #expect(try waitForJournal(bench) { $0.contains { $0.event == "button-freed" } })
    try bench.press(Button("safe-here"))
    #expect(try bench.waitForEnd())
    let verdicts = try judge(bench)
    #expect(heard("ro", "language-name", verdicts[0]))
    #expect(heard("ro", "safe-here", verdicts[1]))
  }

  @Test("a line that vanishes: told in status and journal, and the others go on")
  func lineVanishes() throws {
    let bench = try sandbox.bench()
    try #require(bench.lines.kind == .mounted)
    let number = bench.lines.configuration.base + (try line("wrong-language"))
    try FileDescriptor(opening: bench.lines.gpioRoot + "/unexport", O_WRONLY).write("\(number)".utf8)
    let lost = try status(bench) { state("wrong-language", $0) == .lost }
    #expect(state("wrong-language", lost) == .lost)
    #expect(try waitForJournal(bench) { $0.contains { $0.event == "line-lost" } })
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    #expect(heard("ro", "language-name", try judge(bench)[0]))
  }

  @Test("a long press does what the board says, after the press itself")
  func longPress() throws {
    let bench = try sandbox.bench { setup in
      setup.board.presses.hold = 200
      for index in setup.board.lines.buttons.indices
      where setup.board.lines.buttons[index].button == Button("next-language") {
        setup.board.lines.buttons[index].hold = Button("previous-language")
      }
    }
    try bench.lines.drive(try line("next-language"), .low)
    let status = try status(bench) { $0.presses == 2 }
    #expect(status.presses == 2)
    #expect(status.language == "vi", "one forward, one back again")
    #expect(try waitForJournal(bench) { $0.filter { $0.event == "language" }.map(\.language) == ["ro", "vi"] })
  }

  @Test("a long press on a button of two answers records the second alone, a short one the first alone")
  func heldAnswer() throws {
    let bench = try sandbox.bench { setup in
      setup.board.presses.hold = 500
      let index = try #require(setup.board.lines.buttons.firstIndex { $0.button == Button("repeat") })
      setup.board.lines.buttons[index].button = Button("answer-unclear")
      setup.board.lines.buttons[index].hold = Button("answer-declined")
    }
    for button in ["next-language", "need-doctor"] { try bench.press(Button(button)) }
    #expect(try waitForJournal(bench) { $0.contains { $0.event == "completed" && $0.prompt == "need-doctor" } })
    let line = try line("repeat")
    func answers(_ count: Int) throws -> Bool {
      try waitForJournal(bench) { entries in
        let answers = entries.filter { $0.event == "answer" }.map(\.detail)
        return answers == Array(["declined", "unclear"].prefix(count))
      }
    }
    try bench.lines.drive(line, .low)
    #expect(try answers(1))
    try bench.lines.drive(line, .high)
    try bench.rest(until: .now.adding(milliseconds: 100))
    try bench.press(Button("answer-unclear"))
    #expect(try answers(2))
  }

  @Test("each press is in the latency statistics, by the way that it came")
  func latencies() throws {
    let bench = try sandbox.bench()
    let client = try ControlClient(path: bench.socket)
    for _ in 0..<3 { _ = try client.ask(.press, button: "next-language") }
    try bench.press(Button("stop"))
    try bench.press(Button("wrong-language"))
    let status = try status(bench) { $0.latencies.count == 3 }
    #expect(status.latencies.map(\.path) == ["edge", "poll", "socket"])
    #expect(status.latencies.map(\.count) == [1, 1, 3])
    for each in status.latencies {
      #expect(each.to == "player")
      #expect(each.median > 0 && each.median <= each.p95 && each.p95 <= each.p99 && each.p99 <= each.worst)
    }
  }

  @Test("with stop held down a button means what the board says, and what it always means otherwise")
  func withStop() throws {
    let bench = try sandbox.bench { setup in
      for index in setup.board.lines.buttons.indices
      where setup.board.lines.buttons[index].button == Button("next-language") {
        setup.board.lines.buttons[index].withStop = Button("previous-language")
      }
    }
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    let stop = try line("stop")
    try bench.lines.drive(stop, .low)
    #expect(try status(bench) { $0.presses == 2 }.presses == 2)
    try bench.press(Button("next-language"))
    #expect(try status(bench) { $0.language == "vi" }.language == "vi", "one back from the first")
    try bench.lines.drive(stop, .high)
    try bench.rest(until: .now.adding(milliseconds: 200))
    try bench.press(Button("next-language"))
    #expect(try status(bench) { $0.language == "ro" }.language == "ro")
  }

  // MARK: Answers

  @Test("an answer is in the journal with its question, as the responder judged it")
  func answers() throws {
    let bench = try sandbox.bench()
    let client = try ControlClient(path: bench.socket)
    for button in ["next-language", "need-doctor"] { _ = try client.ask(.press, button: button) }
    // Nobody answers what has not been asked.
    #expect(try waitForJournal(bench) { $0.contains { $0.event == "started" && $0.prompt == "need-doctor" } })
    _ = try client.ask(.press, button: "answer-no")
    #expect(
      try waitForJournal(bench) { lines in
        lines.contains { $0.event == "early-answer" && $0.prompt == "need-doctor" && $0.detail == "no" }
      })
    #expect(try waitForJournal(bench) { $0.contains { $0.event == "completed" && $0.prompt == "need-doctor" } })
    _ = try client.ask(.press, button: "answer-yes")
    #expect(
      try waitForJournal(bench) { lines in
        guard let answer = lines.last(where: { $0.event == "answer" }) else { return false }
        return answer.prompt == "need-doctor" && answer.language == "ro" && answer.detail == "yes"
      })
  }

  // MARK: Input devices

  /// A number pad that can be plugged and unplugged: a FIFO that speaks as the kernel does.
  private final class Pad {
    static let codes: [Character: UInt16] = [
      "0": 82, "1": 79, "2": 80, "3": 81, "4": 75, "5": 76, "6": 77, "7": 71, "8": 72, "9": 73, "*": 55, "E": 96,
    ]
    let path: String
    private var end: FileDescriptor?

    init(_ path: String) throws {
      self.path = path
      try plug()
    }

    deinit { unplug() }

    func plug() throws {
      try posix("mkfifo", path: path) { mkfifo(path, 0o600) }
      end = FileDescriptor(owning: try posix("open", path: path) { open(path, O_RDWR | O_CLOEXEC) })
    }

    func unplug() {
      end = nil
      unlink(path)
    }

    func type(_ keys: String) throws {
      for key in keys {
        for value in [1, 0] as [Int32] {
          // struct input_event: a time of two longs, which nobody reads here, type, code, value.
          var bytes = [UInt8](repeating: 0, count: 2 * MemoryLayout<Int>.size)
          for field in [1, Pad.codes[key] ?? 0] as [UInt16] { bytes += withUnsafeBytes(of: field) { Array($0) } }
          bytes += withUnsafeBytes(of: value) { Array($0) }
          try end?.write(bytes)
        }
      }
    }
  }

  private func withPad(_ setup: inout Bench.Setup, _ pad: Pad) {
    setup.board.inputs = [
      .init(
        device: pad.path,
        keys: Pad.codes.sorted { $0.key < $1.key }.map { key, code in
          .init(code: Int(code), button: key == "E" ? .control(.stop) : Button(String(key)))
        })
    ]
    // So that no machine is too slow for it.
    setup.board.presses.digits = 30_000
    setup.board.lines.lockout = 1
  }

  @Test("the number pad: star and two digits choose a language, two digits a message")
  func numberPad() throws {
    let pad = try Pad(sandbox.directory + "/pad")
    let bench = try sandbox.bench { withPad(&$0, pad) }
    try pad.type("*29")
    #expect(try status(bench) { $0.language != nil }.language == "ro")
    try pad.type("02")
    #expect(try status(bench) { $0.playing == "safe-here" }.playing == "safe-here")
    try pad.type("E")
    #expect(try status(bench) { $0.playing == nil }.playing == nil)
    #expect(try waitForJournal(bench) { $0.filter { $0.event == "started" }.map(\.prompt).contains("safe-here") })
    #expect(try status(bench) { _ in true }.latencies.map(\.path) == ["input"])
  }

  @Test("unplugged input device: told in status and journal; plugged in again, it plays without a restart")
  func unpluggedDevice() throws {
    let pad = try Pad(sandbox.directory + "/pad")
    let bench = try sandbox.bench { withPad(&$0, pad) }
    pad.unplug()
    let lost = try status(bench) { $0.inputs.first?.fault != nil }
    #expect(lost.inputs.first?.fault?.contains("plug it in") == true)
    #expect(try waitForJournal(bench) { $0.contains { $0.event == "input-lost" } })
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    try pad.plug()
    #expect(try status(bench) { $0.inputs.first?.fault == nil }.inputs.first?.fault == nil)
    #expect(try waitForJournal(bench) { $0.contains { $0.event == "input-found" } })
    try pad.type("*06")
    #expect(try status(bench) { $0.language == "bg" }.language == "bg")
    #expect(try waitForJournal(bench) { $0.contains { $0.event == "completed" && $0.language == "ro" } })
  }

  @Test("an input device that is not there at the start holds nothing up")
  func missingDevice() throws {
    let pad = try Pad(sandbox.directory + "/pad")
    pad.unplug()
    let bench = try sandbox.bench { withPad(&$0, pad) }
    #expect(try status(bench) { $0.inputs.first?.fault != nil }.inputs.first?.fault != nil)
    try pad.plug()
    try pad.type("*39")
    #expect(try status(bench) { $0.language == "vi" }.language == "vi")
  }

  // MARK: LEDs

  @Test("LEDs show what the device does, and go out with it")
  func leds() throws {
    let bench = try sandbox.bench { setup in
      setup.board.leds = [
        .init(led: "ACT", shows: .init(ready: .dark, draft: .steady, playing: .dark, waiting: .dark, error: .dark)),
        .init(
          output: .init(chip: "pinctrl-bcm2711", line: 30, active: .high),
          shows: .init(ready: .dark, draft: .dark, playing: .steady, waiting: .dark, error: .dark)),
        .init(led: "ask", shows: .init(ready: .dark, draft: .dark, playing: .dark, waiting: .steady, error: .dark)),
        .init(led: "fault", shows: .init(ready: .dark, draft: .dark, playing: .dark, waiting: .dark, error: .steady)),
      ]
    }
    try #require(bench.lines.kind == .mounted)
    #expect(try wait(bench, led: "ACT", shows: ["255"]), "ready, with a DRAFT kit")
    try bench.press(Button("safe-here"))
    #expect(try wait(bench, led: "fault", shows: ["255"]), "no language was chosen")
    try bench.press(Button("next-language"))
    #expect(try wait(bench, led: "30", shows: ["1"]))
    #expect(try wait(bench, led: "fault", shows: ["0"]))
    #expect(try wait(bench, led: "30", shows: ["0"]))
    try bench.press(Button("need-doctor"))
    #expect(try wait(bench, led: "ask", shows: ["255"]), "the question has been asked")
    try CardControl(path: bench.directory + "/card.faults").set([.unplugged])
    try bench.press(Button("repeat"))
    #expect(try wait(bench, led: "fault", shows: ["255"]), "no card")
    #expect(try status(bench) { _ in true }.leds.allSatisfy { $0.fault == nil })
    #expect(bench.daemon.stop() == 0)
    #expect(try wait(bench, led: "fault", shows: ["0"]))
  }

  @Test(
    "sleeps while nothing happens, with a number pad and a steady LED",
    .disabled(if: Sanitizer.isOn, "a sanitizer has threads of its own"))
  func sleeps() throws {
    let pad = try Pad(sandbox.directory + "/pad")
    let bench = try sandbox.bench { setup in
      withPad(&setup, pad)
      for index in setup.board.lines.buttons.indices { setup.board.lines.buttons[index].timed = false }
      setup.board.leds = [.init(led: "ACT", shows: .init(draft: .steady))]
    }
    try #require(bench.lines.kind == .mounted)
    #expect(try wait(bench, led: "ACT", shows: ["255"]))
    #expect(try bench.sleeps())
  }

  @Test("missing LED: a warning, and everything plays")
  func missingLED() throws {
    let bench = try sandbox.bench { setup in
      setup.board.leds = [.init(led: "nowhere"), .init(led: "ACT")]
      setup.chip.leds = ["ACT"]
    }
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    let status = try status(bench) { $0.leds.contains { $0.fault != nil } }
    #expect(status.leds.map { $0.fault == nil } == [false, true])
    #expect(bench.daemon.log.contains("LED nowhere: "))
    #expect(heard("ro", "language-name", try judge(bench)[0]))
  }
}

extension FileDescriptor {
  /// What a small file holds from its start.
  fileprivate func bytes() throws -> [UInt8] {
    var bytes: [UInt8] = []
    while let byte = try byte(at: bytes.count), bytes.count < 16 { bytes.append(byte) }
    return bytes
  }
}
