import Foundation
import Journal
import Posix
import Testing

@testable import Studio
@testable import Web

@Suite("Journals on the page")
struct JournalDeskTests {
  private func reading(_ text: String) throws -> JournalReading {
    try JournalReading(contents: [("journal.jsonl", Array(text.utf8))])
  }

  /// The beginning of a line of a journal: enough for a file to be one.
  private static let torn = #"{"boot":"#

  @Test("the journal of a project is kept until it is forgotten, or until two others came after it")
  func desk() throws {
    let desk = JournalDesk()
    let first = desk.add(try reading(Self.torn), project: "p")
    #expect(desk.add(try reading(Self.torn), project: "p") == first, "the same journal is kept once")
    #expect(throws: Never.self) { try desk.reading(first, project: "p") }
    #expect(throws: Refusal.self, "it is another project's") { try desk.reading(first, project: "q") }
    _ = desk.add(try reading(Self.torn + "\n" + Self.torn), project: "p")
    #expect(throws: Never.self) { try desk.reading(first, project: "p") }
    let last = desk.add(try reading(Self.torn + "\n\n"), project: "p")
    #expect(throws: Refusal.self) { try desk.reading(first, project: "p") }
    desk.remove(last, project: "p")
    #expect(throws: Refusal.self) { try desk.reading(last, project: "p") }
  }

  @Test("the kits of a project are those in its directory and in 'kits', and no name leads elsewhere")
  func kits() throws {
    let place = try Files.makeTemporaryDirectory("firstword-kits")
    defer { try? FileManager.default.removeItem(atPath: place.string) }
    try Files.makeDirectory(place.appending("kits"))
    for name in ["a.kit", "kits/b.kit", ".hidden.kit", "kits/c.txt"] {
      try Files.replace(place.appending(name), with: [])
    }
    for name in ["link.kit", "kits/link.kit"] {
      #expect(symlink("/etc/passwd", place.appending(name).string) == 0)
    }
    let shelf = KitShelf(place.string)
    #expect(shelf.all.map(\.name).sorted() == ["a.kit", "kits/b.kit"])
    #expect(shelf.entry("kits/b.kit")?.path == place.appending("kits/b.kit").string)
    for name in ["../a.kit", "kits/../a.kit", "/etc/passwd", "kits/c.txt", "link.kit", ""] {
      #expect(shelf.entry(name) == nil, "\(name)")
    }
  }
}
