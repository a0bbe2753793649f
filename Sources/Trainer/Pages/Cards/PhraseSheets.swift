import Kit

/// The messages of each language in large letters, with number and meaning. Each language starts on a new page.
struct PhraseSheets {
  let card: PrintedCard

  /// The content of the page.
  var body: HTML { "\(card.bundles.map(sheet))" }

  private func sheet(_ bundle: BundleManifest) -> HTML {
    let textLanguage = TextLanguage(bundle)
    let beside: HTML =
      " · \(.span(bundle.autonym, in: textLanguage)) <span class=\"quiet\">\(card.texts.name(bundle))</span>"
    let rows = card.prompts.compactMap { prompt in
      bundle.clip(of: prompt, mode: card.defaultMode, isForChild: false).map { row(prompt, $0, textLanguage) }
    }
    // A reader gets no formula after each question, so it stands once beside the signs.
    let formula = bundle.clip(card.defaultMode.formula).map { HTML.span($0.text, in: textLanguage, element: "p") }
    return card.sheet(
      """
      <p class="reading">\(card.words.reading)</p>
      \(card.signs(card.defaultMode))
      <div class="formula" dir="\(textLanguage.direction.rawValue)">\(formula)</div>
      \(rows)
      """, beside: beside)
  }

  private func row(_ prompt: KitPrompt, _ clip: Clip, _ textLanguage: TextLanguage) -> HTML {
    let meaning: HTML? =
      clip.back.isEmpty || prompt.id == "language-name" ? nil : " <i>\(.span("= " + clip.back, in: .english))</i>"
    return """
      <section dir="\(textLanguage.direction.rawValue)"><div class="number">\
      \(KitLayout.dialled(prompt.number))</div><div>
      \(.span(clip.text, in: textLanguage, element: "p"))
      <div class="meaning" lang="\(card.texts.language.tag)" \
      dir="\(card.texts.language.direction.rawValue)">\(card.texts.title(prompt))\
      \(prompt.jurisdiction ? " §" : nil)\(prompt.gate == nil ? nil : " \(PrintedCard.gateMark)" as HTML)\(meaning)</div>
      </div></section>

      """
  }

  /// CSS rules.
  static let style = """
    .sheet + .sheet { break-before: page; }
    .reading { margin: 0 0 2mm; font-size: 9pt; }
    .sheet .sign { height: 20mm; } .signs { padding-bottom: 2mm; }
    .formula { border-bottom: .3mm solid #000; } .formula p { font-size: 16pt; line-height: 1.45; margin: 1.5mm 0; }
    section { display: grid; grid-template-columns: 16mm 1fr; gap: 3mm; padding: 2.5mm 0; border-top: .2mm solid #888;
      break-inside: avoid; }
    section > .number { font-size: 20pt; line-height: 1.2; text-align: start; }
    section p { font-size: 20pt; line-height: 1.45; margin: 0; }
    .meaning { font-size: 8.5pt; color: #333; margin-top: .5mm; }
    """
}
