import CatalogueFixture
import Kit
import Testing

@testable import Catalogue

/// Forms, formulas, gates and retired prompts, with a catalogue of a few files.
@Suite struct FormTests {
  /// A catalogue with a question, a prompt for all modes and a prompt with choices.
  private static let files = [
    "Prompts/retired.yaml": """
    retired:
      - number: 32
        id: child-hurt
        reason: "A closed question about abuse."
      - number: 33
        id: child-hungry
        reason: "need-food has a child form."
        instead: need-food
    """,
    "Prompts/02-raise-hand.yaml": prompt(2, "raise-hand", answer: "yes-no", more: "forms: modes\n"),
    "Prompts/04-who-we-are.yaml": prompt(4, "who-we-are", more: "forms: [police, shelter]\n"),
    "Prompts/17-pregnant.yaml": prompt(17, "pregnant", answer: "yes-no", more: "gate: true\n"),
    "Prompts/18-need-food.yaml": prompt(18, "need-food", answer: "yes-no"),
    "Prompts/128-device-caution-sensitive.yaml": prompt(128, "device-caution-sensitive", module: "operator"),
    "Prompts/first-contact.yaml":
      "id: first-contact\ntitle: \"First\"\nsteps:\n  - {prompt: need-food, pause: 2}\n",
    "Languages/en.yaml": language(
      0, "en", role: "source",
      """
      answers:
        card: {text: "For yes, point to green. For no, point to white."}
        hand: {text: "For yes, raise one hand. For no, lay it on your leg."}
        tap: {text: "For yes, tap once. For no, tap twice."}
        buttons: {text: "For yes, press green. For no, press white."}
      wordings:
        raise-hand:
          text: "If you understand me, point to the green field."
          forms:
            hand: {text: "If you understand me, raise a hand."}
            tap: {text: "If you understand me, tap once."}
            buttons: {text: "If you understand me, press the green button."}
        who-we-are:
          text: "We are here to help."
          forms:
            police: {text: "We are the police, and help."}
            shelter: {text: "We work at a shelter, and help."}
        pregnant: {text: "Are you pregnant?"}
        need-food:
          text: "Do you want to eat?"
          forms:
            child: {text: "Are you hungry?"}
        device-caution-sensitive: {text: "Press again to ask."}
      """),
    "Languages/ro.yaml": language(
      29, "ro", role: "listener",
      """
      answers:
        card: {text: "Pentru da, câmpul verde. Pentru nu, cel alb.", back: "For yes, green. For no, white."}
        hand:
          text: "Pentru da, ridicați mâna. Pentru nu, lăsați mâna pe picior."
          back: "For yes, raise the hand. For no, leave it on the leg."
          child: {text: "Pentru da, ridică mâna. Pentru nu, pune mâna pe picior.", back: "For yes, raise. For no, put."}
        tap: {text: "Pentru da, bateți o dată. Pentru nu, de două ori.", back: "For yes, tap once. For no, twice."}
        buttons: {text: "Pentru da, butonul verde. Pentru nu, cel de jos.", back: "For yes, green. For no, lower."}
      wordings:
        raise-hand:
          text: "Dacă mă înțelegeți, arătați câmpul verde."
          back: "If you understand me, point to the green field."
          forms:
            hand: {text: "Dacă mă înțelegeți, ridicați o mână.", back: "If you understand me, raise a hand."}
            hand-child: {text: "Dacă mă înțelegi, ridică o mână.", back: "If you understand me, raise a hand."}
            tap: {text: "Dacă mă înțelegeți, bateți o dată.", back: "If you understand me, tap once."}
            buttons: {text: "Dacă mă înțelegeți, apăsați butonul verde.", back: "If you understand me, press green."}
        who-we-are:
          text: "Suntem aici ca să ajutăm."
          back: "We are here to help."
          forms:
            police: {text: "Suntem de la poliție și ajutăm.", back: "We are from the police and help."}
            shelter: {text: "Lucrăm la un adăpost și ajutăm.", back: "We work at a shelter and help."}
        pregnant: {text: "Sunteți însărcinată?", back: "Are you pregnant?"}
        need-food: {text: "Vreți să mâncați ceva?", back: "Do you want to eat something?"}
      """),
  ]

  private static func prompt(
    _ number: Int, _ id: String, answer: String = "none", module: String = "needs", more: String = ""
  ) -> String {
    """
    number: \(number)
    id: \(id)
    module: \(module)
    audience: all
    answer: \(answer)
    jurisdiction: false
    title: "\(id)"
    caution: ""
    length: 3
    \(more)
    """
  }

  private static func language(_ number: Int, _ tag: String, role: String, _ words: String) -> String {
    let names = ["en": ("English", "English"), "ro": ("Romanian", "română"), "uk": ("Ukrainian", "українська")]
    return """
      number: \(number)
      tag: "\(tag)"
      english: "\(names[tag]?.0 ?? tag)"
      autonym: "\(names[tag]?.1 ?? tag)"
      script: \(tag == "uk" ? "Cyrl" : "Latn")
      direction: ltr
      role: \(role)
      regions: [RO]
      fallback: []
      rate: 14
      drafted: machine
      \(words)
      """
  }

  private func catalogue(_ changes: (file: String, old: String, new: String)...) throws -> Scratch {
    let scratch = try Scratch()
    for (name, text) in Self.files { try scratch.write(name, text) }
    for change in changes { try scratch.replace(change.old, with: change.new, in: change.file) }
    return scratch
  }

  private func found(_ scratch: Scratch) -> [String] {
    Validator.check(directory: scratch.directory).map {
      $0.listed.replacing(scratch.directory + "/", with: "")
    }
  }

  @Test("formulas and forms are items with ids, numbers, file names and wordings of their own")
  func items() throws {
    let scratch = try catalogue()
    #expect(found(scratch) == [])
    let catalogue = try Catalogue.load(directory: scratch.directory)
    #expect(
      catalogue.items.filter { $0.baseID == "raise-hand" }.map(\.id) == [
        "raise-hand", "raise-hand.child", "raise-hand.hand", "raise-hand.hand-child", "raise-hand.tap",
        "raise-hand.tap-child", "raise-hand.buttons", "raise-hand.buttons-child",
      ])
    #expect(catalogue.items.first?.id == "answer-card" && catalogue.items.first?.number == 0)
    #expect(catalogue.item("answer-hand-child")?.stem == "answer-hand-child")
    #expect(catalogue.item("who-we-are.police")?.stem == "04-who-we-are.police")
    #expect(catalogue.item("raise-hand.hand-child")?.stem == "02-raise-hand.hand-child")
    #expect(catalogue.wording("raise-hand.hand-child", in: "ro")?.text == "Dacă mă înțelegi, ridică o mână.")
    #expect(catalogue.wording("answer-hand-child", in: "ro")?.back == "For yes, raise. For no, put.")
    #expect(catalogue.prompt("pregnant")?.gate == "device-caution-sensitive")
    #expect(catalogue.prompt("need-food")?.isFollowedByFormula == true)
    #expect(catalogue.prompt("raise-hand")?.isFollowedByFormula == false)
    #expect(catalogue.retired(number: 33)?.instead == "need-food")
  }

  @Test("an id of an item is its prompt and its form, and nothing else is an id")
  func ids() throws {
    for (id, prompt, form) in [
      ("raise-hand", "raise-hand", ""), ("raise-hand.hand-child", "raise-hand", "hand-child"),
      ("answer-tap-child", "answer-tap", "child"), ("who-we-are.child", "who-we-are", "child"),
    ] {
      let parts = try #require(KitLayout.parts(ofItem: id))
      #expect(parts.prompt == prompt && parts.form.rawValue == form)
      #expect(KitLayout.item(parts.prompt, parts.form) == id)
    }
    for id in ["raise-hand.", ".hand", "a.b.c", "a.hand-", "a.child-child", "a.Hand", "a.hand-adult"] {
      #expect(KitLayout.parts(ofItem: id) == nil, "\(id)")
    }
  }

  struct Fault: Sendable {
    let file: String
    let old: String
    let new: String
    let expected: String
  }

  private static let ro = "Languages/ro.yaml"

  @Test(
    "a broken form, formula, gate or retired prompt is reported with a remedy",
    arguments: [
      Fault(
        file: ro, old: "hand-child:", new: "hnad-child:",
        expected: "'raise-hand' has no form 'hnad-child' (did you mean 'hand-child'?)"),
      Fault(
        file: ro, old: "      tap: {text: \"Dacă", new: "      child: {text: \"Dacă",
        expected: "'raise-hand' has no form 'tap': add it under 'forms'"),
      Fault(file: ro, old: "      police:", new: "      hand:", expected: "'who-we-are' has no form 'hand'"),
      Fault(
        file: ro, old: "  tap: {text: \"Pentru", new: "  tpa: {text: \"Pentru",
        expected: "unknown answer mode 'tpa' (did you mean 'tap'?)"),
      Fault(
        file: ro,
        old:
          "  tap: {text: \"Pentru da, bateți o dată. Pentru nu, de două ori.\", back: \"For yes, tap once. For no, twice.\"}\n",
        new: "", expected: "no formula 'answer-tap'"),
      Fault(
        file: ro, old: "For yes, tap once. For no, twice", new: "For yes, tap once. Else, twice",
        expected: "'answer-tap' does not say 'no'"),
      Fault(
        file: ro, old: "bateți o dată. Pentru nu, de două", new: "bateți o dată. Altfel, de două",
        expected: "'answer-tap' lacks 'nu'"),
      Fault(file: ro, old: "\"Sunteți însărcinată?\"", new: "\"Sunteți însărcinată.\"", expected: "nothing"),
      Fault(
        file: ro, old: "\"Are you pregnant?\"", new: "\"You are pregnant.\"",
        expected: "'pregnant' is a question, and its English is not"),
      Fault(
        file: ro, old: "Dacă mă înțelegi, ridică", new: "Dacă mă înțelegeți, ridicați",
        expected: "remove it: without a child's form, the adult's serves"),
      Fault(
        file: ro, old: "  need-food:", new: "  answer-card: {text: \"Da.\"}\n  need-food:",
        expected: "write it under 'answers'"),
      Fault(
        file: ro, old: "  need-food:", new: "  need-food.child: {text: \"Da.\"}\n  need-food:",
        expected: "write it as 'child' under 'forms'"),
      Fault(
        file: ro, old: "  need-food:", new: "  child-hurt: {text: \"Da.\"}\n  need-food:",
        expected: "'child-hurt' was withdrawn: A closed question about abuse"),
      Fault(
        file: "Prompts/17-pregnant.yaml", old: "gate: true", new: "gate: device-caution",
        expected: "which is not a line of the device"),
      Fault(file: "Prompts/first-contact.yaml", old: "need-food", new: "pregnant", expected: "'pregnant' is gated"),
      Fault(
        file: "Prompts/first-contact.yaml", old: "need-food", new: "child-hungry", expected: "use 'need-food' instead"),
      Fault(
        file: "Prompts/retired.yaml", old: "number: 33", new: "number: 18",
        expected: "withdrawn ones are never used again"),
      Fault(
        file: "Prompts/retired.yaml", old: "instead: need-food", new: "instead: need-foood",
        expected: "(did you mean 'need-food'?)"),
      Fault(
        file: "Prompts/04-who-we-are.yaml", old: "[police, shelter]", new: "[police, hand]",
        expected: "'hand' cannot name a form"),
      Fault(
        file: "Prompts/02-raise-hand.yaml", old: "forms: modes", new: "forms: mode",
        expected: "write 'modes', or a list"),
    ])
  func fault(_ fault: Fault) throws {
    let found = found(try catalogue((fault.file, fault.old, fault.new)))
    if fault.expected == "nothing" {
      #expect(found == [], "too few questions to learn from")
    } else {
      #expect(found.contains { $0.contains(fault.expected) }, "\(found)")
    }
  }

  @Test("a question without the mark or the ending of the language's other questions is reported")
  func questions() throws {
    var changes: [(String, String, String)] = []
    let scratch = try catalogue()
    for (number, id) in [(13, "need-doctor"), (14, "pain"), (15, "injured"), (19, "need-drink")] {
      try scratch.write("Prompts/\(number)-\(id).yaml", Self.prompt(number, id, answer: "yes-no"))
      changes.append(
        (id, "Do you have \(id.replacing("-", with: " ")) here?", "Aveți \(id.replacing("-", with: " ")) aici"))
    }
    func write(_ mark: String, last: String) throws {
      let words = { (tag: String) -> String in
        changes.enumerated().map { index, change -> String in
          let text = tag == "en" ? change.1 : change.2 + (index == 3 ? last : mark)
          return "  \(change.0): {text: \"\(text)\", back: \"\(change.1)\"}\n"
        }.joined()
      }
      for tag in ["en", "ro"] {
        try scratch.write("Languages/\(tag).yaml", Self.files["Languages/\(tag).yaml"]! + "\n" + words(tag))
      }
    }
    try write("?", last: "?")
    #expect(found(scratch).filter { $0.contains("error") || !$0.contains("warning") } == [])
    try write("?", last: ".")
    #expect(found(scratch).contains { $0.contains("'need-drink' has neither a question mark nor") })
    // Without marks, the ending decides.
    try write(" oare.", last: " oare.")
    #expect(!found(scratch).contains { $0.contains("'need-drink' has neither") })
    try write(" oare.", last: ".")
    #expect(found(scratch).contains { $0.contains("'need-drink' has neither") })
  }

  @Test("a longer text that is another language's is an error, unless a note names that language")
  func shared() throws {
    let scratch = try catalogue()
    let text = Self.files["Languages/ro.yaml"]!
    let other = Self.language(
      30, "uk", role: "reserve", "wordings:\n  who-we-are: {text: \"Suntem aici ca să ajutăm.\", back: \"We help.\"}"
    )
    .replacing("script: Cyrl", with: "script: Latn").replacing(
      "autonym: \"українська\"", with: "autonym: \"українська\"")
    try scratch.write("Languages/uk.yaml", other)
    #expect(
      found(scratch).contains {
        $0.contains("uk.yaml") && $0.contains("'who-we-are' is the text of 'who-we-are' in Romanian")
      })
    try scratch.write(
      "Languages/uk.yaml", other.replacing("back: \"We help.\"", with: "back: \"We help.\", note: \"As in Romanian.\""))
    #expect(!found(scratch).contains { $0.contains("is the text of") })
    #expect(!text.isEmpty)
  }

  @Test("a language in reserve needs nothing, and a variety takes what it lacks from its language")
  func variety() throws {
    let scratch = try catalogue()
    let words = "variety-of: \"ro\"\nwordings:\n  pregnant: {text: \"Ești gravidă?\", back: \"Are you pregnant?\"}"
    try scratch.write(
      "Languages/uk.yaml",
      Self.language(30, "uk", role: "reserve", words).replacing("script: Cyrl", with: "script: Latn").replacing(
        "українська", with: "ukr"))
    let catalogue = try Catalogue.load(directory: scratch.directory)
    #expect(catalogue.wording("pregnant", in: "uk")?.text == "Ești gravidă?")
    #expect(catalogue.wording("answer-card", in: "uk")?.inherited == "ro")
    #expect(catalogue.wording("answer-card", in: "uk")?.text == catalogue.wording("answer-card", in: "ro")?.text)
    #expect(!found(scratch).contains { $0.contains("uk.yaml") && !$0.contains("autonym") })
    try scratch.replace("role: reserve", with: "role: listener", in: "Languages/uk.yaml")
    #expect(found(scratch).contains { $0.contains("only a language in reserve takes words from another") })
    try scratch.replace("role: listener", with: "role: [listener, reserve]", in: "Languages/uk.yaml")
    #expect(found(scratch).contains { $0.contains("a language in reserve has another role") })
  }

  @Test("a word that means a language and a variety in reserve means the language, and no region suggests a reserve")
  func lexicon() throws {
    let lexicon = LanguageLexicon(try Repository.catalogue())
    for word in ["pt", "por", "português", "Portuguese", "ar", "ara", "arabic", "العربية"] {
      let key = NameKey.of(word)
      let tags = (lexicon.code(key) ?? lexicon.name(key))?.tags
      #expect(tags == [word.hasPrefix("p") || word.hasPrefix("P") ? "pt" : "ar"], "\(word)")
    }
    #expect(lexicon.name(NameKey.of("Brazilian Portuguese"))?.tags == ["pt-BR"])
    #expect(lexicon.code(NameKey.of("bin"))?.tags == ["bin"])
    for language in try Repository.catalogue().languages where language.isReserve {
      for region in language.regions { #expect(!lexicon.speakers(in: region).contains(language.tag)) }
    }
  }

  @Test("a text of more than 8 s is an error in a form and in a formula")
  func long() throws {
    let long = String(repeating: "mâna ", count: 30)
    for (old, id) in [("ridicați mâna.", "answer-hand"), ("ridicați o mână.", "raise-hand.hand")] {
      let found = found(try catalogue((Self.ro, old, long + old)))
      #expect(found.contains { $0.contains("'\(id).text' takes about") }, "\(found)")
    }
  }

  @Test("a language whose back-translations hide faults has a gloss for each text")
  func gloss() throws {
    let scratch = try catalogue()
    let words = "wordings:\n  pregnant: {text: \"Ị dị ime?\", back: \"Are you pregnant?\"GLOSS}"
    let text = Self.language(18, "ig", role: "reserve", words)
    try scratch.write("Languages/ig.yaml", text.replacing("GLOSS", with: ""))
    #expect(found(scratch).contains { $0.contains("ig.yaml") && $0.contains("'pregnant' has no gloss") })
    try scratch.write("Languages/ig.yaml", text.replacing("GLOSS", with: ", gloss: \"you are pregnancy\""))
    #expect(!found(scratch).contains { $0.contains("gloss") })
    #expect(
      try Catalogue.load(directory: scratch.directory).wording("pregnant", in: "ig")?.gloss == "you are pregnancy")
  }
}
