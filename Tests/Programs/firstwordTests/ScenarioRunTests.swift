import Foundation
import Kit
import Posix
import Scenarios
import Simulator
import Testing

/// Scenarios on the shipped daemon: which expectations are met, and how the others are reported.
@Suite("Scenario run", .serialized, .enabled(if: Lines.available))
struct ScenarioRunTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  private func perform(
    _ steps: String, _ change: (inout Bench.Setup) throws -> Void = { _ in }
  ) throws -> ScenarioReport {
    let path = sandbox.directory + "/s.yaml"
    try Files.replace(path, with: Array("name: s\nsteps:\n\(steps)\n".utf8))
    let scenario = try ScenarioFile.read(path)
    let kit = try KitFile(path: sandbox.kit)
    let bench = try sandbox.bench { setup in
      setup.board.leds = [
        .init(led: "ACT"),
        .init(
          output: .init(chip: "pinctrl-bcm2711", line: 30, active: .low), shows: .init(ready: .dark, playing: .steady)),
      ]
      try change(&setup)
    }
    #expect(scenario.findings(on: bench.board, playing: kit.manifest, kit.bundles) == [])
    let run = try ScenarioRun(scenario, on: bench, playing: kit)
    let recording = try bench.finish()
    let library = ClipLibrary(kit, gainDecibels: bench.board.sound.standardGain)
    return run.report(
      SoundVerifier(library).verify(bench.presses, recording, cardActions: bench.cardActions), recording, bench)
  }

  private func expectGood(_ report: ScenarioReport, _ place: SourceLocation = #_sourceLocation) {
    #expect(
      report.isGood, "\(report.expectations.filter { !$0.met }) \(report.rows.flatMap(\.faults))",
      sourceLocation: place)
  }

  @Test("expectations about signals, journal and LEDs are met, within their time")
  func met() throws {
    let report = try perform(
      """
        - press: safe-here
        - { expect: { signal: not-available }, within: 200 }
        - expect: { journal: signal, prompt: safe-here, detail: no-language }
          within: 200
        - expect: { led: ACT, shows: error }
        - press: next-language
        - expect: { language: ro, prompt: language-name, outcome: completed }
        - wait: end
        - expect: { journal: completed, language: ro, prompt: language-name }
        - expect: { led: ACT, shows: draft }
        - expect: { led: "pinctrl-bcm2711:30", shows: wink }
      """)
    expectGood(report)
    #expect(report.expectations.count == 7)
    #expect(report.rows.map(\.outcome) == ["signal not-available", "completed"])
    #expect(report.lamps.map(\.name) == ["ACT", "pinctrl-bcm2711:30"])
    #expect(report.lamps.allSatisfy { !$0.changes.isEmpty })
    #expect(report.loudness.contains { $0 > 0.1 })
  }

  @Test(
    "contact bounce within the lock-out is one press",
    arguments: [ContactBounce.snapDome, .wornMicroswitch, .stickyArcade])
  func bounce(_ bounce: ContactBounce) throws {
    expectGood(
      try perform(
        """
          - bounce: { button: next-language, as: \(bounce.rawValue) }
          - expect: { language: ro, prompt: language-name, outcome: completed }
          - wait: end
          - bounce: { button: next-language, as: \(bounce.rawValue) }
          - expect: { language: bg, prompt: language-name, outcome: completed }
          - wait: end
          - bounce: { button: safe-here, as: \(bounce.rawValue) }
          - expect: { language: bg, prompt: safe-here, outcome: completed }
          - wait: end
        """))
  }

  @Test("a long press acts twice, and an expectation after it concerns the second action")
  func hold() throws {
    expectGood(
      try perform(
        """
          - press: next-language
          - wait: end
          - hold: { button: repeat, for: 1500 }
          - expect: { language: ro, prompt: need-doctor, outcome: completed }
          - wait: end
        """
      ) { setup in
        let index = try #require(setup.board.lines.buttons.firstIndex { $0.button == .control(.again) })
        setup.board.lines.buttons[index].hold = .prompt("need-doctor")
      })
  }

  @Test(
    "after an underrun, suspend, unplug, stall or busy card the message continues or ends, and the next is complete")
  func faults() throws {
    expectGood(
      try perform(
        """
          - press: next-language
          - wait: end
          - press: need-doctor
          - expect: { language: ro, prompt: need-doctor, outcome: completed }
          - wait: 200
          - xrun
          - wait: 200
          - suspend
          - wait: end
          - expect: { journal: completed, prompt: need-doctor }
          - press: need-doctor
          - expect: { language: ro, prompt: need-doctor, outcome: stopped }
          - wait: 200
          - unplug
          - expect: { journal: sound-lost, detail: "No such device" }
          - busy
          - replug
          - free
          - expect: { journal: sound-found }
          - press: safe-here
          - expect: { language: ro, prompt: safe-here, outcome: stopped }
          - wait: 100
          - stall
          - expect: { journal: sound-lost, detail: "timed out" }
          - unstall
          - expect: { journal: sound-found }
          - press: safe-here
          - expect: { language: ro, prompt: safe-here, outcome: completed }
          - wait: end
        """))
  }

  @Test("the volume is reported, and softer clips are identified")
  func volume() throws {
    expectGood(
      try perform(
        """
          - press: quieter
          - expect: { volume: -3 }
          - press: next-language
          - expect: { language: ro, prompt: language-name, outcome: completed }
          - wait: end
          - press: stop
          - expect: silence
            within: 30
        """
      ) { setup in
        setup.board.lines.buttons.append(
          .init(chip: "pinctrl-bcm2711", line: 25, active: .low, timed: false, button: .control(.quieter)))
      })
  }

  @Test("a missed expectation is reported with what played instead, and when")
  func missed() throws {
    let report = try perform(
      """
        - press: next-language
        - expect: { language: bg, prompt: language-name, outcome: completed }
        - wait: end
        - press: safe-here
        - expect: silence
        - wait: 300
        - press: stop
        - expect: { signal: error }
      """)
    #expect(report.expectations.map(\.met) == [false, false, false])
    #expect(report.expectations.map(\.line) == [4, 7, 10])
    #expect(report.rows.map(\.text) == ["ro", "safe-here", nil], "a language's name is its own, in English")
    let found = report.expectations.map(\.found)
    #expect(found[0].hasPrefix("heard ro language-name completed from "))
    #expect(found[0].contains(" ms after 1. press 'next-language'"))
    #expect(found[1].hasPrefix("heard ro safe-here stopped after 0."))
    #expect(found[2].hasPrefix("heard silence until "))
  }

  @Test("late: the right clip after its time limit is missed")
  func late() throws {
    // Too late for any busy machine, but not so late that the player closes the card.
    let report = try perform(
      """
        - press: next-language
        - expect: { language: ro, prompt: language-name, outcome: completed }
          within: 1
        - wait: end
      """
    ) { $0.faults = [.slowStart(microseconds: 900_000)] }
    #expect(report.expectations.map(\.met) == [false])
    #expect(report.rows[0].milliseconds ?? 0 >= 900)
  }
}
