import CatalogueFixture
import Kit
import Posix
import Testing

@testable import Catalogue

/// Validates all prompts and languages in the directories of the repository.
@Suite struct ContentTests {
  @Test("the wordings of the repository have no error and no warning")
  func clean() {
    let found = Validator.check(directory: Repository.directory)
    #expect(found.filter { $0.severity != .note }.map(\.description) == [])
  }

  @Test("the missing back-translations of a language in reserve are one note")
  func reserve() throws {
    let notes = Validator.check(directory: Repository.directory).filter { $0.severity == .note }
    let language = try #require(try Repository.catalogue().language("bin"))
    #expect(language.isReserve)
    let unread = language.wordings.values.count { $0.back == nil }
    #expect(
      notes.map(\.message) == [
        "in reserve: \(unread) of \(language.wordings.count) wordings have no back-translation"
      ])
    #expect(notes.allSatisfy { $0.path.hasSuffix("Languages/bin.yaml") })
  }

  @Test("the permanent numbers of prompts and languages have not changed")
  func numbers() throws {
    let catalogue = try Repository.catalogue()
    // Of withdrawn prompts, the number keeps their name.
    let ids = """
      language-name raise-hand safe-here who-we-are may-stop interpreter-coming wrong-language show-yes show-no \
      show-not-understood show-prefer-not show-stop need-doctor pain injured need-medicine pregnant need-food \
      need-drink cold need-toilet need-rest afraid-of-someone papers-taken others-in-danger children-elsewhere \
      prefer-woman prefer-man child-show-answer child-alone child-trusted-adult child-hurt child-hungry child-stay \
      what-happens-now doctor-coming need-not-answer understood wait-here thank-you goodbye quiet-room recorded-voice \
      answers-noted look-at-injury come-along interpreter-by-telephone may-refuse-interpreter takes-longer hear-again \
      too-loud child-not-angry stays-with-you bleeding hard-to-breathe swallowed-something need-pads need-clothes \
      younger-than-18
      """.split(whereSeparator: \.isWhitespace).map(String.init)
    for (index, id) in ids.enumerated() {
      #expect((catalogue.prompt(number: index + 1)?.id ?? catalogue.retired(number: index + 1)?.id) == id)
    }
    let lines = """
      device-ready device-draft-kit device-not-available device-other-language device-damaged device-choose-language \
      device-finder device-none-of-these device-first-contact device-adults device-children device-louder \
      device-quieter device-quiet-on device-quiet-off device-other-voice device-fault device-answers-card \
      device-answers-hand device-answers-tap device-answers-buttons device-caution-pregnant device-caution-afraid \
      device-caution-papers device-caution-others device-caution-children device-caution-swallowed \
      device-caution-age device-caution-sensitive device-marked-wrong
      """.split(whereSeparator: \.isWhitespace).map(String.init)
    for (index, id) in lines.enumerated() { #expect(catalogue.prompt(number: index + 100)?.id == id) }
    let tags = """
      en sq am ar bn bin bg my cmn-Hans cs prs fa fr ha hi hu id ig km kmr ckb lo lt lg ms ne ps pl pt ro ru so es sw \
      tl th ti uk ur vi yo de pcm pt-BR apd ary
      """.split(whereSeparator: \.isWhitespace).map(String.init)
    for (index, tag) in tags.enumerated() { #expect(catalogue.language(number: index)?.tag == tag) }
  }

  @Test("forty languages are for listeners and seven for responders, and each has all required wordings and formulas")
  func coverage() throws {
    let catalogue = try Repository.catalogue()
    let listeners = catalogue.languages.filter { $0.roles.contains(.listener) }
    #expect(listeners.count == 40)
    let operators = catalogue.languages.filter { !$0.roles.isDisjoint(with: [.operator, .source]) }
    #expect(Set(operators.map(\.tag)) == ["en", "fr", "es", "de", "ar", "ru", "cmn-Hans"])
    let own = catalogue.prompts.filter { $0.module == .operator }.map(\.id)
    let spoken = catalogue.prompts.filter { $0.module != .operator }.map(\.id)
    #expect(spoken.count >= 40 && own.count >= 15)
    for language in listeners {
      #expect(Set(spoken).isSubset(of: language.wordings.keys), "\(language.tag)")
      let items = catalogue.items.filter { language.requiresWording(for: $0) && $0.module != .operator }.map(\.id)
      #expect(AnswerMode.allCases.allSatisfy { items.contains($0.formula) })
      #expect(Set(items).isSubset(of: language.wordings.keys), "\(language.tag)")
    }
    for language in operators { #expect(Set(own + spoken).isSubset(of: language.wordings.keys), "\(language.tag)") }
  }

  @Test("every module except the device's has prompts for listeners, and there are questions for children")
  func modules() throws {
    let prompts = try Repository.catalogue().prompts
    for module in Prompt.Module.allCases { #expect(prompts.contains { $0.module == module }, "\(module)") }
  }

  @Test("sensitive prompts are gated, and no sequence plays one")
  func gates() throws {
    let catalogue = try Repository.catalogue()
    let gated = Set(catalogue.prompts.filter { $0.gate != nil }.map(\.id))
    #expect(
      gated.isSuperset(of: [
        "pregnant", "afraid-of-someone", "papers-taken", "others-in-danger", "children-elsewhere", "younger-than-18",
      ]))
    for sequence in catalogue.sequences { #expect(gated.isDisjoint(with: sequence.steps.map(\.prompt))) }
    for id in ["child-hurt", "child-trusted-adult"] {
      #expect(catalogue.retired(id) != nil && catalogue.prompt(id) == nil)
    }
  }

  @Test("every language has a unique name in every operator language")
  func names() throws {
    let catalogue = try Repository.catalogue()
    for reader in catalogue.languages where !reader.roles.isDisjoint(with: [.operator, .source]) {
      let names = catalogue.languages.map { catalogue.name(of: $0.tag, in: reader.tag) }
      #expect(Set(names.map { $0.lowercased() }).count == names.count, "\(reader.tag): \(names)")
      let script = try #require(Script(reader.script))
      for name in names { #expect(script.foreignLetter(in: name) == nil, "\(reader.tag): \(name)") }
    }
  }

  @Test("before its first question, first contact says that answers are free, and how to stop and to decline")
  func firstContact() throws {
    let catalogue = try Repository.catalogue()
    for id in ["first-contact", "first-contact-child"] {
      let sequence = try #require(catalogue.sequence(id))
      let steps = sequence.steps.map(\.prompt)
      #expect(steps.first == "raise-hand")
      let lessons = ["need-not-answer", "may-stop", "show-not-understood"].compactMap(steps.firstIndex)
      let questions = steps.indices.filter { catalogue.prompt(steps[$0])?.isFollowedByFormula == true }
      #expect(lessons.count == 3)
      #expect(try #require(lessons.max()) < #require(questions.min()))
      #expect(steps.allSatisfy { catalogue.prompt($0)?.audience != .adult })
    }
  }

  @Test("the signs of a mode are five, and no formula mentions a sign of another mode")
  func distinct() throws {
    let english = try #require(try Repository.catalogue().source?.wordings)
    let words: [AnswerMode: String] = [.card: "point", .hand: "hand on your leg", .tap: "tap", .buttons: "press"]
    for (mode, word) in words {
      for other in AnswerMode.allCases {
        #expect(english[other.formula]?.text.contains(word) == (other == mode), "\(other): \(word)")
      }
    }
    for mode in AnswerMode.allCases {
      let lessons = ["show-yes", "show-no", "show-not-understood", "show-prefer-not", "may-stop"].map {
        english[KitLayout.item($0, mode.form())]?.text
      }
      #expect(!lessons.contains(nil) && Set(lessons).count == 5, "\(mode)")
    }
  }

  @Test("a machine draft is marked, and every translation has a back-translation")
  func drafts() throws {
    for language in try Repository.catalogue().languages where !language.roles.contains(.source) {
      for (id, wording) in language.wordings {
        // No kit has a language in reserve; bin has no back-translation because none would be worth anything.
        #expect(wording.back != nil || language.isReserve, "\(language.tag) \(id)")
        // A variety takes a draft from another language.
        #expect(wording.drafted == language.drafted || wording.inherited != nil)
      }
    }
  }
}

@Suite struct ValidatorTests {
  typealias Fault = CatalogueTests.Fault
  private static let ro = "Languages/ro.yaml"

  /// A change to one wording and the expected message; nil if it is no fault.
  struct WordFault: Sendable, CustomTestStringConvertible {
    let tag: String
    let prompt: String
    let key: String
    let value: String?
    let expected: String?
    var testDescription: String { "\(tag) \(prompt) \(key): \(value ?? "left out")" }

    init(_ tag: String, _ prompt: String, _ key: String, _ value: String?, _ expected: String?) {
      self.tag = tag
      self.prompt = prompt
      self.key = key
      self.value = value
      self.expected = expected
    }
  }

  @Test(
    "each check of a wording fails on a broken copy",
    arguments: [
      WordFault("ro", "language-name", "text", "Limba mea.", "'language-name' does not say the autonym 'română'"),
      WordFault("ro", "safe-here", "text", "Асum sunteți aici cu noi.", "holds U+0410 'А', not a letter of Latn"),
      WordFault("hi", "safe-here", "text", "Now आप यहाँ हमारे साथ सुरक्षित हैं।", "holds U+004E 'N', not a letter of Deva"),
      WordFault("ro", "raise-hand", "text", "Dacă mă înțelegeți, ridicați 1 mână.", "holds digits"),
      WordFault("ar", "safe-here", "text", "أنت هنا معنا بأمان ١.", "holds digits"),
      WordFault("ro", "safe-here", "text", "Acum sunteți în siguranță aici, cu noi).", "has ')' without its partner"),
      WordFault("ro", "safe-here", "text", "Acum sunteți în siguranță „aici, cu noi.", "has '„' without its partner"),
      WordFault("es", "safe-here", "text", "¿Ahora está a salvo aquí con nosotros.", "has '¿' without its partner"),
      WordFault("ro", "safe-here", "text", "Acum sunteți în siguranță aici, cu noi", "does not end as a sentence"),
      WordFault("ro", "safe-here", "text", "Acum sunteți în siguranță aici, cu noi,", "does not end as a sentence"),
      WordFault(
        "ro", "safe-here", "text", "We want you to be safe here. We are staying with you.", "is the English text"),
      WordFault("ro", "safe-here", "text", "Vrem to be safe here with you.", "is English in part"),
      WordFault("sw", "safe-here", "text", "Uko salama na sisi hapa sasa you see.", nil),
      WordFault("ro", "show-no", "text", "Nu.", "warning: 'show-no.text' has 3 characters"),
      WordFault(
        "ro", "show-no", "text",
        "Pentru a spune nu, țineți ambele mâini jos, lângă corp, fără să le mișcați, până când vedeți că v-am înțeles.",
        "warning: 'show-no.text' has"),
      WordFault(
        "ro", "may-stop", "text",
        "Puteți opri aceste mesaje oricând doriți, fără să spuneți de ce. Pentru a le opri, întindeți în față ambele "
          + "mâini deschise, cu palmele spre noi.", "'may-stop.text' takes about"),
      WordFault("ro", "pain", "text", "Vă doare ceva.", "'pain' has neither a question mark nor"),
      WordFault("ro", "tap", "text", "Bateți o dată sau de două ori.", "'answer-tap' lacks"),
      WordFault("ro", "safe-here", "back", nil, "'safe-here' has no back-translation"),
      WordFault("ro", "show-yes", "back", "To say yes, nod.", "mentions the head ('nod')"),
      WordFault("ro", "show-no", "back", "To say no, shake your head.", "mentions the head"),
      WordFault("ro", "need-doctor", "back", "You need a doctor.", "is a question, and its English is not"),
      WordFault("ro", "tap", "back", "Tap once or twice.", "'answer-tap' does not say 'yes'"),
      WordFault("fr", "pain", "title", nil, "warning: 'pain' has no title"),
      WordFault("fr", "pain", "caution", nil, "warning: 'pain' has no caution"),
      WordFault("fr", "device-ready", "title", nil, "warning: 'device-ready' has no title"),
    ])
  func wordFault(_ fault: WordFault) throws {
    let scratch = try Scratch()
    try scratch.copyCatalogue()
    try scratch.change(fault.key, of: fault.prompt, in: fault.tag, to: fault.value)
    let found = Validator.check(directory: scratch.directory).map(\.listed)
    if let expected = fault.expected {
      #expect(found.contains { $0.contains(expected) && $0.contains("\(fault.tag).yaml") }, "\(found)")
    } else {
      #expect(found == [])
    }
  }

  @Test(
    "each check of a language fails on a broken copy",
    arguments: [
      Fault(ro, "autonym: \"română\"", "autonym: \"румынский\"", "ro.yaml: 'autonym' holds U+0440"),
      Fault(ro, "autonym: \"română\"", "autonym: \"valahă\"", "ro.yaml: the autonym is 'valahă', CLDR has 'română'"),
      Fault(ro, "script: Latn", "script: Runr", "warning: the letters of the script Runr are unknown"),
      Fault(ro, "rate: 12.5", "rate: 6", "'may-stop.text' takes about"),
      Fault(ro, "rate: 12.5", "rate: 40", "warning: at the rate 40.0 most texts take"),
    ])
  func fault(_ fault: Fault) throws {
    let scratch = try Scratch()
    try scratch.copyCatalogue()
    try scratch.replace(fault.old, with: fault.new, in: fault.file)
    let found = Validator.check(directory: scratch.directory).map(\.listed)
    #expect(found.contains { $0.contains(fault.expected) }, "\(found)")
  }

  /// Returns the findings of a copy of the catalogue with one language more, changed.
  private func found(with tag: String, _ change: (Scratch) throws -> Void = { _ in }) throws -> [String] {
    let scratch = try Scratch()
    try scratch.copyCatalogue()
    let bytes = try Files.read("\(Repository.directory)/Languages/\(tag).yaml")
    try scratch.write("Languages/\(tag).yaml", bytes)
    try change(scratch)
    return Validator.check(directory: scratch.directory).map(\.listed).filter { $0.contains("/\(tag).yaml") }
  }

  @Test("a creole shares words with the language that it names as its lexifier, and may not be that language")
  func lexifier() throws {
    let pidgin = "Languages/pcm.yaml"
    #expect(try found(with: "pcm") == [])
    let unnamed = try found(with: "pcm") { try $0.replace("lexifier: \"en\"\n", with: "", in: pidgin) }
    #expect(unnamed.contains { $0.contains("is English in part") })
    let english = try #require(try Repository.catalogue().source?.wordings["safe-here"]?.text)
    let copied = try found(with: "pcm") { try $0.change("text", of: "safe-here", in: "pcm", to: english) }
    #expect(copied.contains { $0.contains("'safe-here.text' is the English text") })
    let stranger = try found(with: "pcm") {
      try $0.replace("lexifier: \"en\"\n", with: "lexifier: \"eng\"\n", in: pidgin)
    }
    #expect(stranger.contains { $0.contains("'lexifier' is 'eng', which is no other language here") }, "\(stranger)")
  }

  @Test("a variety's text is compared in length with that of its own language")
  func varietyLength() throws {
    #expect(try found(with: "pt-BR") == [])
    let portuguese = try #require(try Repository.catalogue().wording("injured", in: "pt")?.text)
    let long = try found(with: "pt-BR") {
      try $0.change("text", of: "injured", in: "pt-BR", to: "\(portuguese) \(portuguese) \(portuguese)")
    }
    #expect(long.contains { $0.contains("'injured.text' has \(3 * portuguese.count + 2) characters") }, "\(long)")
  }

  @Test("a text that every language says in more words than English is long only beside its fellows")
  func factor() throws {
    let scratch = try Scratch()
    try scratch.copyCatalogue()
    // Three times as long as the other texts of each language are, in proportion.
    try scratch.change("text", of: "wait-here", in: "en", to: "Wait.")
    func lengths() -> [String] {
      Validator.check(directory: scratch.directory).map(\.listed).filter { $0.contains("'wait-here.text' has") }
    }
    #expect(lengths() == [])
    let romanian = try #require(try Repository.catalogue().wording("wait-here", in: "ro")?.text)
    try scratch.change("text", of: "wait-here", in: "ro", to: "\(romanian) \(romanian) \(romanian)")
    #expect(lengths().count == 1, "\(lengths())")
    try scratch.change("text", of: "wait-here", in: "ro", to: "Aici.")
    #expect(lengths().count == 1, "\(lengths())")
  }

  @Test("an act may be asked for by showing it, or by letting the responder see it")
  func acts() throws {
    let scratch = try Scratch()
    try scratch.copyCatalogue()
    func acts() -> [String] {
      Validator.check(directory: scratch.directory).map(\.listed).filter { $0.contains("does not ask for an act") }
    }
    for back in ["Please show us how you say stop.", "Let us see how you stop this voice."] {
      try scratch.change("back", of: "understood", in: "ro", to: back)
      #expect(acts() == [])
    }
    try scratch.change("back", of: "understood", in: "ro", to: "Did you understand how to say stop?")
    #expect(acts().count == 1)
  }

  @Test("two prompts with equal texts are reported, regardless of punctuation and case")
  func sameWords() throws {
    let scratch = try Scratch()
    try scratch.copyCatalogue()
    try scratch.change("text", of: "safe-here", in: "ro", to: "Așteptați aici, cu noi.")
    try scratch.change("text", of: "wait-here", in: "ro", to: "AȘTEPTAȚI AICI cu noi!")
    let found = Validator.check(directory: scratch.directory).map(\.listed)
    #expect(found.contains { $0.contains("'wait-here' has the words of 'safe-here'") }, "\(found)")
  }

  @Test("a missing wording is reported only in the language that lacks it")
  func missing() throws {
    let scratch = try Scratch()
    try scratch.copyCatalogue()
    try scratch.drop("goodbye", from: "ro")
    let found = Validator.check(directory: scratch.directory).map(\.listed)
    #expect(found.count == 1)
    #expect(found.first?.hasSuffix("ro.yaml: no wording for 'goodbye': add it under 'wordings'") == true)
  }

  @Test("the device's own lines are required of operator languages, not of listener languages")
  func operatorPrompts() throws {
    let scratch = try Scratch()
    try scratch.copyCatalogue()
    try scratch.drop("device-ready", from: "fr")
    let found = Validator.check(directory: scratch.directory).map(\.listed)
    #expect(found.count == 1)
    #expect(found.first?.hasSuffix("fr.yaml: no wording for 'device-ready': add it under 'wordings'") == true)
  }

  @Test("a sequence with an unknown prompt or a device line is refused")
  func sequence() throws {
    let steps = String(decoding: try Files.read("\(Repository.directory)/Prompts/first-contact.yaml"), as: UTF8.self)
    let lines = steps.split(separator: "\n", omittingEmptySubsequences: false)
    let line = try #require(lines.firstIndex { $0.contains("prompt: pain") }) + 1
    for (old, new, expected) in [
      (
        "prompt: pain", "prompt: pains",
        "first-contact.yaml:\(line): no prompt for listeners has the id 'pains' (did you mean"
      ),
      ("prompt: pain", "prompt: device-ready", "no prompt for listeners has the id 'device-ready'"),
      ("pause: 6", "pause: 0", "'steps[1].pause' is 0"),
      ("id: first-contact", "id: second-contact", "rename it to 'second-contact.yaml'"),
      ("id: first-contact", "id: repeat", "'repeat' is the name of a control button"),
      ("id: first-contact", "id: pain", "the id 'pain' is that of"),
    ] {
      let scratch = try Scratch()
      try scratch.copyCatalogue()
      try scratch.replace(old, with: new, in: "Prompts/first-contact.yaml")
      let found = Validator.check(directory: scratch.directory).map(\.listed)
      #expect(found.contains { $0.contains(expected) }, "\(found)")
    }
  }

  @Test("the device's lines have numbers outside of the dialled range, and no other prompt has")
  func deviceNumbers() throws {
    let scratch = try Scratch()
    try scratch.copyCatalogue()
    try scratch.replace("module: operator", with: "module: closing", in: "Prompts/100-device-ready.yaml")
    try scratch.replace("module: opening", with: "module: operator", in: "Prompts/03-safe-here.yaml")
    let found = Validator.check(directory: scratch.directory).map(\.listed)
    #expect(found.contains { $0.contains("100-device-ready.yaml:1: 'number' is 100: write 1 to 59") }, "\(found)")
    #expect(found.contains { $0.contains("03-safe-here.yaml:2: 'number' is 3: write 100 to 199") }, "\(found)")
  }
}
