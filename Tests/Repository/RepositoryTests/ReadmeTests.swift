import Foundation
import TestSupport
import Testing

@Suite("READMEs")
struct ReadmeTests {
  @Test(
    "links lead to files and headings that exist",
    arguments: [
      "README.md", "Sources/README.md", "Hardware/README.md", "Languages/README.md", "Prompts/README.md",
      "Tests/README.md",
    ])
  func links(_ path: String) throws {
    let text = try read(path)
    let links = text.matches(of: /\]\(([^)#]*)(?:#([^)]*))?\)/)
    let directory = path.hasSuffix("/README.md") ? String(path.dropLast("README.md".count)) : ""
    for link in links where !link.1.hasPrefix("http") {
      let target = link.1.isEmpty ? path : directory + link.1
      let isDirectory = ![".md", ".svg", ".webp"].contains(where: target.hasSuffix)
      #expect(!isDirectory && FileManager.default.fileExists(atPath: SourceTree.path + "/" + target), "\(link.0)")
      if let anchor = link.2 {
        #expect(try anchors(of: target).contains(String(anchor)), "\(path): \(link.0)")
      }
    }
  }

  private func read(_ path: String) throws -> String {
    try String(contentsOfFile: SourceTree.path + "/" + path, encoding: .utf8)
  }

  /// Returns the anchors that GitHub gives to the headings of a file.
  private func anchors(of path: String) throws -> [String] {
    try read(path).split(separator: "\n").filter { $0.hasPrefix("#") }.map { heading in
      heading.drop { $0 == "#" || $0 == " " }.lowercased().filter {
        $0.isLetter || $0.isNumber || $0 == " " || $0 == "-"
      }
      .replacingOccurrences(of: " ", with: "-")
    }
  }
}
