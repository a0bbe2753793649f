import Catalogue
import Diagnostics
import Kit

/// A sheet for a native speaker to read and to write on: each text of a language with its English, the English made from
/// it, the drafter's doubt, the picture of the sign that it names, and room for a pen.
public struct ReviewSheet: Sendable {
  /// The language.
  public var language: Language
  /// The source language, for the meant English; nil where there is none.
  public var source: Language?
  /// The texts.
  public var lines: [BoothScript.Line]
  /// The paper size.
  public var paper: PrintedCard.Paper
  /// The person or address that the sheet goes back to; nil for a line to write on.
  public var returnTo: String?

  /// Whether the words of the pages that go by post follow the texts.
  public var hasPageWords = false

  /// Creates a sheet.
  public init(
    _ language: Language, source: Language?, lines: [BoothScript.Line], paper: PrintedCard.Paper = .a4,
    returnTo: String? = nil
  ) {
    self.language = language
    self.source = source
    self.lines = lines
    self.paper = paper
    self.returnTo = returnTo
  }

  /// The sheet as a page.
  public var page: HTMLPage {
    HTMLPage(title: "\(language.english): texts to read and correct", style: style, body: body)
  }

  private var body: HTML {
    let textLanguage = TextLanguage(language)
    let groups = TextGroups(lines)
    return """
      <header>
      <h1>\(.span(language.autonym, in: textLanguage)) <span class="quiet">\(language.english) (\(language.tag))</span></h1>
      \(introduction)
      \(marks)
      \(fonts)
      <p class="quiet">\(counted(lines.count, "text")): \(groups.counts). Below each text: <i>meant</i> is the English
      original, <i>heard</i> the English that somebody made from this text alone\
      \(hasGloss ? ", <i>word for word</i> each word in its order" : nil); <i>doubt</i> is what the drafter is not sure
      of.</p>
      <p class="who">Read by <span></span> from (place) <span></span> on (day) <span></span></p>
      <p class="who">Give it back to \(returnTo.map { "<b><bdi>\($0)</bdi></b>" as HTML } ?? "<span class=\"long\"></span>")</p>
      </header>
      <main>
      \(groups.groups.map { group($0, textLanguage) })
      \(pageWords(textLanguage))
      </main>
      """
  }

  private var introduction: HTML {
    let drafter: HTML =
      language.drafted == .machine
      ? "A machine wrote these texts; no native speaker has approved them all." : "These texts are drafts."
    return """
      <p>\(drafter) They are the first words that a frightened person hears, perhaps from the police. Read each aloud.
      Would an old woman, a farmer and a child of ten understand it at once? Is it polite and calm? Could it be heard as an
      order, a threat, or its opposite? Does the sign in the picture insult anybody?</p>
      """
  }

  /// What to mark.
  private var marks: HTML {
    """
    <ul class="how">
    <li><b>good</b>: people say it like this.</li>
    <li><b>change</b>: it is understood, but people say it otherwise. Write how.</li>
    <li><b>wrong</b>: it means something else, frightens or insults. Write what it means, and what to say.</li>
    </ul>
    """
  }

  /// What to do about missing letters; a language in Latin letters has none missing.
  private var fonts: HTML? {
    guard let font = TextLanguage(language).mainFont else { return nil }
    return """
      <p class="quiet screen">Empty boxes instead of letters: this machine has no font for them. Install “\(font)” (Debian:
      \(language.script.hasPrefix("Han") ? "fonts-noto-cjk" : "fonts-noto-core")), or ask for the sheet as a PDF, which
      has its letters inside.</p>
      """
  }

  private var hasGloss: Bool { lines.contains { $0.wording.gloss != nil } }

  private func group(_ group: TextGroups.Group, _ textLanguage: TextLanguage) -> HTML {
    """
    <h2>\(group.title) <span class="quiet">\(counted(group.lines.count, "text"))</span></h2>
    <p class="quiet note">\(group.note)</p>
    \(group.lines.map { item($0, textLanguage) })
    """
  }

  private func item(_ line: BoothScript.Line, _ textLanguage: TextLanguage) -> HTML {
    let (prompt, wording) = (line.prompt, line.wording)
    let variants = wording.variants.sorted { $0.key.rawValue < $1.key.rawValue }.map { variant, text -> HTML in
      """
      <div class="variant" dir="\(textLanguage.direction.rawValue)"><span class="quiet" dir="ltr">\(variant.meaning)</span>\
      \(.span(text, in: textLanguage, element: "p"))</div>
      """
    }
    let number: HTML? = prompt.number == 0 ? nil : "\(KitLayout.dialled(prompt.number)) "
    return """
      <section>
      <div class="words">
      <div class="id"><b>\(number)\(prompt.title)</b> <span class="quiet"><code>\(prompt.id)</code>, \
      \(line.status.rawValue)\(prompt.form.isForChild || prompt.audience == .child ? ", said to a child" : nil)\
      \(prompt.isFollowedByFormula ? ", a question" : nil)</span></div>
      \(.span(wording.text, in: textLanguage, element: "p"))
      \(variants)
      <dl>\(row("meant", prompt.translatorSource(in: source)))\(row("heard", wording.shownBack))\
      \(row("word for word", wording.gloss))\(row("doubt", wording.note))</dl>
      </div>
      <div class="pen">\(pictures(of: prompt))<div class="marks"><span></span> good <span></span> change
      <span></span> wrong</div><div class="line"></div><div class="line"></div></div>
      </section>

      """
  }

  /// The words of the pages that go by post, in the order of the English file; nil if the language has none, or if the
  /// sheet has not all of its texts.
  private func pageWords(_ textLanguage: TextLanguage) -> HTML? {
    let order = source?.page ?? [:]
    let words = language.page.sorted { (order[$0.key]?.line ?? 0, $0.key) < (order[$1.key]?.line ?? 0, $1.key) }
    if words.isEmpty || !hasPageWords { return nil }
    let rows = words.map { key, word -> HTML in
      """
      <section>
      <div class="words">
      <div class="id"><code>page.\(key)</code></div>
      \(.span(word.text, in: textLanguage, element: "p"))
      <dl>\(row("meant", order[key]?.text))\(row("heard", word.back))</dl>
      </div>
      <div class="pen"><div class="marks"><span></span> good <span></span> change <span></span> wrong</div>
      <div class="line"></div></div>
      </section>

      """
    }
    return """
      <h2>Pages that go by post <span class="quiet">\(counted(words.count, "word"))</span></h2>
      <p class="quiet note">Nobody hears them: they stand on the page on which a speaker records, most of them on buttons.
      Keep what is in braces, such as {n}: the page fills it.</p>
      \(rows)
      """
  }

  private func row(_ name: HTML, _ text: String?) -> HTML? {
    text.map { "<dt>\(name)</dt><dd>\($0)</dd>" }
  }

  private func pictures(of prompt: Prompt) -> HTML? {
    let signs = NamedSign.all(in: prompt)
    if signs.isEmpty { return nil }
    return "<div class=\"signs\">\(signs.map { SignPicture(mode: $0.mode, sign: $0.sign).svg($0.sign.rawValue) })</div>"
  }

  /// CSS rules. Sheets of paper get mixed up: each page has the language and its number. A tag is of letters, digits and
  /// hyphens, which end no CSS string.
  private var style: String {
    """
    @page { size: \(paper.name.markup) portrait; margin: 12mm 12mm 15mm;
      @bottom-left { content: "\(language.tag)"; font: 9pt sans-serif; }
      @bottom-right { content: counter(page) " / " counter(pages); font: 9pt sans-serif; } }
    header p { margin: .2rem 0 .4rem; } .who { margin: .6rem 0; }
    .who span { display: inline-block; min-width: 32mm; border-bottom: .3mm solid #000; } .who .long { min-width: 110mm; }
    .how { margin: .2rem 0 .4rem; padding-inline-start: 1.2rem; }
    h2 { font-size: 1.15rem; margin: 4mm 0 .5mm; break-after: avoid; } .note { margin: 0 0 1mm; break-after: avoid; }
    section { display: grid; grid-template-columns: 1fr 60mm; gap: 4mm; padding: 1.8mm 0; border-top: .3mm solid #777;
      break-inside: avoid; }
    section p { font-size: 1.25rem; line-height: 1.4; margin: 0; }
    section p[dir=rtl] { text-align: right; } \(TextLanguage.tallLines)
    .id { font-size: .8rem; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 3mm; margin: .6mm 0 0; font-size: .8rem;
      line-height: 1.3; }
    dt { color: #555; font-style: italic; } dd { margin: 0; }
    .variant { border-inline-start: 1mm solid #999; padding-inline-start: 2mm; }
    .variant > span { display: block; font-size: .8rem; } .variant[dir=rtl] > span { text-align: right; }
    .pen { display: flex; flex-direction: column; } .pen .line { flex: 1 0 8mm; max-height: 12mm; }
    .signs { display: flex; gap: 2mm; justify-content: flex-end; }
    .sign { height: 15mm; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    .marks { font-size: .8rem; } .marks span { display: inline-block; width: 3.6mm; height: 3.6mm;
      border: .35mm solid #000; vertical-align: middle; margin-inline-start: 2mm; }
    .line { border-bottom: .25mm solid #888; }
    @media print { .screen { display: none; } }
    @media screen and (max-width: 640px) { section { grid-template-columns: 1fr; gap: 1mm; } .signs { justify-content: flex-start; }
      .who span { min-width: 40%; } .who .long { min-width: 90%; } dl { grid-template-columns: 1fr; } }
    """
  }
}
