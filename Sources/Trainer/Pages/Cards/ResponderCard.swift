import Board
import Catalogue
import Kit

/// The responder's card: one page to read under stress, and further pages with contacts, rules, buttons, answer signs,
/// languages, and messages with cautions.
struct ResponderCard {
  let card: PrintedCard

  private var words: CardWords { card.words }
  private var texts: CardTexts { card.texts }

  /// The content of the page.
  var body: HTML { "\(ResponderFront(card: card).body)\(lists)" }

  private var lists: HTML {
    card.sheet(
      """
      \(contacts)
      <div class="two">
      \(list(words.does, "✓", words.todo))
      \(list(words.doesNot, "✗", words.notToDo))
      </div>
      \(buttons)
      \(card.modes.map(signs))
      \(languages)
      <h2>\(words.messages)</h2>
      \(sequences)
      \(card.prompts.contains(where: \.jurisdiction) ? "<p class=\"note\">§ \(words.jurisdiction)</p>" : nil)
      \(gated)
      \(modules)
      """)
  }

  /// Interpreters first, because the messages only bridge the time until one is there.
  private var contacts: HTML? {
    if card.kit.contacts.isEmpty { return nil }
    let sorted =
      card.kit.contacts.filter { $0.kind == .interpreter } + card.kit.contacts.filter { $0.kind != .interpreter }
    let rows = sorted.map { contact -> HTML in
      """
      <tr\(contact.kind == .interpreter ? " class=\"first\"" : nil)><th scope="row">\(words.kinds[contact.kind] ?? "")</th>
      <td dir="auto">\(contact.name)</td><td class="phone" dir="ltr">\(contact.phone)</td>
      <td dir="auto" class="note">\(contact.note)</td></tr>

      """
    }
    return "<h2>\(words.contacts)</h2>\n<table class=\"contacts\"><tbody>\(rows)</tbody></table>"
  }

  /// The signs of a mode; the first is the default. Somebody else may point at the card in the listener's place.
  private func signs(_ mode: AnswerMode) -> HTML {
    let scanning: HTML? = mode == .card ? "<p class=\"note\">\(words.scanning)</p>\n" : nil
    return """
      <div class="list"><h2>\(words.answers): \(words.modes[mode] ?? mode.rawValue)</h2>
      \(scanning)\(card.signs(mode))</div>

      """
  }

  /// What the mark of gated messages means.
  private var gated: HTML? {
    card.prompts.contains { $0.gate != nil }
      ? "<p class=\"note\">\(PrintedCard.gateMark) \(words.gated)</p>" : nil
  }

  private func list(_ title: String, _ mark: String, _ lines: [String]) -> HTML {
    let items = lines.map { line -> HTML in "<li><b>\(mark)</b> <span>\(line)</span></li>\n" }
    return "<div class=\"list\"><h2>\(title)</h2>\n<ul>\(items)</ul></div>"
  }

  // MARK: - Buttons

  private struct Place {
    /// `5`, `KP7`
    var name: String
    var button: Button
    var hold: Button?
    var withStop: Button?
    /// Whether it is in the listener's reach.
    var isListeners: Bool
  }

  private var buttons: HTML? {
    guard let board = card.board else { return nil }
    let lines = board.lines.buttons.map {
      Place(
        name: "\($0.line)", button: $0.button, hold: $0.hold, withStop: $0.withStop, isListeners: $0.by == .listener)
    }
    let keys = board.inputs.flatMap(\.keys).map { key in
      Place(
        name: InputKey.name(key.code) ?? "\(key.code)", button: key.button, hold: key.hold, withStop: key.withStop,
        isListeners: key.by == .listener)
    }
    let all = lines + keys
    // One row describes all ten digits.
    let digits = all.filter { if case .digit = $0.button { true } else { false } }
    var rows = all.filter { if case .digit = $0.button { false } else { true } }.map(row)
    if let first = digits.first, let last = digits.last {
      rows.append(row("\(first.name) – \(last.name)", "0–9", "\(words.digits)", nil))
    }
    return """
      <h2>\(words.buttons) <span class="quiet">\(board.name)</span></h2>
      <table class="buttons"><tbody>\(rows)</tbody></table>
      """
  }

  private func row(_ place: Place) -> HTML {
    let (number, what) = card.meaning(place.button)
    func other(_ how: String, _ button: Button?) -> HTML? {
      guard let button else { return nil }
      let (number, what) = card.meaning(button)
      return "\(how): \(number.map { "<span class=\"number\">\($0)</span> " })\(what)"
    }
    let held = other(words.held, place.hold)
    let together = other("\(words.control(.stop)) +", place.withStop)
    let notes = held.map { "\($0) \(together)" } ?? together
    return row(place.name, number, what, place.isListeners ? "\(words.byListener)" : notes)
  }

  private func row(_ name: String, _ number: String?, _ what: HTML, _ held: HTML?) -> HTML {
    """
    <tr><td class="key" dir="ltr">\(name)</td><td class="number">\(number ?? "")</td><td>\(what)</td>
    <td class="note">\(held)</td></tr>

    """
  }

  // MARK: - Languages and messages

  private var languages: HTML {
    let cells = card.bundles.map { bundle -> HTML in
      let said = Set(bundle.clips.map(\.prompt))
      let lacking = Self.runs(card.prompts.map { said.contains($0.id) ? nil : $0.number })
      let note: HTML? = lacking.isEmpty ? nil : " <span class=\"note\">\(words.without) \(lacking)</span>"
      return """
        <li><span class="number">\(KitLayout.dialled(bundle.number))</span> \(texts.name(bundle))
        \(.span(bundle.autonym, in: TextLanguage(bundle)))\(note)</li>

        """
    }
    return "<h2>\(words.languages)</h2>\n<ul class=\"languages\">\(cells)</ul>"
  }

  /// Returns the numbers as runs, such as `02 04–42`; `nil` ends a run.
  private static func runs(_ numbers: [Int?]) -> String {
    numbers.split(separator: nil).map { run in
      let ends = [run.first, run.count > 1 ? run.last : nil].compactMap { $0 ?? nil }.map(KitLayout.dialled)
      return ends.joined(separator: run.count == 2 ? " " : "–")
    }.joined(separator: " ")
  }

  /// Each sequence with the numbers of its messages in order.
  private var sequences: HTML? {
    let rows = card.kit.sequences.map { sequence -> HTML in
      let numbers = sequence.steps.compactMap { card.kit.prompt($0.prompt) }.map { KitLayout.dialled($0.number) }
      return """
        <p class="order"><b>\(texts.title(sequence))</b> (\(words.order)): <span class="number">\
        \(numbers.joined(separator: " "))</span></p>

        """
    }
    return rows.isEmpty ? nil : "\(rows)"
  }

  private var modules: HTML {
    var names: [String] = []
    for prompt in card.prompts where !names.contains(prompt.module) { names.append(prompt.module) }
    let sections = names.map { name -> HTML in
      let rows = card.prompts.filter { $0.module == name }.map { prompt -> HTML in
        """
        <tr><td class="number">\(KitLayout.dialled(prompt.number))</td>
        <td class="title">\(texts.title(prompt))\(prompt.jurisdiction ? " §" : nil)\
        \(prompt.gate == nil ? nil : " \(PrintedCard.gateMark)" as HTML)</td>
        <td class="caution">\(texts.caution(prompt))</td></tr>

        """
      }
      // A heading is never the last line of a page.
      return """
        <table class="module"><tbody><tr class="name"><th colspan="3" scope="rowgroup">\(words.module(name))</th></tr>
        \(rows)</tbody></table>

        """
    }
    return "\(sections)"
  }

  /// CSS rules.
  static let style =
    ResponderFront.style + """

      .contacts { border: .5mm solid #000; } .contacts td, .contacts th { padding: .6mm 1.5mm; border-top: .2mm solid #888; }
      .contacts th { font-weight: normal; white-space: nowrap; } .phone { font-weight: bold; white-space: nowrap; }
      .contacts .first td, .contacts .first th { font-size: 12pt; } .contacts .first .phone { font-size: 15pt; }
      .note { font-size: 8.5pt; color: #333; } p.note { margin: 0 0 1mm; } .contacts .first .note { font-size: 9pt; }
      .two { display: grid; grid-template-columns: 1fr 1fr; gap: 6mm; }
      .list { break-inside: avoid; } .list ul { list-style: none; margin: 0; padding: 0; }
      .list li { display: flex; gap: 1.5mm; margin: .5mm 0; font-size: 9.5pt; line-height: 1.3; }
      .buttons td { border: .2mm solid #555; padding: .6mm 1.5mm; } .buttons tr { break-inside: avoid; }
      .buttons .key { font-family: monospace; width: 1%; white-space: nowrap; } .buttons .number { width: 1%; }
      .stop { border: .6mm solid #000; padding: 0 2mm; text-transform: uppercase; }
      .languages { columns: 3; column-gap: 5mm; list-style: none; margin: 0; padding: 0; font-size: 9.5pt; }
      .languages li { break-inside: avoid; }
      .order { margin: 0 0 1mm; } .order .number { font-weight: normal; white-space: normal; }
      .module { margin-bottom: 1.5mm; } .module td { border-top: .2mm solid #888; padding: .6mm 1mm; }
      .module tr { break-inside: avoid; } .module .name { break-after: avoid; }
      .module .name th { font-size: 10.5pt; padding: 1mm 1mm .3mm; }
      .module .number { width: 9mm; } .module .title { width: 52mm; font-weight: 600; } .caution { font-size: 8.5pt; }
      """
}
