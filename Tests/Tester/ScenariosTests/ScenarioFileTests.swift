import Board
import Catalogue
import CatalogueFixture
import Kit
import Scenarios
import Testing

@Suite struct ScenarioFileTests {
  private func read(_ text: String, checked: Bool = true) throws -> (Scenario?, [String]) {
    let scratch = try Scratch()
    let path = try scratch.write("s.yaml", text)
    let catalogue = try checked ? Repository.catalogue() : nil
    var scenario: Scenario?
    let found = findings(in: scratch) { scenario = try ScenarioFile.read(path, catalogue: catalogue) }
    return (scenario, found)
  }

  @Test("steps are read in order, each with its line")
  func steps() throws {
    let (scenario, found) = try read(
      """
      name: barge-in
      steps:
        - press: next-language
        - wait: 600
        - press: safe-here
        - expect: {language: "ro", prompt: safe-here, outcome: stopped}
        # silence at the end
        - wait: end
        - expect: silence
      """)
    #expect(found == [])
    #expect(scenario?.name == "barge-in")
    #expect(
      scenario?.steps == [
        .init(.press(.control(.nextLanguage)), line: 3),
        .init(.wait(.milliseconds(600)), line: 4),
        .init(.press(.prompt("safe-here")), line: 5),
        .init(.expect(.clip(language: "ro", prompt: "safe-here", outcome: .stopped), within: nil), line: 6),
        .init(.wait(.end), line: 8),
        .init(.expect(.silence, within: nil), line: 9),
      ])
  }

  @Test("every kind of step and expectation is read")
  func everything() throws {
    let (scenario, found) = try read(
      """
      name: all
      steps:
        - hold: { button: repeat, for: 900 }
        - bounce: { button: stop, as: worn-microswitch }
        - unplug
        - replug
        - { expect: { signal: not-available }, within: 40 }
        - expect: { led: ACT, shows: waiting }
        - expect: { led: "pinctrl-bcm2711:27", shows: flicker }
        - expect: { journal: sound-lost, language: ro, prompt: safe-here, detail: "No such device" }
          within: 500
        - expect: { volume: -6 }
        - expect: silence
          within: 30
      """)
    #expect(found == [])
    #expect(
      scenario?.steps.map(\.action) == [
        .hold(.control(.again), milliseconds: 900), .bounce(.control(.stop), .wornMicroswitch), .card(.unplug),
        .card(.replug), .expect(.signal(.notAvailable), within: 40),
        .expect(.led("ACT", .state(.waiting)), within: nil),
        .expect(.led("pinctrl-bcm2711:27", .pattern(.flicker)), within: nil),
        .expect(
          .journal(event: "sound-lost", language: "ro", prompt: "safe-here", detail: "No such device"), within: 500),
        .expect(.volume(-6), within: nil), .expect(.silence, within: 30),
      ])
  }

  @Test("a directory stands for the scenarios in it, and the findings of all of them are reported")
  func directory() throws {
    let scratch = try Scratch()
    _ = try scratch.write("many/b.yaml", "name: second\nsteps: [{press: stop}]\n")
    _ = try scratch.write("many/a.yaml", "name: first\nsteps: [unplug]\n")
    _ = try scratch.write("many/notes.txt", "no scenario")
    let directory = scratch.directory + "/many"
    #expect(try ScenarioFile.readAll([directory]).map(\.name) == ["first", "second"])
    _ = try scratch.write("many/c.yaml", "name: x\nsteps: [stopp]\n")
    _ = try scratch.write("many/d.yaml", "name: x\nsteps: []\n")
    #expect(findings(in: scratch) { _ = try ScenarioFile.readAll([directory]) }.count == 2)
    #expect(findings(in: scratch) { _ = try ScenarioFile.readAll([scratch.directory + "/none"]) }.count == 1)
  }

  @Test("the shipped scenarios are valid, and the headless board has their buttons")
  func ours() throws {
    let catalogue = try Repository.catalogue()
    let hardware = Repository.directory + "/Hardware"
    let board = try BoardFile.read(hardware + "/boards/headless.yaml", catalogue: catalogue)
    let buttons = Set(board.lines.buttons.map(\.button))
    let scenarios = try ScenarioFile.readAll([hardware + "/demo.yaml", hardware + "/scenarios"], catalogue: catalogue)
    #expect(scenarios.count >= 3)
    for step in scenarios.flatMap(\.steps) {
      switch step.action {
      case .press(let button, _), .hold(let button, _), .bounce(let button, _):
        #expect(buttons.contains(button), "\(button)")
      default: break
      }
    }
  }

  @Test("the shipped scenarios of the answer modes fit the board with listener's buttons, one for each mode")
  func answers() throws {
    let catalogue = try Repository.catalogue()
    let hardware = Repository.directory + "/Hardware"
    let board = try BoardFile.read(hardware + "/boards/listener-buttons.yaml", catalogue: catalogue)
    let scenarios = try ScenarioFile.readAll([hardware + "/scenarios/answers"], catalogue: catalogue)
    #expect(scenarios.map(\.name) == ["buttons", "card", "hand", "tap"].map { "answers by \($0)" })
    for step in scenarios.flatMap(\.steps) {
      guard case .press(let button, let person) = step.action else { continue }
      #expect(
        board.lines.buttons.contains { $0.button == button && ($0.by ?? .responder) == person }, "\(button)")
    }
  }

  @Test("a press may be the listener's, and a board without such a button is a finding")
  func byListener() throws {
    let scratch = try Scratch()
    let path = try scratch.write(
      "s.yaml", "name: s\nsteps:\n  - press: { button: answer-yes, by: listener }\n  - press: answer-yes\n")
    let scenario = try ScenarioFile.read(path)
    #expect(
      scenario.steps.map(\.action) == [
        .press(.control(.answerYes), by: .listener), .press(.control(.answerYes)),
      ])
    let board = try BoardFile.read(
      Repository.directory + "/Hardware/boards/raspberry-pi.yaml", catalogue: Repository.catalogue())
    let manifest = KitManifest(name: "kit", version: "1", draft: true, source: "en", prompts: [], bundles: [])
    let findings = scenario.findings(on: board, playing: manifest, [])
    #expect(findings.map(\.line) == [3])
    #expect(findings.first?.message.contains("a listener's own button 'answer-yes': it has none") == true)
  }

  @Test("buttons, LEDs and clips that the board or kit lacks are found before the start, with their lines")
  func missing() throws {
    let (scenario, _) = try read(
      """
      name: x
      steps:
        - press: understood
        - bounce: { button: stop, as: snap-dome }
        - expect: { language: vi, prompt: safe-here, outcome: stopped }
        - expect: { language: ro, prompt: need-doctor, outcome: stopped }
        - expect: { led: ACTT, shows: ready }
        - expect: { led: ACT, shows: ready }
        - expect: { led: ACT, shows: error }
      """)
    let board = Board(
      name: "small", use: .trial,
      sound: .init(pcm: "default", channels: 1, period: 480, buffer: 9600, rewind: true, gain: 0),
      lines: .init(
        lockout: 30, poll: 10,
        buttons: [.init(chip: "c", line: 5, active: .low, timed: false, button: .control(.stop))]),
      leds: [.init(led: "ACT", shows: .init(error: .dark))])
    let clip = Clip(
      prompt: "safe-here", number: 3, voice: "f1", file: "f", sha256: "", bytes: 0, frames: 0, loudness: 0, peak: 0,
      onset: 0, status: .draft, synthetic: true, text: "", back: "", wording: "")
    let bundle = BundleManifest(
      tag: "ro", number: 1, english: "", autonym: "", script: "Latn", direction: .ltr, regions: [], fallback: [],
      clips: [clip])
    let kit = KitManifest(name: "kit", version: "1", draft: true, source: "en", prompts: [], bundles: [])
    let found = try #require(scenario).findings(on: board, playing: kit, [bundle])
    #expect(found.map(\.line) == [3, 5, 6, 7, 9])
    #expect(found[0].description.contains("no line for the button 'understood'"))
    #expect(found[1].description.contains("no language 'vi'"))
    #expect(found[2].description.contains("no 'need-doctor' in ro"))
    #expect(found[3].description.contains("no LED 'ACTT'"))
    #expect(found[4].description.contains("dark in the state 'error'"))
  }

  @Test("without a catalogue any button and language may be named")
  func unchecked() throws {
    let (scenario, found) = try read("name: x\nsteps: [{press: our-own}]\n", checked: false)
    #expect(found == [])
    #expect(scenario?.steps.first?.action == .press(.prompt("our-own")))
  }

  @Test(
    "an error is reported with its line",
    arguments: [
      ("- pres: stop", "s.yaml:3: unknown key 'pres' (did you mean 'press'?)"),
      ("- {press: stop, wait: end}", "s.yaml:3: a step has one key, not 2"),
      ("- press: stoop", "s.yaml:3: no button or prompt is called 'stoop' (did you mean 'stop'?)"),
      (
        "- wait: ende",
        "s.yaml:3: 'steps[1].wait' is 'ende' (did you mean 'end'?): write end, or 1 to 600000 milliseconds"
      ),
      ("- wait: 2 s", "s.yaml:3: 'steps[1].wait' is '2 s': write end"),
      ("- expect: silense", "is 'silense' (did you mean 'silence'?)"),
      (
        "- expect: {journal: sound-lots}",
        "s.yaml:3: 'steps[1].expect.journal' is 'sound-lots' (did you mean 'sound-lost'?)"
      ),
      ("- wait: 0", "s.yaml:3: 'steps[1].wait' is 0"),
      ("- expect: quiet", "s.yaml:3: 'steps[1].expect' is 'quiet'"),
      ("- expect: {language: ro, prompt: safe-here}", "s.yaml:3: 'outcome' is missing in 'steps[1].expect'"),
      ("- expect: {language: rq, prompt: safe-here, outcome: stopped}", "no language 'rq'"),
      ("- expect: {language: ro, prompt: safe-heer, outcome: stopped}", "no prompt 'safe-heer'"),
      ("- expect: {language: no, prompt: safe-here, outcome: stopped}", "put it in quotes"),
      ("- expect: {language: ro, prompt: safe-here, outcome: ended}", "outcome' is 'ended'"),
      ("- stop", "s.yaml:3: 'stop' is no step"),
      ("- unplugg", "s.yaml:3: 'unplugg' is no step (did you mean 'unplug'?)"),
      ("- {press: stop, within: 30}", "s.yaml:3: a step has one key, not 2"),
      ("- {expect: silence, within: 0}", "s.yaml:3: 'steps[1].within' is 0"),
      ("- {expect: {volume: -3}, within: 30}", "'within' is for sounds and the journal"),
      ("- hold: {button: stop}", "s.yaml:3: 'for' is missing in 'steps[1].hold'"),
      ("- bounce: {button: stop, as: worn}", "steps[1].bounce.as' is 'worn'"),
      ("- expect: {signal: eror}", "is 'eror' (did you mean 'error'?)"),
      ("- expect: {led: ACT, shows: flick}", "steps[1].expect.shows' is 'flick'"),
      ("- expect: {volume: 3}", "steps[1].expect.volume' is 3"),
      ("- {}", "s.yaml:3: a step has one key, not 0"),
      ("[]", "s.yaml:3: 'steps' has 0 items"),
    ])
  func fault(_ step: String, _ expected: String) throws {
    let (scenario, found) = try read("name: x\nsteps:\n  \(step)\n")
    #expect(scenario == nil)
    #expect(found.count == 1)
    #expect(found.contains { $0.contains(expected) }, "\(found)")
  }
}
