import Kit

/// The report of a check, for the person who corrects the recordings: a table of all recordings, and for each its
/// waveform, audio, figures and findings with remedies.
public struct CheckPage: Sendable {
  /// Name and version of the kit.
  public var name: String
  /// The project's size: `1,600 recordings, 4 h`.
  public var extent: String
  /// The prompts, by number.
  public var columns: [Column]
  /// The languages.
  public var rows: [Row]
  /// The recordings by language and number.
  public var clips: [Clip]
  /// Findings that belong to no recording.
  public var remarks: [Remark]

  /// A prompt, as a column of the table.
  public struct Column: Sendable {
    /// The prompt's number.
    public var number: Int
    /// The prompt's id.
    public var id: String
    /// The prompt's English title.
    public var title: String

    /// Creates a column.
    public init(number: Int, id: String, title: String) {
      self.number = number
      self.id = id
      self.title = title
    }
  }

  /// A language, as a row of the table.
  public struct Row: Sendable {
    /// The language.
    public var language: TextLanguage
    /// Its English name.
    public var english: String
    /// Its name in the language itself.
    public var autonym: String
    /// One mark for each column; `nil` where the language needs no recording of the prompt.
    public var marks: [Mark?]

    /// Creates a row.
    public init(language: TextLanguage, english: String, autonym: String, marks: [Mark?]) {
      self.language = language
      self.english = english
      self.autonym = autonym
      self.marks = marks
    }
  }

  /// The state of one recording, from best to worst.
  public enum Mark: String, CaseIterable, Comparable, Sendable {
    /// `note`: usable for trials only. `warning`: needs a listener. `error`: unusable.
    case good, note, warning, error, missing

    /// Distinguishes the marks without colour.
    var symbol: String {
      switch self {
      case .good: "✓"
      case .note: "○"
      case .warning: "!"
      case .error: "✗"
      case .missing: "–"
      }
    }

    /// The legend.
    var meaning: String {
      switch self {
      case .good: "no findings"
      case .note: "for trials only: synthetic, or not approved"
      case .warning: "listen to it"
      case .error: "unusable"
      case .missing: "missing"
      }
    }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    /// Orders marks from best to worst.
    public static func < (a: Mark, b: Mark) -> Bool { a.rank < b.rank }
  }

  /// A finding.
  public struct Remark: Sendable {
    /// Its severity.
    public var mark: Mark
    /// The finding's stable code.
    public var code: String
    /// The file concerned, where the finding is not listed with its recording.
    public var place: String?
    /// What is wrong.
    public var message: String
    /// What to do.
    public var remedy: String
    /// The measured value and its threshold: `18.2 dB (at least 20)`.
    public var measure: String?

    /// Creates a remark.
    public init(
      _ mark: Mark, code: String, place: String? = nil, message: String, remedy: String, measure: String? = nil
    ) {
      self.mark = mark
      self.code = code
      self.place = place
      self.message = message
      self.remedy = remedy
      self.measure = measure
    }
  }

  /// A recording.
  public struct Clip: Sendable {
    /// Its language.
    public var language: TextLanguage
    /// Its prompt.
    public var column: Column
    /// Its voice, such as `f1`.
    public var voice: String
    /// The file.
    public var path: String
    /// The wording.
    public var text: String
    /// The English back-translation.
    public var back: String?
    /// Names of figures, and their values with units.
    public var figures: [(String, String)]
    /// Peaks of equal parts of the recording, 0...1; empty where it cannot be read.
    public var peaks: [Float]
    /// The part with speech, in fractions of the length.
    public var spoken: Range<Double>?
    /// The Ogg Opus file; empty where there is none.
    public var sound: [UInt8]
    /// The findings about it.
    public var remarks: [Remark]

    /// Creates a clip.
    public init(
      language: TextLanguage, column: Column, voice: String, path: String, text: String, back: String?,
      figures: [(String, String)], peaks: [Float], spoken: Range<Double>?, sound: [UInt8], remarks: [Remark]
    ) {
      self.language = language
      self.column = column
      self.voice = voice
      self.path = path
      self.text = text
      self.back = back
      self.figures = figures
      self.peaks = peaks
      self.spoken = spoken
      self.sound = sound
      self.remarks = remarks
    }

    /// The worst mark of its remarks.
    var mark: Mark { remarks.map(\.mark).max() ?? .good }
  }

  /// Creates a page from its parts.
  public init(
    name: String, extent: String, columns: [Column], rows: [Row], clips: [Clip], remarks: [Remark]
  ) {
    self.name = name
    self.extent = extent
    self.columns = columns
    self.rows = rows
    self.clips = clips
    self.remarks = remarks
  }

  /// The report as a page.
  public var page: HTMLPage { HTMLPage(title: "\(name): check", style: Self.style, body: body) }
}

// MARK: - The page

extension CheckPage {
  private var body: HTML {
    """
    <header>
    <h1>\(name) <span class="quiet">check</span></h1>
    <p class="quiet">\(extent)</p>
    <ul class="legend">\(Mark.allCases.map(legend))<li><span class="cell none"></span> not needed</li></ul>
    </header>
    \(matrix)
    \(loose)
    <input type="checkbox" id="worst"/><label for="worst">Only recordings with warnings and errors</label>
    <main>
    \(rows.map(section))
    </main>
    \(AudioButton.script)
    """
  }

  /// Collapsed when long, so that the recordings stay visible.
  private var loose: HTML? {
    if remarks.isEmpty { return nil }
    let state: HTML? = remarks.count > 8 ? nil : " open=\"open\""
    return """
      <details class="loose"\(state)><summary>Findings about no single recording: <b>\(remarks.count)</b></summary>
      \(list(remarks))</details>
      """
  }

  private func legend(_ mark: Mark) -> HTML {
    let count = rows.reduce(0) { $0 + $1.marks.filter { $0 == mark }.count }
    return "<li>\(cell(mark)) \(mark.meaning): <b>\(count)</b></li>"
  }

  private func cell(_ mark: Mark) -> HTML { "<span class=\"cell \(mark.rawValue)\">\(mark.symbol)</span>" }

  private var matrix: HTML {
    let heads = columns.map { column -> HTML in
      "<th scope=\"col\" title=\"\(column.id): \(column.title)\">\(column.number)</th>"
    }
    return """
      <div class="matrix"><table>
      <thead><tr><th scope="col" class="corner">language</th>\(heads)</tr></thead>
      <tbody>
      \(rows.map(line))</tbody>
      </table></div>
      """
  }

  private func line(_ row: Row) -> HTML {
    let cells = zip(columns, row.marks).map { column, mark -> HTML in
      guard let mark else { return "<td></td>" }
      let words = "\(row.english), \(column.number) \(column.id): \(mark.meaning)"
      if mark == .missing { return "<td class=\"missing\" title=\"\(words)\">\(mark.symbol)</td>" }
      let place = Self.anchor(row.language.tag, column.number)
      return """
        <td class="\(mark.rawValue)"><a href="#\(place)" title="\(words)">\(mark.symbol)</a></td>
        """
    }
    return """
      <tr><th scope="row" title="\(row.english)"><a href="#\(row.language.tag)">\(row.language.tag)</a> \
      \(.span(row.autonym, in: row.language))</th>\(cells)</tr>

      """
  }

  private static func anchor(_ tag: String, _ number: Int) -> String { "\(tag)-\(number)" }

  private func section(_ row: Row) -> HTML {
    var last: Int?
    let clips = clips.filter { $0.language.tag == row.language.tag }.map { clip -> HTML in
      // The table links to the first of several voices.
      defer { last = clip.column.number }
      return item(clip, isFirst: clip.column.number != last)
    }
    if clips.isEmpty { return "" }
    return """
      <h2 id="\(row.language.tag)">\(.span(row.autonym, in: row.language)) <span class="quiet">\(row.english)</span></h2>
      \(clips)
      """
  }

  private func item(_ clip: Clip, isFirst: Bool) -> HTML {
    let number = clip.column.number
    let place: HTML? = isFirst ? " id=\"\(Self.anchor(clip.language.tag, number))\"" : nil
    let player = clip.sound.isEmpty ? nil : AudioButton.button(clip.sound, label: "play \(clip.column.id)")
    return """
      <article\(place) class="\(clip.mark.rawValue)">
      <div>
      <div>\(cell(clip.mark)) <b>\(KitLayout.dialled(number))</b> \(clip.column.id)
      <span class="quiet">\(clip.voice)</span></div>
      <div class="sound">\(player)\(waveform(clip))</div>
      <dl>\(clip.figures.map { name, value -> HTML in "<div><dt>\(name)</dt><dd>\(value)</dd></div>" })</dl>
      </div>
      <div class="words">\(.span(clip.text, in: clip.language, element: "p"))
      \(clip.back.map { "<p class=\"back\">\($0)</p>" })
      \(list(clip.remarks))
      <div class="path quiet">\(clip.path)</div></div>
      </article>

      """
  }

  private func list(_ remarks: [Remark]) -> HTML? {
    if remarks.isEmpty { return nil }
    let items = remarks.map { remark -> HTML in
      let place: HTML? = remark.place.map { "<span class=\"path\">\($0)</span> " }
      let measure: HTML? = remark.measure.map { " <span class=\"quiet\">\($0)</span>" }
      return """
        <li>\(cell(remark.mark)) <span>\(place)\(remark.message)\(measure)
        → <b>\(remark.remedy)</b> <code>\(remark.code)</code></span></li>

        """
    }
    return "<ul class=\"remarks\">\(items)</ul>"
  }

  /// The whole recording; parts without speech are grey. Heights are square roots, so that a soft voice is visible.
  private func waveform(_ clip: Clip) -> HTML? {
    if clip.peaks.isEmpty { return nil }
    let (width, middle) = (clip.peaks.count * 2, 24)
    var path = ""
    for (index, peak) in clip.peaks.enumerated() {
      let height = max(1, Int((peak.squareRoot() * Float(middle - 1)).rounded()))
      path += "M\(2 * index + 1) \(middle - height)v\(2 * height)"
    }
    let spoken: HTML? = clip.spoken.map { range in
      let begin = Int(range.lowerBound * Double(width))
      let length = max(1, Int(range.upperBound * Double(width)) - begin)
      return "<rect x=\"\(begin)\" width=\"\(length)\" height=\"\(2 * middle)\"/>"
    }
    return """
      <svg viewBox="0 0 \(width) \(2 * middle)" preserveAspectRatio="none" role="img" aria-label="waveform">\
      \(spoken)<path d="\(path)"/></svg>
      """
  }

  private static let style = """
    body { max-width: none; }
    main, .loose { max-width: 75rem; margin: 0 auto; }
    .loose { margin-bottom: 1rem; } summary { cursor: pointer; }
    h2 { font-size: 1.3rem; margin: 1.6rem 0 .4rem; scroll-margin-top: .5rem; }
    a { color: inherit; text-decoration: none; }
    .cell, td { text-align: center; font-weight: bold; }
    .cell { display: inline-block; width: 1.4rem; line-height: 1.4rem; border-radius: .2rem; background: #f4f4f4; }
    td { padding: 0; height: 1.5rem; border: 1px solid #fff; }
    td a { display: block; line-height: 1.5rem; min-width: 1.5rem; }
    td a:hover, td a:focus { outline: 2px solid #111; }
    .cell.good, td.good { background: #d8efd8; color: #125012; }
    .cell.note, td.note { background: #e3e8f4; color: #2a3c66; }
    .cell.warning, td.warning { background: #ffe08a; color: #5a3d00; }
    .cell.error, td.error { background: #b3261e; color: #fff; }
    .cell.missing, td.missing { background: #fff; color: #b3261e; box-shadow: inset 0 0 0 1px #d99; }
    .cell.none { background: none; box-shadow: inset 0 0 0 1px #ddd; vertical-align: middle; height: 1.4rem; }
    .legend { list-style: none; padding: 0; margin: .4rem 0 1rem; display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; }
    .matrix { overflow: auto; max-height: 85vh; border: 1px solid #bbb; margin: 0 0 1rem; width: fit-content;
      max-width: 100%; }
    table { border-collapse: separate; border-spacing: 0; font-size: .85rem; }
    th { position: sticky; background: #fff; font-weight: normal; padding: .1rem .2rem; }
    thead th { top: 0; z-index: 1; border-bottom: 1px solid #bbb; min-width: 1.5rem; }
    tbody th { left: 0; text-align: left; white-space: nowrap; max-width: 14rem; overflow: hidden;
      border-right: 1px solid #bbb; }
    tbody th a { font-family: monospace; display: inline-block; min-width: 4.6rem; }
    th.corner { left: 0; z-index: 2; text-align: left; border-right: 1px solid #bbb; }
    article { display: grid; grid-template-columns: minmax(16rem, 24rem) 1fr; gap: .2rem 1.2rem; padding: .7rem 0;
      border-top: 1px solid #ccc; content-visibility: auto; contain-intrinsic-size: auto 9rem; scroll-margin-top: .5rem; }
    article:target { background: #fafae8; }
    article > div { min-width: 0; }
    svg { width: 100%; min-width: 0; height: 3rem; background: #eee; }
    svg rect { fill: #d9e4f7; } svg path { stroke: #24467f; stroke-width: 1.4; }
    dl { display: flex; flex-wrap: wrap; gap: .1rem .9rem; margin: .3rem 0 0; font-size: .8rem; }
    dt { display: inline; color: #555; } dd { display: inline; margin: 0 0 0 .3em; font-variant-numeric: tabular-nums; }
    .words p { margin: 0; font-size: 1.2rem; line-height: 1.7; }
    .words p.back { font-size: .95rem; font-style: italic; color: #444; }
    .remarks { list-style: none; padding: 0; margin: .3rem 0; }
    .remarks li { display: flex; gap: .5rem; margin: .15rem 0; } .remarks .cell { flex: none; height: 1.4rem; }
    .remarks code { color: #666; font-size: .8rem; }
    .path { font-family: monospace; font-size: .75rem; overflow-wrap: anywhere; unicode-bidi: isolate; direction: ltr; }
    #worst:checked ~ main article.good, #worst:checked ~ main article.note { display: none; }
    @media (max-width: 45rem) { article { display: block; } }
    @media print { .matrix { max-height: none; overflow: visible; } #worst, label { display: none; } }

    """ + AudioButton.style
}
