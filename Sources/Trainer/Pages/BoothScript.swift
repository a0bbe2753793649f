import Catalogue
import Kit

/// What a speaker reads in front of the microphone: one language's texts, large, in its own letters and direction,
/// each with its number and, small, what it means.
public struct BoothScript: Sendable {
  public var language: Language
  public var lines: [Line]

  public struct Line: Sendable {
    public var prompt: Prompt
    public var wording: Wording
    public var status: Status

    public init(prompt: Prompt, wording: Wording, status: Status) {
      self.prompt = prompt
      self.wording = wording
      self.status = status
    }
  }

  public init(_ language: Language, lines: [Line]) {
    self.language = language
    self.lines = lines
  }

  public var page: HTMLPage {
    HTMLPage(title: "\(language.english): script for the booth", style: Self.style, body: body)
  }

  private var body: HTML {
    let textLanguage = TextLanguage(language)
    let drafts = lines.filter { $0.status != .approved }.count
    return """
      <header>
      <h1>\(.span(language.autonym, in: textLanguage)) <span class="quiet">\(language.english)</span></h1>
      <p class="quiet">Script for the booth: \(lines.count) texts. One file for each, named by number and id:
      <code>recordings/\(language.tag)/f1/\(lines.first?.prompt.stem ?? "").wav</code></p>
      \(drafts > 0 ? warning(drafts) : nil)
      </header>
      <main>
      \(lines.map { item($0, textLanguage) })
      </main>
      """
  }

  private func warning(_ drafts: Int) -> HTML {
    let who = language.drafted == .machine ? "drafted by a machine" : "drafts"
    return """
      <p class="draft">\(drafts) of \(lines.count) texts are not approved: \(who). Two native speakers must approve
      a text before it is recorded for use. Say what is wrong; do not record it as it stands.</p>
      """
  }

  private func item(_ line: Line, _ textLanguage: TextLanguage) -> HTML {
    let variants = line.wording.variants.sorted { $0.key.rawValue < $1.key.rawValue }.map { variant, text -> HTML in
      """
      <div class="variant"><span class="quiet">\(variant.meaning)</span>
      \(.span(text, in: textLanguage, element: "p"))</div>
      """
    }
    return """
      <section>
      <div class="number">\(KitLayout.dialled(line.prompt.number))<span class="box"></span></div>
      <div>
      <div class="id">\(line.prompt.id) <span class="quiet">\(line.status.rawValue)</span></div>
      \(.span(line.wording.text, in: textLanguage, element: "p"))
      \(variants)
      <div class="back">\(line.wording.back ?? line.prompt.title)</div>
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
    .id { font-family: monospace; }
    .back { color: #333; font-style: italic; }
    .note { color: #a30; font-size: .85rem; margin-top: .2rem; }
    .variant { border-inline-start: 4px solid #999; padding-inline-start: .7rem; }
    """
}

extension Wording.Variant {
  /// Who speaks or listens, for the speaker in the booth.
  var meaning: String {
    switch self {
    case .byWoman: "spoken by a woman"
    case .byMan: "spoken by a man"
    case .toWoman: "said to a woman"
    case .toMan: "said to a man"
    }
  }
}
