import Catalogue
import Diagnostics
import Kit

/// The script that a speaker reads at the microphone: the texts of one language in large letters, each with its number
/// and meaning.
public struct BoothScript: Sendable {
  /// The language.
  public var language: Language
  /// The texts; the page has formulas first, then each message with its forms.
  public var lines: [Line]

  /// One text of the script.
  public struct Line: Sendable {
    /// The prompt.
    public var prompt: Prompt
    /// Its wording in the language.
    public var wording: Wording
    /// The status of the wording.
    public var status: Status

    /// Creates a line.
    public init(prompt: Prompt, wording: Wording, status: Status) {
      self.prompt = prompt
      self.wording = wording
      self.status = status
    }
  }

  /// Creates a script.
  public init(_ language: Language, lines: [Line]) {
    self.language = language
    self.lines = lines
  }

  /// The script as a page.
  public var page: HTMLPage {
    HTMLPage(title: "\(language.english): recording script", style: Self.style, body: body)
  }

  private var body: HTML {
    let textLanguage = TextLanguage(language)
    let drafts = lines.filter { $0.status != .approved }.count
    let groups = TextGroups(lines)
    return """
      <header>
      <h1>\(.span(language.autonym, in: textLanguage)) <span class="quiet">\(language.english)</span></h1>
      <p class="quiet">Recording script: \(counted(lines.count, "text")): \(groups.counts). Save each as a file named by
      number and id: <code>recordings/\(language.tag)/f1/\(groups.lines.first?.prompt.stem ?? "").wav</code></p>
      \(drafts > 0 ? warning(drafts) : nil)
      </header>
      <main>
      \(groups.groups.map { group($0, textLanguage) })
      </main>
      """
  }

  private func warning(_ drafts: Int) -> HTML {
    let origin = language.drafted == .machine ? "a machine drafted them" : "they are drafts"
    return """
      <p class="draft">\(drafts) of \(counted(lines.count, "text")) \(drafts == 1 ? "is" : "are") not approved: \(origin). Two native speakers must
      approve a text before it is recorded for the field. Report an error; do not record a wrong text.</p>
      """
  }

  private func group(_ group: TextGroups.Group, _ textLanguage: TextLanguage) -> HTML {
    """
    <h2>\(group.title) <span class="quiet">\(counted(group.lines.count, "text"))</span></h2>
    <p class="quiet about">\(group.note)</p>
    \(group.lines.map { item($0, textLanguage) })
    """
  }

  private func item(_ line: Line, _ textLanguage: TextLanguage) -> HTML {
    let variants = line.wording.variants.sorted { $0.key.rawValue < $1.key.rawValue }.map { variant, text -> HTML in
      """
      <div class="variant" dir="\(textLanguage.direction.rawValue)"><span class="quiet" dir="ltr">\(variant.meaning)</span>
      \(.span(text, in: textLanguage, element: "p"))</div>
      """
    }
    return """
      <section>
      <div class="number">\(line.prompt.number == 0 ? "–" : KitLayout.dialled(line.prompt.number))<span class="box"></span></div>
      <div>
      <div class="id">\(line.prompt.id) <b>\(line.prompt.title)</b> <span class="quiet">\(line.status.rawValue)\(line.prompt.form.isForChild || line.prompt.audience == .child ? ", said to a child" : nil)</span></div>
      \(.span(line.wording.text, in: textLanguage, element: "p"))
      \(variants)
      <div class="back">\(line.wording.shownBack ?? line.prompt.title)</div>
      \(line.wording.note.map { "<div class=\"note\">\($0)</div>" })
      </div>
      </section>

      """
  }

  private static let style = """
    section { display: grid; grid-template-columns: 4.5rem 1fr; gap: .8rem; padding: .9rem 0; border-top: 1px solid #999;
      break-inside: avoid; }
    section p { font-size: 1.9rem; line-height: 1.6; margin: .1rem 0 .3rem; }
    section p[dir=rtl] { text-align: right; }
    .number { font-size: 1.9rem; font-weight: bold; }
    .box { display: block; width: 1.4rem; height: 1.4rem; border: 2px solid #555; margin-top: .4rem; }
    h2 { font-size: 1.3rem; margin: 1.2rem 0 .1rem; break-after: avoid; } .about { margin: 0 0 .5rem; break-after: avoid; }
    .id { font-family: monospace; } .id b, .id span { font: .9rem "Noto Sans", sans-serif; } .id b { font-weight: bold; }
    .variant > span { display: block; } .variant[dir=rtl] > span { text-align: right; }
    @media print { section { padding: .6rem 0; } section p { font-size: 1.6rem; line-height: 1.45; } }
    \(TextLanguage.tallLines)
    @media screen and (max-width: 640px) { section { grid-template-columns: 2.6rem 1fr; gap: .4rem; } }
    .back { color: #333; font-style: italic; }
    .note { color: #a30; font-size: .85rem; margin-top: .2rem; }
    .variant { border-inline-start: 4px solid #999; padding-inline-start: .7rem; }
    """
}

extension Wording.Variant {
  /// The speaker or listener that the variant is for.
  var meaning: String {
    switch self {
    case .byWoman: "spoken by a woman"
    case .byMan: "spoken by a man"
    case .toWoman: "said to a woman"
    case .toMan: "said to a man"
    }
  }
}
