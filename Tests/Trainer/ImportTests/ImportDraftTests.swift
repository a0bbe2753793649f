import Catalogue
import Diagnostics
import Foundation
import Glibc
import KitBuilder
import Posix
import Project
import Testing

@testable import Import

@Suite("Drafts of imports")
struct ImportDraftTests {
  private let fixture: ImportFixture
  private let drafts: ImportDrafts

  init() throws {
    fixture = try ImportFixture(["ro"])
    drafts = ImportDrafts(fixture.project)
  }

  @discardableResult
  private func add(_ name: String, _ bytes: [UInt8] = [1], to draft: inout ImportDraft) throws -> String {
    try drafts.add(name, size: bytes.count, to: &draft) { path throws(SystemError) in
      try Files.create(path, with: bytes)
    }
    return drafts.path(of: try #require(draft.files.last), in: draft)
  }

  @Test("a draft is found again with its files, choices and corrections, and changes its version")
  func found() throws {
    var draft = try drafts.begin(.recordings)
    let empty = draft.version
    let path = try add("../../<b>ro 03</b>.wav", [1, 2], to: &draft)
    #expect(try Files.read(path) == [1, 2])
    #expect(path.hasPrefix("\(fixture.project)/.uploads/\(draft.id)/"))
    draft.choices.voice = "f1"
    draft.correct("a.wav", [ImportMap.Row(line: 0, file: "a.wav", language: "ro", start: 1, end: 2.5)])
    draft.correct("a.wav", [ImportMap.Row(line: 0, file: "a.wav", prompt: "safe-here")])
    try drafts.save(draft)
    #expect(try drafts.draft(draft.id) == draft)
    #expect(draft.version != empty && drafts.all == [draft])
    #expect(draft.options.map?.rows.map(\.prompt) == ["safe-here"] && draft.options.voice == "f1")
    draft.correct("a.wav", [])
    #expect(draft.options.map == nil)
  }

  @Test("a draft that is discarded leaves nothing, and one that is too old or broken is removed")
  func removed() throws {
    var draft = try drafts.begin(.recordings)
    try add("a.wav", to: &draft)
    try drafts.remove(draft.id)
    #expect(try drafts.draft(draft.id) == nil)
    #expect(!Files.exists("\(fixture.project)/.uploads"))

    var (old, new) = (try drafts.begin(.recordings), try drafts.begin(.words))
    try add("a.wav", to: &old)
    try add("ro.po", to: &new)
    let broken = "\(fixture.project)/.uploads/broken"
    try Files.makeDirectory(broken)
    try Files.create(broken + "/0", with: [1])
    let later = WallTime(milliseconds: old.created.milliseconds + ImportDrafts.lifetime / 2)
    drafts.sweep()
    #expect(Files.exists(broken), "another program may be about to write it")
    drafts.sweep(at: later)
    #expect(drafts.all.map(\.id).sorted() == [old.id, new.id].sorted() && !Files.exists(broken))
    drafts.sweep(at: WallTime(milliseconds: new.created.milliseconds + ImportDrafts.lifetime + 1))
    #expect(!Files.exists("\(fixture.project)/.uploads"))
    // A clock that was set back keeps nothing for ever.
    _ = try drafts.begin(.words)
    drafts.sweep(at: WallTime(milliseconds: 0))
    #expect(drafts.all.isEmpty)
  }

  private static let badIDs = [
    "", ".", "..", "../..", "a/b", "A", "a b", "recordings/..", String(repeating: "a", count: 17),
  ]

  @Test("no id leads out of the directory of drafts, nor does a link", arguments: badIDs)
  func ids(_ id: String) throws {
    _ = try drafts.begin(.words)
    #expect(try drafts.draft(id) == nil)
    try drafts.remove(id)
    #expect(Files.exists("\(fixture.project)/\(ProjectFile.name)") && drafts.all.count == 1)
    try drafts.removeAll()
    let elsewhere = "\(fixture.directory)/elsewhere"
    try Files.makeDirectory(elsewhere)
    #expect(symlink(elsewhere, "\(fixture.project)/.uploads") == 0)
    #expect(throws: SystemError.self) { try drafts.begin(.words) }
    #expect(try Files.list(elsewhere).isEmpty)
    #expect(drafts.all.isEmpty)
  }

  @Test("files under other names than their own are planned like a directory of them, whatever their names are")
  func listing() throws {
    var draft = try drafts.begin(.recordings)
    for (number, name) in ["ro/f1/03.wav", "../../ro f1 13.wav", "/etc/passwd", "notes.txt", ".DS_Store"].enumerated() {
      try add(name, ImportFixture.wave(ImportFixture.buzz(seed: number, seconds: 1.2)), to: &draft)
    }
    let files = draft.files.map { (name: $0.name, path: drafts.path(of: $0, in: draft)) }
    let source = try Source("the files", listing: files)
    #expect(source.files.map(\.name) == ["../../ro f1 13.wav", "ro/f1/03.wav"])
    #expect(source.leftOut.map(\.name) == ["/etc/passwd", "notes.txt"])
    let planner = try ImportPlanner(try fixture.workspace(), imports: ImportLedger(), options: draft.options)
    let plan = try planner.plan(source)
    #expect(
      plan.placed.compactMap { $0.placement?.path(ending: $0.ending) } == [
        "recordings/ro/f1/13-need-doctor.wav", "recordings/ro/f1/03-safe-here.wav",
      ])
    let records = try ImportTransaction(fixture.project).carryOut(plan, source, day: "2026-05-01") { _ in }
    #expect(records.map(\.source) == ["../../ro f1 13.wav", "ro/f1/03.wav"])
  }

  @Test("a second plan decodes nothing again, and is the plan of a first one")
  func memory() throws {
    let memory = ImportMemory()
    let long = [1, 2, 3].flatMap { ImportFixture.buzz(seed: $0, seconds: 2) + [Float](repeating: 0, count: 24_000) }
    try fixture.put("take.wav", ImportFixture.wave(long))
    try fixture.put("ro f1 13.wav", sound: 4)
    func plan(_ memory: ImportMemory, _ change: (inout ImportOptions) -> Void = { _ in }) throws -> ImportPlan {
      var options = ImportOptions()
      (options.language, options.voice, options.isLong) = ("ro", "f1", true)
      change(&options)
      return try ImportPlanner(
        try fixture.workspace(), imports: ImportLedger(), options: options, memory: memory
      ).plan(try Source(fixture.given))
    }
    let first = try plan(memory)
    #expect(memory.knows("take.wav") && memory.duration(of: "take.wav") == Double(long.count) / 16_000)
    let levels = try #require(memory.levels(of: "take.wav"))
    #expect(levels.count == (long.count + 159) / 160 && levels.contains { $0 > 10 } && levels.contains(0))
    // What is in the place of the files now is not read.
    for name in ["take.wav", "ro f1 13.wav"] { try Files.replace("\(fixture.given)/\(name)", with: [1]) }
    #expect(try plan(memory).map == first.map)
    #expect(try plan(ImportMemory()).rows.allSatisfy { $0.fate == .unusable })
  }

  @Test("a plan for the page names no option of the command line")
  func terms() throws {
    try fixture.put("03.wav", sound: 1)
    try fixture.put("f1/03 again.wav", sound: 2)
    try fixture.put("f1/01.wav", sound: 3)
    try fixture.put("f1/02.wav", sound: 4)
    try fixture.put("f1/04 (Turkish).wav", sound: 5)
    try fixture.put("long.wav", ImportFixture.wave(ImportFixture.buzz(seed: 1, seconds: 70)))
    for language in [nil, "ro"] {
      for trusts in [false, true] {
        let (plan, _) = try fixture.plan {
          ($0.terms, $0.language, $0.trustsNumbers) = (.page, language, trusts)
          $0.map = ImportMap([ImportMap.Row(line: 2, file: "f1/02.wav", prompt: "safe-here")], path: "x")
        }
        let texts = plan.rows.flatMap { $0.doubts + $0.reasons + $0.remarks } + plan.remarks
        #expect(!texts.isEmpty && texts.allSatisfy { !$0.contains("--") && !$0.contains("the map") }, "\(texts)")
      }
    }
  }
}
