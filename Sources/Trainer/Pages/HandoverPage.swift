import Board
import Diagnostics
import Journal
import Kit
import Posix

/// Renders a hand-over sheet as a page to print.
struct HandoverPage {
  /// The sheet.
  let sheet: HandoverSheet

  private var words: HandoverWords { HandoverWords(kit: sheet.kit) }
  private var isRedacted: Bool { sheet.isRedacted }

  /// The page.
  var page: HTMLPage {
    HTMLPage(
      title: "Hand-over sheet\(isRedacted ? ", redacted" : "")\(sheet.isPractice ? " (practice)" : "")",
      style: Self.style, body: body)
  }

  private var body: HTML {
    """
    <header>
    <h1>Hand-over sheet\(isRedacted ? " <span class=\"mark\">redacted</span>" : nil)</h1>
    <p>Recorded messages that were played to a listener before an interpreter came. It is no interview, and no
    interpretation.</p>
    </header>
    \(practice)
    \(drafts)
    \(facts)
    \(sheet.sessions.map(section))
    \(gaps)
    \(limits)
    \(isRedacted ? leftOut : nil)
    \(signatures)
    <footer class="quiet">Made by \(sheet.program)\(isRedacted ? nil : " on \(HandoverTimes.utc(sheet.made))").</footer>
    """
  }

  /// A warning if there was no listener.
  private var practice: HTML? {
    sheet.isPractice
      ? """
      <p class="draft">PRACTICE: this sheet shows what a trainee did on a simulated device. Nobody was asked, and nobody
      answered.</p>
      """ : nil
  }

  /// A warning if messages were not approved: their words may differ from what the kit's publisher wanted to say.
  private var drafts: HTML? {
    let messages = sheet.sessions.flatMap(\.acts).filter {
      $0.kind == .played && HandoverAccount.audience(of: $0, sheet.kit) == .listener
    }
    let clips = messages.flatMap { [sheet.kit?.clip($0), sheet.kit?.formula($0)].compactMap { $0 } }
    let drafts = Set(clips.filter { $0.status != .approved }.map(\.sha256)).count
    let synthetic = clips.contains(where: \.synthetic)
    if drafts == 0 && !synthetic { return nil }
    return """
      <p class="draft">\(counted(drafts, "message had", "messages had")) not been approved by two native speakers\
      \(synthetic ? ", and a machine's voice spoke" : nil): what they say, and what their translations say, may be
      wrong.</p>
      """
  }

  // MARK: Facts

  private func fact(_ name: HTML, _ value: HTML) -> HTML {
    "<tr><th scope=\"row\">\(name)</th><td>\(value)</td></tr>\n"
  }

  private var facts: HTML {
    let clock: HTML =
      isRedacted
      ? "As far as the journal tells; the full sheet says what speaks for and against it."
      : "\(Self.distinct(sheet.sessions.flatMap { $0.clockRemarks(sheet.breaks) }).joined(separator: " "))"
    return """
      <table class="facts"><tbody>
      \(fact("When", when))
      \(fact("Clock", clock))
      \(fact("Languages", words.languages(Self.distinct(sheet.sessions.flatMap(\.languages)))))
      \(fact("Kit", kitFact))
      \(fact("Journal", journalFact))
      </tbody></table>
      """
  }

  private static func distinct(_ texts: [String]) -> [String] {
    texts.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private var when: HTML {
    guard let first = sheet.sessions.first, let last = sheet.sessions.last else { return "" }
    let times = sheet.times
    if isRedacted { return "\(times.month(first.start)), for \(Self.minutes(last.end.since(first.start)))" }
    return """
      \(times.local(first.start)) to \(times.local(last.end)), local time of \(times.name)<br/>
      \(HandoverTimes.utc(first.start)) to \(HandoverTimes.utc(last.end))
      """
  }

  private static func minutes(_ milliseconds: Int64) -> String {
    let count = (max(0, milliseconds) + WallTime.minute / 2) / WallTime.minute
    return count == 0 ? "less than a minute" : counted(Int(count), "minute")
  }

  private var kitFact: HTML {
    let kits = Self.distinct(sheet.sessions.compactMap(\.kit))
    if kits.isEmpty { return "The journal does not say which kit was played." }
    let signers = Set(sheet.sessions.compactMap(\.signer)).sorted()
    let signed: HTML =
      signers.isEmpty
      ? "No trusted key had signed it: a trial."
      : "Signed by a key that the device trusted: \(HandoverWords.isolated(signers.joined(separator: ", ")))."
    let unknown: HTML? = sheet.kit == nil ? "<br/>The kit was not at hand: words cannot be shown." : nil
    return """
      \(kits.map { kit -> HTML in
        let parts = kit.split(separator: " ")
        let name = HandoverWords.isolated(parts.prefix(2).joined(separator: " "))
        return "\(name), kit.json SHA-256 <code>\(parts.last ?? "")</code><br/>"
      })\(signed)\(unknown)
      """
  }

  private var journalFact: HTML {
    let verification = sheet.verification
    let count = verification.findings.count
    let verdict: HTML =
      count == 0
      ? "<b>Intact</b>: each line has its own hash and that of the line before."
      : "<b class=\"bad\">NOT INTACT</b>, in \(counted(count, "place"))."
    if isRedacted { return verdict }
    let findings = verification.findings.prefix(20).map { finding -> HTML in "<li>\(finding)</li>" }
    let list: HTML = findings.isEmpty ? "<br/>" : "<ul>\(findings)</ul>"
    let ranges = sheet.sessions.map { "\($0.number) to \($0.last)" }.joined(separator: ", ")
    let head: HTML? = verification.head.map {
      """
      <br/>Its last line, \($0.number), has the SHA-256 <code>\($0.hash)</code>: anyone who notes it can prove later
      that nothing up to there was changed.
      """
    }
    let signed: HTML? = verification.signed.map {
      """
      <br/>Up to line \($0.head.number) it is signed with the key <code>\($0.key.description)</code> of the device, at
      \($0.head.time): nobody without the device's card could write it anew.
      """
    }
    let remarks = verification.remarks.map { remark -> HTML in "<br/>\(remark)" }
    return """
      \(verdict)\(list)This sheet is of its lines \(ranges), of \
      \(verification.lines) that were looked at.\(head)\(signed)\(remarks)
      """
  }

  // MARK: What happened

  private func section(_ session: JournalSession) -> HTML {
    let account = HandoverAccount(session, kit: sheet.kit, isRedacted: isRedacted)
    let heads: HTML =
      isRedacted
      ? "<th scope=\"col\">minute</th>"
      : "<th scope=\"col\">local</th><th scope=\"col\">UTC</th><th scope=\"col\">line</th>"
    return """
      <h2>What was played\(sheet.sessions.count > 1 && !isRedacted ? " from line \(session.number)" : nil)</h2>
      <table class="acts"><thead><tr>\(heads)<th scope="col">what</th></tr></thead>
      <tbody>
      \(account.rows.map { row($0, session) })</tbody></table>
      """
  }

  private func row(_ row: HandoverAccount.Row, _ session: JournalSession) -> HTML {
    let act = row.act
    let time: HTML =
      isRedacted
      ? "<td>\(Int(act.time.since(session.start) / WallTime.minute))</td>"
      : """
      <td>\(sheet.times.clock(act.time))</td><td class="quiet">\(HandoverTimes.utcClock(act.time))</td>\
      <td class="quiet">\(act.line)</td>
      """
    let style: HTML
    switch row.content {
    case .message: style = "message"
    case .introductions, .forResponder: style = "quiet"
    default: style = ""
    }
    return "<tr class=\"\(style)\">\(time)<td>\(text(row.content, act))</td></tr>\n"
  }

  private func text(_ content: HandoverAccount.Content, _ act: JournalAct) -> HTML {
    switch content {
    case .message: return message(act)
    case .introductions(let tags):
      return tags.count == 1
        ? "A language said its name: \(words.languages(tags))"
        : "Languages said their names, one after the other: \(words.languages(tags))"
    case .forResponder(let ids):
      let list = ids.map { HandoverWords.isolated($0) }
      let titles = list.dropFirst().reduce(list.first ?? "") { "\($0), \($1)" }
      return "To the responder, as the ids of the messages show; the journal does not record it: \(titles)"
    case .answer(let answer): return self.answer(answer, act)
    case .early(let answer):
      return """
        “\(Self.words(of: answer))” was pressed before “\(words.title(act.prompt))” had sounded to its end, with how to \
        answer it: it is an answer to no question.\(act.by == .listener ? " The listener pressed it." : nil)
        """
    case .omittedAnswer: return "An answer was noted; it is left out here."
    case .language(.chosen): return "Language chosen: \(words.language(act.language))"
    case .language(.answered(.responder)):
      return "The listener's sign, as the responder judged it, chose the language: \(words.language(act.language))"
    case .language(.answered(.listener)):
      return "The listener chose the language with a button of their own: \(words.language(act.language))"
    case .language(.omitted): return "Language from here on: \(words.language(act.language))"
    case .noneFound: return "No hand was raised for any language."
    case .searchEnded: return "The search for the language ended."
    case .signal(let signal): return self.signal(signal, act)
    case .search(let stage): return "The search for the language \(Self.stage(stage))."
    case .sequence(let stage): return "The sequence “\(words.sequence(act.prompt))” \(Self.stage(stage))."
    case .children(let isOn): return "The messages for \(isOn ? "children" : "adults") were chosen."
    case .answerMode(let mode):
      return "The way to answer from here on: \(Self.words(of: mode))"
    case .markedWrong:
      return """
        <b>Marked as wrong</b> for this listener by the responder: “\(words.title(act.prompt))” in \
        \(words.language(act.language)).\(spoken(act))
        """
    case .voice: return "Another voice was chosen: \(HandoverWords.isolated(act.voice ?? ""))"
    case .fault: return "Of the device: \(HandoverWords.isolated(act.detail ?? ""))"
    case .unknown: return "An event that this version does not know: \(HandoverWords.isolated(act.detail ?? ""))"
    case .omittedUnknown: return "An event that this version does not know was recorded; it is left out here."
    }
  }

  private static func stage(_ stage: ActivityStage) -> HTML {
    switch stage {
    case .began: "began"
    case .resumed: "was resumed"
    case .left: "was left"
    case .completed: "was completed"
    }
  }

  private func answer(_ answer: HandoverAccount.Answer, _ act: JournalAct) -> HTML {
    let about: HTML? = act.about.map { "Whether this was understood: \(words.title($0)). " }
    return """
      <b>Answer: \(Self.words(of: answer.answer))</b> to “\(words.title(act.prompt))”, asked in \
      \(words.language(act.language)). \(about)\
      \(Self.source(of: answer, isOfListener: act.by == .listener))\
      \(answer.isCorrection ? ", correcting the answer before" : nil).
      """
  }

  /// How and by whom an answer was given.
  private static func source(of answer: HandoverAccount.Answer, isOfListener: Bool) -> HTML {
    if isOfListener { return "The listener pressed it with a button of their own" }
    guard let mode = answer.mode else { return "As the responder judged it" }
    return "By \(words(of: mode)), as the responder judged it"
  }

  private static func words(of mode: Board.AnswerMode) -> HTML {
    switch mode {
    case .card: "pointing to a square of the card"
    case .hand: "signs with one hand"
    case .tap: "taps with a hand or a foot"
    case .buttons: "pressing buttons"
    }
  }

  private static func words(of answer: ListenerAnswer?) -> HTML {
    guard let answer else { return "unknown" }
    return "\(AnswerWords.english(answer.rawValue))\(answer == .still ? ", which is no answer" : nil)"
  }

  private func signal(_ signal: OperatorSignal, _ act: JournalAct) -> HTML {
    switch signal {
    case .noLanguage: return "The responder was told to choose a language first."
    case .error: return "The device reported an error to the responder."
    case .done: return "The device confirmed a request of the responder."
    case .caution:
      return """
        The caution for “\(words.title(act.prompt))” was given to the responder\(caution(act)). The message itself was not
        played.
        """
    case .noneOfThese: return "The search for the language reached its end."
    case .notAvailable:
      let tongue: HTML? = act.language.map { " in \(words.language($0))" }
      guard let prompt = act.prompt else { return "<b>Not available</b>\(tongue). Nothing was played." }
      let why: HTML? = act.reason == .formula ? ", because no recording says how to answer it" : nil
      return "<b>Not available</b>\(tongue): “\(words.title(prompt))”\(why). Nothing was played for it."
    }
  }

  /// The words with which the caution of a gated prompt is given.
  private func caution(_ act: JournalAct) -> HTML? {
    sheet.kit?.caution(act.prompt).map { text -> HTML in ": “\(HandoverWords.isolated(text))”" }
  }

  /// Whether the caution of a gated prompt was given before it, in its session.
  private func wasCautioned(_ act: JournalAct) -> Bool {
    sheet.sessions.contains { session in
      session.acts.contains { $0.line == act.line }
        && session.acts.contains {
          $0.kind == .signalled && $0.detail == OperatorSignal.caution.rawValue && $0.prompt == act.prompt
            && $0.line < act.line
        }
    }
  }

  /// Says of a gated prompt that the responder was given its caution.
  private func gate(_ act: JournalAct) -> HTML? {
    guard sheet.kit?.caution(act.prompt) != nil else { return nil }
    return wasCautioned(act)
      ? "<p class=\"quiet\">A sensitive question: its caution was given to the responder before it.</p>"
      : "<p class=\"quiet\">A sensitive question.</p>"
  }

  private func message(_ act: JournalAct) -> HTML {
    let instead: HTML? = act.insteadOf.map { wish in
      let parts = wish.split(separator: "/").map(String.init)
      let other: HTML =
        parts.count > 1 && parts[0] == act.language
        ? "the voice \(HandoverWords.isolated(parts[1]))" : words.language(parts.first ?? wish)
      return
        "<p class=\"instead\">Not available in \(other): said like this instead, which was announced to the responder.</p>"
    }
    let voice: HTML? = act.voice.map { ", voice \(HandoverWords.isolated($0))" }
    return """
      <p class="title"><b>\(words.numberedTitle(act.prompt))</b> <span class="quiet">\(words.language(act.language))\
      \(voice)</span> <span class="outcome">\(outcome(act))</span></p>
      \(spoken(act))\(formula(act))\(instead)\(gate(act))
      """
  }

  /// The words that were played, their English, and the hash of their clip.
  private func spoken(_ act: JournalAct) -> HTML {
    "\(sheet.kit.map { wording($0.clip(act), act) })\(Self.hash(act.clip))"
  }

  /// How to answer, as it was said after a question: its words, or that they were not heard.
  private func formula(_ act: JournalAct) -> HTML? {
    guard act.formula != nil, act.outcome != .failed else { return nil }
    if act.part?.name == .question || act.part?.name == .pause {
      return "<p class=\"quiet\">How to answer was not heard.</p>"
    }
    return """
      <div class="formula"><span class="quiet">How to answer:</span>
      \(sheet.kit.map { wording($0.formula(act), act) })\(Self.hash(act.formulaClip))</div>
      """
  }

  private static func hash(_ clip: String?) -> HTML? {
    clip.map { "<code class=\"quiet\">\(String($0.prefix(16)))</code>" }
  }

  /// The words of a clip, and their English; only of the clip whose hash the journal has.
  private func wording(_ clip: Clip?, _ act: JournalAct) -> HTML {
    guard let clip, let bundle = sheet.kit?.bundle(act.language) else {
      return
        "<p class=\"bad\">The kit has no recording with the hash that the journal says: its words are not known.</p>"
    }
    return """
      \(.span(clip.text, in: TextLanguage(bundle), element: "p"))
      \(clip.back.isEmpty ? nil : "<p class=\"back\">\(clip.back)</p>")
      """
  }

  private func outcome(_ act: JournalAct) -> String {
    let length =
      (sheet.kit?.length(act).map { " of \(JournalAct.seconds($0))" } ?? "") + (act.partText.map { ", \($0)" } ?? "")
    let lost = act.lostText.map { "; \($0)" } ?? ""
    let heard = act.heardText ?? "an unknown time"
    switch act.outcome {
    case .completed: return "played to its end" + (act.heardText.map { ", \($0)" } ?? "") + lost
    case .stopped: return "stopped after \(heard)\(length)\(lost)"
    case .interrupted: return "interrupted by the sound card after \(heard)\(length)\(lost)"
    case .truncated: return "broke off after \(heard)\(length), as the rest could not be decoded\(lost)"
    case .failed:
      guard let heard = act.heard, heard > 0 else { return "could not be played" }
      return "could not be played, broke off after \(act.heardText ?? "")\(length)"
    case .unknown, nil: return "began; the device lost its power before the end"
    }
  }

  /// What was asked for and could not be said, or not in that language: the interpreter should say it first.
  private var gaps: HTML? {
    let items = HandoverGaps(sheet.sessions, kit: sheet.kit).gaps.map { gap -> HTML in
      switch gap {
      case .notAvailable(let prompt): "“\(words.title(prompt))” was not available, and was not said."
      case .otherLanguage(let prompt, let language):
        "“\(words.title(prompt))” was said in \(words.language(language)), and not as it was asked for."
      case .noFormula(let prompt): "“\(words.title(prompt))” was not asked: no recording says how to answer it."
      case .markedWrong(let prompt, let language):
        "“\(words.title(prompt))” in \(words.language(language)) was marked as wrong for the listener."
      case .brokenOff(let prompt): "“\(words.title(prompt))” was not heard to its end."
      case .partLost(let prompt): "“\(words.title(prompt))” was heard with a part missing."
      }
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
    <li>What the listener answered. An answer is what the responder made of a sign and pressed, or a press of a button in
    the listener's reach, by whomever; signs can be mistaken, and people say yes without having understood.</li>
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
    <p>Answers, and how a language was chosen; the day and the time of day; numbers and hashes of the journal's lines,
    which would lead to the full sheet. What was asked, and what was said next, remain, and may hint at an answer. So do language and month: where
    few people speak a language, they alone can tell who it was.</p></section>
    """
  }

  private var signatures: HTML {
    func line(_ person: HTML) -> HTML {
      "<div><div class=\"rule\"></div>\(person)</div><div><div class=\"rule\"></div>date, signature</div>"
    }
    return """
      <section class="signatures">\(line("handed over by (responder)"))\(line("received by (interpreter, officer)"))</section>
      """
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
    .formula { border-inline-start: 2px solid #bbb; padding-inline-start: .5rem; font-size: .92em; }
    .back { font-style: italic; color: #333; } .instead { border-inline-start: 4px solid #111; padding-inline-start: .5rem; }
    .bad { color: #a30; } code { font-size: .8em; } ul { margin: .3rem 0; padding-inline-start: 1.2rem; }
    .limits { break-inside: avoid; font-size: .92em; }
    .signatures { display: grid; grid-template-columns: 3fr 2fr; gap: .4rem 2rem; break-inside: avoid; margin-top: 1rem; }
    .rule { border-bottom: 1px solid #111; height: 2.6rem; }
    footer { margin-top: 1rem; font-size: .85em; }

    """
}
