import Board
import Encoding
import Foundation
import Journal
import Posix
import TestSupport
import Testing

@Suite("An event of the journal")
struct JournalEventTests {
  private static let message: Set = [
    "language", "prompt", "form", "formula", "clip", "formulaClip", "voice", "audience",
  ]
  private static let ended = message.union(["heard", "lost", "part", "partHeard"])

  /// The keys that the line of each event may have, beside the event's word and its place in the chain.
  private static let keys: [String: Set<String>] = [
    "ready": ["kit", "signer"], "end": [], "kit": ["kit", "signer"], "kit-refused": ["detail"],
    "language": ["language"], "finder": ["detail"], "found": ["language", "judge"], "none-found": [],
    "voice": ["language", "voice"], "children": ["detail"], "answer-mode": ["detail"],
    "early-answer": ["language", "prompt", "detail", "by"],
    "marked-wrong": message, "sequence": ["language", "prompt", "detail"],
    "started": message, "completed": ended, "stopped": ended, "interrupted": ended, "truncated": ended,
    "failed": ended, "replaced": message.union(["detail"]), "damaged": message.union(["detail"]),
    "signal": ["language", "prompt", "detail", "reason"], "answer": ["language", "prompt", "detail", "judge", "about"],
    "sound-lost": ["detail"], "sound-found": ["detail"], "line-lost": ["detail"], "input-lost": ["detail"],
    "input-found": ["detail"], "button-stuck": ["detail"], "button-freed": ["detail"],
    "store-damaged": ["detail"], "store-repaired": ["detail"], "kit-held-back": ["detail"],
    "continued": ["kit", "signer"], "torn": ["detail"], "gap": ["detail"], "removed": ["removed"],
  ]

  /// A word of this program that the event's `detail` may be.
  private static let words = [
    "answer": "yes", "signal": "error", "finder": "left", "sequence": "began", "children": "on", "replaced": "vi/m1",
    "answer-mode": "hand", "early-answer": "no",
  ]

  /// An object with all keys that any event has.
  private func object(_ name: String, detail: String) -> [String: Any] {
    [
      "event": name, "language": "ro", "prompt": "safe-here", "clip": "c", "form": "hand", "formula": "answer-card",
      "formulaClip": "d",
      "heard": 1, "lost": 1, "detail": detail,
      "judge": "responder", "about": "a", "voice": "f1", "kit": "k", "signer": "s", "audience": "listener",
      "reason": "recording", "part": "pause", "partHeard": 1,
      "removed": ["through": 1, "hash": "h", "reason": "days"] as [String: Any],
    ].merging(name == "early-answer" ? ["judge": NSNull(), "by": "responder"] : [:]) { $1 }
  }

  private func event(_ object: [String: Any]) throws -> JournalEvent {
    try JSONDecoder().decode(JournalEvent.self, from: JSONSerialization.data(withJSONObject: object))
  }

  private func keys(_ event: JournalEvent) throws -> Set<String> {
    let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(event))
    return Set(try #require(object as? [String: Any]).keys).subtracting(["event"])
  }

  private static func isUnknown(_ event: JournalEvent) -> Bool { if case .unknown = event { true } else { false } }

  @Test("every word of this version is in the table") func table() {
    #expect(Set(JournalEvent.Name.allCases.map(\.rawValue)) == Set(Self.keys.keys))
  }

  @Test("holds the keys of its event and no others", arguments: JournalEvent.Name.allCases)
  func permitted(_ name: JournalEvent.Name) throws {
    let event = try event(object(name.rawValue, detail: Self.words[name.rawValue] ?? "d"))
    #expect(!Self.isUnknown(event) && event.name == name.rawValue)
    #expect(try keys(event) == Self.keys[name.rawValue])
  }

  @Test("has free text only if the system reports a card, a line, a device, a clip, a kit, the store or the disk")
  func text() throws {
    let system: Set = [
      "damaged", "sound-lost", "sound-found", "line-lost", "input-lost", "input-found", "button-stuck", "button-freed",
      "torn", "gap", "kit-refused", "store-damaged", "store-repaired", "kit-held-back",
    ]
    let withDetail = Self.keys.filter { $0.value.contains("detail") }.map(\.key)
    #expect(Set(withDetail) == system.union(Self.words.keys))
    // The name of a language and a voice is not in a list of this program; all others are.
    for name in Self.words.keys where name != "replaced" {
      #expect(Self.isUnknown(try event(object(name, detail: "a person's words"))), "\(name)")
    }
  }

  /// Writes an event into a journal and returns the line's keys.
  private func written(_ event: JournalEvent) throws -> JournalFields {
    let diary = try Diary()
    do { diary.write(try diary.open(), event) }
    return try JSONDecoder().decode(JournalFields.self, from: Data(try diary.lines()[0]))
  }

  @Test("the system's text is cut to 300 characters, and loses the directories in which kits lie")
  func trimmed() throws {
    let message = JournalMessage(language: "ro", prompt: "safe-here")
    #expect(try written(.damaged(message, cause: String(repeating: "x", count: 5000))).detail?.count == 300)
    let named = "/home/anna/shelter.kit: languages/ro/f1/03.opus: damaged (/media/anna/x: gone)"
    let short = "shelter.kit: languages/ro/f1/03.opus: damaged (x: gone)"
    #expect(try written(.damaged(message, cause: named)).detail == short)
    #expect(try written(.kitRefused(named)).detail == short)
  }

  // MARK: Events of other versions

  private let later =
    #"{"angle":30,"boot":"b","event":"tilt","monotonic":9,"nested":{"a":[1,true,null,"x",0.5]},"number":1,"previous":""#
    + JournalEntry.firstPrevious + #"","time":"2026-01-02T03:04:05.678Z"}"#

  @Test("an unknown event is kept with its keys, and its line is encoded again byte by byte")
  func unknown() throws {
    let entry = try Documents.decode(JournalEntry.self, from: Array(later.utf8))
    #expect(entry.event.name == "tilt")
    #expect(String(decoding: try entry.line(), as: UTF8.self).hasPrefix(later.dropLast()))
    let unknown = if case .unknown(let event) = entry.event { event.description } else { "" }
    #expect(unknown == "tilt (angle 30, nested {a [1, true, null, x, 0.5]})")
  }

  @Test("a known word with a value of a later version is an unknown event, and never shown as something else")
  func unknownValues() throws {
    var answer = object("answer", detail: "yes")
    answer["judge"] = "listener"
    #expect(Self.isUnknown(try event(answer)), "another judge")
    var started = object("started", detail: "")
    started["audience"] = "interpreter"
    #expect(Self.isUnknown(try event(started)), "another audience")
    var signal = object("signal", detail: "not-available")
    signal["reason"] = "weather"
    #expect(Self.isUnknown(try event(signal)), "another reason")
    signal["reason"] = nil
    #expect(try event(signal) == .signal(.notAvailable, language: "ro", prompt: "safe-here"), "an older line")
    started["audience"] = nil
    #expect(
      try event(started)
        == .started(
          JournalMessage(
            language: "ro", prompt: "safe-here", form: "hand", formula: "answer-card", voice: "f1", clip: "c",
            formulaClip: "d")))
  }

  @Test("an answer that the listener pressed names the listener, and no judge")
  func pressedByListener() throws {
    let event = JournalEvent.answer(.no, language: "ro", prompt: "need-doctor", about: nil, by: .listener)
    let fields = try written(event)
    #expect(fields.by == "listener" && fields.judge == nil && fields.detail == "no")
    #expect(fields.decoded == event)
    var both = object("answer", detail: "yes")
    both["by"] = "listener"
    #expect(Self.isUnknown(try self.event(both)), "both a judge and a listener")
    both["judge"] = nil
    both["by"] = "interpreter"
    #expect(Self.isUnknown(try self.event(both)), "another person")
  }

  @Test("a language that the listener chose names the listener, and an early press is no answer of anybody")
  func chosenByListener() throws {
    let found = JournalEvent.found("ro", by: .listener)
    #expect(try written(found).by == "listener" && written(found).judge == nil)
    #expect(try written(found).decoded == found)
    #expect(try written(.found("ro")).judge == "responder" && written(.found("ro")).by == nil)
    for source in [Board.Person.responder, .listener] {
      let early = JournalEvent.early(.yes, language: "ro", prompt: "need-doctor", by: source)
      let fields = try written(early)
      #expect(fields.event == "early-answer" && fields.by == source.rawValue && fields.judge == nil)
      #expect(fields.decoded == early)
    }
    var judged = object("early-answer", detail: "yes")
    judged["judge"] = "responder"
    #expect(Self.isUnknown(try event(judged)), "an early answer that somebody judged")
  }

  @Test("the end of a question with a formula says in which part it was cut, and how far into it")
  func cuts() throws {
    #expect(JournalPart(at: 1999, question: 2000, pause: 800) == JournalPart(.question, heard: 1999))
    #expect(JournalPart(at: 2000, question: 2000, pause: 800) == JournalPart(.pause, heard: 0))
    #expect(JournalPart(at: 2799, question: 2000, pause: 800) == JournalPart(.pause, heard: 799))
    #expect(JournalPart(at: 2800, question: 2000, pause: 800) == JournalPart(.formula, heard: 0))
    let message = JournalMessage(language: "ro", prompt: "need-doctor", formula: "answer-card")
    let cut = JournalEvent.ended(message, .stopped, heard: 2100, lost: 200).locatingCut(question: 2000, pause: 800)
    let fields = try written(cut)
    #expect(fields.part == "pause" && fields.partHeard == 300, "frames that were lost are time too")
    #expect(fields.decoded == cut)
    let whole = JournalEvent.ended(message, .completed, heard: 5000)
    #expect(whole.locatingCut(question: 2000, pause: 800) == whole)
    let plain = JournalEvent.ended(Diary.message("safe-here"), .stopped, heard: 5)
    #expect(plain.locatingCut(question: 2000, pause: 800) == plain)
    var half = object("stopped", detail: "")
    half["partHeard"] = NSNull()
    #expect(Self.isUnknown(try event(half)))
  }

  @Test("this version writes of an unknown event its word alone")
  func unknownWritten() throws {
    let event = JournalEvent.unknown(UnknownEvent(name: "selfie", fields: ["detail": .text("a person's words")]))
    let fields = try written(event)
    #expect(fields.event == "selfie" && fields.detail == nil)
  }

  @Test("an unknown event is shown in its session, and neither begins nor prolongs one")
  func unknownInSession() throws {
    let diary = try Diary()
    do {
      let file = try diary.open()
      let tilt = JournalEvent.unknown(UnknownEvent(name: "tilt"))
      diary.write(file, Diary.ready, tilt, Diary.started("safe-here"), tilt)
    }
    let reading = try diary.read()
    #expect(reading.findings.isEmpty)
    let sessions = JournalSession.all(in: reading.entries)
    #expect(sessions.map(\.number) == [3])
    #expect(sessions.first?.acts.map(\.kind) == [.played, .unknown])
    #expect(sessions.first?.acts.last?.detail == "tilt")
  }

  // MARK: The audience

  @Test("the recorded audience decides whom a message was for, whatever its id")
  func audience() throws {
    let diary = try Diary()
    var (own, other) = (Diary.message("name-ro", "en"), Diary.message("safe-here"))
    own.audience = .listener
    other.audience = .operator
    do { diary.write(try diary.open(), .started(own), .started(other)) }
    let acts = JournalSession.all(in: try diary.read().entries).flatMap(\.acts)
    #expect(acts.map(\.audience) == [.listener, .operator])
    #expect(acts.map(\.isForResponder) == [false, true])
    #expect(acts.map(\.isMessage) == [true, false])
  }

  @Test(
    "without an audience, only the device's own lines and names of languages are for the responder"
  )
  func oldAudience() throws {
    let diary = try Diary()
    let ids = ["name-badge", "device-broken", "name-ro", "name-my", "device-ready", "safe-here"]
    do {
      let file = try diary.open()
      diary.write(file, .language("ro"))
      for id in ids { diary.write(file, .started(Diary.message(id, "en"))) }
    }
    let acts = JournalSession.all(in: try diary.read().entries).flatMap(\.acts).filter { $0.kind == .played }
    #expect(acts.map(\.prompt) == ids)
    #expect(acts.map(\.isForResponder) == [false, false, true, false, true, false])
  }

  @Test("a line says its format, and a journal of a later one is refused in one sentence, with file and line")
  func laterFormat() throws {
    let diary = try Diary()
    do { diary.write(try diary.open(), Diary.ready, Diary.started("safe-here")) }
    let lines = try diary.lines()
    #expect(try Documents.decode(JournalEntry.self, from: lines[1]).format == 2)
    var later = try Documents.decode(JournalEntry.self, from: lines[1])
    later.format = 3
    try diary.replace([lines[0], try later.line()])
    #expect {
      _ = try diary.read()
    } throws: { error in
      let text = "\(error)"
      return text.contains(":2: the line has the journal format 3, and this program reads the formats 1 to 2; use")
        && !text.contains("\n")
    }
    // The writer does not continue it, and says why.
    var said: [String] = []
    do {
      let file = try JournalFile(path: diary.path) { said.append($0) }
      file.append(Diary.ready)
      #expect(file.failure != nil)
    }
    #expect(said.first?.contains("a later version wrote it, and this one writes the format 2") == true, "\(said)")
    #expect(try diary.lines().count == 2)
    // A line that was changed by hand is a finding, and no other format.
    let text = String(decoding: lines[1], as: UTF8.self).replacingOccurrences(of: "\"format\":2", with: "\"format\":3")
    try diary.replace([lines[0], Array(text.utf8)])
    #expect(try diary.read().findings.count == 1)
  }

  @Test("a journal of the version before is read, verified and encoded again byte by byte; the ids give the audience")
  func golden() throws {
    let path = SourceTree.path + "/Tests/Device/JournalTests/version-1.jsonl"
    let reading = try JournalReading([path])
    #expect(reading.findings.isEmpty && reading.remarks.isEmpty)
    #expect(reading.entries.count == 9)
    for line in try Files.read(path).split(separator: 0x0A) {
      let entry = try Documents.decode(JournalEntry.self, from: Array(line))
      #expect(!Self.isUnknown(entry.event))
      #expect(try entry.line() == Array(line))
    }
    let sessions = JournalSession.all(in: reading.entries)
    #expect(sessions.map(\.number) == [3])
    let acts = sessions[0].acts
    #expect(acts.map(\.kind) == [.language, .played, .played, .played])
    #expect(acts.map(\.prompt) == [nil, "language-name", "name-ro", "interpreter-coming"])
    #expect(acts.map(\.isForResponder) == [false, false, true, false])
    #expect(acts.map(\.outcome) == [nil, .completed, .completed, .stopped])
    #expect(acts.map(\.audience) == [nil, nil, nil, nil])
  }

  @Test("answers of a journal of the version before are the responder's, and its lines are encoded again byte by byte")
  func goldenAnswers() throws {
    let path = SourceTree.path + "/Tests/Device/JournalTests/version-1-answers.jsonl"
    let reading = try JournalReading([path])
    #expect(reading.findings.isEmpty && reading.remarks.isEmpty && reading.entries.count == 18)
    for line in try Files.read(path).split(separator: 0x0A) {
      let entry = try Documents.decode(JournalEntry.self, from: Array(line))
      #expect(!Self.isUnknown(entry.event) && entry.format == nil)
      #expect(try entry.line() == Array(line))
    }
    let acts = JournalSession.all(in: reading.entries).flatMap(\.acts)
    #expect(acts.filter { $0.kind == .answered }.map(\.answer) == ["no", "yes", "declined"])
    #expect(acts.compactMap(\.by) == [.responder, .responder, .responder, .responder], "three answers and a language")
    #expect(acts.allSatisfy { $0.formula == nil && $0.part == nil })
    // A device of this version goes on with the same chain.
    let diary = try Diary()
    try Files.replace(diary.path, with: try Files.read(path))
    do { diary.write(try diary.open(), Diary.ready) }
    let both = try diary.read()
    #expect(both.findings.isEmpty && both.entries.last?.format == 2 && both.entries.last?.number == 19)
  }
}
