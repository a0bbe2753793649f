import Board
import Catalogue
import Encoding
import Foundation
import Kit
import Posix
import TestSupport
import Testing

@testable import Pages

@Suite("Cards")
struct CardTests {
  private static let root = SourceTree.path
  /// Loaded once in each process.
  private static let loaded = Result { try Catalogue.load(directory: root) }
  private let catalogue: Catalogue

  init() throws { catalogue = try Self.loaded.get() }

  /// Returns a kit with every wording of the catalogue in some languages.
  private func kit(_ tags: [String], draft: Bool = true) throws -> (KitManifest, [BundleManifest]) {
    let bundles = tags.compactMap(catalogue.language).map { language in
      BundleManifest(
        tag: language.tag, number: language.number, english: language.english, autonym: language.autonym,
        script: language.script, direction: language.direction, regions: [], fallback: [],
        clips: catalogue.prompts.compactMap { prompt in
          language.wordings[prompt.id].map { wording in
            Clip(
              prompt: prompt.id, number: prompt.number, voice: "f1", file: "", sha256: "", bytes: 1, frames: 48_000,
              loudness: -16, peak: -2, onset: 0, status: draft ? .draft : .approved, synthetic: false,
              text: wording.text, back: wording.back ?? "", wording: "")
          }
        })
    }
    let operators = catalogue.languages.filter { $0.roles.contains(.operator) && $0.tag != "en" }.map { language in
      OperatorTexts(
        tag: language.tag, autonym: language.autonym, script: language.script, direction: language.direction,
        prompts: language.wordings.compactMapValues { wording in
          wording.title.map { .init(title: $0, caution: wording.caution ?? "") }
        },
        languages: Dictionary(
          uniqueKeysWithValues: tags.map { ($0, catalogue.name(of: $0, in: language.tag)) }))
    }
    let manifest = KitManifest(
      name: "shelter", version: "1.0", draft: draft, source: "en",
      prompts: catalogue.prompts.map {
        KitPrompt(
          number: $0.number, id: $0.id, module: $0.module.rawValue, audience: $0.audience, answer: $0.answer,
          jurisdiction: $0.jurisdiction, title: $0.title, caution: $0.caution, text: $0.title)
      }, bundles: [],
      contacts: [
        KitContact(kind: .shelter, name: "The <house>", phone: "22 22", note: ""),
        KitContact(kind: .interpreter, name: "On call", phone: "+00 11 11", note: "day & night"),
      ], operators: operators)
    return (manifest, bundles)
  }

  private func document(
    _ kind: PrintedCard.Kind, _ tags: [String], language: String = "en", paper: PrintedCard.Paper = .a4,
    draft: Bool = true,
    board: String? = nil
  ) throws -> String {
    let (manifest, bundles) = try kit(tags, draft: draft)
    let card = PrintedCard(
      kind, of: manifest, sha256: Digest.sha256("kit"), bundles: bundles,
      board: try board.map { try BoardFile.read("\(Self.root)/Hardware/boards/\($0).yaml", catalogue: catalogue) },
      language: language, paper: paper)
    return try #require(card).page.document
  }

  @Test("a card of one answer mode shows no other, and there is none of a mode that the kit does not have")
  func oneMode() throws {
    var (manifest, bundles) = try kit(["ro", "ar"])
    manifest.answers.modes = [.card, .hand]
    func document(_ answers: AnswerMode?) -> String? {
      PrintedCard(.listener, of: manifest, sha256: "", bundles: bundles, answers: answers)?.page.document
    }
    let both = try #require(document(nil))
    let (card, hand) = (try #require(document(.card)), try #require(document(.hand)))
    #expect(card != hand && card.count < both.count && hand.count < both.count)
    #expect(document(.tap) == nil)
  }

  private var readers: [String] {
    catalogue.languages.filter { $0.roles.contains(.operator) }.map(\.tag)
  }

  private func contains(_ document: String, _ text: String) -> Bool { document.contains(HTML(text: text).markup) }

  @Test("every operator language has all words of the cards, and every card in it is well-formed")
  func everyReader() throws {
    #expect(Set(CardWords.all.keys) == Set(readers))
    for (tag, words) in CardWords.all {
      #expect(Set(words.signs.keys) == Set(AnswerSign.allCases), "\(tag)")
      for (sign, answer) in words.signs { #expect(answer.ways.count == AnswerMode.allCases.count, "\(tag) \(sign)") }
      #expect(words.modes.count == AnswerMode.allCases.count, "\(tag)")
      #expect(Set(words.kinds.keys) == Set(KitContact.Kind.allCases), "\(tag)")
      #expect(
        Set(words.modules.keys) == Set(Prompt.Module.allCases.map(\.rawValue)).subtracting([KitPrompt.operatorModule]),
        "\(tag)")
      let controls = Set(words.controls.keys).union(words.judged.keys.map(\.rawValue))
      #expect(controls == Set(Button.Control.allCases.map(\.rawValue)), "\(tag)")
      #expect(words.controls.count + words.judged.count == Button.Control.allCases.count, "one spelling each: \(tag)")
      #expect(Set(words.sequences.keys) == Set(catalogue.sequences.map(\.id)), "\(tag)")
      #expect(words.todo.count == CardWords.english.todo.count, "\(tag)")
      #expect(words.notToDo.count == CardWords.english.notToDo.count, "\(tag)")
      #expect(words.draft.contains("DRAFT"), "\(tag)")
      #expect((words.unreviewed == nil) == (tag == "en"), "\(tag)")
      let language = try #require(catalogue.language(tag))
      for kind in PrintedCard.Kind.allCases {
        let document = try document(kind, ["am", "ur", "km"], language: tag, board: "number-pad")
        #expect(xmlFault(document) == nil, "\(tag) \(kind)")
        #expect(document.contains("<html lang=\"\(tag)\" dir=\"\(language.direction.rawValue)\""))
        for word in ["http:", "https:", "src=", "<link", "@import", "url(", "<script"] {
          #expect(!document.contains(word), "\(kind) \(word)")
        }
      }
    }
  }

  @Test("a draft kit's cards say DRAFT on every page, and a released kit's on none")
  func drafts() throws {
    for kind in PrintedCard.Kind.allCases {
      let draft = try document(kind, ["am", "ar"])
      #expect(draft.contains("<p class=\"draft\">\(CardWords.english.draft)</p>"), "\(kind)")
      // A table's head is repeated on each of its pages; the other cards are one page.
      let pages = draft.components(separatedBy: "<table class=\"sheet\"><thead>")
      for sheet in pages.dropFirst() {
        #expect(sheet.split(separator: "</thead>").first?.contains("class=\"draft\"") == true, "\(kind)")
      }
      #expect(pages.count == [.responder: 2, .sheet: 3][kind, default: 1])
      #expect(try !document(kind, ["am"], draft: false).contains("class=\"draft\""), "\(kind)")
    }
  }

  @Test("the page has the requested paper size")
  func paper() throws {
    #expect(try document(.poster, ["am"]).contains("@page { size: A4 portrait; margin: 10mm; }"))
    #expect(try document(.poster, ["am"], paper: .letter).contains("@page { size: letter portrait; margin: 10mm; }"))
  }

  @Test("each language has its own name, fonts, direction and number to dial")
  func pointing() throws {
    let tags = catalogue.languages.map(\.tag)
    for kind in [PrintedCard.Kind.listener, .poster] {
      let document = try document(kind, tags)
      for language in catalogue.languages {
        #expect(document.contains("<span class=\"number\">\(KitLayout.dialled(language.number))</span>"))
        #expect(
          document.contains(
            "<span lang=\"\(language.tag)\" dir=\"\(language.direction.rawValue)\" "
              + "style=\"\(TextLanguage(language).style)\">\(HTML(text: language.autonym).markup)</span>"),
          "\(language.tag)")
      }
      for sign in AnswerSign.allCases {
        #expect(document.contains("aria-label=\"\(CardWords.english.signs[sign]?.meaning ?? "?")\""))
      }
    }
  }

  @Test("the card to point at has a page of five fields for each mode, with the words of a single language")
  func fields() throws {
    let document = try document(.listener, ["ro"])
    #expect(document.components(separatedBy: "<div class=\"whole fields\"").count == 2)
    for colour in ["#0a8f3c", "#ffd21f", "#d4141c"] { #expect(document.contains("fill=\"\(colour)\"")) }
    let words = try #require(catalogue.wording("show-yes", in: "ro")).text
    #expect(contains(document, words))
    #expect(try !contains(self.document(.listener, ["ro", "sq"]), words))
    #expect(try !self.document(.poster, ["ro"]).contains("whole fields"))
  }

  @Test("a card for one language has no page of names, and says whose card it is on each page")
  func oneLanguage() throws {
    let document = try document(.listener, ["am"], language: "ar")
    #expect(!document.contains("class=\"grid\"") && !document.contains(CardWords.arabic.pointing))
    #expect(document.contains("አማርኛ</span> · على البطاقة"))
    #expect(try self.document(.listener, ["am", "ar"]).contains("class=\"grid\""))
    #expect(try self.document(.poster, ["am"]).contains("class=\"grid\""))
  }

  /// A card for a kit that offers every answer mode, on a board with some buttons of the listener's own.
  private func card(
    _ kind: PrintedCard.Kind, own: [Button.Control]?, language: String = "en", gate: String? = nil
  ) throws -> String {
    var (manifest, bundles) = try kit(["am", "ar"])
    manifest.answers.modes = [.hand, .buttons, .card, .tap]
    for index in manifest.prompts.indices where manifest.prompts[index].id == gate {
      manifest.prompts[index].gate = "device-caution-sensitive"
    }
    let template = try BoardFile.read("\(Self.root)/Hardware/boards/raspberry-pi.yaml", catalogue: catalogue)
    let board = own.map { own in
      var board = template
      board.lines.buttons += own.enumerated().map { index, control in
        .init(chip: "gpio", line: 40 + index, button: .control(control), by: .listener)
      }
      return board
    }
    return try #require(
      PrintedCard(kind, of: manifest, sha256: "", bundles: bundles, board: board, language: language)
    ).page.document
  }

  @Test("the listener's buttons are on the cards only where the board has them, each with its own field")
  func listenersButtons() throws {
    func pages(_ document: String) -> [Substring] {
      document.split(separator: "<div class=\"whole fields\"", omittingEmptySubsequences: true).dropFirst().map { $0 }
    }
    let unknown = pages(try card(.listener, own: nil))
    #expect(unknown.count == 4 && unknown.allSatisfy { $0.components(separatedBy: "<figure").count == 6 })
    let none = try card(.listener, own: [])
    #expect(pages(none).count == 3 && !none.contains("by buttons"))
    let some = pages(try card(.listener, own: [.answerYes, .answerNo, .answerStop]))
    #expect(some.count == 4 && some[1].contains(" · by buttons"))
    #expect(some[1].components(separatedBy: "<figure").count == 4 && !some[1].contains("yellow button"))
    #expect(some[0].contains("one hand or one finger raised") && some[2].contains(CardWords.english.scanning))
    let responder = try card(.responder, own: [.answerYes, .answerNo])
    #expect(responder.components(separatedBy: CardWords.english.byListener).count == 3)
    let front = try #require(responder.range(of: "<table class=\"sheet\""))
    let drawn = responder[..<front.lowerBound].components(separatedBy: "class=\"does\"").count - 1
    #expect(drawn == 14, "the listener's buttons are not on the responder's device")
    #expect(try !card(.responder, own: []).contains("Answers are signs: by buttons"))
  }

  @Test("gated messages are marked on the list, with their caution, and on the first page where the board plays them")
  func gates() throws {
    let mark = PrintedCard.gateMark.markup
    let plain = try card(.responder, own: [])
    #expect(!plain.contains(mark))
    // The board has a button of its own for need-doctor, and none for pregnant.
    let doctor = try card(.responder, own: [], gate: "need-doctor")
    #expect(doctor.components(separatedBy: mark).count == 5, "button, legend, list and its explanation")
    #expect(contains(doctor, CardWords.english.gated))
    let pregnant = try card(.responder, own: [], gate: "pregnant")
    #expect(pregnant.components(separatedBy: mark).count == 3, "this board cannot play it")
    #expect(contains(pregnant, try #require(catalogue.prompt("pregnant")).caution))
    var (manifest, bundles) = try kit(["am"])
    let index = try #require(manifest.prompts.firstIndex { $0.id == "pregnant" })
    manifest.prompts[index].gate = "device-caution-pregnant"
    let pad = try BoardFile.read("\(Self.root)/Hardware/boards/number-pad.yaml", catalogue: catalogue)
    let dialled = try #require(PrintedCard(.responder, of: manifest, sha256: "", bundles: bundles, board: pad))
    #expect(dialled.page.document.contains("\(mark) <span class=\"number\">17</span> Sensitive question"))
    bundles[0].clips.removeAll { $0.prompt == "pregnant" }
    let without = try #require(PrintedCard(.responder, of: manifest, sha256: "", bundles: bundles, board: pad))
    #expect(!without.page.document.contains(mark), "no language says it")
  }

  @Test("the cards' words for modes, signs and answers are those that the device and the prompts say")
  func oneTable() throws {
    let nouns: [String: (square: String, button: String)] = [
      "en": ("square", "button"), "fr": ("carré", "bouton"), "es": ("cuadrado", "botón"), "de": ("Feld", "Knopf"),
      "ar": ("المربع", "الزر"), "ru": ("квадрат", "кнопк"), "cmn-Hans": ("方块", "按钮"),
    ]
    let lessons: [(AnswerSign, String)] = [(.notUnderstood, "show-not-understood"), (.preferNot, "show-prefer-not")]
    for (tag, words) in CardWords.all {
      let language = try #require(catalogue.language(tag))
      func text(_ id: String) throws -> String { try #require(language.wordings[id], "\(tag) \(id)").text }
      func title(_ id: String) throws -> String {
        try #require(language.wordings[id]?.title ?? catalogue.prompt(id)?.title, "\(tag) \(id)")
      }
      for mode in AnswerMode.allCases {
        let line = try text("device-answers-\(mode.rawValue)")
        #expect(line.contains(try #require(words.modes[mode])), "\(tag) \(mode): \(line)")
      }
      let (square, button) = try #require(nouns[tag])
      #expect(try text("show-yes").contains(square) && text("show-yes.buttons").contains(button), "\(tag)")
      for (sign, answer) in words.signs {
        #expect(answer.ways[.card]?.contains(square) == true, "\(tag) \(sign)")
        #expect(answer.ways[.buttons]?.contains(button) == true, "\(tag) \(sign)")
      }
      for (sign, lesson) in lessons {
        let meaning = try #require(words.signs[sign]).meaning
        #expect(try title(lesson).lowercased().contains(meaning.lowercased()), "\(tag) \(meaning)")
      }
      for (id, control) in [("show-no", Button.Control.answerNone), ("hear-again", .again), ("too-loud", .quieter)] {
        let caution = try #require(language.wordings[id]?.caution ?? catalogue.prompt(id)?.caution)
        #expect(caution.contains(words.control(control)), "\(tag) \(id) names the button as the card does: \(caution)")
      }
      #expect(words.notToDo.last?.contains(try title("need-not-answer")) == true, "\(tag)")
      let sensitive = try text("device-caution-sensitive")
      let ends = sensitive.split(whereSeparator: { ".。".contains($0) }).map { $0.drop(while: \.isWhitespace) }
      let (first, last) = (try #require(ends.first), try #require(ends.last))
      #expect(words.gated.contains(first) && words.gated.contains(last), "\(tag)")
    }
    #expect(AnswerWords.english("declined") == "does not want to answer")
    #expect(AnswerWords.english("none") == "kept still" && AnswerWords.english("later") == "later")
  }

  @Test("squares printed in grey differ by their symbols, which stand out by a contrast of three to one")
  func grey() {
    func luminance(_ colour: String) -> Double {
      let value = UInt32(colour.dropFirst(), radix: 16) ?? 0
      func linear(_ shift: UInt32) -> Double {
        let part = Double(value >> shift & 255) / 255
        return part <= 0.03928 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0)
    }
    for sign in AnswerSign.allCases {
      let (field, ink) = (luminance(SignPicture.colour(sign)), luminance(SignPicture.ink(sign)))
      #expect((max(field, ink) + 0.05) / (min(field, ink) + 0.05) >= 3, "\(sign)")
    }
    for mode in AnswerMode.allCases {
      let pictures = AnswerSign.allCases.map { sign in
        // Without colours.
        var markup = SignPicture(mode: mode, sign: sign).svg("").markup
        for part in ["fill", "stroke"] {
          markup = markup.replacing("\(part)=\"\(SignPicture.colour(sign))\"", with: "")
          markup = markup.replacing("\(part)=\"\(SignPicture.ink(sign))\"", with: "")
        }
        return markup
      }
      #expect(Set(pictures).count == 5, "\(mode)")
    }
  }

  @Test("the responder's card says that stillness is no answer, what counts as stop, and that it is no legal caution")
  func rules() throws {
    let document = try document(.responder, ["ro"])
    for text in ["stillness is no answer", "cries, turns away or goes rigid", "for a legal caution: it is none"] {
      #expect(document.contains(text), "\(text)")
    }
    #expect(document.contains("Answers are signs: on the card") && contains(document, CardWords.english.scanning))
  }

  @Test("the sheet for a native speaker has the text, its English, its gloss, the doubt, the signs, and room for a pen")
  func reviewSheet() throws {
    let language = try #require(catalogue.language("ro"))
    var wording = try #require(language.wordings["show-yes"])
    (wording.gloss, wording.note) = ("to say yes", "Is <b> right?")
    let prompt = try #require(catalogue.item("answer-hand"))
    let sheet = ReviewSheet(
      language, source: catalogue.source, lines: [.init(prompt: prompt, wording: wording, status: .draft)])
    let document = sheet.page.document
    #expect(xmlFault(document) == nil)
    for text in [wording.text, wording.back ?? "?", "to say yes", "Is <b> right?", "answer-hand"] {
      #expect(contains(document, text), "\(text)")
    }
    #expect(document.components(separatedBy: "<svg").count == 3)
    #expect(document.contains("class=\"line\""))
    for word in ["good", "change", "wrong"] { #expect(document.contains("<li><b>\(word)</b>: ")) }
    #expect(document.contains("Give it back to <span class=\"long\"></span>"))
    #expect(!document.contains("Empty boxes"), "every machine has Latin letters")
    // The words of the pages by post follow, where the whole language is on the sheet.
    #expect(!document.contains("page.record"))
    var whole = sheet
    whole.hasPageWords = true
    let longer = whole.page.document
    #expect(xmlFault(longer) == nil)
    for (key, word) in language.page { #expect(longer.contains("<code>page.\(key)</code>") && contains(longer, word.text)) }
  }

  @Test("the sheet for a native speaker says to whom it goes back, numbers its pages, and names the font it needs")
  func reviewSheetFrame() throws {
    for tag in ["ar", "km", "am", "my", "th", "ti", "ur", "cmn-Hans"] {
      let language = try #require(catalogue.language(tag))
      let lines = catalogue.items.compactMap { item in
        language.wordings[item.id].map { BoothScript.Line(prompt: item, wording: $0, status: .draft) }
      }
      let document = ReviewSheet(language, source: catalogue.source, lines: lines, returnTo: "Ana <ana@example.org>")
        .page.document
      #expect(xmlFault(document) == nil, "\(tag)")
      #expect(document.contains("<b><bdi>Ana &lt;ana@example.org&gt;</bdi></b>"))
      #expect(document.contains("@bottom-left { content: \"\(tag)\";"))
      let font = try #require(TextLanguage(language).mainFont)
      #expect(document.contains("“\(font)”"))
      #expect(document.components(separatedBy: "<section>").count == lines.count + 1)
      #expect(document.contains("section p:lang(my), section p:lang(km) { line-height: 1.8; }"))
      #expect(
        document.components(separatedBy: "class=\"variant\" dir=\"\(language.direction.rawValue)\"").count
          == lines.map(\.wording.variants.count).reduce(0, +) + 1)
    }
  }

  @Test("what a form means is the source of the same form, or of the adult's, and never of another form")
  func meant() throws {
    let english = try #require(catalogue.source)
    func source(_ id: String) throws -> String {
      try #require(catalogue.item(id), "\(id)").translatorSource(in: english)
    }
    #expect(try source("who-we-are.police-child") == source("who-we-are.police"))
    #expect(try source("who-we-are.police").contains("police"))
    #expect(try source("show-no.hand-child") == source("show-no.hand"))
    #expect(try source("show-no.hand").contains("leg"))
    #expect(try source("answer-tap-child") == source("answer-tap"))
    #expect(try source("language-name") == "[the name of this language, in itself]")
  }

  @Test("the responder's card lists buttons, messages with cautions in the responder's language, and contacts")
  func responder() throws {
    let french = try #require(catalogue.language("fr"))
    let document = try document(.responder, ["am", "so"], language: "fr", board: "raspberry-pi")
    for prompt in catalogue.prompts where prompt.module != .operator {
      let wording = try #require(french.wordings[prompt.id])
      #expect(contains(document, wording.title ?? "?"), "\(prompt.id)")
      #expect(contains(document, wording.caution ?? "?"), "\(prompt.id)")
    }
    for prompt in catalogue.prompts where prompt.module == .operator {
      #expect(!contains(document, prompt.title), "\(prompt.id) is the device's own")
    }
    #expect(document.contains("<td class=\"key\" dir=\"ltr\">5</td><td class=\"number\"></td>"))
    #expect(document.contains("<b class=\"stop\">Arrêt</b>"))
    #expect(document.contains("appui long: <span class=\"number\">01</span> Nom de la langue"))
    #expect(contains(document, "amharique") && contains(document, "somali"))
    // Interpreters come first, and names are escaped.
    let calls = try #require(document.range(of: "+00 11 11"))
    let house = try #require(document.range(of: "The &lt;house&gt;"))
    #expect(calls.lowerBound < house.lowerBound)
    #expect(document.contains("day &amp; night"))
    for line in CardWords.french.todo + CardWords.french.notToDo { #expect(contains(document, line)) }
  }

  // MARK: - The first page

  /// Returns the first page of a responder's card.
  private func front(_ board: String?, language: String = "en") throws -> String {
    let document = try document(.responder, ["am", "ar"], language: language, board: board)
    let start = try #require(document.range(of: "<div class=\"front"))
    let end = try #require(document.range(of: "<table class=\"sheet\""))
    return String(document[start.lowerBound..<end.lowerBound])
  }

  @Test("the first page has stop with its key, ten things to do in order, the interpreter, and no list")
  func firstPage() throws {
    for (tag, words) in CardWords.all {
      #expect(words.steps.count == 10, "\(tag)")
      let page = try front("number-pad", language: tag)
      var rest = page[...]
      for text in ["<div class=\"stop-now\">", words.control(.stop), "<kbd dir=\"ltr\">Enter</kbd>", words.stopNow] {
        let found = try #require(rest.range(of: text), "\(tag) \(text)")
        rest = rest[found.upperBound...]
      }
      for step in words.steps {
        let found = try #require(rest.range(of: HTML(text: step).markup), "\(tag) \(step)")
        rest = rest[found.upperBound...]
      }
      #expect(rest.contains("<div class=\"device\" dir=\"ltr\""), "the device does not turn round: \(tag)")
      #expect(page.contains("+00 11 11") && !page.contains("22 22"))
      #expect(!page.contains("<table") && !page.contains(HTML(text: words.jurisdiction).markup))
    }
    let page = try front(nil)
    #expect(!page.contains("class=\"device\"") && !page.contains("<kbd"))
  }

  @Test("the buttons are drawn where they lie on the device")
  func drawing() throws {
    let pad = try front("number-pad")
    #expect(pad.contains("class=\"button halt\" style=\"grid-area: 4 / 4 / span 2 / span 1\""))
    #expect(pad.contains("grid-area: 2 / 1 / span 1 / span 1\" dir=\"ltr\"><div class=\"text\">"))
    let next = try #require(pad.range(of: "grid-area: 1 / 2 / span 1 / span 1"))
    let text = pad[next.upperBound...].prefix(400)
    #expect(text.contains("<kbd dir=\"ltr\">/</kbd>") && text.contains("Next language"))
    #expect(text.contains("held down:</i> Language finder</div>"))
    #expect(pad.contains("<kbd dir=\"ltr\">/</kbd> (held down)"), "how to find the language")
    let pi = try front("raspberry-pi")
    #expect(pi.contains("class=\"button halt\" style=\"grid-area: 1 / 1 / span 1 / span 1\""))
    #expect(!pi.contains("class=\"legend\""), "no digits, no numbers to dial")
    let own = try front("listener-buttons")
    #expect(own.contains("<b>Language finder</b></span>"), "short, or the step fills its line")
  }

  @Test("the picture of a button names what a long press does, and what a press together with stop does")
  func chords() throws {
    let (manifest, bundles) = try kit(["am"])
    var board = try BoardFile.read("\(Self.root)/Hardware/boards/number-pad.yaml", catalogue: catalogue)
    for index in board.inputs[0].keys.indices where board.inputs[0].keys[index].button == .control(.again) {
      board.inputs[0].keys[index].hold = .control(.answerMode)
      board.inputs[0].keys[index].withStop = .control(.markWrong)
    }
    for (tag, words) in CardWords.all {
      let card = try #require(
        PrintedCard(.responder, of: manifest, sha256: "", bundles: bundles, board: board, language: tag))
      let document = card.page.document
      let held = HTML(text: words.held).markup
      #expect(document.contains("<i>\(held):</i> \(HTML(text: words.control(.answerMode)).markup)"), "\(tag)")
      let stop = HTML(text: words.control(.stop)).markup
      #expect(document.contains("<i>\(stop) +:</i> \(HTML(text: words.control(.markWrong)).markup)"), "\(tag)")
      #expect(document.contains("\(stop) +: \(HTML(text: words.control(.markWrong)).markup)"), "the list: \(tag)")
    }
  }

  @Test("buttons without a place follow in rows; the keys of a number pad lie as on a usual one")
  func layout() throws {
    let pad = try BoardFile.read("\(Self.root)/Hardware/boards/number-pad.yaml", catalogue: catalogue)
    var bare = pad
    for index in bare.inputs[0].keys.indices {
      bare.inputs[0].keys[index].place = nil
      bare.inputs[0].keys[index].label = nil
    }
    let layout = ButtonLayout(bare)
    #expect(layout.hasDigits && layout.hasLanguageNumbers)
    let stop = try #require(layout.cell(for: .control(.stop)))
    #expect(stop.cell.place == .init(row: 4, column: 4, rows: 2) && stop.cell.label == "Enter" && !stop.isHeld)
    #expect(layout.cell(for: .control(.answerUnclear))?.cell.place == .init(row: 6, column: 1))
    #expect(layout.cell(for: .control(.finder))?.isHeld == true)
    let headless = ButtonLayout(
      try BoardFile.read("\(Self.root)/Hardware/boards/headless.yaml", catalogue: catalogue))
    #expect(headless.columns == 4 && headless.rows == 3 && !headless.hasDigits)
    #expect(headless.cells.first?.button == .control(.stop))
  }

  @Test("a card to point at says how this board chooses a language, and has no numbers where it cannot dial them")
  func pointingAtBoard() throws {
    for kind in [PrintedCard.Kind.listener, .poster] {
      let pad = try document(kind, ["am", "ar"], board: "number-pad")
      #expect(pad.contains("To choose it: <kbd dir=\"ltr\">*</kbd> then two digits"))
      #expect(pad.contains("<span class=\"number\">02</span>"))
      let pi = try document(kind, ["am", "ar"], language: "fr", board: "raspberry-pi")
      #expect(contains(pi, "Pour la choisir : Langue suivante"))
      #expect(!pi.contains("<span class=\"number\">") && !pi.contains("<kbd"))
      #expect(try !document(kind, ["am", "ar"]).contains("To choose it"), "no board is known")
    }
  }

  @Test("a kit's cards are in the language that the device speaks, or in its only operator language, or in English")
  func defaultLanguage() throws {
    var (manifest, _) = try kit(["am"])
    #expect(PrintedCard.defaultLanguage(of: manifest) == "en")
    manifest.operatorLanguage = "de"
    #expect(PrintedCard.defaultLanguage(of: manifest) == "de")
    manifest.operatorLanguage = nil
    manifest.operators = manifest.operators.filter { $0.tag == "fr" }
    #expect(PrintedCard.defaultLanguage(of: manifest) == "fr")
    manifest.operators = []
    #expect(PrintedCard.defaultLanguage(of: manifest) == "en")
  }

  @Test("the ten digits of a number pad are one row, and a button without its prompt in the kit is reported")
  func pad() throws {
    let document = try document(.responder, ["am"], board: "number-pad")
    #expect(document.contains("<td class=\"key\" dir=\"ltr\">KP0 – KP9</td><td class=\"number\">0–9</td>"))
    #expect(document.contains("<td class=\"key\" dir=\"ltr\">KPENTER</td>"))
    #expect(document.components(separatedBy: "<td class=\"key\"").count == 10)

    var (manifest, bundles) = try kit(["am"])
    manifest.prompts.removeAll { $0.id == "safe-here" }
    bundles[0].clips.removeAll { $0.prompt == "safe-here" || (10...12).contains($0.number) }
    let board = try BoardFile.read("\(Self.root)/Hardware/boards/raspberry-pi.yaml", catalogue: catalogue)
    let card = try #require(PrintedCard(.responder, of: manifest, sha256: "", bundles: bundles, board: board))
    #expect(card.page.document.contains("without <code>safe-here</code>"))
  }

  @Test("buttons may play a sequence or a module, and sequences are listed with their numbers")
  func sequences() throws {
    var (manifest, bundles) = try kit(["am"])
    manifest.sequences = catalogue.sequences.map { sequence in
      KitSequence(
        id: sequence.id, title: sequence.title, steps: sequence.steps.map { .init(prompt: $0.prompt, pause: 1000) })
    }
    var board = try BoardFile.read("\(Self.root)/Hardware/boards/raspberry-pi.yaml", catalogue: catalogue)
    board.lines.buttons[1].button = .prompt("first-contact")
    board.lines.buttons[2].button = .prompt("needs")
    board.lines.buttons[3].button = .control(.finder)
    // The device's own voice is not a listener language.
    bundles.append(bundles[0])
    (bundles[1].tag, bundles[1].autonym) = ("zz", "device")
    bundles[1].clips.removeAll { clip in clip.number < 100 }
    let device = try #require(catalogue.prompts.first { $0.module == .operator })
    var line = bundles[0].clips[0]
    (line.prompt, line.number) = (device.id, device.number)
    bundles[1].clips = [line]
    let document = try #require(
      PrintedCard(.responder, of: manifest, sha256: "", bundles: bundles, board: board, language: "de")
    )
    .page.document
    for text in ["<td>Erster Kontakt</td>", "<td>Nachrichten: Bedürfnisse</td>", "<td>Sprache finden: jede"] {
      #expect(document.contains(text), "\(text)")
    }
    #expect(document.contains("<b>Erster Kontakt mit einem Kind</b> (in dieser Reihenfolge)"))
    #expect(!document.contains("device</span>"))
  }

  @Test("prompts that a language lacks are listed with it, in runs")
  func lacking() throws {
    var (manifest, bundles) = try kit(["am", "so"])
    bundles[1].clips.removeAll { [2, 5, 6, 10, 11, 12, 13].contains($0.number) }
    let card = try #require(PrintedCard(.responder, of: manifest, sha256: "", bundles: bundles))
    #expect(card.page.document.contains("<span class=\"note\">without 02 05 06 10–13</span>"))
    manifest.operators = []
    #expect(PrintedCard(.sheet, of: manifest, sha256: "", bundles: bundles, language: "fr") == nil)
  }

  @Test("a sheet has each message with number and meaning, and none of the device's own prompts")
  func sheets() throws {
    for tag in ["am", "ar", "km", "ur"] {
      let language = try #require(catalogue.language(tag))
      let document = try document(.sheet, [tag], language: "de")
      for prompt in catalogue.prompts where prompt.module != .operator {
        let wording = try #require(language.wordings[prompt.id])
        #expect(document.contains(">\(HTML(text: wording.text).markup)</p>"), "\(tag) \(prompt.id)")
        #expect(document.contains("<div class=\"number\">\(KitLayout.dialled(prompt.number))</div>"))
        if prompt.id != "language-name", let back = wording.back { #expect(contains(document, "= \(back)"), "\(tag)") }
      }
      #expect(document.contains("<section dir=\"\(language.direction.rawValue)\">"))
      #expect(!document.contains(">100<"))
    }
  }
}
