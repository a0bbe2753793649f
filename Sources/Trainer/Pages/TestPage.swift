import Diagnostics
import Encoding

/// The page of a test's results: a timeline of each scenario, and the expectations that were not met.
public struct TestPage: Sendable {
  /// An interval or a point in time of the timeline. Times are in seconds since the start of the scenario.
  public struct Mark: Sendable {
    /// Start.
    public var from: Double
    /// End; equal to `from` for a point in time.
    public var to: Double
    /// The text in the timeline.
    public var label: String
    /// The text shown when the pointer is over the mark; ``label`` if it is empty.
    public var detail: String
    /// What the mark stands for.
    public var kind: Kind

    /// What a mark stands for; the raw value is its CSS class.
    public enum Kind: String, Sendable { case press, clip, signal, unknown, fault, light, met, missed }

    /// Creates a mark; without `to` a point in time.
    public init(_ kind: Kind, from: Double, to: Double? = nil, label: String = "", detail: String = "") {
      self.kind = kind
      self.from = from
      self.to = to ?? from
      self.label = label
      self.detail = detail
    }
  }

  /// A row of the timeline.
  public struct Lane: Sendable {
    /// The row's name.
    public var name: String
    /// The row's marks, in order.
    public var marks: [Mark]

    /// Creates a row.
    public init(_ name: String, _ marks: [Mark]) {
      self.name = name
      self.marks = marks
    }
  }

  /// The result of a scenario.
  public struct Scenario: Sendable {
    /// Name of the scenario.
    public var name: String
    /// Path of its file.
    public var file: String
    /// Length in seconds.
    public var seconds: Double
    /// Rows of the timeline from top to bottom; the second one is the sound.
    public var lanes: [Lane]
    /// Peak of each hundredth of a second, 0 to 1.
    public var loudness: [Float]
    /// What is wrong, one line each, with file and line.
    public var failures: [String]
    /// Cells of each press: time, button, language, prompt, milliseconds, outcome, words.
    public var rows: [[String]]
    /// The expectations that were met.
    public var met: [String]

    /// Creates the result of a scenario.
    public init(
      name: String, file: String, seconds: Double, lanes: [Lane], loudness: [Float], failures: [String],
      rows: [[String]], met: [String]
    ) {
      self.name = name
      self.file = file
      self.seconds = seconds
      self.lanes = lanes
      self.loudness = loudness
      self.failures = failures
      self.rows = rows
      self.met = met
    }
  }

  /// A table of things that were checked; rows with faults are shown first.
  public struct Table: Sendable {
    /// Heading of the table.
    public var name: String
    /// What was checked, in one line.
    public var extent: String
    /// Heads of the columns.
    public var heads: [String]
    /// The rows: cells, and what is wrong.
    public var rows: [(cells: [String], faults: [String])]

    /// Creates a table.
    public init(name: String, extent: String, heads: [String], rows: [(cells: [String], faults: [String])]) {
      self.name = name
      self.extent = extent
      self.heads = heads
      self.rows = rows
    }
  }

  /// Name and version of the kit.
  public var name: String
  /// Facts about the test, such as the board and the time it took.
  public var facts: [String]
  /// Whether the kit is a draft.
  public var isDraft: Bool
  /// One for each scenario.
  public var scenarios: [Scenario]
  /// One for each kind of check.
  public var tables: [Table]

  /// Creates the content of the page.
  public init(name: String, facts: [String], isDraft: Bool, scenarios: [Scenario] = [], tables: [Table] = []) {
    self.name = name
    self.facts = facts
    self.isDraft = isDraft
    self.scenarios = scenarios
    self.tables = tables
  }

  /// The page.
  public var page: HTMLPage { HTMLPage(title: "\(name): test", style: Self.style, body: body) }
}

// MARK: - The page

extension TestPage {
  private var failures: Int {
    scenarios.reduce(0) { $0 + $1.failures.count } + tables.reduce(0) { $0 + $1.rows.count { !$0.faults.isEmpty } }
  }

  private var body: HTML {
    let draft: HTML? = isDraft ? "<p class=\"draft\">DRAFT: for trials only, not for anybody's ears</p>" : nil
    let verdict: HTML =
      failures == 0
      ? "<p class=\"verdict good\">✓ Passed.</p>"
      : "<p class=\"verdict bad\">✗ \(failures) failed.</p>"
    return """
      <header><h1>\(name) <span class="quiet">test</span></h1>
      <ul class="facts quiet">\(facts.map { "<li>\($0)</li>" as HTML })</ul>
      \(draft)\(verdict)</header>
      \(scenarios.map(section))
      \(tables.map(section))
      """
  }

  private func section(_ scenario: Scenario) -> HTML {
    let failures: HTML? =
      scenario.failures.isEmpty
      ? nil : "<ul class=\"failures\">\(scenario.failures.map { "<li>✗ \($0)</li>" as HTML })</ul>"
    let heads = ["time s", "button", "language", "prompt", "ms", "outcome", "words"]
    let met: HTML? =
      scenario.met.isEmpty
      ? nil
      : """
      <details><summary>\(counted(scenario.met.count, "expectation")) met</summary>
      <ul>\(scenario.met.map { "<li>✓ \($0)</li>" as HTML })</ul></details>
      """
    return """
      <section><h2>\(scenario.name) <span class="quiet">\(scenario.file)</span></h2>
      \(failures)
      \(picture(scenario))
      <div class="scroll"><table><thead><tr>\(heads.map { "<th>\($0)</th>" as HTML })</tr></thead>
      <tbody>\(scenario.rows.map { row in "<tr>\(row.map { "<td>\($0)</td>" as HTML })</tr>\n" as HTML })</tbody></table></div>
      \(met)
      </section>

      """
  }

  private func section(_ table: Table) -> HTML {
    let wrong = table.rows.filter { !$0.faults.isEmpty }
    let faults: HTML? =
      wrong.isEmpty
      ? nil
      : """
      <ul class="failures">\(wrong.flatMap { row in
        row.faults.map { "<li>✗ <b>\(row.cells.prefix(2).joined(separator: " "))</b>: \($0)</li>" as HTML }
      })</ul>
      """
    let rows = (wrong + table.rows.filter(\.faults.isEmpty)).map { row -> HTML in
      let mark: HTML = row.faults.isEmpty ? "<td class=\"met\">✓</td>" : "<td class=\"missed\">✗</td>"
      return "<tr>\(mark)\(row.cells.map { "<td>\($0)</td>" as HTML })</tr>\n"
    }
    return """
      <section><h2>\(table.name)</h2><p class="quiet">\(table.extent)</p>
      \(faults)
      <details><summary>All \(table.rows.count)</summary><div class="scroll"><table>
      <thead><tr><th></th>\(table.heads.map { "<th>\($0)</th>" as HTML })</tr></thead>
      <tbody>\(rows)</tbody></table></div></details>
      </section>

      """
  }
}

// MARK: - Timeline

extension TestPage {
  /// Seconds per strip; a longer scenario continues in the next one, so that it can be printed.
  private static let strip = 10.0
  private static let margin = 92.0
  private static let scale = 98.0
  private static let textHeight = 13.0
  private static let soundHeight = 50.0

  private func picture(_ scenario: Scenario) -> HTML {
    let count = max(1, Int((scenario.seconds / Self.strip).rounded(.up)))
    return "<div class=\"picture\">\((0..<count).map { strip(scenario, from: Double($0) * Self.strip) })</div>"
  }

  private func strip(_ scenario: Scenario, from start: Double) -> HTML {
    let end = start + Self.strip
    let width = Self.margin + Self.strip * Self.scale + 8
    var top = 4.0
    var rows: [HTML] = []
    for (index, lane) in scenario.lanes.enumerated() {
      let isSound = index == Self.soundLane
      let hasMoments = lane.marks.contains { $0.from == $0.to }
      let height = isSound ? Self.soundHeight : Self.textHeight * (hasMoments ? 3 : 1)
      rows.append(row(lane, isSound ? scenario.loudness : [], from: start, to: end, top: top, height: height))
      top += height + 4
    }
    let ticks = (0...Int(Self.strip)).map { second -> HTML in
      let x = Self.number(Self.margin + Double(second) * Self.scale)
      let bottom = Self.number(top)
      return """
        <line class="tick" x1="\(x)" y1="0" x2="\(x)" y2="\(bottom)"/>\
        <text class="axis" x="\(x)" y="\(Self.number(top + 12))">\(Int(start) + second) s</text>
        """
    }
    return """
      <svg viewBox="0 0 \(Self.number(width)) \(Self.number(top + 18))" role="img" \
      aria-label="\(scenario.name), from \(Int(start)) s on">\(ticks)\(rows)</svg>

      """
  }

  /// Index of the row with the waveform.
  private static let soundLane = 1

  private func row(
    _ lane: Lane, _ loudness: [Float], from start: Double, to end: Double, top: Double, height: Double
  ) -> HTML {
    let middle = top + height / 2
    // For each line of text the end of its last label.
    var taken = [Double](repeating: 0, count: Int(height / Self.textHeight))
    let marks = lane.marks.filter { $0.to >= start && $0.from < end }.map { mark -> HTML in
      let x = place(max(mark.from, start), start)
      let isMoment = mark.to == mark.from
      let width = isMoment ? 3 : max(2, place(min(mark.to, end), start) - x)
      // A label stands within its interval, or after its point in time if there is room.
      let text = isMoment ? mark.label : Self.shortened(mark.label, to: width - 6)
      let line = isMoment ? taken.firstIndex { $0 <= x } : 0
      var label: HTML?
      if let line, !text.isEmpty {
        let y = top + Self.textHeight * Double(line + 1) - 2
        label = "<text class=\"label\" x=\"\(Self.number(x + 5))\" y=\"\(Self.number(y))\">\(text)</text>"
        if isMoment { taken[line] = x + 10 + Self.length(text) }
      }
      return """
        <g class="\(mark.kind.rawValue)"><title>\(mark.detail.isEmpty ? mark.label : mark.detail)</title>\
        <rect x="\(Self.number(x))" y="\(Self.number(top))" width="\(Self.number(width))" \
        height="\(Self.number(height))"/>\(label)</g>
        """
    }
    return """
      <rect class="lane" x="\(Self.number(Self.margin))" y="\(Self.number(top))" \
      width="\(Self.number(Self.strip * Self.scale))" height="\(Self.number(height))"/>\
      <text class="name" x="\(Self.number(Self.margin - 8))" y="\(Self.number(middle + 4))">\(lane.name)</text>\
      \(marks)\(waveform(loudness, from: start, top: top, height: height))
      """
  }

  private func waveform(_ loudness: [Float], from start: Double, top: Double, height: Double) -> HTML? {
    let first = Int(start * 100)
    let part = loudness.dropFirst(first).prefix(Int(Self.strip * 100))
    guard part.contains(where: { $0 > 0 }) else { return nil }
    let base = top + height - 2
    var path = ""
    for (index, peak) in part.enumerated() where peak > 0 {
      let x = Self.margin + (Double(index) + 0.5) / 100 * Self.scale
      path +=
        "M\(Self.number(x)) \(Self.number(base))v-\(Self.number(max(1, Double(peak.squareRoot()) * (height - 18))))"
    }
    return "<path class=\"wave\" d=\"\(HTML(stringLiteral: path))\"/>"
  }

  private func place(_ seconds: Double, _ start: Double) -> Double { Self.margin + (seconds - start) * Self.scale }

  /// Returns the approximate width of a text in units of the drawing.
  private static func length(_ text: String) -> Double { Double(text.count) * 6.2 }

  private static func shortened(_ text: String, to width: Double) -> String {
    if length(text) <= width { return text }
    let count = Int(width / 6.2) - 1
    return count < 3 ? "" : String(text.prefix(count)) + "…"
  }

  /// Returns a number with at most one decimal, independent of the locale.
  private static func number(_ value: Double) -> String {
    let text = value.tenths
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static let style = """
    body { max-width: 75rem; }
    h2 { font-size: 1.2rem; margin: 1.6rem 0 .4rem; }
    .facts { list-style: none; padding: 0; margin: .3rem 0; }
    .verdict { font-weight: bold; padding: .4rem .7rem; border-radius: .2rem; }
    .verdict.good { background: #d8efd8; color: #125012; }
    .verdict.bad { background: #f6d5d0; color: #7a1408; }
    .failures { list-style: none; padding: 0; color: #7a1408; }
    .failures li { margin: .2rem 0; overflow-wrap: anywhere; }
    .picture svg { display: block; width: 100%; margin: .4rem 0; break-inside: avoid; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; font-size: .85rem; }
    th, td { text-align: left; padding: .15rem .7rem .15rem 0; border-bottom: 1px solid #ddd; vertical-align: top; }
    summary { cursor: pointer; margin: .5rem 0; }
    svg text { font-size: 11px; font-family: inherit; fill: #111; }
    svg .name { text-anchor: end; fill: #444; }
    svg .axis { text-anchor: middle; fill: #666; font-size: 10px; }
    svg .lane { fill: #f6f6f6; }
    svg .tick { stroke: #ccc; stroke-width: 1; }
    svg .wave { stroke: #1d3d63; stroke-width: .9; opacity: .75; }
    svg .press rect { fill: #111; }
    svg .clip rect { fill: #b7d3f2; } svg .signal rect { fill: #f2d8a0; } svg .unknown rect { fill: #e7a49a; }
    svg .fault rect { fill: #c22a14; } svg .fault .label { fill: #7a1408; }
    svg .light rect { fill: #f3c623; }
    svg .met rect { fill: #2c8a2c; } svg .missed rect { fill: #c22a14; }
    svg .missed .label { fill: #7a1408; font-weight: bold; }
    td.met { color: #125012; } td.missed { color: #7a1408; font-weight: bold; }

    """
}
