import Board
import Kit

/// A card to print, made of a kit: what responders, listeners and walls need when the device has no display.
public struct PrintedCard: Sendable {
  public enum Kind: String, CaseIterable, Sendable {
    /// What the responder carries beside the device.
    case responder
    /// Languages and signs, to point at.
    case listener
    /// The same for a wall.
    case poster
    /// A language's messages in large letters, for people who hear badly.
    case sheet
  }

  public enum Paper: String, CaseIterable, Sendable {
    case a4, letter

    /// Millimetres.
    var width: Int { self == .a4 ? 210 : 216 }
    var height: Int { self == .a4 ? 297 : 279 }
    /// As CSS calls it.
    var name: HTML { self == .a4 ? "A4" : "letter" }
  }

  public var kind: Kind
  public var paper: Paper
  public var kit: KitManifest
  /// Lower-case hexadecimal SHA-256 of `kit.json`.
  public var sha256: String
  /// Those that the card is for, in the kit's order; the device's own voice is none of them.
  public var bundles: [BundleManifest]
  /// Whose buttons the responder has.
  public var board: Board?
  let texts: CardTexts

  /// Tags of the languages that cards can be made in, as far as the kit has the responder's texts in them.
  public static func languages(of kit: KitManifest) -> [String] {
    (["en"] + kit.operators.map(\.tag)).filter { CardWords.all[$0] != nil }
  }

  /// `nil` where `language` is none of `languages(of:)`.
  public init?(
    _ kind: Kind, of kit: KitManifest, sha256: String, bundles: [BundleManifest], board: Board? = nil,
    language: String = "en", paper: Paper = .a4
  ) {
    guard Self.languages(of: kit).contains(language), let texts = CardTexts(language, of: kit) else { return nil }
    self.kind = kind
    self.paper = paper
    self.kit = kit
    self.sha256 = sha256
    let device = Set(kit.prompts.filter { $0.module == KitPrompt.operatorModule }.map(\.id))
    self.bundles = bundles.filter { bundle in bundle.clips.contains { !device.contains($0.prompt) } }
    self.board = board
    self.texts = texts
  }

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

  // MARK: - What all cards share

  /// Says what this is, of which kit, and on every page whether it is a draft.
  ///
  /// - Parameter beside: what else stands in the title's line.
  func head(_ beside: HTML? = nil) -> HTML {
    """
    <div class="head"><h1>\(title)\(beside)</h1>
    <div class="of" dir="ltr">\(kit.name) \(kit.version) · \(String(sha256.prefix(8)))</div></div>
    \(kit.draft ? "<p class=\"draft\">\(words.draft)</p>" : nil)
    \(words.unreviewed.map { "<p class=\"machine\">\($0)</p>" })
    """
  }

  /// A text of several pages, with its head on each: browsers repeat a table's.
  func sheet(_ body: HTML, beside: HTML? = nil) -> HTML {
    """
    <table class="sheet"><thead><tr><td>\(head(beside))</td></tr></thead><tbody><tr><td>
    \(body)
    </td></tr></tbody></table>

    """
  }

  var gestures: HTML {
    let figures = Gesture.allCases.map { gesture -> HTML in
      let answer = words.gestures[gesture]
      return """
        <figure>\(gesture.picture(answer?.meaning ?? gesture.rawValue))
        <figcaption><b>\(answer?.meaning ?? "")</b><br/>\(answer?.sign ?? "")</figcaption></figure>

        """
    }
    return "<div class=\"gestures\">\n\(figures)</div>"
  }

  /// Prompts that are said to listeners in one of the card's languages, by number.
  var prompts: [KitPrompt] {
    let said = Set(bundles.flatMap(\.clips).map(\.prompt))
    return kit.prompts.filter { $0.module != KitPrompt.operatorModule && said.contains($0.id) }
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
    .gestures { display: flex; justify-content: space-between; gap: 2mm; break-inside: avoid; }
    .gestures figure { margin: 0; flex: 1 1 0; text-align: center; }
    .gesture { display: block; height: 26mm; margin: 0 auto; } figcaption { font-size: 8.5pt; line-height: 1.25; }
    .number { font-weight: bold; font-variant-numeric: tabular-nums; white-space: nowrap; direction: ltr; }

    """
  }
}
