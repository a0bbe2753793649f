import Board
import Kit

/// A card or poster made from a kit, to print: it replaces the display that the device lacks.
public struct PrintedCard: Sendable {
  /// The kinds of cards.
  public enum Kind: String, CaseIterable, Sendable {
    /// The responder's reference: buttons, cautions, contacts.
    case responder
    /// Language names and answer signs for the listener to point at.
    case listener
    /// The listener's card as a wall poster.
    case poster
    /// The messages of each language in large letters, for people with hearing loss.
    case sheet
  }

  /// Paper sizes.
  public enum Paper: String, CaseIterable, Sendable {
    /// ISO A4, and US letter.
    case a4, letter

    /// Width in millimetres.
    var width: Int { self == .a4 ? 210 : 216 }
    /// Height in millimetres.
    var height: Int { self == .a4 ? 297 : 279 }
    /// The CSS name.
    var name: HTML { self == .a4 ? "A4" : "letter" }
  }

  /// The kind of card.
  public var kind: Kind
  /// The paper size.
  public var paper: Paper
  /// The kit that the card describes.
  public var kit: KitManifest
  /// Lower-case hexadecimal SHA-256 of `kit.json`.
  public var sha256: String
  /// The listener languages on the card in the kit's order, without the device's own voice.
  public var bundles: [BundleManifest]
  /// The board whose buttons the card shows; `nil` where it is not known.
  public var board: Board?
  /// The texts in the responder's language.
  let texts: CardTexts

  /// Returns the BCP 47 tags of the languages in which a kit's cards can be written: English, and each operator
  /// language of the kit that the program has words for.
  public static func languages(of kit: KitManifest) -> [String] {
    (["en"] + kit.operators.map(\.tag)).filter { CardWords.all[$0] != nil }
  }

  /// Returns the language of a kit's cards where none is asked for: the one that the device speaks to the responder, or
  /// else the only one that `operators:` in kit.yaml names, or else English.
  public static func defaultLanguage(of kit: KitManifest) -> String {
    let readers = languages(of: kit)
    if let spoken = kit.operatorLanguage, readers.contains(spoken) { return spoken }
    let named = readers.filter { $0 != "en" }
    return named.count == 1 ? named[0] : "en"
  }

  /// Creates a card; `nil` where `language` is not in `languages(of:)`, or the kit does not have the answer mode.
  ///
  /// - Parameters:
  ///   - kind: the kind of card.
  ///   - kit: the kit.
  ///   - sha256: lower-case hexadecimal SHA-256 of `kit.json`.
  ///   - bundles: the languages to show, in the kit's order.
  ///   - board: the board whose buttons the card shows.
  ///   - language: the responder's language, as a BCP 47 tag.
  ///   - answers: the only answer mode that the card shows; `nil` for all of the kit's that the board can do.
  ///   - paper: the paper size.
  public init?(
    _ kind: Kind, of kit: KitManifest, sha256: String, bundles: [BundleManifest], board: Board? = nil,
    language: String = "en", answers: AnswerMode? = nil, paper: Paper = .a4
  ) {
    guard Self.languages(of: kit).contains(language), let texts = CardTexts(language, of: kit),
      answers.map(kit.answers.modes.contains) ?? true
    else { return nil }
    self.kind = kind
    self.paper = paper
    self.kit = kit
    if let answers { self.kit.answers.modes = [answers] }
    self.sha256 = sha256
    let device = Set(kit.prompts.filter { $0.module == KitPrompt.operatorModule }.map(\.id))
    self.bundles = bundles.filter { bundle in bundle.clips.contains { !device.contains($0.prompt) } }
    self.board = board
    self.texts = texts
  }

  /// The card as a page.
  public var page: HTMLPage {
    HTMLPage(
      title: "\(title): \(kit.name) \(kit.version)", style: Self.style(paper) + style, language: texts.language,
      body: body
    )
  }

  private var body: HTML {
    switch kind {
    case .responder: ResponderCard(card: self).body
    case .listener, .poster: PointingCard(card: self).body
    case .sheet: PhraseSheets(card: self).body
    }
  }

  /// The program's words in the responder's language.
  var words: CardWords { texts.words }

  private var title: String {
    switch kind {
    case .responder: words.responder
    case .listener: words.listener
    case .poster: words.poster
    case .sheet: words.sheet
    }
  }

  private var style: String {
    switch kind {
    case .responder: ResponderCard.style
    case .listener, .poster: PointingCard.style
    case .sheet: PhraseSheets.style
    }
  }

  // MARK: - Shared parts

  /// Returns the head of every page: title, kit, and the draft notice.
  ///
  /// - Parameter beside: what follows the title on its line.
  func head(_ beside: HTML? = nil) -> HTML {
    """
    <div class="head"><h1>\(title)\(beside)</h1>
    <div class="of" dir="ltr">\(kit.name) \(kit.version) · \(String(sha256.prefix(8)))</div></div>
    \(kit.draft ? "<p class=\"draft\">\(words.draft)</p>" : nil)
    \(words.unreviewed.map { "<p class=\"machine\">\($0)</p>" })
    """
  }

  /// Returns a text of several pages with its head on each: browsers repeat the head of a table.
  func sheet(_ body: HTML, beside: HTML? = nil) -> HTML {
    """
    <table class="sheet"><thead><tr><td>\(head(beside))</td></tr></thead><tbody><tr><td>
    \(body)
    </td></tr></tbody></table>

    """
  }

  /// The pictures of the answer signs in one mode.
  func signs(_ mode: AnswerMode) -> HTML {
    let figures = signs(of: mode).map { sign -> HTML in
      let answer = words.signs[sign]
      return """
        <figure>\(SignPicture(mode: mode, sign: sign).svg(answer?.meaning ?? sign.rawValue))
        <figcaption><b>\(answer?.meaning ?? "")</b><br/>\(answer?.ways[mode] ?? "")</figcaption></figure>

        """
    }
    return "<div class=\"signs\">\n\(figures)</div>"
  }

  /// The answer modes that the kit offers and the board can do; all of the kit's where no board is known. The first is
  /// on unless the responder changes it. Never empty.
  var modes: [AnswerMode] {
    let able = kit.answers.modes.filter { !signs(of: $0).isEmpty }
    return able.isEmpty ? kit.answers.modes : able
  }

  /// The mode in which a listener answers unless the responder changes it.
  var defaultMode: AnswerMode { modes.first ?? .base }

  /// The signs that a listener can make in a mode: with buttons, those for which the board has a button in the
  /// listener's reach.
  func signs(of mode: AnswerMode) -> [AnswerSign] {
    guard mode == .buttons, let board else { return AnswerSign.allCases }
    let own = ButtonLayout(board, by: .listener)
    return AnswerSign.allCases.filter { own.cell(for: .control($0.control)) != nil }
  }

  /// The numbers of the gated messages that the board can play: by their number, or by a button of their own.
  var gatedNumbers: [String] {
    let layout = board.map { ButtonLayout($0) }
    return prompts.filter { prompt in
      prompt.gate != nil && layout.map { $0.hasDigits || $0.cell(for: .prompt(prompt.id)) != nil } ?? true
    }.map { KitLayout.dialled($0.number) }
  }

  /// The mark of gated messages.
  static let gateMark: HTML = "<b class=\"gate\">!</b>"

  /// The prompts that at least one language of the card has a clip of, by number.
  var prompts: [KitPrompt] {
    let said = Set(bundles.flatMap(\.clips).map(\.prompt))
    return kit.prompts.filter { $0.module != KitPrompt.operatorModule && said.contains($0.id) }
  }

  /// Returns what a button plays or does, and the number of its message.
  func meaning(_ button: Button) -> (number: String?, what: HTML) {
    switch button {
    case .control(.stop): (nil, "<b class=\"stop\">\(words.control(.stop))</b>")
    case .control(let control): (nil, "\(words.control(control))")
    case .digit(let digit): (nil, "\(digit)")
    case .star: ("*", "\(words.star)")
    case .prompt(let id):
      if let prompt = kit.prompt(id) {
        (KitLayout.dialled(prompt.number), texts.title(prompt))
      } else if let sequence = kit.sequences.first(where: { $0.id == id }) {
        (nil, texts.title(sequence))
      } else if prompts.contains(where: { $0.module == id }) {
        (nil, "\(words.messages): \(words.module(id))")
      } else {
        (nil, "\(words.without) <code>\(id)</code>")
      }
    }
  }

  private static func style(_ paper: Paper) -> String {
    """
    @page { size: \(paper.name.markup) portrait; margin: 10mm; }
    body { max-width: \(paper.width - 20)mm; padding: 10mm 0; font-size: 10pt; line-height: 1.35; }
    @media print { body { padding: 0; } }
    .head { display: flex; justify-content: space-between; align-items: baseline; gap: 4mm;
      border-bottom: .6mm solid #000; margin-bottom: 2mm; }
    .head h1 { font-size: 14pt; margin: 0; } .of { font-size: 8pt; color: #333; white-space: nowrap; }
    .draft { border: .8mm solid #000; color: #000; text-align: center; padding: 1mm 2mm; margin: 0 0 2mm; }
    .machine { font-size: 8pt; margin: 0 0 2mm; }
    h2 { font-size: 12pt; margin: 3mm 0 1mm; break-after: avoid; }
    table { border-collapse: collapse; width: 100%; } td, th { vertical-align: top; text-align: start; }
    .sheet > thead > tr > td, .sheet > tbody > tr > td { padding: 0; }
    .signs { display: flex; justify-content: space-between; gap: 2mm; break-inside: avoid; }
    .signs figure { margin: 0; flex: 1 1 0; text-align: center; }
    .sign { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    .signs .sign { display: block; height: 26mm; margin: 0 auto; } figcaption { font-size: 8.5pt; line-height: 1.25; }
    .gate { background: #000; color: #fff; border-radius: .8mm; padding: 0 1.4mm; font-weight: 800;
      print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    @media screen and (max-width: 700px) {
      body { padding: 2mm; } .head { flex-wrap: wrap; } .head .of { white-space: normal; }
      .signs { flex-wrap: wrap; justify-content: center; } .signs figure { flex: 0 0 28%; }
      .sheet, .sheet > thead, .sheet > tbody, .sheet > thead > tr, .sheet > tbody > tr, .sheet > thead > tr > td,
      .sheet > tbody > tr > td { display: block; }
    }
    .number { font-weight: bold; font-variant-numeric: tabular-nums; white-space: nowrap; direction: ltr; }

    """
  }
}
