import Encoding
import Glibc
import Journal
import Kit
import Posix
import Testing

@testable import Pages

@Suite("The hand-over sheet")
struct HandoverSheetTests {
  private static let text = "أنت في أمان هنا"
  private static let kit = "shelter 1.0 \(String(repeating: "a", count: 64))"

  private static func clip(_ prompt: String, _ number: Int, text: String = text, status: Status = .approved) -> Clip {
    Clip(
      prompt: prompt, number: number, voice: "f1", file: "languages/ar/f1/\(prompt).opus",
      sha256: Digest.sha256(prompt), bytes: 1, frames: 240_000, loudness: -16, peak: -3, onset: 0, status: status,
      synthetic: false, text: text, back: "You are <safe> here", wording: Digest.sha256(text))
  }

  private static func manifest() -> HandoverKit {
    let bundle = BundleManifest(
      tag: "ar", number: 2, english: "Arabic", autonym: "العربية", script: "Arab", direction: .rtl, regions: [],
      fallback: [], clips: [clip("safe-here", 3), clip("need-doctor", 13, status: .draft)])
    return HandoverKit(
      KitManifest(
        name: "shelter", version: "1.0", draft: true, source: "en",
        prompts: [("safe-here", 3), ("need-doctor", 13), ("may-stop", 5)].map { id, number in
          KitPrompt(
            number: number, id: id, module: "opening", audience: .all, answer: .none, jurisdiction: false,
            title: "Title of \(id)", caution: "", text: id)
        }, bundles: []), [bundle])
  }

  private static func message(_ prompt: String) -> JournalMessage {
    JournalMessage(language: "ar", prompt: prompt, voice: "f1", clip: Digest.sha256(prompt))
  }

  private static let events: [JournalEvent] = [
    .ready(JournalKit(kit, signer: "79F9E4B4FF91325D")),
    .language("ar"),
    .started(message("safe-here")),
    .ended(message("safe-here"), .completed, heard: 5000),
    .started(message("need-doctor")),
    .ended(message("need-doctor"), .stopped, heard: 1300),
    .answer(.no, language: "ar", prompt: "need-doctor", about: nil),
    .answer(.declined, language: "ar", prompt: "need-doctor", about: nil),
    .signal(.notAvailable, language: "ar", prompt: "may-stop"),
    .device(.soundLost, detail: "<b>hw:0"),
    .terminated,
  ]

  private func entries(_ events: [JournalEvent] = events, shift: Int64 = 0) -> [JournalEntry] {
    var moment = JournalMoment(
      wall: WallTime("2026-03-28T23:30:00.000Z")!, monotonic: Monotonic(nanoseconds: 5_000_000_000), boot: "boot-id-1")
    var previous = JournalEntry.firstPrevious
    return events.enumerated().map { index, event in
      moment.wall.milliseconds += 40_000 + (index == 4 ? shift : 0)
      moment.monotonic.nanoseconds += 40_000_000_000
      let entry = JournalEntry(number: index + 1, previous: previous, at: moment, event)
      previous = (try? entry.line()).map { Digest.sha256($0) } ?? ""
      return entry
    }
  }

  private func sheet(
    _ kit: HandoverKit? = manifest(), of events: [JournalEvent] = events, redacted: Bool = false, shift: Int64 = 0,
    damaged: Bool = false
  ) throws -> String {
    let entries = entries(events, shift: shift)
    let path = "/tmp/firstword-sheet-\(Monotonic.now.nanoseconds).jsonl"
    defer { unlink(path) }
    var bytes: [UInt8] = []
    for entry in entries { bytes += try entry.line() + [0x0A] }
    if damaged { bytes[500] ^= 1 }
    try Files.replace(path, with: bytes)
    let reading = try JournalReading([path])
    return HandoverSheet(
      JournalSession.all(in: entries), breaks: JournalBreak.all(in: entries), verification: .init(reading), kit: kit,
      times: .init(name: "Europe/Vienna") { _ in 3600 }, isRedacted: redacted,
      made: WallTime("2026-04-01T00:00:00.000Z")!, program: "firstword 0"
    ).page.document
  }

  @Test("tells what was played, when, in which words, what became of it, and who judged the answers")
  func whole() throws {
    let document = try sheet()
    #expect(xmlFault(document) == nil)
    for text in [
      // Half past eleven in UTC is the next day in Vienna.
      "2026-03-28 23:31:20 UTC", "2026-03-29 00:31:20 (UTC+01:00)", "Europe/Vienna",
      "<p lang=\"ar\" dir=\"rtl\"", Self.text, "You are &lt;safe&gt; here", "03 Title of safe-here",
      "played to its end, 5.0 s", "stopped after 1.3 s of 5.0 s", "<b>Answer: no</b>",
      "<b>Answer: does not want to answer</b>", "</bdi>”, asked in <span lang=\"ar\"", "correcting the answer before",
      "As the responder judged it",
      "<b>Not available</b>", "Title of may-stop", "was not heard to its end", "shelter 1.0",
      String(repeating: "a", count: 64), "79F9E4B4FF91325D", "<b>Intact</b>", "lines 2 to 10", "&lt;b&gt;hw:0",
      "1 message had not been approved", "Nothing in the journal speaks against the clock",
      "What this sheet does not prove", "handed over by",
    ] { #expect(document.contains(text), "\(text)") }
    for word in ["http:", "https:", "src=\"", "<link", "&lt;br", "&lt;p"] {
      #expect(!document.contains(word), "\(word)")
    }
  }

  @Test("redacted: no answers, no day or time of day, no line, hash or boot of the journal; and it says so")
  func redacted() throws {
    let document = try sheet(redacted: true)
    #expect(xmlFault(document) == nil)
    let last = try entries().last!.line()
    for text in [
      "<b>Answer", "declined", "does not want", "2026-03-2", "2026-04", "23:3", "00:3", "boot-id", "line 2", "lines 2",
      Digest.sha256(last), "Vienna",
    ] { #expect(!document.contains(text), "\(text)") }
    for text in [
      "redacted", "An answer was noted; it is left out here.", "March 2026", "What was left out here", Self.text,
      "stopped after 1.3 s", "<b>Intact</b>",
    ] { #expect(document.contains(text), "\(text)") }
  }

  @Test("without the kit it says so, and shows no words; a recording that is not the kit's is told")
  func withoutKit() throws {
    let without = try sheet(nil)
    #expect(without.contains("The kit was not at hand") && !without.contains(Self.text))
    var other = Self.manifest()
    other.bundles[0].clips[0].sha256 = Digest.sha256("another")
    #expect(try sheet(other).contains("The kit has no recording with the hash that the journal says"))
  }

  @Test("doubts of the clock, and a journal that is not intact, stand on it")
  func doubts() throws {
    #expect(try sheet(shift: 3 * 3_600_000).contains("In the middle of it the clock was set by +3 h 00 min (line 5)"))
    let damaged = try sheet(damaged: true)
    #expect(damaged.contains("NOT INTACT") && damaged.contains("is not as it was written"))
    #expect(try sheet(redacted: true, damaged: true).contains("NOT INTACT"))
  }

  // MARK: The search for a language

  private static func act(_ prompt: String, _ language: String, heard: Int = 900) -> [JournalEvent] {
    let message = JournalMessage(language: language, prompt: prompt, clip: Digest.sha256(prompt), audience: .listener)
    return [.started(message), .ended(message, .completed, heard: heard)]
  }

  /// Romanian is answered with no, Arabic with yes.
  private static let search: [JournalEvent] = {
    var events: [JournalEvent] = [.ready(JournalKit(kit, signer: nil)), .finder(.began)]
    for language in ["vi", "ro", "ar"] {
      events += act("language-name", language) + act("raise-hand", language)
      if language == "ro" { events.append(.answer(.no, language: language, prompt: "raise-hand", about: nil)) }
    }
    events.append(.answer(.yes, language: "ar", prompt: "raise-hand", about: nil))
    events += [.found("ar"), .language("ar")]
    events += act("safe-here", "ar")
    events.append(.terminated)
    return events
  }()

  private func account(_ events: [JournalEvent], redacted: Bool = false) throws -> [HandoverAccount.Content] {
    let session = try #require(JournalSession.all(in: entries(events)).first)
    return HandoverAccount(session, kit: nil, isRedacted: redacted).rows.map(\.content)
  }

  @Test("a request for a raised hand that was answered stands by itself, before its answer; others are folded")
  func answeredHand() throws {
    let yes = HandoverAccount.Answer(answer: .yes, isCorrection: false)
    let no = HandoverAccount.Answer(answer: .no, isCorrection: false)
    #expect(
      try account(Self.search) == [
        .search(.began), .introductions(["vi", "ro"]), .message, .answer(no), .introductions(["ar"]), .message,
        .answer(yes), .language(.answered(.responder)), .message,
      ])
  }

  @Test("a sequence that begins with the request for a raised hand shows it as a message")
  func handInSequence() throws {
    let events: [JournalEvent] =
      [.language("ar")] + Self.act("language-name", "ar")
      + [.sequence("first-contact", .began, language: "ar")] + Self.act("raise-hand", "ar")
    #expect(try account(events) == [.language(.chosen), .introductions(["ar"]), .sequence(.began), .message])
  }

  @Test("redacted: nothing says that a hand was raised, nor by its form which language was answered")
  func redactedSearch() throws {
    #expect(
      try account(Self.search, redacted: true) == [
        .search(.began), .introductions(["vi", "ro", "ar"]), .language(.omitted), .message,
      ])
    let document = try sheet(of: Self.search, redacted: true)
    for word in ["hand", "answer was noted", "chose"] {
      let rows = document.components(separatedBy: "<tbody>").last?.components(separatedBy: "</tbody>").first ?? word
      #expect(!rows.contains(word), "\(word)")
    }
    let none = [JournalEvent.finder(.began)] + Self.act("language-name", "vi") + [.noneFound]
    #expect(try account(none, redacted: true) == [.search(.began), .introductions(["vi"]), .searchEnded])
  }

  @Test("an answer names its language, and belongs to the question in that language")
  func answersByLanguage() throws {
    let events =
      Self.act("need-doctor", "ro") + [.answer(.no, language: "ro", prompt: "need-doctor", about: nil)]
      + Self.act("need-doctor", "ar") + [.answer(.yes, language: "ar", prompt: "need-doctor", about: nil)]
      + [.answer(.no, language: "ar", prompt: "need-doctor", about: nil)]
    #expect(
      try account(events) == [
        .message, .answer(.init(answer: .no, isCorrection: false)), .message,
        .answer(.init(answer: .yes, isCorrection: false)), .answer(.init(answer: .no, isCorrection: true)),
      ])
    let document = try sheet(of: events)
    #expect(document.contains("asked in <bdi>ro</bdi>"))
    #expect(document.contains("العربية</span> (Arabic)"))
  }

  @Test("lengths are rounded as in 'journal show'", arguments: [(940, "0.9 s"), (950, "1.0 s"), (6279, "6.3 s")])
  func lengths(_ heard: Int, _ text: String) throws {
    #expect(JournalAct.seconds(heard) == text)
    let events = Self.act("safe-here", "ar", heard: heard)
    #expect(try sheet(of: events).contains("played to its end, \(text)"))
  }

  // MARK: Answer modes, formulas and gates

  /// A question with its formula: in the mode `hand`, or cut in a part of it.
  private static func asked(
    _ prompt: String, mode: String = "hand", _ outcome: MessageOutcome = .completed, heard: Int = 8000,
    part: JournalPart? = nil
  ) -> [JournalEvent] {
    var message = JournalMessage(
      language: "ar", prompt: prompt, formula: "answer-\(mode)", voice: "f1", clip: Digest.sha256(prompt),
      formulaClip: Digest.sha256("answer-\(mode)"), audience: .listener)
    let start = JournalEvent.started(message)
    message.part = part
    return [start, .ended(message, outcome, heard: heard)]
  }

  /// The kit with questions, formulas and a gated prompt.
  private static func askingKit() -> HandoverKit {
    var kit = manifest()
    for index in kit.manifest.prompts.indices where kit.manifest.prompts[index].id == "need-doctor" {
      kit.manifest.prompts[index].answer = .yesNo
    }
    func prompt(_ id: String, _ number: Int, _ module: String, gate: String? = nil, text: String) -> KitPrompt {
      KitPrompt(
        number: number, id: id, module: module, audience: .all, answer: .yesNo, jurisdiction: false,
        title: "Title of \(id)", caution: "", text: text, gate: gate)
    }
    kit.manifest.prompts += [
      prompt("pregnant", 17, "needs", gate: "device-caution-pregnant", text: "Are you pregnant?"),
      prompt("device-caution-pregnant", 121, KitPrompt.operatorModule, text: "Only if nobody else can hear."),
    ]
    kit.bundles[0].clips += [clip("pregnant", 17)]
    for mode in ["card", "hand", "tap", "buttons"] {
      kit.bundles[0].clips.append(clip("answer-\(mode)", 0, text: "formula \(mode)"))
    }
    return kit
  }

  @Test("an answer says how it was given and by whom, and stillness is no answer", arguments: ["card", "hand", "tap"])
  func modes(_ mode: String) throws {
    let events =
      Self.asked("need-doctor", mode: mode) + [
        .answer(.still, language: "ar", prompt: "need-doctor", about: nil),
        .answer(.yes, language: "ar", prompt: "need-doctor", about: nil, by: .listener),
      ]
    let document = try sheet(Self.askingKit(), of: events)
    #expect(xmlFault(document) == nil)
    let words = ["card": "pointing to a square of the card", "hand": "signs with one hand", "tap": "taps with a hand"]
    for text in [
      "<b>Answer: kept still, which is no answer</b>", "By \(words[mode] ?? "")", ", as the responder judged it.",
      "The listener pressed it with a button of their own, correcting the answer before.", "formula \(mode)",
      "<code class=\"quiet\">\(Digest.sha256("answer-\(mode)").prefix(16))</code>", "played to its end, 8.0 s",
    ] { #expect(document.contains(text), "\(text)") }
    let redacted = try sheet(Self.askingKit(), of: events, redacted: true)
    for text in ["kept still", "pressed it", "Answer:"] { #expect(!redacted.contains(text), "\(text)") }
    #expect(redacted.contains("formula \(mode)"), "what was said remains")
  }

  @Test("a question that was cut says in which part; a formula that was not heard is not shown")
  func parts() throws {
    let cut = Self.asked("need-doctor", .stopped, heard: 5300, part: JournalPart(.pause, heard: 300))
    let document = try sheet(Self.askingKit(), of: cut)
    #expect(document.contains("stopped after 5.3 s of 10.8 s, in the pause before the formula"))
    #expect(document.contains("How to answer was not heard.") && !document.contains("formula hand"))
    let later = Self.asked("need-doctor", .stopped, heard: 6200, part: JournalPart(.formula, heard: 400))
    #expect(try sheet(Self.askingKit(), of: later).contains("stopped after 6.2 s of 10.8 s, 0.4 s into the formula"))
  }

  @Test("an early press stands as what it is, and a redacted sheet leaves it out")
  func earlyPress() throws {
    let events =
      [JournalEvent.early(.yes, language: "ar", prompt: "need-doctor", by: .listener)] + Self.asked("need-doctor")
    #expect(try account(events) == [.early(.yes), .message])
    let document = try sheet(Self.askingKit(), of: events)
    #expect(
      document.contains("had sounded to its end, with how to answer it: it is an answer to no question. The listener"))
    #expect(!document.contains("<b>Answer:"))
    #expect(try account(events, redacted: true) == [.omittedAnswer, .message])
  }

  @Test("a gated question shows its caution, and a message marked as wrong its words, its clip and the gap")
  func gatedAndMarked() throws {
    let safe = Self.message("safe-here")
    let events =
      [JournalEvent.signal(.caution, language: "ar", prompt: "pregnant")] + Self.asked("pregnant")
      + [
        .started(safe), .ended(safe, .completed, heard: 5000), .markedWrong(safe),
        .signal(.notAvailable, language: "ar", prompt: "need-doctor", reason: .formula),
      ]
    let document = try sheet(Self.askingKit(), of: events)
    #expect(xmlFault(document) == nil)
    for text in [
      "was given to the responder: “<bdi>Only if nobody else can hear.</bdi>”",
      "A sensitive question: its caution was given to the responder before it.", "<b>Marked as wrong</b>",
      "was marked as wrong for the listener.", "because no recording says how", "was not asked: no recording says how",
    ] { #expect(document.contains(text), "\(text)") }
    let marked = try #require(document.components(separatedBy: "<b>Marked as wrong</b>").last)
    #expect(marked.prefix(900).contains("\(Digest.sha256("safe-here").prefix(16))"))
  }

  @Test("a language that the listener chose with a button of their own is not the responder's judgement")
  func foundByListener() throws {
    let events =
      Self.act("language-name", "ar") + Self.act("raise-hand", "ar") + [
        .answer(.yes, language: "ar", prompt: "raise-hand", about: nil, by: .listener), .found("ar", by: .listener),
        .language("ar"),
      ]
    #expect(try account(events).last == .language(.answered(.listener)))
    #expect(try sheet(of: events).contains("The listener chose the language with a button of their own"))
  }

  // MARK: The audience

  private static func old(_ prompt: String, _ language: String) -> [JournalEvent] {
    let message = JournalMessage(language: language, prompt: prompt)
    return [.started(message), .ended(message, .completed, heard: 900)]
  }

  @Test("a project's own prompt stands on the sheet whatever its id, also in a journal without audiences")
  func ownPrompts() throws {
    let recorded = Self.act("name-badge", "ro") + Self.act("device-broken", "ro") + Self.act("name-ro", "ro")
    #expect(try account(recorded) == [.message, .message, .message])
    let old = Self.old("name-badge", "ro") + Self.old("device-broken", "ro")
    #expect(try account(old) == [.message, .message])
    #expect(try sheet(of: old).contains("<bdi>name-badge</bdi></b>"))
  }

  @Test("of a journal without audiences, the responder's messages are stated as such, and never dropped")
  func oldLines() throws {
    let events = [.language("ro")] + Self.old("device-other-language", "en") + Self.old("name-ro", "en")
    #expect(try account(events) == [.language(.chosen), .forResponder(["device-other-language", "name-ro"])])
    // The kit knows better than the id.
    let prompt = KitPrompt(
      number: 60, id: "name-ro", module: "own", audience: .all, answer: .none, jurisdiction: false, title: "Badge",
      caution: "", text: "")
    var kit = Self.manifest()
    kit.manifest.prompts = [prompt]
    let session = try #require(JournalSession.all(in: entries(events)).first)
    #expect(
      HandoverAccount(session, kit: kit, isRedacted: false).rows.map(\.content) == [
        .language(.chosen), .forResponder(["device-other-language"]), .message,
      ])
    let document = try sheet(of: events)
    #expect(document.contains("To the responder") && document.contains("<bdi>name-ro</bdi>"))
  }
}
