import Journal
import Kit
import Posix

/// The record of a session for an interpreter or a court: which messages the listener was played, when and in which
/// words, and the answers as the responder judged them. It states as well what it does not prove.
public struct HandoverSheet: Sendable {
  /// The sessions of one listener, in their order; at least one.
  public var sessions: [JournalSession]
  /// All breaks of the journal.
  public var breaks: [JournalBreak]
  /// The result of the verification of the whole journal.
  public var verification: Verification
  /// The kit that was played; nil if it is not available.
  public var kit: Kit?
  /// The zone of local times.
  public var zone: Zone
  /// Whether answers, times and hashes are omitted, for people who need to know only what was said.
  public var isRedacted: Bool
  /// When the sheet was made.
  public var made: WallTime
  /// Name and version of the program that made it.
  public var program: String

  /// The kit that was played. Words are shown only for clips whose hash is in the journal.
  public struct Kit: Sendable {
    /// The manifest of the kit.
    public var manifest: KitManifest
    /// The manifests of its bundles.
    public var bundles: [BundleManifest]

    /// Creates the reference to a kit.
    public init(_ manifest: KitManifest, _ bundles: [BundleManifest]) {
      self.manifest = manifest
      self.bundles = bundles
    }
  }

  /// The result of the verification of a journal.
  public struct Verification: Sendable {
    /// Number of lines.
    public var lines: Int
    /// What is wrong with the journal.
    public var findings: [String]
    /// What is explained and no fault.
    public var remarks: [String]
    /// Number and SHA-256 of the last whole line.
    public var head: (number: Int, hash: String)?

    /// Creates the result of a reading.
    public init(_ reading: JournalReading) {
      lines = reading.lines.count
      findings = reading.findings.map(\.description)
      remarks = reading.remarks.map(\.description)
      head = reading.head
    }
  }

  /// A time zone.
  public struct Zone: Sendable {
    /// Name of the zone, as `Europe/Vienna`.
    public var name: String
    /// Returns the seconds east of UTC at a moment.
    public var offset: @Sendable (WallTime) -> Int

    /// Creates a zone.
    public init(name: String, offset: @escaping @Sendable (WallTime) -> Int) {
      self.name = name
      self.offset = offset
    }
  }

  /// Creates a sheet.
  public init(
    _ sessions: [JournalSession], breaks: [JournalBreak], verification: Verification, kit: Kit?, zone: Zone,
    isRedacted: Bool, made: WallTime, program: String
  ) {
    self.sessions = sessions
    self.breaks = breaks
    self.verification = verification
    self.kit = kit
    self.zone = zone
    self.isRedacted = isRedacted
    self.made = made
    self.program = program
  }

  /// The sheet as a page to print.
  public var page: HTMLPage {
    HTMLPage(title: isRedacted ? "Hand-over sheet, redacted" : "Hand-over sheet", style: Self.style, body: body)
  }
}

// MARK: - The page

extension HandoverSheet {
  private var body: HTML {
    """
    <header>
    <h1>Hand-over sheet\(isRedacted ? " <span class=\"mark\">redacted</span>" : nil)</h1>
    <p>Recorded messages that were played to a listener before an interpreter came. It is no interview, and no
    interpretation.</p>
    </header>
    \(drafts)
    \(facts)
    \(sessions.map(section))
    \(missing)
    \(limits)
    \(isRedacted ? leftOut : nil)
    \(signatures)
    <footer class="quiet">Made by \(program)\(isRedacted ? nil : " on \(utc(made))").</footer>
    """
  }

  /// A warning if messages were not approved: their words may differ from what the kit's publisher wanted to say.
  private var drafts: HTML? {
    let messages = sessions.flatMap(\.acts).filter { $0.kind == .played && !$0.isForResponder }
    let clips = messages.compactMap(clip)
    let drafts = Set(clips.filter { $0.status != .approved }.map(\.sha256)).count
    let synthetic = clips.contains(where: \.synthetic)
    if drafts == 0 && !synthetic { return nil }
    return """
      <p class="draft">\(drafts) of the messages had not been approved by two native speakers\
      \(synthetic ? ", and a machine's voice spoke" : nil): what they say, and what their translations say, may be
      wrong.</p>
      """
  }

  private func fact(_ name: HTML, _ value: HTML) -> HTML {
    "<tr><th scope=\"row\">\(name)</th><td>\(value)</td></tr>\n"
  }

  private var facts: HTML {
    let languages = sessions.flatMap(\.languages).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let spoken = languages.isEmpty ? ["none"] : languages.map(name)
    let clock = sessions.flatMap { $0.clockRemarks(breaks) }.reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    return """
      <table class="facts"><tbody>
      \(fact("When", when))
      \(fact("Clock", isRedacted ? "As far as the journal tells; the full sheet says what speaks for and against it." : "\(clock.joined(separator: " "))"))
      \(fact("Languages", joined(spoken)))
      \(fact("Kit", kitFact))
      \(fact("Journal", journalFact))
      </tbody></table>
      """
  }

  private func joined(_ pieces: [HTML]) -> HTML {
    pieces.dropFirst().reduce(pieces.first ?? "") { "\($0), \($1)" }
  }

  private var when: HTML {
    guard let first = sessions.first, let last = sessions.last else { return "" }
    if isRedacted { return "\(month(first.start)), for \(minutes(last.end.since(first.start)))" }
    return """
      \(local(first.start)) to \(local(last.end)), local time of \(zone.name)<br/>
      \(utc(first.start)) to \(utc(last.end))
      """
  }

  private var kitFact: HTML {
    let said = sessions.compactMap(\.kit).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    if said.isEmpty { return "The journal does not say which kit was played." }
    let signers = Set(sessions.compactMap(\.signer)).sorted()
    let signed: HTML =
      signers.isEmpty
      ? "No trusted key had signed it: a trial."
      : "Signed by a key that the device trusted: \(signers.joined(separator: ", "))."
    let words: HTML? = kit == nil ? "<br/>The kit was not at hand: words cannot be shown." : nil
    return """
      \(said.map { kit -> HTML in
        let parts = kit.split(separator: " ")
        return "\(parts.prefix(2).joined(separator: " ")), kit.json SHA-256 <code>\(parts.last ?? "")</code><br/>"
      })\(signed)\(words)
      """
  }

  private var journalFact: HTML {
    let verdict: HTML =
      verification.findings.isEmpty
      ? "<b>Intact</b>: each line has its own hash and that of the line before."
      : """
      <b class="bad">NOT INTACT</b>, in \(verification.findings.count) \(verification.findings.count == 1 ? "place" : "places").
      """
    if isRedacted { return verdict }
    let findings = verification.findings.prefix(20).map { finding -> HTML in "<li>\(finding)</li>" }
    let list: HTML = findings.isEmpty ? "<br/>" : "<ul>\(findings)</ul>"
    let ranges = sessions.map { "\($0.number) to \($0.last)" }.joined(separator: ", ")
    let head: HTML? = verification.head.map {
      """
      <br/>Its last line, \($0.number), has the SHA-256 <code>\($0.hash)</code>: anyone who notes it can prove later
      that nothing up to there was changed.
      """
    }
    let remarks = verification.remarks.map { remark -> HTML in "<br/>\(remark)" }
    return """
      \(verdict)\(list)This sheet is of its lines \(ranges), of \
      \(verification.lines) that were looked at.\(head)\(remarks)
      """
  }

  // MARK: What happened

  private func section(_ session: JournalSession) -> HTML {
    let acts = session.acts.filter { !$0.isForResponder && ($0.kind != .fault || $0.detail != nil) }
    var rows: [HTML] = []
    var introduced: [JournalAct] = []
    func tellIntroductions() {
      guard let first = introduced.first else { return }
      var tags: [String] = []
      for act in introduced { if let tag = act.language, !tags.contains(tag) { tags.append(tag) } }
      rows.append(
        row(first, session, "quiet", "Languages said their names, one after the other: \(joined(tags.map(name)))"))
      introduced = []
    }
    for (index, act) in acts.enumerated() {
      // In the finder there may be eighty of them.
      if act.kind == .played, !act.isMessage, act.prompt != "wrong-language" {
        introduced.append(act)
        continue
      }
      tellIntroductions()
      rows.append(row(act, session, act.kind == .played ? "message" : "", text(act, after: acts[..<index])))
    }
    tellIntroductions()
    let heads: HTML =
      isRedacted
      ? "<th scope=\"col\">minute</th>"
      : "<th scope=\"col\">local</th><th scope=\"col\">UTC</th><th scope=\"col\">line</th>"
    return """
      <h2>What was played\(sessions.count > 1 && !isRedacted ? " from line \(session.number)" : nil)</h2>
      <table class="acts"><thead><tr>\(heads)<th scope="col">what</th></tr></thead>
      <tbody>
      \(rows)</tbody></table>
      """
  }

  private func row(_ act: JournalAct, _ session: JournalSession, _ style: HTML, _ text: HTML) -> HTML {
    let time: HTML =
      isRedacted
      ? "<td>\(Int(act.time.since(session.start) / WallTime.minute))</td>"
      : "<td>\(clock(shifted(act.time)))</td><td class=\"quiet\">\(clock(act.time))</td><td class=\"quiet\">\(act.line)</td>"
    return "<tr class=\"\(style)\">\(time)<td>\(text)</td></tr>\n"
  }

  private func text(_ act: JournalAct, after before: ArraySlice<JournalAct>) -> HTML {
    switch act.kind {
    case .played: return message(act)
    case .answered:
      if isRedacted { return "An answer was noted; it is left out here." }
      let question = before.last { $0.kind == .played && $0.prompt == act.prompt }
      let isCorrection =
        before.last { $0.kind == .answered && $0.prompt == act.prompt }.map { $0.line > question?.line ?? 0 } ?? false
      let about: HTML? = act.about.map { "Whether this was understood: \(title($0)). " }
      return """
        <b>Answer: \(Self.answers[act.answer ?? ""] ?? act.answer ?? "")</b> to “\(title(act.prompt ?? ""))”. \(about)\
        As the responder judged it\(isCorrection ? ", correcting the answer before" : nil).
        """
    case .language: return "Language chosen: \(name(act.language ?? ""))"
    case .found: return "A raised hand, as the responder judged it, chose the language: \(name(act.language ?? ""))"
    case .noneFound: return "No hand was raised for any language."
    case .signalled:
      switch act.detail {
      case "no-language": return "The responder was told to choose a language first."
      case "error": return "The device reported an error to the responder."
      default:
        let what: HTML? = act.prompt.map { "“\(title($0))”" }
        let tongue: HTML? = act.language.map { " in \(name($0))" }
        return "<b>Not available</b>\(tongue): \(what). Nothing was played for it."
      }
    case .finder: return "The search for the language \(act.detail ?? "")."
    case .sequence: return "The sequence “\(sequence(act.prompt ?? ""))” \(act.detail ?? "")."
    case .children: return "The messages for \(act.detail == "on" ? "children" : "adults") were chosen."
    case .voice: return "Another voice was chosen: \(act.voice ?? "")"
    case .fault: return "Of the device: \(act.detail ?? "")"
    case .unknown:
      // It may say what the listener answered.
      if isRedacted { return "An event that this version does not know was recorded; it is left out here." }
      return "An event that this version does not know: \(act.detail ?? "")"
    }
  }

  private static let answers = [
    "yes": "yes", "no": "no", "unclear": "does not understand", "declined": "does not want to answer",
    "stop": "wants it to stop",
  ]

  private func message(_ act: JournalAct) -> HTML {
    let id = act.prompt ?? ""
    let number = kit?.manifest.prompt(id)?.number
    let instead: HTML? = act.insteadOf.map { wish in
      let parts = wish.split(separator: "/").map(String.init)
      let other: HTML =
        parts.count > 1 && parts[0] == act.language ? "the voice \(parts[1])" : name(parts.first ?? wish)
      return
        "<p class=\"instead\">Not available in \(other): said like this instead, which was announced to the responder.</p>"
    }
    let words: HTML
    if let clip = clip(act), let bundle = bundle(act.language) {
      words = """
        \(.span(clip.text, in: TextLanguage(bundle), element: "p"))
        \(clip.back.isEmpty ? nil : "<p class=\"back\">\(clip.back)</p>")
        """
    } else if kit != nil {
      words =
        "<p class=\"bad\">The kit has no recording with the hash that the journal says: its words are not known.</p>"
    } else {
      words = ""
    }
    let hash: HTML? = act.clip.map { "<code class=\"quiet\">\(String($0.prefix(16)))</code>" }
    return """
      <p class="title"><b>\(number.map { "\(KitLayout.dialled($0)) " })\(title(id))</b> <span class="quiet">\(name(act.language ?? ""))\
      \(act.voice.map { ", voice \($0)" })</span> <span class="outcome">\(outcome(act))</span></p>
      \(words)\(instead)\(hash)
      """
  }

  private func outcome(_ act: JournalAct) -> HTML {
    let length = clip(act).map { " of \(seconds($0.frames / 48))" } ?? ""
    let heard = act.heard.map(seconds)
    switch act.outcome {
    case .completed: return "played to its end\(heard.map { ", \($0)" } ?? "")"
    case .stopped: return "stopped after \(heard ?? "an unknown time")\(length)"
    case .failed:
      return "could not be played\(act.heard.map { $0 > 0 } == true ? ", broke off after \(heard ?? "")\(length)" : "")"
    case .unknown, nil: return "began; the device went off before it told the end"
    }
  }

  /// What was asked for and could not be said, or not in that language: the interpreter should say it first.
  private var missing: HTML? {
    let acts = sessions.flatMap(\.acts).filter {
      $0.insteadOf != nil || $0.kind == .signalled && $0.detail == "not-available" && $0.prompt != nil
    }
    let broken = sessions.flatMap(\.acts).filter { $0.isMessage && $0.outcome != .completed }
    var items: [HTML] = []
    for act in acts {
      let item: HTML =
        act.insteadOf == nil
        ? "“\(title(act.prompt ?? ""))” was not available, and was not said."
        : "“\(title(act.prompt ?? ""))” was said in \(name(act.language ?? "")), and not as it was asked for."
      if !items.contains(item) { items.append(item) }
    }
    for act in broken {
      let item: HTML = "“\(title(act.prompt ?? ""))” was not heard to its end."
      let isRepeated = sessions.flatMap(\.acts).contains {
        $0.prompt == act.prompt && $0.language == act.language && $0.outcome == .completed
      }
      if !isRepeated, !items.contains(item) { items.append(item) }
    }
    if items.isEmpty { return nil }
    return
      "<h2>What the interpreter should know is missing</h2><ul>\(items.map { item -> HTML in "<li>\(item)</li>" })</ul>"
  }

  private var limits: HTML {
    """
    <section class="limits"><h2>What this sheet does not prove</h2>
    <ul>
    <li>Who listened, whether anybody did, and whether they understood. “Played” means that the sound left the device.</li>
    <li>What the listener answered. An answer is what the responder made of a gesture and pressed; gestures can be
    mistaken, and people say yes without having understood.</li>
    <li>That the words are a right translation: they are those of the kit, and the English is a translation of them.</li>
    <li>The time of day: many devices have no clock of their own. The order and the lengths do not depend on it.</li>
    <li>That the journal is the only one. Its hashes show a line that was changed, removed or added; anyone who rewrites
    all of it can make them fit again, unless the hash of its last line was noted elsewhere.</li>
    </ul></section>
    """
  }

  private var leftOut: HTML {
    """
    <section class="limits"><h2>What was left out here</h2>
    <p>Answers; the day and the time of day; numbers and hashes of the journal's lines, which would lead to the full
    sheet. What was asked, and what was said next, remain, and may hint at an answer. So do language and month: where
    few people speak a language, they alone can tell who it was.</p></section>
    """
  }

  private var signatures: HTML {
    func line(_ who: HTML) -> HTML {
      "<div><div class=\"rule\"></div>\(who)</div><div><div class=\"rule\"></div>date, signature</div>"
    }
    return """
      <section class="signatures">\(line("handed over by (responder)"))\(line("received by (interpreter, officer)"))</section>
      """
  }

  // MARK: Words and numbers

  private func bundle(_ tag: String?) -> BundleManifest? { kit?.bundles.first { $0.tag == tag } }

  private func clip(_ act: JournalAct) -> Clip? {
    guard let hash = act.clip else { return nil }
    return bundle(act.language)?.clips.first { $0.sha256 == hash }
  }

  /// `Română (Romanian)`; its tag where no kit is at hand.
  private func name(_ tag: String) -> HTML {
    guard let bundle = bundle(tag) else { return "\(tag)" }
    let autonym: HTML = .span(bundle.autonym, in: TextLanguage(bundle))
    return "\(autonym) (\(bundle.english))"
  }

  private func title(_ prompt: String) -> String { kit?.manifest.prompt(prompt)?.title ?? prompt }

  private func sequence(_ id: String) -> String { kit?.manifest.sequences.first { $0.id == id }?.title ?? id }

  private func seconds(_ milliseconds: Int) -> String { "\(milliseconds / 1000).\(milliseconds / 100 % 10) s" }

  private func minutes(_ milliseconds: Int64) -> String {
    let count = (max(0, milliseconds) + WallTime.minute / 2) / WallTime.minute
    return count == 0 ? "less than a minute" : count == 1 ? "1 minute" : "\(count) minutes"
  }

  private func shifted(_ time: WallTime) -> WallTime {
    WallTime(milliseconds: time.milliseconds + Int64(zone.offset(time)) * 1000)
  }

  /// `15:04:05`
  private func clock(_ time: WallTime) -> String { String(time.description.dropFirst(11).prefix(8)) }

  /// `2026-01-02 03:04:05 UTC`
  private func utc(_ time: WallTime) -> String { "\(time.description.prefix(10)) \(clock(time)) UTC" }

  /// `2026-01-02 04:04:05 (UTC+01:00)`
  private func local(_ time: WallTime) -> String {
    let offset = zone.offset(time) / 60
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let sign = offset < 0 ? "−" : "+"
    let shifted = shifted(time)
    return
      "\(shifted.description.prefix(10)) \(clock(shifted)) (UTC\(sign)\(two(abs(offset) / 60)):\(two(abs(offset) % 60)))"
  }

  /// `January 2026`
  private func month(_ time: WallTime) -> String {
    let names = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December",
    ]
    let text = shifted(time).description
    return "\(names[(Int(text.dropFirst(5).prefix(2)) ?? 1) - 1]) \(text.prefix(4))"
  }

  private static let style = """
    @page { size: A4; margin: 16mm 14mm; }
    body { font-size: 10.5pt; }
    h2 { font-size: 1.15rem; margin: 1.1rem 0 .3rem; break-after: avoid; }
    .mark { border: 2px solid #111; padding: 0 .4rem; font-size: 1rem; }
    table { border-collapse: collapse; width: 100%; }
    th, td { text-align: start; vertical-align: baseline; padding: .25rem .4rem; border-top: 1px solid #bbb; }
    .facts th { width: 6.5rem; } .facts code { overflow-wrap: anywhere; font-size: .85em; }
    .acts thead { display: table-header-group; } .acts tr { break-inside: avoid; }
    .acts td:not(:last-child), .acts th:not(:last-child) { white-space: nowrap; width: 1%;
      font-variant-numeric: tabular-nums; }
    .acts p { margin: 0 0 .15rem; } .acts p[dir] { font-size: 1.15em; line-height: 1.6; }
    .acts p[dir=rtl] { text-align: right; }
    .title { display: flex; gap: .5rem; flex-wrap: wrap; align-items: baseline; } .outcome { margin-inline-start: auto; }
    .back { font-style: italic; color: #333; } .instead { border-inline-start: 4px solid #111; padding-inline-start: .5rem; }
    .bad { color: #a30; } code { font-size: .8em; } ul { margin: .3rem 0; padding-inline-start: 1.2rem; }
    .limits { break-inside: avoid; font-size: .92em; }
    .signatures { display: grid; grid-template-columns: 3fr 2fr; gap: .4rem 2rem; break-inside: avoid; margin-top: 1rem; }
    .rule { border-bottom: 1px solid #111; height: 2.6rem; }
    footer { margin-top: 1rem; font-size: .85em; }

    """
}
