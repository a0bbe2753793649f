import Kit

/// What the check has seen of a project, for whoever has to put it right: which recordings there are, what each looks
/// and sounds like, what is wrong with it, and what to do.
public struct CheckPage: Sendable {
  /// Name and version of the kit.
  public var name: String
  /// `1,600 recordings, 4 h`: a line of figures.
  public var extent: String
  public var columns: [Column]
  public var rows: [Row]
  /// By language and number.
  public var clips: [Clip]
  /// Findings that no clip has.
  public var remarks: [Remark]

  /// A prompt.
  public struct Column: Sendable {
    public var number: Int
    public var id: String
    public var title: String

    public init(number: Int, id: String, title: String) {
      self.number = number
      self.id = id
      self.title = title
    }
  }

  /// A language, with what is to be said of each column; nil where its words are not asked for.
  public struct Row: Sendable {
    public var language: TextLanguage
    public var english: String
    public var autonym: String
    public var marks: [Mark?]

    public init(language: TextLanguage, english: String, autonym: String, marks: [Mark?]) {
      self.language = language
      self.english = english
      self.autonym = autonym
      self.marks = marks
    }
  }

  /// How it stands with one recording, the best first.
  public enum Mark: String, CaseIterable, Comparable, Sendable {
    case good, note, warning, error, missing

    /// Told apart without colours too.
    var symbol: String {
      switch self {
      case .good: "✓"
      case .note: "○"
      case .warning: "!"
      case .error: "✗"
      case .missing: "–"
      }
    }

    var meaning: String {
      switch self {
      case .good: "nothing to say"
      case .note: "for trials: a machine's voice, or not approved"
      case .warning: "somebody should listen"
      case .error: "cannot be used"
      case .missing: "not there"
      }
    }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    public static func < (a: Mark, b: Mark) -> Bool { a.rank < b.rank }
  }

  public struct Remark: Sendable {
    public var mark: Mark
    public var code: String
    /// Where, if it does not stand beside its recording.
    public var place: String?
    public var message: String
    public var remedy: String
    /// `18.2 dB (at least 20)`
    public var measure: String?

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

  public struct Clip: Sendable {
    public var language: TextLanguage
    public var column: Column
    public var voice: String
    public var path: String
    public var text: String
    public var back: String?
    /// Names and values with units.
    public var figures: [(String, String)]
    /// 0...1, of equal parts of its length; empty where it cannot be read.
    public var peaks: [Float]
    /// Where in it somebody speaks, as parts of its length.
    public var spoken: Range<Double>?
    /// Ogg Opus.
    public var sound: [UInt8]
    public var remarks: [Remark]

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

    var mark: Mark { remarks.map(\.mark).max() ?? .good }
  }

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

  public var page: HTMLPage { HTMLPage(title: "\(name): check", style: Self.style, body: body) }
}

// MARK: - The page

extension CheckPage {
  private var body: HTML {
    """
    <header>
    <h1>\(name) <span class="quiet">check</span></h1>
    <p class="quiet">\(extent)</p>
    <ul class="legend">\(Mark.allCases.map(legend))<li><span class="cell none"></span> not asked for</li></ul>
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

  /// Closed where it would push the recordings out of sight.
  private var loose: HTML? {
    if remarks.isEmpty { return nil }
    let state: HTML? = remarks.count > 8 ? nil : " open=\"open\""
    return """
      <details class="loose"\(state)><summary>Of no recording: <b>\(remarks.count)</b></summary>
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
      // The first of several voices is where the matrix leads to.
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

  /// The whole recording; what is no voice lies in grey. Amplitudes under a root, so that a soft voice is seen too.
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
