import Catalogue
import Foundation
import KitBuilder
import Posix
import Post
import Project
import TestSupport
import Testing

@Suite("Pages that go by post")
struct PostPageTests {
  private let directory = FileManager.default.temporaryDirectory.path + "/firstword-post-\(UUID().uuidString.prefix(8))"

  /// Makes a project, and returns its workspace.
  private func workspace(_ languages: [String]) throws -> Workspace {
    try Files.makeDirectory(directory)
    let text = ProjectFile.text(name: "p", languages: languages, prompts: [])
    try Files.replace("\(directory)/\(ProjectFile.name)", with: Array(text.utf8))
    return try Workspace(directory: directory, catalogue: SourceTree.path, day: "2026-05-01")
  }

  private func sender(_ tongues: String..., why: String? = nil) -> PostSender {
    PostSender(name: "Ana <b>", contact: "ana@example.org", why: why, tongues: tongues)
  }

  private func booth(_ tag: String, _ workspace: Workspace, _ sender: PostSender) throws -> PostPage {
    let language = try #require(workspace.catalogue.language(tag))
    return try PostPage.booth(workspace.items(of: language), of: workspace, by: sender)
  }

  private func remove() { try? FileManager.default.removeItem(atPath: directory) }

  @Test("a speaker's page of the whole catalogue has less than 200 KB, of which the page itself less than 100 KB")
  func size() throws {
    defer { remove() }
    let workspace = try workspace(["ro", "ar", "km", "am"])
    for tag in ["ro", "ar", "km", "am"] {
      let page = try booth(tag, workspace, sender("en", "ar"))
      let data = try #require(page.document.range(of: #""texts":\[.*\]"#, options: .regularExpression))
      let own = page.document.utf8.count - page.document[data].utf8.count
      #expect(own < 100_000 && page.document.utf8.count < 200_000, "\(tag): \(own) of \(page.document.utf8.count)")
    }
  }

  @Test("the pages of each language have at most 100,000 bytes, without recordings")
  func sizes() throws {
    defer { remove() }
    let catalogue = try Catalogue.load(directory: SourceTree.path)
    let workspace = try workspace(catalogue.languages.filter { $0.roles.contains(.listener) }.map(\.tag))
    var sizes: [(name: String, bytes: Int)] = []
    for language in workspace.languages.compactMap(workspace.catalogue.language) {
      let items = workspace.items(of: language)
      let booth = try PostPage.booth(items, of: workspace, by: sender("en"))
      let review = try PostPage.review(items.map { ($0, []) }, of: workspace, by: sender("en"))
      for page in [booth, review] { sizes.append(("\(page.kind) \(language.tag)", page.document.utf8.count)) }
    }
    sizes.sort { $0.bytes > $1.bytes }
    let middle = sizes[sizes.count / 2]
    print(
      "\(sizes.count) pages by post: \(sizes[0].bytes) bytes at most (\(sizes[0].name)), half of them above \(middle.bytes)")
    for size in sizes { #expect(size.bytes <= 100_000, "\(size)") }
  }

  @Test("the same inputs give the same page and id, and other inputs another id")
  func same() throws {
    defer { remove() }
    let workspace = try workspace(["ro"])
    let page = try booth("ro", workspace, sender("en"))
    #expect(try booth("ro", workspace, sender("en")).document == page.document)
    #expect(try booth("ro", workspace, sender("en", why: "In May.")).id != page.id)
    #expect(page.id.count == 32 && page.document.contains("\"page\":\"\(page.id)\""))
  }

  @Test("a policy allows the page's own script and style alone, and no text ends the script")
  func policy() throws {
    defer { remove() }
    let workspace = try workspace(["ro"])
    let page = try booth("ro", workspace, sender("en", why: "</script><script>alert(1)</script>"))
    let document = page.document
    #expect(document.components(separatedBy: "<script>").count == 2)
    #expect(document.contains("default-src 'none'; script-src 'sha256-") && !document.contains("unsafe"))
    #expect(!document.contains(" style=\"") && !document.contains("Ana <b>"))
    for address in ["http://", "https://", "src=\"", "href=\""] {
      let places = document.components(separatedBy: address).dropFirst().filter { !$0.hasPrefix("www.w3.org/2000/svg") }
      #expect(places.isEmpty, "\(address)\(places.first?.prefix(60) ?? "")")
    }
  }

  @Test("the message says in each language how to open the page, and to whom it goes back")
  func message() throws {
    defer { remove() }
    let workspace = try workspace(["ro"])
    let sender = sender("en", "fr")
    let page = try booth("ro", workspace, sender)
    let text = PostMessage(page, in: workspace.catalogue, by: sender, address: "https://example.org/ro").text
    for words in ["in Romanian?", "roumain", "iPhone", "https://example.org/ro", "ana@example.org"] {
      #expect(text.contains(words), "\(words) in \(text)")
    }
    #expect(!text.contains("{"))
  }

  @Test("a folder for the web has a list of its pages")
  func site() throws {
    defer { remove() }
    let workspace = try workspace(["ro", "km"])
    let sender = sender("en")
    let pages = try ["ro", "km"].map { try booth($0, workspace, sender) }
    let site = PostSite(pages, in: workspace.catalogue, by: sender)
    #expect(site.files.map(\.name) == ["index.html", "booth-ro.html", "booth-km.html"])
    #expect(site.files[0].content.contains("href=\"booth-km.html\"") && site.files[0].content.contains("Ana &lt;b&gt;"))
  }
}
