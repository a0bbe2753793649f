import Foundation
import TestSupport
import Testing

@Suite("Plain English")
struct PlainEnglishTests {
  @Test("sources, hardware files and READMEs have none of the worst patterns")
  func repository() throws {
    var paths = ["README.md", "Languages/README.md", "Prompts/README.md", "Tests/README.md"]
    for directory in ["Sources", "Hardware"] {
      let files = try #require(FileManager.default.enumerator(atPath: "\(SourceTree.path)/\(directory)"))
      // CardWords has the texts of the cards in other languages.
      for case let path as String in files where !path.contains("CardWords/") { paths.append("\(directory)/\(path)") }
    }
    var checked = 0
    for path in paths.sorted() {
      var isDirectory: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: "\(SourceTree.path)/\(path)", isDirectory: &isDirectory)
      if isDirectory.boolValue { continue }
      guard let text = try? String(contentsOfFile: "\(SourceTree.path)/\(path)", encoding: .utf8) else { continue }
      checked += 1
      for finding in try PlainEnglish.findings(in: text) { Issue.record("\(path):\(finding)") }
    }
    #expect(checked > 350)
  }

  @Test(
    "a pattern is found",
    arguments: [
      "/// Who reads takes no lock.", "waits; who does not read is closed", "// so that who trusts this key alone",
      "    // Of silence it is told once.", "/// The torn line is told of.", "/// The sound behind a take's end",
      "# whoever imports", "one at the most", "that is not to be had",
    ])
  func found(_ line: String) throws {
    #expect(try !PlainEnglish.findings(in: line).isEmpty)
  }

  @Test(
    "plain phrases are no findings",
    arguments: [
      "/// The person who holds the device.", "// how presses are told apart", "echo \"Who are you?\"",
      "/// leaves behind when it is killed", "a clock that was behind by at least", "a hand behind the ear",
      "told to choose a language",
      "/// Anyone who trusts only this publisher", "kits, and who signed them",
    ])
  func plain(_ line: String) throws {
    #expect(try PlainEnglish.findings(in: line) == [])
  }
}
