import Diagnostics
import Encoding
import FoundationEssentials
import Kit

/// Two kits compared clip by clip, for the person who decides whether the second is released. The page holds the audio.
public struct DiffPage: Sendable {
  /// Name and version of the first kit: `shelter 1.0`.
  public var before: String
  /// Name and version of the second kit.
  public var after: String
  /// Differences of the kits themselves.
  public var changes: [Change]
  /// Differing clips by language, in the order of the kits.
  public var groups: [Group]

  /// A difference of the kits themselves, such as the version.
  public struct Change: Sendable {
    /// The subject: `version`, `prompt help`.
    public var what: String
    /// The first kit's value; `nil` where it has none.
    public var before: String?
    /// The second kit's value; `nil` where it has none.
    public var after: String?

    /// Creates a change.
    public init(what: String, before: String?, after: String?) {
      self.what = what
      self.before = before
      self.after = after
    }
  }

  /// The differing clips of one language.
  public struct Group: Sendable {
    /// The language.
    public var language: TextLanguage
    /// Its English name.
    public var english: String
    /// Its name in the language itself.
    public var autonym: String
    /// The clips by number.
    public var pairs: [Pair]

    /// Creates a group.
    public init(language: TextLanguage, english: String, autonym: String, pairs: [Pair]) {
      self.language = language
      self.english = english
      self.autonym = autonym
      self.pairs = pairs
    }
  }

  /// One clip in both kits.
  public struct Pair: Sendable {
    /// The prompt's number.
    public var number: Int
    /// The prompt's id.
    public var prompt: String
    /// The prompt's title.
    public var title: String
    /// The voice, such as `f1`.
    public var voice: String
    /// The kinds of difference: `re-recorded`, `louder by 2.1 LU`.
    public var marks: [String]
    /// The first kit's clip.
    public var before: Side?
    /// The second kit's clip.
    public var after: Side?

    /// Creates a pair.
    public init(
      number: Int, prompt: String, title: String, voice: String, marks: [String], before: Side?, after: Side?
    ) {
      self.number = number
      self.prompt = prompt
      self.title = title
      self.voice = voice
      self.marks = marks
      self.before = before
      self.after = after
    }
  }

  /// A clip of one kit.
  public struct Side: Sendable {
    /// The clip's entry in its bundle.
    public var clip: Clip
    /// The Ogg Opus file; `nil` where both sides are the same audio.
    public var sound: [UInt8]?

    /// Creates a side.
    public init(clip: Clip, sound: [UInt8]?) {
      self.clip = clip
      self.sound = sound
    }
  }

  /// Creates a page from its parts.
  public init(before: String, after: String, changes: [Change], groups: [Group]) {
    self.before = before
    self.after = after
    self.changes = changes
    self.groups = groups
  }

  /// The comparison as a page.
  public var page: HTMLPage { HTMLPage(title: "\(before) and \(after)", style: Self.style, body: body) }
}

// MARK: - The page

extension DiffPage {
  private var body: HTML {
    let count = groups.reduce(0) { $0 + $1.pairs.count }
    let extent: HTML =
      count + changes.count == 0
      ? "<p>The two kits have the same texts and audio.</p>"
      : "<p class=\"quiet\">\(counted(count, "clip")) and \(counted(changes.count, "other item")) differ.</p>"
    return """
      <header>
      <h1>\(before) <span class="quiet">→</span> \(after)</h1>
      \(extent)
      </header>
      \(table)
      <main>
      \(groups.map(section))
      </main>
      \(AudioButton.script)
      """
  }

  private var table: HTML? {
    if changes.isEmpty { return nil }
    let rows = changes.map { change -> HTML in
      """
      <tr><th scope="row">\(change.what)</th><td dir="auto">\(value(change.before))</td>\
      <td dir="auto">\(value(change.after))</td></tr>

      """
    }
    return """
      <h2>The kit</h2>
      <table><thead><tr><th></th><th scope="col">\(before)</th><th scope="col">\(after)</th></tr></thead>
      <tbody>
      \(rows)</tbody></table>
      """
  }

  private func value(_ text: String?) -> HTML { text.map { "\($0)" } ?? "<span class=\"quiet\">–</span>" }

  private func section(_ group: Group) -> HTML {
    """
    <h2>\(.span(group.autonym, in: group.language)) <span class="quiet">\(group.english), \(group.language.tag): \
    \(group.pairs.count)</span></h2>
    \(group.pairs.map { item($0, group.language) })
    """
  }

  private func item(_ pair: Pair, _ language: TextLanguage) -> HTML {
    """
    <article>
    <h3>\(KitLayout.dialled(pair.number)) \(pair.prompt) <span class="quiet">\(pair.title), \(pair.voice)</span>
    \(pair.marks.map { mark -> HTML in "<span class=\"mark\">\(mark)</span> " })</h3>
    <div class="sides">
    \(side(pair.before, other: pair.after, "before", language, pair))
    \(side(pair.after, other: pair.before, "after", language, pair))
    </div>
    </article>

    """
  }

  private func side(_ side: Side?, other: Side?, _ name: String, _ language: TextLanguage, _ pair: Pair) -> HTML {
    guard let side else { return "<div class=\"side none\">missing</div>" }
    let clip = side.clip
    let changed = other.map { $0.clip.text != clip.text } ?? false
    let words: HTML = .span(clip.text, in: language, element: "p")
    let sound: HTML =
      side.sound.map { AudioButton.button($0, label: "play \(pair.prompt), \(name)") }
      ?? "<span class=\"quiet\">same audio</span>"
    let back: HTML? = clip.back.isEmpty ? nil : "<p class=\"back\">\(clip.back)</p>"
    return """
      <div class="side\(changed ? " changed" : nil)">
      <div class="sound">\(sound)
      <span class="quiet">\((Double(clip.frames) / 48_000).tenths) s, \(clip.loudness.tenths.replacing("-", with: "−")) LUFS,
      \(clip.status.rawValue)\(clip.synthetic ? ", synthetic" : nil)</span></div>
      \(words)
      \(back)
      </div>
      """
  }

  private static let style = """
    h2 { font-size: 1.2rem; margin: 1.4rem 0 .4rem; break-after: avoid; }
    h3 { font-size: 1rem; margin: 0 0 .3rem; break-after: avoid; } h3 .quiet { font-weight: normal; }
    table { border-collapse: collapse; width: 100%; } th { text-align: start; font-weight: normal; }
    thead th { font-weight: bold; } td, th { border: 1px solid #ccc; padding: .2rem .4rem; vertical-align: top; }
    article { border-top: 1px solid #ccc; padding: .6rem 0; break-inside: avoid; }
    .mark { border: 1px solid #24467f; border-radius: .3rem; padding: 0 .4rem; font-weight: normal; font-size: .85rem; }
    .sides { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
    .side { min-width: 0; padding: .3rem .5rem; background: #f6f6f6; } .side.changed { box-shadow: inset 0 0 0 2px #b80; }
    .side.none { color: #777; background: none; border: 1px dashed #aaa; }
    .side p { margin: .2rem 0; font-size: 1.2rem; line-height: 1.7; }
    .side p.back { font-size: .95rem; font-style: italic; color: #444; }
    @media (max-width: 40rem) { .sides { grid-template-columns: 1fr; } }

    """ + AudioButton.style
}
