import Catalogue
import Encoding
import Foundation
import Glibc
import KitBuilder
import Posix
import Project
import Testing

@testable import Import

@Suite struct ImportTransactionTests {
  private struct Stop: Error {}

  private func fixture() throws -> ImportFixture {
    let fixture = try ImportFixture(["ro"])
    for (index, number) in [3, 13, 14].enumerated() { try fixture.put("f1/\(number).wav", sound: index + 1) }
    return fixture
  }

  @Test("an import leaves the originals unchanged, and records each in the ledger")
  func ledger() throws {
    let fixture = try fixture()
    let original = "\(fixture.given)/f1/3.wav"
    let before = try Files.read(original)
    let lines = try fixture.bring()
    #expect(
      lines.map(\.path) == [
        "recordings/ro/f1/03-safe-here.wav", "recordings/ro/f1/13-need-doctor.wav", "recordings/ro/f1/14-pain.wav",
      ])
    #expect(try Files.read(original) == before)
    #expect(try Files.read("\(fixture.project)/\(lines[0].path)") == before)
    let ledger = try ImportLedger.read("\(fixture.project)/\(ImportLedger.name)")
    #expect(ledger.entries == lines)
    #expect(lines[0].source == "f1/3.wav" && lines[0].sha256 == lines[0].recording && lines[0].date == "2026-05-01")
    #expect(!Files.exists("\(fixture.project)/\(ImportTransaction.stage)"))
    #expect(try fixture.workspace().tree.takes.count == 3)
  }

  @Test("a second import of a file is skipped under any name, and repeated if the recording was removed")
  func again() throws {
    let fixture = try fixture()
    let lines = try fixture.bring()
    let (plan, _) = try fixture.plan()
    #expect(plan.placed.isEmpty && plan.open.isEmpty)
    #expect(plan.rows[0].fate == .known("imported on 2026-05-01 as recordings/ro/f1/03-safe-here.wav"))
    #expect(rename("\(fixture.given)/f1/3.wav", "\(fixture.given)/f1/16.wav") == 0)
    let (renamed, _) = try fixture.plan()
    #expect(renamed.open.count == 1 && renamed.open[0].doubts[0].contains("was imported on 2026-05-01 as"))
    #expect(unlink("\(fixture.project)/\(lines[0].path)") == 0)
    #expect(try fixture.bring().map(\.prompt) == ["need-medicine"])
  }

  @Test("an existing recording is replaced only on request, and kept")
  func replacing() throws {
    let fixture = try fixture()
    let there = "\(fixture.project)/recordings/ro/f1/03-safe-here.flac"
    try Files.makeDirectory(Path(there).parent)
    try Files.create(there, with: [1, 2, 3])
    let (plan, _) = try fixture.plan()
    #expect(plan.placed.count == 2 && plan.open[0].doubts[0].hasSuffix("exists: use --replace to replace it"))
    let lines = try fixture.bring { $0.replaces = true }
    #expect(lines.count == 3)
    #expect(!Files.exists(there))
    #expect(try Files.list("\(fixture.project)/takes/ro/f1") == ["03-safe-here.1.flac"])
    #expect(try Files.read("\(fixture.project)/takes/ro/f1/03-safe-here.1.flac") == [1, 2, 3])
    #expect(try fixture.workspace().tree.takes.count == 3)
    // The next replaced recording gets the next number.
    #expect(unlink("\(fixture.given)/f1/3.wav") == 0)
    try fixture.put("f1/3.wav", sound: 7)
    #expect(try fixture.bring { $0.replaces = true }.count == 1)
    #expect(try Files.list("\(fixture.project)/takes/ro/f1") == ["03-safe-here.1.flac", "03-safe-here.2.wav"])
  }

  @Test("the last import is undone: what nobody changed is removed, and what it replaced comes back")
  func undone() throws {
    let fixture = try fixture()
    let there = "\(fixture.project)/recordings/ro/f1/03-safe-here.flac"
    try Files.makeDirectory(Path(there).parent)
    try Files.create(there, with: [1, 2, 3])
    let lines = try fixture.bring { $0.replaces = true }
    #expect(lines.count == 3 && Set(lines.compactMap(\.import)).count == 1)
    try Files.replace("\(fixture.project)/\(lines[2].path)", with: [4, 5, 6])
    let delivery = ImportTransaction(fixture.project)
    let undo = try delivery.undo()
    #expect(undo.lines == Array(lines[..<2]) && undo.kept == [lines[2]])
    try delivery.carryOut(undo, day: "2026-05-02")
    #expect(try Files.read(there) == [1, 2, 3])
    #expect(try Files.list("\(fixture.project)/recordings/ro/f1") == ["03-safe-here.flac", "14-pain.wav"])
    #expect(try Files.list("\(fixture.project)/takes/ro/f1").isEmpty)
    #expect(!Files.exists("\(fixture.project)/\(ImportTransaction.stage)"))
    let ledger = try ImportLedger.read("\(fixture.project)/\(ImportLedger.name)")
    #expect(ledger.entries.count == 5 && ledger.entries.suffix(2).map(\.undone) == ["2026-05-02", "2026-05-02"])
    #expect(ledger.entries(of: lines[0].sha256).isEmpty && ledger.entries(of: lines[2].sha256).count == 1)
    // It is undone once, and its files can be imported again.
    #expect(throws: ImportError.self) { try delivery.undo() }
    #expect(try fixture.bring().map(\.prompt) == ["need-doctor"])
    let second = try delivery.undo()
    #expect(second.lines.map(\.prompt) == ["need-doctor"])
  }

  @Test("after a power cut, an undo that was committed is completed")
  func undoneByRecovery() throws {
    let fixture = try fixture()
    let lines = try fixture.bring()
    let before = fixture.content
    let ledger = "\(fixture.project)/\(ImportLedger.name)"
    let imported = try Files.read(ledger)
    let delivery = ImportTransaction(fixture.project)
    try delivery.carryOut(try delivery.undo(), day: "2026-05-02")
    let after = fixture.content
    // The recordings are back, and only the list of the undo is on the disk.
    for (index, line) in lines.enumerated() {
      let path = "\(fixture.project)/\(line.path)"
      try Files.makeDirectory(Path(path).parent)
      try Files.replace(path, with: try Files.read("\(fixture.given)/f1/\([3, 13, 14][index]).wav"))
    }
    let whole = try Files.read(ledger)
    try Files.replace(ledger, with: imported)
    #expect(fixture.content == before)
    let undone = try ImportLedger.read(ledger).entries.map { line in
      var line = line
      line.undone = "2026-05-02"
      return line
    }
    let moves = lines.enumerated().map {
      ImportTransaction.List.Move(from: $0.element.path, to: "\(ImportTransaction.stage)/\($0.offset)")
    }
    let list = ImportTransaction.List(moves: moves, lines: undone)
    try Files.makeDirectory("\(fixture.project)/\(ImportTransaction.stage)")
    let place = "\(fixture.project)/\(ImportTransaction.stage)/\(ImportTransaction.list)"
    try Files.replace(place, with: try Documents.encode(list))
    #expect(rename("\(fixture.project)/\(lines[0].path)", "\(fixture.project)/\(ImportTransaction.stage)/0") == 0)
    #expect(try delivery.recover() == .finished(3))
    #expect(fixture.content == after)
    #expect(try Files.read(ledger) == whole)
  }

  @Test("an import that an earlier version made is not undone, nor one that came by post")
  func notUndone() throws {
    let fixture = try fixture()
    let (plan, source) = try fixture.plan()
    let delivery = ImportTransaction(fixture.project)
    let lines = try delivery.carryOut(plan, source, day: "2026-05-01", isUndoable: false) { _ in }
    #expect(lines.count == 3 && lines.allSatisfy { $0.import == nil })
    let before = fixture.content
    #expect(throws: ImportError.self) { try delivery.undo() }
    #expect(fixture.content == before)
  }

  @Test("an import cancelled between two files leaves the project unchanged", arguments: 0...3)
  func stopped(after count: Int) throws {
    let fixture = try fixture()
    let before = fixture.content
    let (plan, source) = try fixture.plan()
    #expect(throws: Stop.self) {
      try ImportTransaction(fixture.project).carryOut(plan, source, day: "2026-05-01") {
        if $0 == count { throw Stop() }
      }
    }
    #expect(fixture.content == before)
  }

  @Test("an import that fails in its last move leaves the project unchanged")
  func refused() throws {
    let fixture = try fixture()
    // A file in place of the last language's directory: the other recordings are moved before the error.
    try fixture.put("f1/z (es) 3.wav", sound: 9)
    try Files.replace(
      "\(fixture.project)/\(ProjectFile.name)",
      with: Array(ProjectFile.text(name: "p", languages: ["ro", "es"]).utf8))
    for number in [3, 13, 14] {
      #expect(rename("\(fixture.given)/f1/\(number).wav", "\(fixture.given)/f1/ro \(number).wav") == 0)
    }
    try Files.create("\(fixture.project)/recordings/es", with: [])
    let before = fixture.content
    let (plan, source) = try fixture.plan()
    #expect(plan.placed.map(\.language) == ["ro", "ro", "ro", "es"])
    #expect(throws: ImportError.self) {
      try ImportTransaction(fixture.project).carryOut(plan, source, day: "2026-05-01") { _ in }
    }
    #expect(fixture.content == before)
  }

  @Test("the moves before one that fails are taken back")
  func takenBack() throws {
    let fixture = try fixture()
    let before = fixture.content
    let (plan, source) = try fixture.plan()
    let last = plan.placed.count
    #expect(last > 1)
    #expect(throws: ImportError.self) {
      try ImportTransaction(fixture.project).carryOut(plan, source, day: "2026-05-01") { done in
        // All files are staged, and no move is made: without its file the last move fails.
        guard done == last else { return }
        let staged = try #require(try Files.list("\(fixture.project)/.import").sorted().last)
        try #require(unlink("\(fixture.project)/.import/\(staged)") == 0)
      }
    }
    #expect(fixture.content == before)
  }

  @Test("a recording created after the plan is not overwritten")
  func raced() throws {
    let fixture = try fixture()
    let (plan, source) = try fixture.plan()
    let there = "\(fixture.project)/recordings/ro/f1/14-pain.wav"
    try Files.makeDirectory(Path(there).parent)
    try Files.create(there, with: [7])
    let before = fixture.content
    #expect(throws: ImportError.self) {
      try ImportTransaction(fixture.project).carryOut(plan, source, day: "2026-05-01") { _ in }
    }
    #expect(fixture.content == before)
  }

  @Test("an import of a file that changes meanwhile is reverted", arguments: ["f1/3.wav", "f1/14.wav"])
  func changed(_ name: String) throws {
    let fixture = try fixture()
    let before = fixture.content
    let (plan, source) = try fixture.plan()
    try Files.replace("\(fixture.given)/\(name)", with: ImportFixture.wave(ImportFixture.buzz(seed: 20, seconds: 1)))
    #expect(throws: ImportError.self) {
      try ImportTransaction(fixture.project).carryOut(plan, source, day: "2026-05-01") { _ in }
    }
    #expect(fixture.content == before)
  }

  @Test("after a power cut, an import without a list is removed, and one with a list is completed")
  func recovery() throws {
    let fixture = try fixture()
    let transaction = ImportTransaction(fixture.project)
    #expect(try transaction.recover() == .nothing)
    let before = fixture.content
    let stage = "\(fixture.project)/\(ImportTransaction.stage)"
    try Files.makeDirectory(stage)
    try Files.create("\(stage)/0.wav", with: [1])
    #expect(try transaction.recover() == .swept)
    #expect(fixture.content == before)

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
    #expect(try transaction.recover() == .finished(1))
    #expect(try Files.read("\(fixture.project)/recordings/ro/f1/14-pain.wav") == [1])
    #expect(try ImportLedger.read("\(fixture.project)/\(ImportLedger.name)").entries == [line])
    #expect(!Files.exists(stage))
  }

  @Test(
    "a list with paths outside of the project is refused", arguments: ["../x.wav", "recordings/../../x.wav", "/x.wav"])
  func strangeList(_ path: String) throws {
    let fixture = try fixture()
    let stage = "\(fixture.project)/\(ImportTransaction.stage)"
    try Files.makeDirectory(stage)
    try Files.create("\(stage)/0.wav", with: [1])
    let text = "{\"lines\": [], \"moves\": [{\"from\": \".import/0.wav\", \"to\": \"\(path)\"}]}"
    try Files.create("\(stage)/list.json", with: Array(text.utf8))
    #expect(throws: ImportError.self) { try ImportTransaction(fixture.project).recover() }
    #expect(Files.exists("\(stage)/0.wav"))
  }

  @Test("a staging directory that is a link is refused, and its target keeps its files")
  func linkedStage() throws {
    let fixture = try fixture()
    let other = "\(fixture.directory)/other"
    try Files.makeDirectory(other)
    try Files.create("\(other)/letter.txt", with: [1])
    for _ in 0..<2 {
      #expect(symlink(other, "\(fixture.project)/\(ImportTransaction.stage)") == 0)
      #expect {
        try ImportTransaction(fixture.project).recover()
      } throws: { error in
        (error as? SystemError)?.code == ELOOP
          && "\(error)".contains("\(ImportTransaction.stage): cannot follow a link")
      }
      #expect(throws: (any Error).self) { try fixture.bring() }
      #expect(try Files.read("\(other)/letter.txt") == [1])
      unlink("\(fixture.project)/\(ImportTransaction.stage)")
      // With a list it looks like an import that a power cut interrupted.
      try Files.replace("\(other)/list.json", with: Array(#"{"lines":[],"moves":[]}"#.utf8))
    }
  }

  @Test(
    "a directory of recordings that is a link is refused, and nothing is written where it leads",
    arguments: ["recordings", "recordings/ro", "recordings/ro/f1"])
  func linkedRecordings(_ path: String) throws {
    let fixture = try fixture()
    let other = "\(fixture.directory)/other"
    try Files.makeDirectory(other)
    let (plan, source) = try fixture.plan()
    rmdir("\(fixture.project)/recordings")
    try Files.makeDirectory(Path("\(fixture.project)/\(path)").parent)
    #expect(symlink(other, "\(fixture.project)/\(path)") == 0)
    #expect {
      try ImportTransaction(fixture.project).carryOut(plan, source, day: "2026-05-01") { _ in }
    } throws: { error in
      guard let error = error as? ImportError else { return false }
      return error.message.contains("cannot follow a link") && error.remedy.contains("replace the link")
    }
    #expect(try Files.list(other) == [])
    #expect(!Files.exists("\(fixture.project)/\(ImportTransaction.stage)"))
    #expect(!Files.exists("\(fixture.project)/\(ImportLedger.name)"))
  }

  @Test(
    "a take-down through a link is refused, and removes nothing",
    arguments: ["recordings/ro/f1", "takes/ro/f1", "recordings/ro", "recordings/ro/f1/03-safe-here.wav"])
  func linkedTakeDown(_ path: String) throws {
    let fixture = try ImportFixture(
      ["ro"],
      speakers: """
        speakers:
          - { pseudonym: Iris, language: "ro", voice: f1, consent: 2026-04-30, licence: any, contact: a@b }

        """)
    let other = "\(fixture.directory)/other"
    try Files.makeDirectory("\(other)/f1")
    for name in ["letter.txt", "f1/letter.txt"] { try Files.create("\(other)/\(name)", with: [1]) }
    let linked = "\(fixture.project)/\(path)"
    try Files.makeDirectory(Path(linked).parent)
    #expect(symlink(path.hasSuffix(".wav") ? "\(other)/letter.txt" : other, linked) == 0)
    #expect {
      try TakeDown("Iris", of: fixture.workspace(), kits: [])
    } throws: { error in
      (error as? SystemError)?.code == ELOOP && "\(error)".contains("\(path): cannot follow a link")
    }
    #expect(try Files.list(other) == ["f1", "letter.txt"] && Files.list("\(other)/f1") == ["letter.txt"])
  }

  @Test("a directory that becomes a link after the look is not followed by the take-down")
  func swappedTakeDown() throws {
    let fixture = try ImportFixture(
      ["ro"],
      speakers: """
        speakers:
          - { pseudonym: Iris, language: "ro", voice: f1, consent: 2026-04-30, licence: any, contact: a@b }

        """)
    let place = "\(fixture.project)/recordings/ro/f1"
    try Files.makeDirectory(place)
    let takeDown = try TakeDown("Iris", of: fixture.workspace(), kits: [])
    let other = "\(fixture.directory)/other"
    try Files.makeDirectory(other)
    try Files.create("\(other)/letter.txt", with: [1])
    #expect(rmdir(place) == 0 && symlink(other, place) == 0)
    #expect(throws: SystemError.self) { try takeDown.carryOut(on: "2026-05-01", tags: ["ro"], cache: nil) }
    #expect(try Files.list(other) == ["letter.txt"])
  }
}
