import Kit

/// The names of the languages in the languages themselves, with the answer signs of the default mode, on one page; then a
/// page with five large squares or pictures for each answer mode that the kit offers and the board can do. The poster is
/// the first page only; a card for one language, which is known, has no page of names.
struct PointingCard {
  let card: PrintedCard

  /// The content of the pages.
  var body: HTML {
    if card.kind == .poster { return names }
    return "\(card.bundles.count == 1 ? nil : names)\n\(card.modes.map(fields))"
  }

  private var names: HTML {
    """
    <div class="whole names \(card.kind.rawValue)" style="height: \(card.paper.height - 21)mm">
    \(card.head())
    <p class="pointing">\(card.words.pointing)\(choosing)</p>
    <div class="grid" style="grid-template-columns: repeat(\(columns), 1fr)">
    \(card.bundles.map(cell))</div>
    \(card.signs(card.defaultMode))
    </div>
    """
  }

  // MARK: - Fields

  /// The page of one mode: five squares to point at, large enough for a shaking hand, or a picture of each sign. Where
  /// the card is for one language, each has its words. The captions are for the responder.
  private func fields(_ mode: AnswerMode) -> HTML {
    let language: HTML? =
      card.bundles.count == 1
      ? card.bundles.first.map { " · \(HTML.span($0.autonym, in: TextLanguage($0)))" } : nil
    let title: HTML = "\(language) · \(card.words.modes[mode] ?? mode.rawValue)"
    let fields = card.signs(of: mode).map { sign -> HTML in
      let answer = card.words.signs[sign]
      let meaning = answer?.meaning ?? sign.rawValue
      return """
        <figure class="\(sign.rawValue)">\(SignPicture(mode: mode, sign: sign).svg(meaning))
        <figcaption>\(said(sign, mode))<b>\(meaning)</b> · \(answer?.ways[mode] ?? "")</figcaption></figure>

        """
    }
    let scanning: HTML? = mode == .card ? "<p class=\"pointing\">\(card.words.scanning)</p>" : nil
    return """
      <div class="whole fields" style="height: \(card.paper.height - 21)mm">
      \(card.head(title))
      \(scanning)
      <div class="five">
      \(fields)</div>
      </div>

      """
  }

  /// What the language of the card says of a sign, where it has a wording for it.
  private func said(_ sign: AnswerSign, _ mode: AnswerMode) -> HTML? {
    guard card.bundles.count == 1, let bundle = card.bundles.first, let prompt = card.kit.prompt(Self.lessons[sign]!),
      let clip = bundle.clip(of: prompt, mode: mode, isForChild: false)
    else { return nil }
    return "<div class=\"said\">\(.span(clip.text, in: TextLanguage(bundle)))</div>"
  }

  /// The prompts that teach the signs.
  private static let lessons: [AnswerSign: String] = [
    .yes: "show-yes", .no: "show-no", .notUnderstood: "show-not-understood", .preferNot: "show-prefer-not",
    .stop: "may-stop",
  ]

  private var layout: ButtonLayout? { card.board.map { ButtonLayout($0) } }

  /// How the responder chooses the language on this board; `nil` where no board is known, or it cannot.
  private var choosing: HTML? {
    guard let layout else { return nil }
    let way: HTML
    if layout.hasLanguageNumbers, let star = layout.cell(for: .star)?.cell {
      way = "\(ResponderFront.cap(star.label ?? "*")) \(card.words.star)"
    } else if let (cell, isHeld) = layout.cell(for: .control(.nextLanguage)) {
      let key = cell.label.map { "\(ResponderFront.cap($0)) " as HTML }
      way = "\(key)\(card.words.control(.nextLanguage))\(isHeld ? " (\(card.words.held))" : nil)"
    } else {
      return nil
    }
    return " \(card.words.choosing) \(way)"
  }

  /// Whether the numbers of the languages are of use: not on a board that cannot dial them.
  private var hasNumbers: Bool { layout?.hasLanguageNumbers ?? true }

  private var columns: Int {
    switch card.bundles.count {
    case ...6: 1
    case ...14: 2
    case ...30: 3
    case ...60: 4
    default: 6
    }
  }

  private func cell(_ bundle: BundleManifest) -> HTML {
    """
    <div class="cell">\(hasNumbers ? "<span class=\"number\">\(KitLayout.dialled(bundle.number))</span>" : nil)\
    <span class="name" style="font-size: \(size(bundle))mm">\
    \(.span(bundle.autonym, in: TextLanguage(bundle)))</span></div>

    """
  }

  /// Returns the font size in millimetres: as large as the cell and the length of the name allow.
  private func size(_ bundle: BundleManifest) -> String {
    let rows = (card.bundles.count + columns - 1) / columns
    let around = card.kind == .poster ? 100 : 80
    let height = Double(card.paper.height - 20 - around) / Double(max(rows, 1))
    let width = Double(card.paper.width - 20) / Double(columns) - 14
    // A name of several words may take two lines.
    let longest = bundle.autonym.split(separator: " ").map(\.count).max() ?? 1
    let lines = longest < bundle.autonym.count ? 2 : 1
    let letters = max(3, longest, (bundle.autonym.count + 1) / lines)
    let (breadth, body) = Self.proportions[bundle.script] ?? (0.66, 1)
    let room = height * (lines == 1 ? 0.42 * body : 0.34)
    let size = min(room, width / (Double(letters) * breadth), body * (card.bundles.count <= 14 ? 20 : 12))
    return "\(Int(size * 10) / 10).\(Int(size * 10) % 10)"
  }

  /// By script: the mean width of a letter relative to the font size, and the scale that makes it look as large as
  /// Latin.
  private static let proportions: [String: (breadth: Double, body: Double)] = [
    "Arab": (0.5, 1.35), "Hans": (1.05, 1), "Hant": (1.05, 1), "Mymr": (0.85, 1), "Khmr": (0.75, 1.1),
  ]

  /// CSS rules.
  static let style = """
    kbd { font: bold 1em monospace; border: .3mm solid #000; border-radius: 1mm; padding: 0 1.2mm; }
    .whole { display: flex; flex-direction: column; overflow: hidden; padding: 0 .3mm; }
    .pointing { margin: 0 0 2mm; font-size: 9pt; }
    .grid { flex: 1 1 0; min-height: 0; display: grid; grid-auto-rows: minmax(0, 1fr); gap: 1.2mm; margin-bottom: 3mm; }
    .cell { border: .4mm solid #000; border-radius: 1.5mm; display: flex; align-items: center; gap: 2mm;
      padding: 0 2mm; min-height: 0; min-width: 0; }
    .cell .number { font-size: 9pt; color: #333; }
    .name { flex: 1; text-align: center; font-weight: 600; line-height: 1.3; }
    .name > span { line-height: inherit !important; }
    .fields + .fields, .names + .fields { break-before: page; }
    .five { flex: 1 1 0; min-height: 0; display: grid; grid-template-columns: 1fr 1fr; grid-template-rows: repeat(3, 1fr);
      gap: 3mm; }
    .five figure { margin: 0; min-height: 0; display: flex; flex-direction: column; align-items: center;
      justify-content: flex-start; break-inside: avoid; }
    .five .stop { grid-column: 1 / -1; }
    .five .sign { height: auto; flex: 0 1 65mm; min-height: 0; } .five figcaption { font-size: 12pt; text-align: center; }
    .said { font-size: 14pt; line-height: 1.3; font-weight: 600; margin-bottom: .5mm; }
    @media screen and (max-width: 700px) {
      .whole { height: auto !important; overflow: visible; } .grid { grid-template-columns: 1fr !important; flex: none; }
      .cell { min-height: 16mm; overflow: hidden; } .name { font-size: min(12mm, 11vw) !important; }
      .five { flex: none; } .five .sign { flex: none; width: 40vw; } .poster .sign { height: 26mm !important; }
    }
    .poster .sign { height: 38mm; } .poster figcaption { font-size: 11pt; }
    .poster .cell .number { font-size: 12pt; }
    """
}
