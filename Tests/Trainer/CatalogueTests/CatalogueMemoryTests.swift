import CatalogueFixture
import Diagnostics
import Foundation
import Glibc
import Posix
import Testing

@testable import Catalogue

@Suite("Catalogues that are read again")
struct CatalogueMemoryTests {
  private let scratch = Result { try Scratch() }

  private func load(_ memory: CatalogueMemory, project: String? = nil) throws -> Catalogue {
    try Catalogue.load(directory: try scratch.get().directory, project: project, memory: memory)
  }

  /// Lets the clock go on until equal stamps mean equal content.
  private func settle() { usleep(80_000) }

  private func change(_ tag: String, _ from: String, _ to: String) throws {
    let path = "\(try scratch.get().directory)/Languages/\(tag).yaml"
    let text = String(decoding: try Files.read(path), as: UTF8.self)
    #expect(text.contains(from))
    try Files.replace(path, with: Array(text.replacingOccurrences(of: from, with: to).utf8))
  }

  @Test("what did not change is not read again, and a change is seen at once, also one right after another")
  func changes() throws {
    let scratch = try scratch.get()
    try scratch.copyCatalogue()
    settle()
    let memory = CatalogueMemory()
    let first = try load(memory)
    let start = Monotonic.now
    let second = try load(memory)
    let again = Monotonic.now.since(start)
    #expect(first.languages == second.languages && first.prompts == second.prompts)
    let plain = Monotonic.now
    _ = try Catalogue.load(directory: scratch.directory)
    #expect(again * 3 < Monotonic.now.since(plain))
    try change("ro", "english: Romanian\n", "english: Romanian A\n")
    #expect(try load(memory).language("ro")?.english == "Romanian A")
    try change("ro", "english: Romanian A\n", "english: Romanian B\n")
    #expect(try load(memory).language("ro")?.english == "Romanian B")
    unlink("\(scratch.directory)/Languages/sw.yaml")
    #expect(try load(memory).language("sw") == nil)
  }

  @Test("errors are reported each time, and end when the file is mended")
  func errors() throws {
    try scratch.get().copyCatalogue()
    settle()
    let memory = CatalogueMemory()
    _ = try load(memory)
    try change("ro", "tag: \"ro\"", "tag: [")
    settle()
    for _ in 0..<2 { #expect(throws: DiagnosticsError.self) { try load(memory) } }
    try change("ro", "tag: [", "tag: \"ro\"")
    #expect(try load(memory).language("ro") != nil)
  }

  @Test("a project's own words are laid over what was read before, and never become part of it")
  func overlay() throws {
    let scratch = try scratch.get()
    try scratch.copyCatalogue()
    settle()
    let memory = CatalogueMemory()
    let before = try load(memory).wording("safe-here", in: "ro")
    try scratch.write(
      "p/Languages/ro.yaml", "tag: \"ro\"\ndrafted: person\nwordings:\n  safe-here:\n    text: \"Aici e bine.\"\n")
    let own = try load(memory, project: "\(scratch.directory)/p")
    #expect(own.wording("safe-here", in: "ro")?.text == "Aici e bine.")
    #expect(try load(memory).wording("safe-here", in: "ro") == before)
  }

  @Test("a wording that somebody else changed after it was read is not overwritten, and others in its file are kept")
  func conflict() throws {
    let scratch = try scratch.get()
    try scratch.copyCatalogue()
    let path = try scratch.write(
      "p/Languages/ro.yaml",
      "tag: \"ro\"\ndrafted: person\nwordings:\n  safe-here:\n    text: \"Aici e bine.\"\n")
    let catalogue = try Catalogue.load(directory: scratch.directory, project: "\(scratch.directory)/p")
    let language = try #require(catalogue.language("ro"))
    let order = catalogue.items.map(\.id)
    func edit(_ item: String, _ text: String) throws {
      try WordingFile.edit(path, [.init(item, .text, text)], order: order, from: language)
    }
    let other = "tag: \"ro\"\ndrafted: person\nwordings:\n  safe-here:\n    text: \"Altul.\"  # an editor's\n"
    try Files.replace(path, with: Array(other.utf8))
    #expect {
      try edit("safe-here", "Aici e foarte bine.")
    } throws: { error in
      (error as? DiagnosticsError)?.diagnostics.first?.code == "conflict"
    }
    #expect(try Files.read(path) == Array(other.utf8))
    // Another wording of the same file: the editor's is kept.
    try edit("thank-you", "Vă mulțumesc.")
    let text = String(decoding: try Files.read(path), as: UTF8.self)
    #expect(text.contains("\"Altul.\"  # an editor's") && text.contains("Vă mulțumesc."))
  }
}
