import Encoding
import Foundation
import Kit
import Posix
import Testing

@testable import Journal

@Suite("A journal whose device signs its ends")
struct JournalHeadsTests {
  private let diary: Diary
  private let key: SecretKey

  init() throws {
    diary = try Diary()
    key = try SecretKey.generate()
  }

  private var headsPath: Path { JournalHeads.path(of: diary.path) }

  private func heads() throws -> JournalHeads { try JournalHeads(json: try Files.read(headsPath)) }

  /// The files of the journal, the growing one last.
  private func files() throws -> [String] {
    try Files.list(diary.directory).filter { $0.hasPrefix("journal.jsonl") }.sorted().reversed()
      .map { "\(diary.directory)/\($0)" }
  }

  private func verdict(_ key: SecretKey? = nil) throws -> JournalHeads.Verdict {
    try heads().verdict(on: try JournalReading(try files()), signedBy: (key ?? self.key).publicKey)
  }

  /// Writes lines in a run of the daemon's of its own, which ends in order.
  private func run(_ events: [JournalEvent], policy: JournalFile.Policy = .init(), signs: Bool = true) throws {
    let file = try diary.open(policy, signedBy: signs ? key : nil)
    for event in events { diary.write(file, event) }
  }

  private static let day: [JournalEvent] = [
    Diary.ready, Diary.started("safe-here"), Diary.ended("safe-here", .completed, heard: 1900),
    Diary.answer("safe-here", .yes), .terminated,
  ]

  /// Writes the journal anew, with another answer and with right hashes.
  private func rewrite() throws {
    var (bytes, previous): ([UInt8], String) = ([], JournalEntry.firstPrevious)
    for line in try diary.lines() {
      let text = String(decoding: line, as: UTF8.self).replacing("\"detail\":\"yes\"", with: "\"detail\":\"no\"")
      var entry = try Documents.decode(JournalEntry.self, from: Array(text.utf8))
      entry.previous = previous
      let whole = try entry.line()
      previous = Digest.sha256(whole)
      bytes += whole + [0x0A]
    }
    try Files.replace(diary.path, with: bytes)
  }

  @Test("the last line is signed at the end of the daemon, and all lines up to there are proven")
  func signed() throws {
    try run(Self.day)
    let verdict = try verdict()
    #expect(verdict.findings.isEmpty && verdict.remarks.isEmpty)
    #expect(verdict.last?.number == 5)
    #expect(diary.told.isEmpty)
    // The next run continues, and one head is kept.
    diary.restart("boot-2")
    try run(Self.day)
    #expect(try self.verdict().last?.number == 10)
    #expect(try heads().heads.count == 1)
  }

  @Test("the first line is signed while the daemon runs, without a wait for the end")
  func whileRunning() throws {
    let file = try diary.open(signedBy: key)
    diary.write(file, Diary.ready)
    let deadline = Monotonic.now.adding(milliseconds: 20_000)
    while !Files.exists(headsPath), Monotonic.now < deadline { usleep(5000) }
    #expect(try heads().latest?.number == 1)
  }

  @Test("a journal that was written anew with right hashes is found out, also after the daemon went on with it")
  func rewritten() throws {
    try run(Self.day)
    try rewrite()
    #expect(try JournalReading(try files()).findings.isEmpty)
    let found = try verdict().findings
    #expect(found.count == 1 && found[0].contains("line 5 is another one than the device signed"), "\(found)")
    diary.restart("boot-2")
    try run(Self.day)
    #expect(diary.told.contains { $0.contains("line 5 was signed") && $0.contains("another one now") })
    let later = try verdict()
    #expect(later.findings == found && later.last?.number == 10)
    // Nor do later runs forget it.
    diary.restart("boot-3")
    try run(Self.day)
    #expect(try verdict().findings == found)
  }

  @Test("a journal that lost signed lines is found out")
  func shortened() throws {
    try run(Self.day)
    try diary.replace(Array(try diary.lines().dropLast(2)))
    let found = try verdict().findings
    #expect(found.count == 1 && found[0].contains("signed line 5") && found[0].contains("ends with line 3"), "\(found)")
    #expect(try JournalReading(try files()).findings.isEmpty)
  }

  @Test("lines after the last signature, and one that a power cut tore, are named and no fault")
  func unsigned() throws {
    try run(Self.day)
    diary.restart("boot-2")
    try run(Array(Self.day.dropLast()), signs: false)
    let whole = try Files.read(diary.path)
    try Data(whole + whole.prefix(100)).write(to: URL(fileURLWithPath: diary.path))
    let verdict = try verdict()
    #expect(verdict.findings.isEmpty && verdict.last?.number == 5)
    #expect(verdict.remarks.count == 1 && verdict.remarks[0].hasPrefix("lines 6 to 9 are later"), "\(verdict.remarks)")
    // The next start signs them too: they follow from the signed line.
    diary.restart("boot-3")
    try run(Self.day)
    #expect(try self.verdict().findings.isEmpty && self.verdict().remarks.isEmpty)
    #expect(diary.told.isEmpty)
  }

  @Test("the ends of full files are signed, so that these are proven alone, and those of removed files are forgotten")
  func rotation() throws {
    let policy = JournalFile.Policy(size: 24_000)
    for _ in 0..<5 {
      try run(Self.day + Self.day + Self.day, policy: policy)
      diary.restart("boot-2")
    }
    let full = try files().filter { $0 != diary.path }
    #expect(full.count > 2)
    #expect(try verdict().findings.isEmpty)
    let alone = try heads().verdict(
      on: try JournalReading(contents: [(full[0], Files.read(full[0]))]), signedBy: key.publicKey)
    #expect(alone.last?.closes == true)
    let reading = try JournalReading(try files())
    let first = try #require(reading.lines.first?.entry?.number)
    #expect(try first > 1 && heads().heads.allSatisfy { $0.number >= first })
    #expect(try heads().heads.count == full.count + 1)
    #expect(diary.told.isEmpty)
  }

  @Test("a signed line that is missing between others is found out")
  func gap() throws {
    for _ in 0..<3 { try run(Self.day + Self.day + Self.day, policy: JournalFile.Policy(size: 24_000)) }
    var contents: [(String, [UInt8])] = []
    for file in try files() { contents.append((file, try Files.read(file))) }
    try #require(contents.count > 2)
    let last = try #require(try JournalReading(contents: [contents[1]]).lines.last?.entry?.number)
    let lines = contents[1].1.split(separator: 0x0A)
    contents[1].1 = Array(lines.dropLast().joined(separator: [0x0A]) + [0x0A])
    let found = try heads().verdict(on: try JournalReading(contents: contents), signedBy: key.publicKey).findings
    #expect(
      found.count == 1 && found[0].hasPrefix("line \(last), which") && found[0].hasSuffix("is missing"), "\(found)")
  }

  @Test("another key, a changed signature and a missing one are found out")
  func strangers() throws {
    try run(Self.day)
    let foreign = try verdict(try SecretKey.generate()).findings
    #expect(foreign.count == 1 && foreign[0].contains("has signed it, and not"), "\(foreign)")
    var list = try heads()
    list.heads[0].time = "2026-03-01T00:00:00.000Z"
    let reading = try JournalReading(try files())
    let forged = list.verdict(on: reading, signedBy: key.publicKey)
    #expect(forged.findings.contains("the signature of line 5 is not the device's") && forged.last == nil)
    list.heads = []
    #expect(list.verdict(on: reading, signedBy: key.publicKey).findings == ["the device has signed none of its lines"])
  }

  @Test("a journal without a key is written as before, and a directory that takes no file stops nothing")
  func failures() throws {
    try run(Self.day, signs: false)
    #expect(!Files.exists(headsPath))
    // A directory in the place of the file.
    try Files.makeDirectory(headsPath.appending("in-the-way"))
    diary.restart("boot-2")
    let file = try diary.open(signedBy: key)
    diary.write(file, Diary.ready)
    let deadline = Monotonic.now.adding(milliseconds: 20_000)
    while diary.told.isEmpty, Monotonic.now < deadline {
      usleep(5000)
      file.check(at: diary.moment)
    }
    #expect(diary.told.contains { $0.contains("its last line cannot be signed") }, "\(diary.told)")
    #expect(try JournalReading(try files()).lines.count == 6)
  }

  @Test("the heads of a journal are found by the path of any of its files")
  func paths() {
    for name in ["journal.jsonl", "journal.jsonl.0000000012"] {
      #expect(JournalHeads.path(ofFile: "/x/\(name)") == "/x/heads.journal.jsonl")
    }
    #expect(JournalHeads.path(ofFile: "journal.0000000012").lastComponent == "heads.journal")
    #expect(JournalHeads.path(ofFile: "/x/journal.12").lastComponent == "heads.journal.12")
  }
}
