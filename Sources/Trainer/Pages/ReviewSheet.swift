import Catalogue
import Kit

/// A sheet for a native speaker to read and to write on: each text of a language with its English, the English made from
/// it, the drafter's doubt, the picture of the sign that it names, and room for a pen.
public struct ReviewSheet: Sendable {
  /// The language.
  public var language: Language
  /// The source language, for the meant English; nil where there is none.
  public var source: Language?
  /// The texts, in the catalogue's order.
  public var lines: [BoothScript.Line]
  /// The paper size.
  public var paper: PrintedCard.Paper

  /// Creates a sheet.
  public init(_ language: Language, source: Language?, lines: [BoothScript.Line], paper: PrintedCard.Paper = .a4) {
    self.language = language
    self.source = source
    self.lines = lines
    self.paper = paper
  }

  /// The sheet as a page.
  public var page: HTMLPage {
    HTMLPage(title: "\(language.english): texts to read and correct", style: style, body: body)
  }

  private var body: HTML {
    let textLanguage = TextLanguage(language)
    let drafter: HTML =
      language.drafted == .machine
      ? "A machine wrote these texts; no native speaker has approved them all." : "These texts are drafts."
    return """
      <header>
      <h1>\(.span(language.autonym, in: textLanguage)) <span class="quiet">\(language.english) (\(language.tag))</span></h1>
      <p>\(drafter) They are the first words that a frightened person hears, perhaps from the police. Read each aloud.
      Would an old woman, a farmer and a child of ten understand it at once? Is it polite and calm? Could it be heard as an
      order, a threat, or its opposite? Mark <b>good</b>, or write what people say.</p>
      <p class="quiet">\(lines.count) texts. Below each: <i>meant</i> is the English original, <i>heard</i> the English that
      somebody made from this text alone\(hasGloss ? ", <i>word for word</i> each word in its order" : nil);
      <i>doubt</i> is what the drafter is not sure of.</p>
      <p class="who">Read by <span></span> from (place) <span></span> on (day) <span></span></p>
      </header>
      <main>
      \(lines.map { item($0, textLanguage) })
      </main>
      """
  }

  private var hasGloss: Bool { lines.contains { $0.wording.gloss != nil } }

  private func item(_ line: BoothScript.Line, _ textLanguage: TextLanguage) -> HTML {
    let (prompt, wording) = (line.prompt, line.wording)
    let variants = wording.variants.sorted { $0.key.rawValue < $1.key.rawValue }.map { variant, text -> HTML in
      "<div class=\"variant\"><span class=\"quiet\">\(variant.meaning)</span>\(.span(text, in: textLanguage, element: "p"))</div>"
    }
    let number: HTML? = prompt.number == 0 ? nil : "\(KitLayout.dialled(prompt.number)) "
    let meant = source.flatMap { $0.wordings[prompt.id] ?? $0.wordings[prompt.baseID] }?.text ?? prompt.title
    return """
      <section>
      <div class="words">
      <div class="id">\(number)\(prompt.id) <span class="quiet">\(line.status.rawValue)\
      \(prompt.form.isForChild || prompt.audience == .child ? ", said to a child" : nil)</span></div>
      \(.span(wording.text, in: textLanguage, element: "p"))
      \(variants)
      <dl>\(row("meant", meant))\(row("heard", wording.shownBack))\(row("word for word", wording.gloss))\
      \(row("doubt", wording.note))</dl>
      </div>
      <div class="pen">\(pictures(of: prompt))<div class="marks"><span></span> good <span></span> change
      <span></span> wrong</div><div class="line"></div><div class="line"></div><div class="line"></div></div>
      </section>

      """
  }

  private func row(_ name: HTML, _ text: String?) -> HTML? {
    text.map { "<dt>\(name)</dt><dd>\($0)</dd>" }
  }

  /// The pictures of the signs that a text names: of a formula, those for yes and no.
  private func pictures(of prompt: Prompt) -> HTML? {
    let mode = AnswerMode(formula: prompt.baseID) ?? prompt.form.name.flatMap(AnswerMode.init(rawValue:)) ?? .base
    let signs = prompt.kind == .formula ? [.yes, .no] : Self.signs[prompt.baseID] ?? []
    guard !signs.isEmpty, prompt.kind == .formula || prompt.namesSigns else { return nil }
    return "<div class=\"signs\">\(signs.map { SignPicture(mode: mode, sign: $0).svg($0.rawValue) })</div>"
  }

  /// The signs of the prompts that teach them.
  private static let signs: [String: [AnswerSign]] = [
    "raise-hand": [.yes], "show-yes": [.yes], "show-no": [.no], "show-not-understood": [.notUnderstood],
    "show-prefer-not": [.preferNot], "may-stop": [.stop],
  ]

  private var style: String {
    """
    @page { size: \(paper.name.markup) portrait; margin: 12mm; }
    header p { margin: .2rem 0 .5rem; } .who { margin: .8rem 0; }
    .who span { display: inline-block; min-width: 32mm; border-bottom: .3mm solid #000; }
    section { display: grid; grid-template-columns: 1fr 62mm; gap: 5mm; padding: 2.5mm 0; border-top: .3mm solid #777;
      break-inside: avoid; }
    section p { font-size: 1.35rem; line-height: 1.5; margin: .1rem 0; }
    section p[dir=rtl] { text-align: right; }
    .id { font-family: monospace; font-size: .8rem; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 3mm; margin: 1mm 0 0; font-size: .85rem; }
    dt { color: #555; font-style: italic; } dd { margin: 0; }
    .variant { border-inline-start: 1mm solid #999; padding-inline-start: 2mm; }
    .signs { display: flex; gap: 2mm; justify-content: flex-end; }
    .sign { height: 17mm; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    .marks { font-size: .8rem; } .marks span { display: inline-block; width: 3.6mm; height: 3.6mm;
      border: .35mm solid #000; vertical-align: middle; margin-inline-start: 2mm; }
    .line { border-bottom: .25mm solid #888; height: 8mm; }
    """
  }
}
