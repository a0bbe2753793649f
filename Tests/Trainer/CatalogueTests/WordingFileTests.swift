import CatalogueFixture
import Diagnostics
import Foundation
import Posix
import Testing

@testable import Catalogue

@Suite struct WordingFileTests {
  private let order = ["language-name", "safe-here", "wait-here", "thank-you"]

  private static let file = """
    # A comment above.
    tag: "ro"
    drafted: machine

    wordings:
      language-name:   # how it names itself
        text: 'Română.'
        back: "Romanian."
      wait-here:
        text: "Așteptați aici."  # said calmly
        variants:
          to-woman: "Așteaptă, doamnă."
          to-man: "Așteaptă, domnule."
        note: "A doubt: is \\"aici\\" needed?"

    """

  private func edit(_ text: String = file, _ changes: WordingChange...) throws -> String {
    let bytes = try WordingFile.edit(Array(text.utf8), changes, order: order, file: "ro.yaml")
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("without a change or with an equal value, every byte is unchanged")
  func nothing() throws {
    #expect(try edit() == Self.file)
    #expect(try edit(Self.file, .init("wait-here", .text, "Așteptați aici.")) == Self.file)
  }

  @Test("a value is changed within its quotes, and the rest of the line is kept")
  func replaced() throws {
    let text = try edit(
      Self.file, .init("language-name", .text, "Limba 'română'."), .init("wait-here", .text, "Stați \"aici\" \\ acum."))
    let expected = Self.file.replacing("'Română.'", with: "'Limba ''română''.'")
      .replacing("\"Așteptați aici.\"", with: #""Stați \"aici\" \\ acum.""#)
    #expect(text == expected)
  }

  @Test("a new part is inserted in the usual order, and a removed part removes its line")
  func parts() throws {
    let text = try edit(
      Self.file, .init("wait-here", .back, "Wait here."), .init("wait-here", .note, nil),
      .init("wait-here", .variant(.toMan), nil), .init("wait-here", .variant(.byWoman), "Stați."),
      .init("language-name", .note, "Or moldovenească?"))
    #expect(
      text == """
        # A comment above.
        tag: "ro"
        drafted: machine

        wordings:
          language-name:   # how it names itself
            text: 'Română.'
            back: "Romanian."
            note: "Or moldovenească?"
          wait-here:
            text: "Așteptați aici."  # said calmly
            back: "Wait here."
            variants:
              to-woman: "Așteaptă, doamnă."
              by-woman: "Stați."

        """)
  }

  @Test("removing the last variant removes the key 'variants', and the first one adds it")
  func variants() throws {
    let without = try edit(
      Self.file, .init("wait-here", .variant(.toMan), nil), .init("wait-here", .variant(.toWoman), nil))
    #expect(!without.contains("variants") && !without.contains("doamnă") && without.contains("A doubt"))
    let with = try edit(
      without, .init("wait-here", .variant(.byMan), "Eu."), .init("wait-here", .variant(.toMan), "Domnule."))
    #expect(
      with.contains("  # said calmly\n    variants:\n      by-man: \"Eu.\"\n      to-man: \"Domnule.\"\n    note:"))
  }

  @Test(
    "a new wording is inserted by number, also in a file without wordings, without a final line end, or with CRLF")
  func added() throws {
    let new = [WordingChange("safe-here", .text, "Aici sunteți în siguranță."), .init("safe-here", .back, "Safe.")]
    let block = "  safe-here:\n    text: \"Aici sunteți în siguranță.\"\n    back: \"Safe.\"\n"
    #expect(try edit(Self.file, new[0], new[1]) == Self.file.replacing("  wait-here:", with: block + "  wait-here:"))
    #expect(try edit(WordingFile.overlay("ro"), new[0], new[1]).hasSuffix("wordings:\n" + block))
    let last = WordingChange("thank-you", .text, "Mulțumesc.")
    #expect(
      try edit(String(Self.file.dropLast()), last).hasSuffix("needed?\"\n  thank-you:\n    text: \"Mulțumesc.\"\n"))
    let windows = Self.file.replacing("\n", with: "\r\n")
    #expect(
      try edit(windows, new[0], new[1])
        == windows.replacing("  wait-here:", with: block.replacing("\n", with: "\r\n") + "  wait-here:"))
    let marked = "\u{FEFF}" + Self.file
    #expect(try edit(marked, new[0], new[1]).hasPrefix("\u{FEFF}# A comment"))
  }

  @Test(
    "an uneditable form is refused with a remedy, and unchanged",
    arguments: [
      "    text: >-\n      Așteptați\n      aici.\n", "    text: \"Așteptați\n      aici.\"\n",
    ])
  func refused(_ value: String) throws {
    let text = "tag: \"ro\"\ndrafted: machine\nwordings:\n  wait-here:\n\(value)    back: \"Wait.\"\n"
    let scratch = try Scratch()
    let path = try scratch.write("ro.yaml", text)
    let change = WordingChange("wait-here", .text, "Stați.")
    let found = findings(in: scratch) { try WordingFile.edit(path, [change], order: order) }
    if found.isEmpty {
      // A quoted text on two lines is replaced as a whole.
      #expect(
        String(decoding: try Files.read(path), as: UTF8.self) == text.replacing(value, with: "    text: \"Stați.\"\n"))
    } else {
      #expect(found.first?.contains("cannot be edited: write each value on one line") == true, "\(found)")
      #expect(String(decoding: try Files.read(path), as: UTF8.self) == text)
    }
  }

  @Test("a flow mapping and an unknown file are refused")
  func flow() throws {
    #expect(throws: DiagnosticsError.self) {
      try edit(
        "tag: \"ro\"\ndrafted: machine\nwordings: {wait-here: {text: \"Aici.\"}}\n", .init("wait-here", .back, "Here."))
    }
    #expect(throws: DiagnosticsError.self) { try edit("tag: [", .init("wait-here", .text, "Aici.")) }
  }

  private static let forms = """
    tag: "ro"
    answers:
      card:   # the default
        text: "Pentru da, verde. Pentru nu, alb."
    wordings:
      language-name:
        text: "Română."
      wait-here:
        text: "Așteptați aici."
        forms:
          hand:  # one hand
            text: "Așteptați, cu o mână."
            back: "Wait, with one hand."
          hand-child:
            text: "Așteaptă."
        # above the next one
      thank-you:
        text: "Mulțumesc."

    """

  private let items = [
    "answer-card", "answer-card-child", "answer-hand", "language-name", "safe-here", "safe-here.child", "wait-here",
    "wait-here.child", "wait-here.hand", "wait-here.hand-child", "wait-here.tap", "thank-you",
  ]

  private func editItems(_ text: String, _ changes: WordingChange...) throws -> String {
    let bytes = try WordingFile.edit(Array(text.utf8), changes, order: items, file: "ro.yaml")
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("the text of a form and of a formula is changed in its line, and comments stay")
  func changedForms() throws {
    let text = try editItems(
      Self.forms, .init("wait-here.hand", .text, "Stați."), .init("wait-here.hand-child", .text, "Stai."),
      .init("answer-card", .text, "Da, verde. Nu, alb."), .init("wait-here.hand", .back, nil))
    let expected = Self.forms.replacing("Așteptați, cu o mână.", with: "Stați.").replacing(
      "\"Așteaptă.", with: "\"Stai."
    )
    .replacing("Pentru da, verde. Pentru nu, alb.", with: "Da, verde. Nu, alb.")
    .replacing("        back: \"Wait, with one hand.\"\n", with: "")
    #expect(text == expected)
  }

  @Test("new forms and formulas are inserted in the catalogue's order, with the keys that they need")
  func addedForms() throws {
    let text = try editItems(
      Self.forms, .init("wait-here.child", .text, "Copil."), .init("wait-here.tap", .text, "Bateți."),
      .init("answer-card-child", .text, "Copil, da și nu."), .init("answer-hand", .text, "Mâna."),
      .init("thank-you", .gloss, "thanks"), .init("safe-here", .text, "Aici."),
      .init("safe-here.child", .text, "Aici, tu."))
    #expect(
      text == """
        tag: "ro"
        answers:
          card:   # the default
            text: "Pentru da, verde. Pentru nu, alb."
            child:
              text: "Copil, da și nu."
          hand:
            text: "Mâna."
        wordings:
          language-name:
            text: "Română."
          safe-here:
            text: "Aici."
            forms:
              child:
                text: "Aici, tu."
          wait-here:
            text: "Așteptați aici."
            forms:
              child:
                text: "Copil."
              hand:  # one hand
                text: "Așteptați, cu o mână."
                back: "Wait, with one hand."
              hand-child:
                text: "Așteaptă."
              tap:
                text: "Bateți."
            # above the next one
          thank-you:
            text: "Mulțumesc."
            gloss: "thanks"

        """)
  }

  @Test("a project's file can have a form of a wording whose base text is the catalogue's")
  func overlayForms() throws {
    let form = try editItems(WordingFile.overlay("ro"), .init("wait-here.hand", .text, "Mâna."))
    #expect(form.hasSuffix("wordings:\n  wait-here:\n    forms:\n      hand:\n        text: \"Mâna.\"\n"))
    let base = try editItems(form, .init("wait-here", .text, "Stați."))
    #expect(base == form.replacing("    forms:", with: "    text: \"Stați.\"\n    forms:"))
    let formula = try editItems(base, .init("answer-card", .text, "Da, nu."))
    #expect(formula.contains("drafted: person\n\nanswers:\n  card:\n    text: \"Da, nu.\"\n\nwordings:"))
  }

  @Test("an invalid value is reported before the edit")
  func faults() {
    #expect(WordingChange("a", .text, nil).fault != nil)
    #expect(WordingChange("a", .text, "two\nlines").fault != nil)
    #expect(WordingChange("a", .title, String(repeating: "a", count: 41)).fault != nil)
    #expect(WordingChange("a", .note, nil).fault == nil)
    #expect(WordingChange("a", .text, "Bine.").fault == nil)
  }

  @Test("in every language each text, back-translation and note can be changed without other changes")
  func wholeCatalogue() throws {
    let catalogue = try Repository.catalogue()
    let order = catalogue.items.map(\.id)
    for language in catalogue.languages {
      let bytes = try Files.read(language.file)
      var changes: [WordingChange] = []
      // What a variety takes from another language is in that language's file.
      for (id, wording) in language.wordings where wording.inherited == nil {
        for part in WordingChange.Part.allCases {
          if let value = wording[part] { changes.append(.init(id, part, String(value.dropLast(4)) + "·\"'\\")) }
        }
      }
      let edited = try WordingFile.edit(bytes, changes, order: order, file: language.file)
      let lines = { (bytes: [UInt8]) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) }
      #expect(lines(edited).count == lines(bytes).count, "\(language.tag)")
      let changed = zip(lines(bytes), lines(edited)).filter { $0 != $1 }.count
      #expect(changed == changes.count, "\(language.tag)")
      // The reverse change restores every byte.
      let restored = changes.map { change in
        WordingChange(change.prompt, change.part, language.wordings[change.prompt]?[change.part])
      }
      #expect(try WordingFile.edit(edited, restored, order: order, file: language.file) == bytes, "\(language.tag)")
    }
  }
}
