import Board
import Control
import Foundation
import Glibc
import Kit
import Posix
import Simulator
import Testing

/// Chords, what sticks announce, and the amplifier: the shipped daemon on simulated lines and a simulated card.
@Suite("The daemon's requests to root's services", .serialized)
struct DaemonRequestTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  /// The line of the amplifier, which no button has.
  private static let amplifier = 30

  private func line(_ button: String) throws -> Int {
    try #require(Sandbox.board().lines.buttons.first { $0.button == Button(button) }).line
  }

  /// A bench whose button `repeat` has a meaning together with stop.
  private func bench(_ chord: Button.Control, _ change: (inout Bench.Setup) -> Void = { _ in }) throws -> Bench {
    try sandbox.bench { setup in
      let index = try #require(setup.board.lines.buttons.firstIndex { $0.button == Button("repeat") })
      setup.board.lines.buttons[index].withStop = .control(chord)
      setup.board.presses.chord = 1000
      setup.board.leds = [.init(led: "ACT")]
      change(&setup)
    }
  }

  /// Waits until a file is there; returns false after 20 s.
  private func waits(for name: String, _ bench: Bench) throws -> Bool {
    let end = Monotonic.now.adding(milliseconds: 20_000)
    while Monotonic.now < end {
      if Files.exists(bench.directory + "/" + name) { return true }
      try bench.rest(until: .now.adding(milliseconds: 10))
    }
    return false
  }

  @Test("stop and another button, both held, request it once; released early they request nothing, and mean stop")
  func chord() throws {
    let bench = try bench(.journalToStick)
    try #require(bench.lines.kind == .mounted)
    let (stop, other) = (try line("stop"), try line("repeat"))
    // Too short: the next press comes after the release was seen.
    try bench.lines.drive(stop, .low)
    #expect(try bench.waitForStatus { $0.presses == 1 })
    try bench.lines.drive(other, .low)
    try bench.rest(until: .now.adding(milliseconds: 300))
    try bench.lines.drive(other, .high)
    try bench.rest(until: .now.adding(milliseconds: 1200))
    #expect(try bench.client.ask(.status).status?.presses == 1, "no press but that of stop")
    #expect(!Files.exists(bench.directory + "/stick-journal"))
    let start = Monotonic.now
    try bench.lines.drive(other, .low)
    #expect(try waits(for: "stick-journal", bench))
    #expect(Monotonic.now.since(start) >= 1_000_000_000)
    #expect(try bench.client.ask(.status).status?.state?.led == "waiting")
    try bench.lines.drive(other, .high)
    try bench.lines.drive(stop, .high)
    #expect(!Files.exists(bench.directory + "/stick-keys") && !Files.exists(bench.directory + "/power-off"))
  }

  @Test("the chord for switching off silences a message, gives the signal, and then requests it")
  func powerOff() throws {
    let bench = try bench(.powerOff)
    try #require(bench.lines.kind == .mounted)
    try bench.press(Button("next-language"))
    try bench.lines.drive(try line("stop"), .low)
    #expect(try bench.waitForStatus { $0.presses == 2 })
    try bench.lines.drive(try line("repeat"), .low)
    #expect(try waits(for: "power-off", bench))
    let recording = try bench.finish()
    // Two rising notes are the last sound.
    #expect(recording.lastSound(above: 1000) != nil)
    #expect(bench.daemon.log.contains("power-off is requested"))
  }

  @Test("no client of the socket presses a chord, and a notice needs a known outcome")
  func socket() throws {
    let bench = try bench(.trustStick)
    for name in ["trust-stick", "journal-to-stick", "power-off"] {
      #expect { _ = try bench.client.ask(.press, button: name) } throws: { "\($0)".contains("on the device itself") }
    }
    #expect { _ = try bench.client.ask(.notice, outcome: "perhaps") } throws: { "\($0)".contains("needs an") }
    #expect(!Files.exists(bench.directory + "/stick-keys"))
  }

  @Test("an outcome waits for the end of a message, sounds, and shows on the LED until the next press")
  func notices() throws {
    let bench = try bench(.trustStick)
    try #require(bench.lines.kind == .mounted)
    _ = try bench.client.ask(.notice, outcome: "begun")
    #expect(try bench.client.ask(.status).status?.state?.led == "waiting")
    try bench.press(Button("next-language"))
    _ = try bench.client.ask(.notice, outcome: "refused", detail: "a stick of a stranger")
    #expect(try bench.waitForStatus { $0.playing == nil && $0.state?.led == "error" })
    try bench.press(Button("safe-here"))
    #expect(try bench.waitForEnd())
    #expect(try bench.waitForStatus { $0.state?.led == "draft" })
    #expect(bench.daemon.log.contains("refused: a stick of a stranger"))
    let presses = bench.presses
    let verdicts = SoundVerifier(ClipLibrary(try KitFile(path: sandbox.kit))).verify(presses, try bench.finish())
    for verdict in verdicts {
      guard case .clip(_, _, _, completed: true) = verdict.heard else {
        Issue.record("\(verdict)")
        continue
      }
    }
  }

  @Test("the amplifier is on before the first frame by the lead, stays on between two clips, and goes off afterwards")
  func amplifier() throws {
    let bench = try bench(.powerOff) {
      $0.board.sound.lead = 100
      $0.board.sound.amplifier = .init(.init(chip: "pinctrl-bcm2711", line: Self.amplifier, active: .high), rest: 1)
    }
    try #require(bench.lines.kind == .mounted)
    func changes() -> [(time: Monotonic, isOn: Bool)] {
      bench.lines.lampChanges.filter { $0.lamp == .line(Self.amplifier) }.map { ($0.time, $0.isLit) }
    }
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    try bench.press(Button("safe-here"))
    #expect(try bench.waitForEnd())
    let end = Monotonic.now.adding(milliseconds: 20_000)
    while changes().last?.isOn != false || changes().count < 2, Monotonic.now < end {
      try bench.rest(until: .now.adding(milliseconds: 20))
    }
    let all = changes()
    let recording = try bench.finish()
    let on = try #require(all.first { $0.isOn })
    let first = try #require(recording.firstSound(after: on.time, above: 50))
    #expect(first.since(on.time) >= 99_000_000, "\(first.since(on.time)) ns")
    #expect(recording.firstSound(after: Monotonic(nanoseconds: 0), above: 50) == first, "no sound before")
    let off = try #require(all.last)
    let last = try #require(recording.lastSound(above: 50))
    #expect(!off.isOn && off.time.since(last) >= 1_000_000_000)
    #expect(all.filter(\.isOn).count == 1, "on once for both clips: \(all.map(\.isOn))")
  }
}
