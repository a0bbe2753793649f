import Kit
import Testing

@testable import Catalogue

/// Walks the folders of this checkout: adding a prompt or a language is adding a file, and these find it.
@Suite struct ContentTests {
  @Test("the words of this checkout have no error and no warning")
  func clean() {
    #expect(Validator.check(folder: Repository.folder).map(\.description) == [])
  }

  @Test("the stable numbers of prompts and languages have not moved")
  func numbers() throws {
    let catalogue = try Repository.catalogue()
    let prompts = [
      1: "language-name", 2: "raise-hand", 3: "safe-here", 4: "who-we-are", 5: "may-stop", 6: "interpreter-coming",
      7: "wrong-language", 8: "show-yes", 9: "show-no", 13: "need-doctor", 38: "understood", 39: "wait-here",
    ]
    for (number, id) in prompts { #expect(catalogue.prompt(number: number)?.id == id) }
    let tags = """
      en sq am ar bn bin bg my cmn-Hans cs prs fa fr ha hi hu id ig km kmr ckb lo lt lg ms ne ps pl pt ro ru so es sw \
      tl th ti uk ur vi yo de
      """.split(separator: " ").map(String.init)
    for language in catalogue.languages {
      #expect(tags.firstIndex(of: language.tag) == language.number, "\(language.tag)")
    }
  }

  @Test("the question's way to answer is, in every language, the gesture that was taught")
  func gestures() throws {
    for language in try Repository.catalogue().languages {
      for lesson in ["show-yes", "show-no"] {
        let text = try #require(language.wordings[lesson]?.text)
        // After the comma stands what to do: the same words in every question.
        let last = try #require(text.split(separator: ",").last)
        let gesture = last.dropFirst().dropLast()
        for question in ["need-doctor", "understood"] {
          let asked = try #require(language.wordings[question]?.text)
          #expect(asked.contains(gesture), "\(language.tag): '\(question)' lacks '\(gesture)'")
        }
      }
    }
  }

  @Test("yes, no and stop are three different gestures: one hand, both down, both held out")
  func distinct() throws {
    let english = try #require(try Repository.catalogue().source?.wordings)
    #expect(english["show-yes"]?.text.contains("raise one hand") == true)
    #expect(english["show-no"]?.text.contains("keep both hands down") == true)
    #expect(english["may-stop"]?.text.contains("hold both open hands out in front") == true)
  }

  @Test("a draft by a machine says so, and every translation has its back-translation")
  func drafts() throws {
    for language in try Repository.catalogue().languages where !language.roles.contains(.source) {
      for (id, wording) in language.wordings {
        #expect(wording.back != nil, "\(language.tag) \(id)")
        #expect(wording.drafted == language.drafted)
      }
    }
  }
}

@Suite struct ValidatorTests {
  typealias Fault = CatalogueTests.Fault
  private static let ro = "Languages/ro.yaml"
  private static let hi = "Languages/hi.yaml"

  @Test(
    "each check fails on a broken copy",
    arguments: [
      Fault(ro, "autonym: \"română\"", "autonym: \"румынский\"", "ro.yaml: 'autonym' holds U+0440"),
      Fault(ro, "\"Română.\"", "\"Limba mea.\"", "'language-name' does not say the autonym 'română'"),
      Fault(ro, "Acum sunteți", "Асum sunteți", "'safe-here.text' holds U+0410 'А', no letter of Latn"),
      Fault(hi, "अब आप", "Now आप", "'safe-here.text' holds U+004E 'N', no letter of Deva"),
      Fault(ro, "script: Latn", "script: Runr", "warning: the letters of the script Runr are not known here"),
      Fault(ro, "ridicați o mână.\"", "ridicați 1 mână.\"", "'raise-hand.text' holds digits"),
      Fault(ro, "cu noi.\"", "cu noi).\"", "has ')' without its partner"),
      Fault(ro, "cu noi.\"", "„cu noi.\"", "has '„' without its partner"),
      Fault("Languages/es.yaml", "¿Necesita", "Necesita", ""),
      Fault("Languages/es.yaml", "médico?", "médico.", "has '¿' without its partner"),
      Fault(ro, "cu noi.\"", "cu noi\"", "does not end as a sentence"),
      Fault(ro, "cu noi.\"", "cu noi,\"", "does not end as a sentence"),
      Fault(
        ro, "\"Acum sunteți în siguranță aici, cu noi.\"", "\"You are safe here with us now.\"", "is the English text"),
      Fault(
        ro, "\"Acum sunteți în siguranță aici, cu noi.\"", "\"Vă rog să așteptați aici cu noi!\"",
        "'wait-here' has the words of 'safe-here'"),
      Fault(ro, "rate: 12.5", "rate: 6", "'may-stop.text' takes about"),
      Fault(ro, "rate: 12.5", "rate: 40", "warning: 'may-stop.text' takes about"),
      Fault(ro, "    back: \"Now you are in safety here, with us.\"\n", "", "'safe-here' has no back-translation"),
      Fault(ro, "back: \"To say yes, raise one hand.\"", "back: \"To say yes, nod.\"", "speaks of the head ('nod')"),
      Fault(
        ro, "back: \"To say no, keep both hands down.\"", "back: \"To say no, shake your head.\"", "speaks of the head"),
      Fault(
        ro, "back: \"Do you need a doctor? If yes, raise one hand. If not, keep both hands down.\"",
        "back: \"Do you need a doctor?\"", "warning: 'need-doctor' does not say how to answer"),
    ])
  func fault(_ fault: Fault) throws {
    let scratch = try Scratch()
    try scratch.copyCatalogue()
    try scratch.replace(fault.old, with: fault.new, in: fault.file)
    let found = Validator.check(folder: scratch.folder).map(\.description)
    if fault.expected.isEmpty {
      // A question may do without its opening sign in hurried writing: no finding, so no noise.
      #expect(found == [])
    } else {
      #expect(found.contains { $0.contains(fault.expected) }, "\(found)")
    }
  }

  @Test("a wording that is missing is found in every language that lacks it")
  func missing() throws {
    let scratch = try Scratch()
    try scratch.copyCatalogue()
    try scratch.replace("  wait-here:", with: "  raise-hand-2:", in: "Languages/ro.yaml")
    let extra = "Prompts/57-raise-hand-2.yaml"
    try scratch.write(
      extra,
      """
      number: 57
      id: raise-hand-2
      module: language
      audience: all
      answer: none
      jurisdiction: false
      title: x
      caution: ""
      length: 2

      """)
    let found = Validator.check(folder: scratch.folder).map(\.description)
    #expect(found.contains { $0.contains("ro.yaml: no wording for 'wait-here'") })
    #expect(found.contains { $0.contains("hi.yaml: no wording for 'raise-hand-2'") })
    #expect(!found.contains { $0.contains("ro.yaml: no wording for 'raise-hand-2'") })
  }

  @Test("what the device says to the responder is not asked of a listener's language")
  func operatorPrompts() throws {
    let scratch = try Scratch()
    try scratch.copyCatalogue()
    try scratch.write(
      "Prompts/42-ready.yaml",
      """
      number: 42
      id: ready
      module: operator
      audience: all
      answer: none
      jurisdiction: false
      title: Ready
      caution: ""
      length: 1

      """)
    let found = Validator.check(folder: scratch.folder).map(\.description)
    #expect(found.count == 1)
    #expect(found.first?.hasSuffix("en.yaml: no wording for 'ready': add it under 'wordings'") == true)
  }

  @Test("of a project only its own languages and prompts are judged, and the source")
  func project() throws {
    let scratch = try Scratch()
    try scratch.copyCatalogue()
    try scratch.replace("cu noi.\"", with: "cu noi\"", in: "Languages/ro.yaml")
    try scratch.write("project/kit.yaml", ProjectFile.text(name: "mine", languages: ["es"]))
    let project = "\(scratch.folder)/project"
    #expect(Validator.check(folder: scratch.folder, project: project) == [])
    try scratch.write("project/kit.yaml", ProjectFile.text(name: "mine", languages: ["ro"]))
    #expect(Validator.check(folder: scratch.folder, project: project).count == 1)
    try scratch.write("project/kit.yaml", ProjectFile.text(name: "mine", languages: ["rm"]))
    #expect(Validator.check(folder: scratch.folder, project: project).first?.message.contains("'rm'") == true)
  }
}
