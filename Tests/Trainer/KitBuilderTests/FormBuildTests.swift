import Catalogue
import Encoding
import Kit
import Posix
import Project
import TestSupport
import Testing

@testable import KitBuilder

/// A project whose kit has forms and formulas: from recordings to a kit that opens.
@Suite("A build with answer modes")
struct FormBuildTests {
  let workshop: Workshop

  init() throws {
    workshop = try Workshop()
    try workshop.putPrompt("02", "raise-hand", module: "language", answer: "yes-no", more: "forms: modes\n")
    try workshop.putPrompt("04", "who-we-are", module: "opening", more: "forms: [police, shelter]\n")
    try workshop.putPrompt("13", "need-doctor", module: "needs", answer: "yes-no")
    try workshop.putPrompt("17", "pregnant", module: "needs", answer: "yes-no", more: "gate: true\n")
    try workshop.putPrompt("30", "child-alone", module: "child", audience: "child", answer: "yes-no")
    try workshop.putPrompt("128", "device-caution-sensitive", module: "operator")
    try put(
      "catalogue/Prompts/retired.yaml",
      "retired:\n  - {number: 32, id: child-hurt, reason: \"A closed question.\"}\n")
    for (number, tag, role) in [(0, "en", "source"), (29, "ro", "listener"), (40, "bin", "reserve")] {
      try put(
        "catalogue/Languages/\(tag).yaml",
        """
        number: \(number)
        tag: "\(tag)"
        english: Language \(number)
        autonym: "Name \(number)"
        script: Latn
        direction: ltr
        role: \(role)
        regions: [GB]
        fallback: \(tag == "ro" ? "[{tag: \"en\", note: \"Many fear it.\", \"off\": true}]" : "[]")
        voice: null
        rate: 13
        drafted: machine
        answers:
          card: {text: "For yes, green, \(tag). For no, white."}
          hand:
            text: "For yes, raise it, \(tag). For no, leave it."
            child: {text: "Yes: raise it, \(tag). No: leave it."}
          tap: {text: "For yes, once, \(tag). For no, twice."}
          buttons: {text: "For yes, press green, \(tag). For no, press white."}
        wordings:
          raise-hand:
            text: "Point to the green field, \(tag)."
            forms:
              hand: {text: "Raise a hand, \(tag)."}
              hand-child: {text: "Raise your hand, child, \(tag)."}
              tap: {text: "Tap once, \(tag)."}
              buttons: {text: "Press green, \(tag)."}
          who-we-are:
            text: "We help, \(tag)."
            forms:
              police: {text: "We are police, \(tag)."}
              shelter: {text: "We are a shelter, \(tag)."}
              shelter-child: {text: "We are a shelter for you, \(tag)."}
          need-doctor: {text: "Do you need a doctor, \(tag)?"}
          pregnant: {text: "Are you pregnant, \(tag)?"}
          child-alone: {text: "Are you alone, \(tag)?"}
          device-caution-sensitive: {text: "Press again."}

        """)
    }
    try project("answers: {modes: [hand, card], pause: 1.2}\nforms: {who-we-are: shelter}\n")
    try Files.makeDirectory("\(workshop.path)/project/recordings")
  }

  private func put(_ name: String, _ text: String) throws { try workshop.put(name, Array(text.utf8)) }

  private func project(_ more: String, languages: String = "[\"ro\"]") throws {
    try put("project/kit.yaml", "name: trial\nversion: \"1.0\"\nlanguages: \(languages)\n\(more)")
  }

  private func workspace() throws -> Workspace {
    try Workspace(directory: "\(workshop.path)/project", catalogue: "\(workshop.path)/catalogue")
  }

  private func record(_ stems: [String], voice: String = "f1", seconds: Double = 1.5) throws {
    for (index, stem) in stems.enumerated() {
      let breath = silence(seconds: 0.1, rate: 22_050)
      let sound =
        breath + babble(seconds: seconds + 0.05 * Double(index), rate: 22_050, amplitude: 0.3, words: index + 1)
        + breath
      try workshop.put("project/recordings/ro/\(voice)/\(stem).wav", wave([sound], rate: 22_050))
    }
  }

  private static let stems = [
    "answer-card", "answer-hand", "answer-hand-child", "02-raise-hand", "02-raise-hand.hand",
    "02-raise-hand.hand-child", "04-who-we-are.shelter", "04-who-we-are.shelter-child", "13-need-doctor",
    "17-pregnant", "30-child-alone",
  ]

  @Test("asks only for the modes and the form that the kit offers, and for children's forms that exist")
  func items() throws {
    let workspace = try workspace()
    let ro = try #require(workspace.catalogue.language("ro"))
    #expect(workspace.prompts(of: ro).map(\.stem) == Self.stems)
    // Without a prompt for children, no child's form; without a question, no formula.
    try project("prompts: [who-we-are, raise-hand]\nwho-we-are: police\n")
    #expect(
      try self.workspace().prompts(of: ro).map(\.stem) == ["02-raise-hand", "04-who-we-are.police"])
  }

  @Test("makes a kit whose clips have forms and kinds, with the chosen form under its prompt")
  func kit() throws {
    try record(Self.stems)
    let built = try KitBuild(try workspace()).build()
    let path = "\(workshop.path)/trial.kit"
    try built.write(to: path, signedBy: try SecretKey.generate())
    let file = try KitFile(path: path)
    #expect(file.manifest.answers == KitAnswers(modes: [.hand, .card], pause: 1200))
    #expect(file.manifest.forms == ["who-we-are": "shelter"])
    #expect(file.manifest.prompt("pregnant")?.gate == "device-caution-sensitive")
    #expect(file.manifest.prompt("raise-hand")?.namesSigns == true)
    #expect(file.manifest.prompt("who-we-are")?.text == "We are a shelter, en.")
    let ro = try #require(file.bundle("ro"))
    #expect(ro.fallback == [])
    #expect(
      ro.clips.map { "\($0.number) \($0.item) \($0.kind.rawValue)" } == [
        "0 answer-card formula", "0 answer-hand formula", "0 answer-hand-child formula", "2 raise-hand message",
        "2 raise-hand.hand message", "2 raise-hand.hand-child message", "4 who-we-are message",
        "4 who-we-are.child message", "13 need-doctor message", "17 pregnant message", "30 child-alone message",
      ])
    #expect(ro.clip("who-we-are")?.text == "We are a shelter, ro.")
    #expect(ro.clips.map(\.file).contains("languages/ro/f1/02-raise-hand.hand-child.opus"))
    #expect(ro.clips.map(\.file).contains("languages/ro/f1/answer-hand-child.opus"))
    // What a listener hears.
    let hand = try #require(file.manifest.prompt("raise-hand"))
    let doctor = try #require(file.manifest.prompt("need-doctor"))
    #expect(ro.clip(of: hand, mode: .hand, isForChild: false)?.item == "raise-hand.hand")
    #expect(ro.clip(of: hand, mode: .hand, isForChild: true)?.item == "raise-hand.hand-child")
    #expect(ro.clip(of: hand, mode: .card, isForChild: true)?.item == "raise-hand")
    #expect(ro.clip(of: hand, mode: .tap, isForChild: false) == nil)
    let heard = ro.message(of: doctor, mode: .hand, isForChild: true, voice: "f1")
    #expect(heard?.clip.item == "need-doctor" && heard?.formula?.item == "answer-hand-child")
    #expect(ro.message(of: doctor, mode: .tap, isForChild: false, voice: "f1") == nil)
    #expect(ro.message(of: hand, mode: .hand, isForChild: false, voice: "f1")?.formula == nil)
    #expect(built.unavailableQuestions == [])
  }

  @Test("names the questions that are unavailable without a formula in their voice, and builds them with --partial")
  func unavailable() throws {
    try record(Self.stems.filter { $0 != "answer-card" })
    let build = KitBuild(try workspace())
    #expect(throws: BuildError.self) { try build.build() }
    let built = try build.build(partial: true)
    let expected = "need-doctor, pregnant, child-alone"
    #expect(built.unavailableQuestions.count == 1)
    #expect(built.unavailableQuestions.first?.hasPrefix("ro f1, answers 'card'") == true)
    #expect(built.unavailableQuestions.first?.contains(expected) == true)
    let finding = build.check().findings.first { $0.code == .noFormula }
    #expect(finding?.severity == .warning)
    #expect(finding?.message.contains(expected) == true)
  }

  @Test("reports a formula that another speaker has recorded, since both must have one voice")
  func otherVoice() throws {
    try record(Self.stems.filter { !$0.hasPrefix("answer") })
    try record(["answer-card", "answer-hand", "answer-hand-child"], voice: "m1")
    let found = KitBuild(try workspace()).check().findings.filter { $0.code == .noFormula }
    #expect(Set(found.map(\.prompt)) == ["answer-hand", "answer-card"])
    #expect(found.allSatisfy { $0.voice == "f1" })
  }

  @Test("a recording of an earlier version that says the formula too, and one of a withdrawn prompt, are reported")
  func old() throws {
    try record(Self.stems)
    try record(["13-need-doctor"], seconds: 6)
    try record(["32-child-hurt"])
    let found = KitBuild(try workspace()).check().findings
    let formula = found.filter { $0.code == .oldFormula }
    #expect(formula.map(\.prompt) == ["need-doctor"])
    #expect(formula.first?.remedy.contains("record the question alone") == true)
    #expect(found.contains { $0.code == .retired && $0.message.contains("'child-hurt' was withdrawn") })
  }

  @Test("a recording that the kit does not have is named, with the reason")
  func unused() throws {
    try put(
      "catalogue/Languages/ro.yaml",
      String(decoding: try Files.read("\(workshop.path)/catalogue/Languages/ro.yaml"), as: UTF8.self)
        .replacing("need-doctor: {text:", with: "need-doctor: {forms: {child: {text: \"A doctor, ro?\"}}, text:"))
    try record(
      Self.stems + ["13-need-doctor.child", "answer-tap", "02-raise-hand.tap", "04-who-we-are", "17-pregnant.child"])
    func unused() throws -> [String] {
      KitBuild(try workspace()).check().findings.filter { $0.code == .unused }.map {
        "\($0.severity) \($0.prompt ?? ""): \($0.message)"
      }
    }
    let absent = "the kit does not have it: "
    #expect(
      try unused() == [
        "note raise-hand.tap: \(absent)it does not offer the answer mode 'tap'",
        "note who-we-are: \(absent)it has the form 'shelter' of 'who-we-are'",
        "note pregnant.child: \(absent)the language has no words of its own for a child",
        "note answer-tap: \(absent)it does not offer the answer mode 'tap'",
      ])
    // Nothing is lost silently where a kit has few prompts: of what was recorded, each file is a clip or a finding.
    try project("prompts: [who-we-are, raise-hand]\nwho-we-are: police\n")
    let found = Set(try unused().map { String($0.drop { $0 != ":" }) })
    #expect(
      found == [
        ": \(absent)it does not offer the answer mode 'tap'", ": \(absent)it does not offer the answer mode 'hand'",
        ": \(absent)it has the form 'police' of 'who-we-are'", ": \(absent)'need-doctor' is not among its prompts",
        ": \(absent)'pregnant' is not among its prompts", ": \(absent)'child-alone' is not among its prompts",
        ": \(absent)it has no question that needs it",
      ])
    #expect(try workspace().jobs.count + unused().count == workspace().tree.takes.count)
  }

  @Test("approvals name forms and formulas, and approve only these")
  func approvals() throws {
    try record(Self.stems)
    let text = "For yes, raise it, ro. For no, leave it."
    let line = { (prompt: String, hash: String, kind: String, name: String) in
      "{\"hash\":\"\(hash)\",\"kind\":\"\(kind)\",\"language\":\"ro\",\"prompt\":\"\(prompt)\",\"name\":\"\(name)\","
        + "\"role\":\"listener\",\"date\":\"2026-05-01\"}\n"
    }
    let recording = try Files.read("\(workshop.path)/project/recordings/ro/f1/answer-hand.wav")
    try put(
      "project/approvals.jsonl",
      ["Ana P.", "Ion D."].map {
        line("answer-hand", Digest.sha256(text), "wording", $0)
          + line("answer-hand", Digest.sha256(recording), "recording", $0)
      }.joined())
    let built = try KitBuild(try workspace()).build()
    let statuses = built.bundles[0].clips.map { ($0.entry(tag: "ro").item, $0.status) }
    #expect(statuses.filter { $0.1 == .approved }.map(\.0) == ["answer-hand"])
  }

  @Test("refuses a language in reserve, a fallback that is not off, an unknown form and a withdrawn prompt in kit.yaml")
  func kitFile() throws {
    func refusal(_ more: String, languages: String = "[\"ro\"]") throws -> String {
      try project(more, languages: languages)
      do {
        _ = try workspace()
        return ""
      } catch { return "\(error)" }
    }
    #expect(try refusal("", languages: "[\"ro\", \"bin\"]").contains("'bin' is kept in reserve"))
    #expect(try refusal("reserve: [\"bin\"]\n", languages: "[\"ro\", \"bin\"]") == "")
    #expect(try refusal("reserve: [\"bin\"]\n").contains("'bin' is not among the languages"))
    #expect(try refusal("reserve: [\"ro\"]\n").contains("'ro' is not a language in reserve"))
    #expect(
      try refusal("fallbacks: [ro-em]\n").contains("'ro-em' is not a fallback that is off (did you mean 'ro-en'?)"))
    #expect(try refusal("forms: {who-we-are: polise}\n").contains("(did you mean 'police'?)"))
    #expect(try refusal("forms: {need-doctor: police}\n").contains("'need-doctor' is not a prompt with choices"))
    #expect(try refusal("forms: {who-we-are: police}\nwho-we-are: police\n").contains("is under 'forms' too"))
    #expect(try refusal("answers: {modes: []}\n").contains("0 items"))
    #expect(try refusal("answers: {modes: [hands]}\n").contains("(did you mean 'hand'?)"))
    #expect(try refusal("answers: {modes: [card, card]}\n").contains("'card' is given twice"))
    #expect(try refusal("answers: {pause: 9}\n").contains("'answers.pause' is 9"))
    #expect(try refusal("prompts: [child-hurt]\n").contains("'child-hurt' was withdrawn: A closed question"))
    #expect(try refusal("fallbacks: [ro-en]\n") == "")
    #expect(try workspace().project.fallbacks(of: #require(workspace().catalogue.language("ro"))) == ["en"])
  }
}
