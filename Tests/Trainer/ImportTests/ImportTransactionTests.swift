import Catalogue
import Foundation
import KitBuilder
import Posix
import Project
import Testing

@testable import Import

@Suite("An import")
struct ImportTransactionTests {
  private struct Stop: Error {}

  private func desk() throws -> ImportFixture {
    let desk = try ImportFixture(["ro"])
    for (index, number) in [3, 13, 14].enumerated() { try desk.put("f1/\(number).wav", sound: index + 1) }
    return desk
  }

  @Test("leaves the originals as they are, and tells of each in the ledger")
  func ledger() throws {
    let desk = try desk()
    let original = "\(desk.given)/f1/3.wav"
    let before = try Files.read(original)
    let lines = try desk.bring()
    #expect(
      lines.map(\.path) == [
        "recordings/ro/f1/03-safe-here.wav", "recordings/ro/f1/13-need-doctor.wav", "recordings/ro/f1/14-pain.wav",
      ])
    #expect(try Files.read(original) == before)
    #expect(try Files.read("\(desk.project)/\(lines[0].path)") == before)
    let ledger = try ImportLedger.read("\(desk.project)/\(ImportLedger.name)")
    #expect(ledger.entries == lines)
    #expect(lines[0].source == "f1/3.wav" && lines[0].sha256 == lines[0].recording && lines[0].date == "2026-05-01")
    #expect(!Files.exists("\(desk.project)/\(ImportTransaction.stage)"))
    #expect(try desk.build().tree.takes.count == 3)
  }

  @Test("is told and passed over the second time, under whatever name, and done again where its recording has gone")
  func again() throws {
    let desk = try desk()
    let lines = try desk.bring()
    let (plan, _) = try desk.plan()
    #expect(plan.placed.isEmpty && plan.open.isEmpty)
    #expect(plan.rows[0].fate == .known("imported on 2026-05-01 as recordings/ro/f1/03-safe-here.wav"))
    #expect(rename("\(desk.given)/f1/3.wav", "\(desk.given)/f1/16.wav") == 0)
    let (renamed, _) = try desk.plan()
    #expect(renamed.open.count == 1 && renamed.open[0].doubts[0].contains("was imported on 2026-05-01 as"))
    #expect(unlink("\(desk.project)/\(lines[0].path)") == 0)
    #expect(try desk.bring().map(\.prompt) == ["need-medicine"])
  }

  @Test("does not write over a recording, unless asked to; what makes way is kept")
  func replacing() throws {
    let desk = try desk()
    let there = "\(desk.project)/recordings/ro/f1/03-safe-here.flac"
    try Files.makeDirectory(Path(there).parent)
    try Files.create(there, with: [1, 2, 3])
    let (plan, _) = try desk.plan()
    #expect(plan.placed.count == 2 && plan.open[0].doubts[0].hasSuffix("is there: --replace puts this in its place"))
    let lines = try desk.bring { $0.replaces = true }
    #expect(lines.count == 3)
    #expect(!Files.exists(there))
    #expect(try Files.list("\(desk.project)/takes/ro/f1") == ["03-safe-here.1.flac"])
    #expect(try Files.read("\(desk.project)/takes/ro/f1/03-safe-here.1.flac") == [1, 2, 3])
    #expect(try desk.build().tree.takes.count == 3)
    // The next that makes way is kept beside it.
    #expect(unlink("\(desk.given)/f1/3.wav") == 0)
    try desk.put("f1/3.wav", sound: 7)
    #expect(try desk.bring { $0.replaces = true }.count == 1)
    #expect(try Files.list("\(desk.project)/takes/ro/f1") == ["03-safe-here.1.flac", "03-safe-here.2.wav"])
  }

  @Test("that is stopped between two files leaves the project as it was", arguments: 0...3)
  func stopped(after count: Int) throws {
    let desk = try desk()
    let before = desk.content
    let (plan, source) = try desk.plan()
    #expect(throws: Stop.self) {
      try ImportTransaction(desk.project).carryOut(plan, source, day: "2026-05-01") { if $0 == count { throw Stop() } }
    }
    #expect(desk.content == before)
  }

  @Test("that cannot put one recording into its place leaves the project as it was")
  func refused() throws {
    let desk = try desk()
    // A file where the last language's directory should be: all others have been moved by then.
    try desk.put("f1/the last (es) 3.wav", sound: 9)
    try Files.replace(
      "\(desk.project)/\(ProjectFile.name)",
      with: Array(ProjectFile.text(name: "p", languages: ["ro", "es"]).utf8))
    for number in [3, 13, 14] {
      #expect(rename("\(desk.given)/f1/\(number).wav", "\(desk.given)/f1/ro \(number).wav") == 0)
    }
    try Files.create("\(desk.project)/recordings/es", with: [])
    let before = desk.content
    let (plan, source) = try desk.plan()
    #expect(plan.placed.map(\.language) == ["ro", "ro", "ro", "es"])
    #expect(throws: ImportError.self) {
      try ImportTransaction(desk.project).carryOut(plan, source, day: "2026-05-01") { _ in }
    }
    #expect(desk.content == before)
  }

  @Test("does nothing where a recording has come in the meantime")
  func raced() throws {
    let desk = try desk()
    let (plan, source) = try desk.plan()
    let there = "\(desk.project)/recordings/ro/f1/14-pain.wav"
    try Files.makeDirectory(Path(there).parent)
    try Files.create(there, with: [7])
    let before = desk.content
    #expect(throws: ImportError.self) {
      try ImportTransaction(desk.project).carryOut(plan, source, day: "2026-05-01") { _ in }
    }
    #expect(desk.content == before)
  }

  @Test("of a file that changes under it is undone", arguments: ["f1/3.wav", "f1/14.wav"])
  func changed(_ name: String) throws {
    let desk = try desk()
    let before = desk.content
    let (plan, source) = try desk.plan()
    try Files.replace("\(desk.given)/\(name)", with: ImportFixture.wave(ImportFixture.buzz(seed: 20, seconds: 1)))
    #expect(throws: ImportError.self) {
      try ImportTransaction(desk.project).carryOut(plan, source, day: "2026-05-01") { _ in }
    }
    #expect(desk.content == before)
  }

  @Test("that a power cut interrupted is swept away before its list is there, and finished after")
  func recovery() throws {
    let desk = try desk()
    let delivery = ImportTransaction(desk.project)
    #expect(try delivery.recover() == .nothing)
    let before = desk.content
    let stage = "\(desk.project)/\(ImportTransaction.stage)"
    try Files.makeDirectory(stage)
    try Files.create("\(stage)/0.wav", with: [1])
    #expect(try delivery.recover() == .swept)
    #expect(desk.content == before)

    let hash = String(repeating: "0", count: 64)
    let line = ImportRecord(
      sha256: hash, source: "a.wav", date: "2026-05-01", language: "ro", prompt: "pain", voice: "f1",
      path: "recordings/ro/f1/14-pain.wav", recording: hash)
    let text = """
      {"lines": [{"sha256": "\(hash)", "source": "a.wav", "date": "2026-05-01", "language": "ro", "prompt": "pain",
      "voice": "f1", "path": "recordings/ro/f1/14-pain.wav", "recording": "\(hash)"}],
      "moves": [{"from": ".import/0.wav", "to": "recordings/ro/f1/14-pain.wav"},
      {"from": ".import/1.wav", "to": "recordings/ro/f1/13-need-doctor.wav"}]}
      """
    try Files.makeDirectory(stage)
    try Files.create("\(stage)/0.wav", with: [1])
    try Files.create("\(stage)/list.json", with: Array(text.utf8))
    #expect(try delivery.recover() == .finished(1))
    #expect(try Files.read("\(desk.project)/recordings/ro/f1/14-pain.wav") == [1])
    #expect(try ImportLedger.read("\(desk.project)/\(ImportLedger.name)").entries == [line])
    #expect(!Files.exists(stage))
  }

  @Test(
    "a list that leads out of the project is not followed", arguments: ["../x.wav", "recordings/../../x.wav", "/x.wav"])
  func strangeList(_ path: String) throws {
    let desk = try desk()
    let stage = "\(desk.project)/\(ImportTransaction.stage)"
    try Files.makeDirectory(stage)
    try Files.create("\(stage)/0.wav", with: [1])
    let text = "{\"lines\": [], \"moves\": [{\"from\": \".import/0.wav\", \"to\": \"\(path)\"}]}"
    try Files.create("\(stage)/list.json", with: Array(text.utf8))
    #expect(throws: ImportError.self) { try ImportTransaction(desk.project).recover() }
    #expect(Files.exists("\(stage)/0.wav"))
  }
}

@Suite("A project's lock")
struct ProjectLockTests {
  @Test("lets one in at a time, says for whom the other waits, and is free again when it ends")
  func lock() async throws {
    let desk = try ImportFixture(["ro"])
    let first = try ProjectLock(desk.project) { _ in Issue.record("nobody was there") }
    let project = desk.project
    let (lines, told) = AsyncStream.makeStream(of: String.self)
    let thread = Thread {
      do {
        let second = try ProjectLock(project) { told.yield($0) }
        let third = try FileDescriptor(opening: project, O_RDONLY | O_DIRECTORY)
        told.yield(flock(third.raw, LOCK_EX | LOCK_NB) == -1 ? "alone" : "not alone")
        second.end()
        told.yield(flock(third.raw, LOCK_EX | LOCK_NB) == 0 ? "free" : "not free")
      } catch { told.yield("\(error)") }
      told.finish()
    }
    thread.start()
    var iterator = lines.makeAsyncIterator()
    let line = await iterator.next()
    #expect(line?.contains("(process \(getpid()))") == true && line?.contains("this waits") == true, "\(line ?? "")")
    first.end()
    #expect(await iterator.next() == "alone")
    #expect(await iterator.next() == "free")
  }

  @Test("a directory that is not there is an error")
  func absent() { #expect(throws: SystemError.self) { try ProjectLock("/nowhere") { _ in } } }
}
