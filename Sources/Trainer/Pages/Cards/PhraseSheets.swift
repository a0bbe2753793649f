import Kit

/// Each language's messages in large letters of its own, with their numbers, and small beneath what each means to the
/// responder; a language begins on a new page.
struct PhraseSheets {
  let card: Card

  var body: HTML { "\(card.bundles.map(sheet))" }

  private func sheet(_ bundle: BundleManifest) -> HTML {
    let tongue = Tongue(bundle)
    let beside: HTML =
      " · \(.span(bundle.autonym, in: tongue)) <span class=\"quiet\">\(card.reader.name(bundle))</span>"
    let rows = card.prompts.compactMap { prompt in bundle.clip(prompt.id).map { row(prompt, $0, tongue) } }
    return card.sheet("<p class=\"reading\">\(card.words.reading)</p>\n\(card.gestures)\n\(rows)", beside: beside)
  }

  private func row(_ prompt: KitPrompt, _ clip: Clip, _ tongue: Tongue) -> HTML {
    let meaning: HTML? =
      clip.back.isEmpty || prompt.id == "language-name" ? nil : " <i>\(.span("= " + clip.back, in: .english))</i>"
    return """
      <section dir="\(HTML(stringLiteral: tongue.direction.rawValue))"><div class="number">\
      \(KitLayout.dialled(prompt.number))</div><div>
      \(.span(clip.text, in: tongue, element: "p"))
      <div class="meaning" lang="\(card.reader.tongue.tag)" \
      dir="\(HTML(stringLiteral: card.reader.tongue.direction.rawValue))">\(card.reader.title(prompt))\
      \(prompt.jurisdiction ? " §" : nil)\(meaning)</div>
      </div></section>

      """
  }

  static let style = """
    .sheet + .sheet { break-before: page; }
    .reading { margin: 0 0 2mm; font-size: 9pt; }
    .sheet .gesture { height: 20mm; } .gestures { border-bottom: .3mm solid #000; padding-bottom: 2mm; }
    section { display: grid; grid-template-columns: 16mm 1fr; gap: 3mm; padding: 2.5mm 0; border-top: .2mm solid #888;
      break-inside: avoid; }
    section > .number { font-size: 20pt; line-height: 1.2; text-align: start; }
    section p { font-size: 20pt; line-height: 1.45; margin: 0; }
    .meaning { font-size: 8.5pt; color: #333; margin-top: .5mm; }
    """
}
