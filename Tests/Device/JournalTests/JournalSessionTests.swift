import Foundation
import Journal
import Posix
import Testing

@Suite("What a journal tells")
struct JournalSessionTests {
  private let diary: Diary

  init() throws { diary = try Diary() }

  private func sessions() throws -> [JournalSession] { JournalSession.all(in: try diary.read().entries) }

  @Test("a message that a fault cut, or of which a part was lost, keeps that in its act, and is counted")
  func impaired() throws {
    do {
      let file = try diary.open()
      diary.write(
        file, Diary.started("safe-here"), .ended(Diary.message("safe-here"), .completed, heard: 5587, lost: 693),
        Diary.started("need-doctor"), .ended(Diary.message("need-doctor"), .interrupted, heard: 900, lost: 0),
        Diary.started("may-stop"), .ended(Diary.message("may-stop"), .truncated, heard: 700))
    }
    let reading = try diary.read()
    let acts = JournalSession.all(in: reading.entries).flatMap(\.acts)
    #expect(acts.map(\.outcome) == [.completed, .interrupted, .truncated])
    #expect(acts.map(\.lost) == [693, nil, nil] && acts.map(\.heard) == [5587, 900, 700])
    let statistics = JournalStatistics([reading], isExact: true)
    #expect(statistics.total.interrupted.number == 3 && statistics.total.stopped.number == 0)
    // A line of an older version has no such key, and is read as before.
    let old = #"{"event":"completed","language":"ro","prompt":"safe-here","heard":10}"#
    let event = try JSONDecoder().decode(JournalEvent.self, from: Data(old.utf8))
    #expect(event == .ended(JournalMessage(language: "ro", prompt: "safe-here"), .completed, heard: 10))
  }

  @Test("a session has its messages with what became of them, and answers with their questions")
  func acts() throws {
    try diary.writeContact()
    let session = try #require(try sessions().first)
    #expect(try sessions().count == 1)
    #expect(session.number == 2 && session.last == 11)
    #expect(session.kit == Diary.kit && session.signer == "79F9E4B4FF91325D")
    #expect(session.languages == ["ro"])
    #expect(
      session.acts.map(\.kind) == [.language, .played, .played, .answered, .answered, .signalled, .fault, .fault])
    #expect(session.acts[1].outcome == .completed && session.acts[1].heard == 2400)
    #expect(session.acts[2].outcome == .stopped && session.acts[2].heard == 900)
    #expect(session.acts[3].answer == "yes" && session.acts[3].prompt == "need-doctor")
    #expect(session.acts[2].line == 5, "the line in which it began")
  }

  @Test("ten minutes without an act, a new start, or another boot begin another session")
  func splits() throws {
    let file = try diary.open()
    diary.write(file, Diary.ready, .language("ro"))
    diary.pass(seconds: 598)
    diary.write(file, Diary.started("safe-here"), Diary.ended("safe-here", .completed, heard: 2400))
    diary.pass(seconds: 599)
    diary.write(file, .device(.soundLost, detail: "gone"), .language("vi"))
    diary.write(file, .terminated, Diary.ready, .language("ro"))
    diary.restart("boot-2")
    diary.write(file, .language("ro"))
    withExtendedLifetime(file) {}
    #expect(try sessions().map(\.number) == [2, 6, 9, 10])
  }

  @Test("a fault alone is no session")
  func faults() throws {
    let file = try diary.open()
    diary.write(file, Diary.ready, .device(.soundLost, detail: "gone"), .terminated)
    withExtendedLifetime(file) {}
    #expect(try sessions().isEmpty)
  }

  @Test("power cut in mid-phrase: its end is not known; a message that could not begin has failed")
  func unknownEnds() throws {
    let file = try diary.open()
    diary.write(file, Diary.ready, Diary.ended("need-doctor", .failed, heard: 0))
    diary.write(file, Diary.started("safe-here"))
    diary.restart("boot-2")
    diary.write(file, Diary.ready)
    withExtendedLifetime(file) {}
    #expect(try sessions().flatMap(\.acts).map(\.outcome) == [.failed, .unknown])
  }

  @Test("a message in another language or voice says what it stands for")
  func replaced() throws {
    let file = try diary.open()
    diary.write(
      file, Diary.ready, .language("ro"),
      .replaced(Diary.message("need-doctor", "ru"), request: "ro"),
      Diary.started("device-other-language", "en"),
      Diary.ended("device-other-language", .completed, in: "en", heard: 1000),
      Diary.started("need-doctor", "ru"), Diary.ended("need-doctor", .completed, in: "ru", heard: 1000),
      Diary.started("need-doctor", "ru"), Diary.ended("need-doctor", .completed, in: "ru", heard: 1000))
    withExtendedLifetime(file) {}
    let acts = try #require(try sessions().first).acts
    #expect(acts.map(\.insteadOf) == [nil, nil, "ro", nil])
    #expect(acts.map(\.isForResponder) == [false, true, false, false])
    #expect(acts.map(\.isMessage) == [false, false, true, true])
  }

  // MARK: the clock

  private func breaks() throws -> [JournalBreak] { JournalBreak.all(in: try diary.read().entries) }

  @Test("a clock that was set shows, forward and back, and by how much; a restart is told apart")
  func clock() throws {
    let file = try diary.open()
    diary.write(file, Diary.ready, .language("ro"))
    diary.moment.wall.milliseconds += 3 * 3_600_000
    diary.write(file, Diary.started("safe-here"))
    diary.moment.wall.milliseconds -= 400 * 86_400_000
    diary.write(file, Diary.ended("safe-here", .completed, heard: 1000))
    diary.restart("boot-2")
    diary.write(file, Diary.ready, .language("ro"))
    diary.restart("boot-3", off: -7200)
    diary.write(file, Diary.ready)
    withExtendedLifetime(file) {}
    let all = try breaks()
    #expect(
      all.map(\.kind) == [.started, .clockSet, .clockSet, .restarted, .started, .restarted, .started])
    #expect(all[1].line == 3 && JournalBreak.span(all[1].shift!) == "+3 h 00 min")
    #expect(JournalBreak.span(all[2].shift!) == "-400 days 0 h")
    #expect(all[3].shift == nil)
    #expect(all[5].shift.map { $0 < 0 } == true)
    let remarks = try sessions()[0].clockRemarks(all)
    #expect(remarks.count == 2 && remarks.allSatisfy { $0.contains("In the middle of it") })
  }

  @Test("a session says what speaks against its times: a clock that was never set, and one that was set later")
  func doubts() throws {
    diary.moment.wall = WallTime("1970-01-01T00:00:09.000Z")!
    let file = try diary.open()
    diary.write(file, Diary.ready, .language("ro"))
    diary.pass(seconds: 3600)
    diary.moment.wall = WallTime("2026-03-01T10:00:00.000Z")!
    diary.write(file, .language("ro"))
    withExtendedLifetime(file) {}
    let (sessions, breaks) = (try sessions(), try breaks())
    #expect(sessions.count == 2)
    let first = sessions[0].clockRemarks(breaks)
    #expect(first.count == 2)
    #expect(first[0].contains("had not been set: it stood at 1970-01-01"))
    #expect(first[1].contains("Later") && first[1].contains("probably wrong"))
    #expect(sessions[1].clockRemarks(breaks).first?.contains("had been set by") == true)
  }

  @Test("clocks that are read one after the other, or slewed, are no setting")
  func tolerance() throws {
    let file = try diary.open()
    for _ in 0..<100 {
      diary.write(file, Diary.started("safe-here"))
      diary.moment.wall.milliseconds += Int64.random(in: -900...900)
    }
    withExtendedLifetime(file) {}
    #expect(try breaks().isEmpty)
  }

  // MARK: statistics

  @Test("counts hide what is below five and round the rest, unless they are asked for exactly", arguments: 0...40)
  func counts(_ number: Int) throws {
    let file = try diary.open()
    diary.write(file, Diary.ready)
    for _ in 0..<number {
      diary.write(file, Diary.started("safe-here"), Diary.ended("safe-here", .completed, heard: 1))
    }
    withExtendedLifetime(file) {}
    let journals = try JournalReading.journals(diary.files)
    let exact = JournalStatistics(journals, isExact: true).total.messages
    #expect(exact.number == number)
    let shown = JournalStatistics(journals, isExact: false).total.messages
    if number == 0 {
      #expect(shown.number == 0)
    } else if number < 5 {
      #expect(shown.number == nil && "\(shown)" == "<5")
    } else {
      #expect(shown.number.map { $0 % 5 == 0 && abs($0 - number) <= 2 } == true)
    }
  }

  @Test(
    "many devices are counted together, a journal of several files once, a copy not at all; nothing names a session")
  func manyDevices() throws {
    let other = try Diary()
    other.moment.boot = "boot-of-another"
    try other.writeContact()
    let file = try diary.open(.init(size: 64_000))
    for _ in 0..<6 { for event in Diary.contact { diary.write(file, event) } }
    withExtendedLifetime(file) {}
    let copy = diary.directory + "/copy"
    try FileManager.default.copyItem(atPath: other.path, toPath: copy)
    let journals = try JournalReading.journals(diary.files + [other.path, copy])
    #expect(journals.count == 2 && journals.allSatisfy { $0.findings.isEmpty })
    let statistics = JournalStatistics(journals, isExact: true)
    #expect(statistics.total.sessions.number == 7)
    #expect(statistics.total.messages.number == 14 && statistics.total.stopped.number == 7)
    #expect(statistics.languages.map(\.tag) == ["ro"])
    let doctor = try #require(statistics.prompts.first { $0.id == "need-doctor" })
    #expect(doctor.answers.mapValues(\.number) == ["yes": 7, "no": 7])
    #expect(statistics.prompts.first { $0.id == "child-safe" }?.missing.number == 7)
    #expect(statistics.weeks.map(\.week) == ["2026-W09"])
    let text = String(decoding: try JSONEncoder().encode(statistics), as: UTF8.self)
    for word in ["boot", "2026-03", "line", "monotonic", String(repeating: "c", count: 64)] {
      #expect(!text.contains(word), "\(word)")
    }
  }

  @Test("marks are counted by clip and form, and an early press is no answer")
  func marked() throws {
    let file = try diary.open()
    var child = Diary.message("safe-here")
    (child.form, child.clip) = ("child", String(repeating: "d", count: 64))
    diary.write(file, Diary.ready, .language("ro"))
    for message in [Diary.message("safe-here"), child] {
      diary.write(file, .started(message), .ended(message, .completed, heard: 2400))
    }
    diary.write(file, .markedWrong(Diary.message("safe-here")), .markedWrong(child), .markedWrong(child))
    diary.write(
      file, .early(.yes, language: "ro", prompt: "need-doctor"),
      .answer(.still, language: "ro", prompt: "need-doctor", about: nil))
    withExtendedLifetime(file) {}
    let statistics = JournalStatistics(try JournalReading.journals(diary.files), isExact: true)
    let marked = try #require(statistics.marked)
    #expect(marked.map(\.form) == [nil, "child"] && marked.map(\.count.number) == [1, 2])
    #expect(marked.map(\.clip) == [String(repeating: "c", count: 64), String(repeating: "d", count: 64)])
    #expect(statistics.total.answers.number == 1)
    #expect(statistics.prompts.first { $0.id == "need-doctor" }?.answers.mapValues(\.number) == ["none": 1])
    let hidden = JournalStatistics(try JournalReading.journals(diary.files), isExact: false)
    #expect(hidden.marked?.map(\.count.description) == ["<5", "<5"])
  }

  @Test(
    "weeks are those of ISO 8601",
    arguments: [
      ("2025-12-28", "2025-W52"), ("2025-12-29", "2026-W01"), ("2026-01-01", "2026-W01"), ("2027-01-03", "2026-W53"),
      ("2027-01-04", "2027-W01"), ("1970-01-01", "unset"),
    ])
  func weeks(_ day: String, _ week: String) throws {
    diary.moment.wall = WallTime("\(day)T12:00:00.000Z")!
    let file = try diary.open()
    diary.write(file, .language("ro"))
    withExtendedLifetime(file) {}
    let statistics = JournalStatistics(try JournalReading.journals(diary.files), isExact: true)
    #expect(statistics.weeks.map(\.week) == [week])
  }
}
