import Catalogue
import Kit
import Testing

@Suite struct CatalogueTests {
  @Test("the catalogue of this checkout loads, with its core prompts and languages")
  func loads() throws {
    let catalogue = try Repository.catalogue()
    #expect(catalogue.source?.tag == "en")
    let core: Set = [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 38, 39]
    #expect(core.isSubset(of: catalogue.prompts.map(\.number)))
    let listeners = catalogue.languages.filter { $0.roles.contains(.listener) }.map(\.tag)
    #expect(Set(["ro", "sq", "bg", "es", "pt", "ru", "vi", "hi"]).isSubset(of: listeners))
  }
  @Test("the headless board is read against it")
  func board() throws {
    let board = try BoardFile.read(Repository.board, catalogue: Repository.catalogue())
    #expect(board.use == .trial)
    #expect(board.lines.buttons.count >= 8)
    #expect(board.lines.buttons.contains { $0.timed })
  }
}
