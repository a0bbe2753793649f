import Catalogue
import CatalogueFixture
import Testing

@testable import Project

@Suite struct ReviewNotesTests {
  private static let hash = String(repeating: "a0", count: 32)

  private func note(_ name: String, _ verdict: ReviewNote.Verdict = .returned, _ text: String? = "wrong") -> ReviewNote
  {
    ReviewNote(
      hash: Self.hash, kind: .wording, language: "ro", prompt: "safe-here", name: name, date: "2026-05-01",
      verdict: verdict, back: "You are safe.", note: text)
  }

  private func approval(_ name: String, revokes: Bool? = nil) -> Approval {
    Approval(
      hash: Self.hash, kind: .wording, language: "ro", prompt: "safe-here", name: name, role: .listener,
      date: "2026-05-01", revokes: revokes)
  }

  private func open(_ notes: [ReviewNote], _ approvals: [Approval] = [], hash: String = hash) -> [String] {
    ReviewNotes(notes).open(
      hash, kind: .wording, language: "ro", prompt: "safe-here", approvals: Approvals(approvals)
    ).map { "\($0.name): \($0.note ?? "")" }
  }

  @Test("the last note of each reviewer who returned a text is open")
  func last() {
    #expect(open([note("Ana")]) == ["Ana: wrong"])
    #expect(open([note("Ana"), note("ana", .returned, "still wrong")]) == ["ana: still wrong"])
    #expect(open([note("Ana"), note("Ion")]) == ["Ana: wrong", "Ion: wrong"])
    #expect(open([note("Ana"), note("Ana", .accepted)]) == [])
  }

  @Test("an edit or the author's approval closes a note; another person's approval does not")
  func closed() {
    #expect(open([note("Ana")], hash: String(repeating: "b1", count: 32)) == [])
    #expect(open([note("Ana")], [approval("ana")]) == [])
    #expect(open([note("Ana")], [approval("Ion")]) == ["Ana: wrong"])
    #expect(open([note("Ana")], [approval("Ana"), approval("Ana", revokes: true)]) == ["Ana: wrong"])
  }

  @Test("notes are written and read, and an invalid line is an error")
  func file() throws {
    let scratch = try Scratch()
    let path = "\(scratch.directory)/review.jsonl"
    #expect(try ReviewNotes.read(path) == ReviewNotes())
    try ReviewNotes.append([note("Ana")], to: path)
    try ReviewNotes.append([note("Ion", .accepted, nil)], to: path)
    #expect(try ReviewNotes.read(path).entries == [note("Ana"), note("Ion", .accepted, nil)])
    try scratch.write("review.jsonl", "{\"verdict\":\"returned\",\"nmae\":\"Ana\"}\n")
    let found = findings(in: scratch) { _ = try ReviewNotes.read(path) }
    #expect(
      found.first?.contains("review.jsonl:1: not a review note: nmae: unknown key (did you mean 'name'?)") == true)
  }
}
