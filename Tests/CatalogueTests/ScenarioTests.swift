import Kit
import Testing

@testable import Catalogue

@Suite struct ScenarioTests {
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

  @Test("without a catalogue any button and language may be named")
  func unchecked() throws {
    let (scenario, found) = try read("name: x\nsteps: [{press: our-own}]\n", checked: false)
    #expect(found == [])
    #expect(scenario?.steps.first?.action == .press(.prompt("our-own")))
  }

  @Test(
    "a fault is found with its line",
    arguments: [
      ("- pres: stop", "s.yaml:3: unknown key 'pres' (did you mean 'press'?)"),
      ("- {press: stop, wait: end}", "s.yaml:3: a step has one key, not 2"),
      ("- press: stoop", "s.yaml:3: no button or prompt is called 'stoop' (did you mean 'stop'?)"),
      ("- wait: ends", "s.yaml:3: 'steps[1].wait' must be a whole number, not 'ends'"),
      ("- wait: 0", "s.yaml:3: 'steps[1].wait' is 0"),
      ("- expect: quiet", "s.yaml:3: 'steps[1].expect' is 'quiet'"),
      ("- expect: {language: ro, prompt: safe-here}", "s.yaml:3: 'outcome' is missing in 'steps[1].expect'"),
      ("- expect: {language: rq, prompt: safe-here, outcome: stopped}", "no language 'rq'"),
      ("- expect: {language: ro, prompt: safe-heer, outcome: stopped}", "no prompt 'safe-heer'"),
      ("- expect: {language: no, prompt: safe-here, outcome: stopped}", "put it in quotes"),
      ("- expect: {language: ro, prompt: safe-here, outcome: ended}", "outcome' is 'ended'"),
      ("- stop", "s.yaml:3: 'steps[1]' must be a mapping"),
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
