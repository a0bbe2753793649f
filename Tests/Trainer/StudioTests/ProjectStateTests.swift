import Foundation
import Posix
import Testing

@testable import Studio

@Suite("States of a project")
struct ProjectStateTests {
  private static let table: [(wording: CellState, recording: CellState, state: CellState)] = [
    (.missing, .missing, .missing), (.missing, .approved, .missing), (.draft, .missing, .draft),
    (.approved, .missing, .draft), (.approved, .trial, .trial), (.draft, .draft, .recorded),
    (.approved, .recorded, .recorded), (.recorded, .approved, .recorded), (.approved, .approved, .approved),
    (.approved, .findings, .findings), (.approved, .sentBack, .sentBack), (.sentBack, .approved, .sentBack),
    (.sentBack, .missing, .sentBack), (.sentBack, .findings, .sentBack),
  ]

  @Test("the state of a cell is the first thing that stands before its release")
  func sums() {
    for row in Self.table {
      #expect(CellState(wording: row.wording, recording: row.recording) == row.state, "\(row)")
    }
  }

  @Test("the next step is what stands first before a release, with its number and language")
  func steps() {
    func text(_ due: [WorkDue], findings: Int = 0, checked: Bool = true, lines: Int = 0) -> String {
      NextStep(due, findings: findings, isChecked: checked, lines: lines) { $0 == "ro" ? "Romanian" : "Khmer" }.text
    }
    let words = WorkDue(work: .words, language: "km", count: 1)
    let record = WorkDue(person: "Iris", work: .record, language: "ro", count: 14)
    let review = WorkDue(person: "Sok", work: .review, language: "km", count: 3)
    let reviews = [review, WorkDue(person: "Dara", work: .review, language: "km", count: 42)]
    #expect(text([record, words] + reviews, findings: 2) == "Write 1 message in Khmer")
    #expect(text(reviews + [record], findings: 2) == "Record 14 messages in Romanian")
    #expect(text(reviews, findings: 2) == "Look at 2 messages with findings of the last check")
    #expect(text(reviews) == "Have 42 texts and recordings in Khmer reviewed")
    #expect(text(reviews, lines: 3) == "Have 42 texts and recordings in Khmer reviewed")
    #expect(text([], lines: 3) == "Record or synthesize 3 lines that the device says to the responder")
    #expect(text([], checked: false) == "Check all recordings, and build the release")
    #expect(text([]) == "Build the release")
  }

  @Test("a new project's directory has a plain name, below the shelf")
  func names() {
    let shelf = Shelf(directory: "/shelf", project: nil)
    for name in ["shelter", "Casa 2", "șase", "a.b", "កម្ពុជា"] { #expect(shelf.path(ofNew: name) == "/shelf/\(name)") }
    for name in [
      "", ".", "..", ".a", "-a", "a/b", "../a", "a\\b", "a\nb", "a ", "<b>", String(repeating: "a", count: 61),
    ] {
      #expect(shelf.path(ofNew: name) == nil, "\(name)")
    }
  }

  @Test("one project is named by its directory, whatever path leads to it")
  func single() throws {
    let place = try Files.makeTemporaryDirectory("firstword-shelf")
    defer { try? FileManager.default.removeItem(atPath: place.string) }
    try Files.makeDirectory(place.appending("kits/shelter"))
    let path = place.appending("kits/../kits/shelter/.").string
    #expect(Shelf(directory: "/", project: path).projects.map(\.id) == ["shelter"])
    #expect(Shelf(directory: "/", project: path).project("shelter") == path)
    #expect(Shelf(directory: "/", project: path).project("..") == nil)
    // Of a shelf, only directories with a kit.yaml.
    let shelf = Shelf(directory: place.appending("kits").string, project: nil)
    #expect(shelf.projects.isEmpty && shelf.project("shelter") == nil)
    try Files.replace(place.appending("kits/shelter/kit.yaml"), with: [])
    #expect(shelf.projects.map(\.id) == ["shelter"])
  }
}
