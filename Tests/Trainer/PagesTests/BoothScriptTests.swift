import Catalogue
import Foundation
import FoundationXML
import Kit
import Posix
import TestSupport
import Testing

@testable import Pages

/// Returns why a page is not well-formed XML, or nil.
func xmlFault(_ document: String) -> String? {
  // Only the first line is not XML.
  let parser = XMLParser(data: Data(document.replacingOccurrences(of: "<!DOCTYPE html>\n", with: "").utf8))
  return parser.parse() ? nil : "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "?")"
}

@Suite struct BoothScriptTests {
  private func catalogue() throws -> Catalogue { try Self.loaded.get() }

  /// Loaded once in each process.
  private static let loaded = Result { try Catalogue.load(directory: SourceTree.path) }

  private func script(_ language: Language, _ catalogue: Catalogue, status: Status = .draft) -> BoothScript {
    let lines = catalogue.items.compactMap { prompt in
      language.wordings[prompt.id].map { BoothScript.Line(prompt: prompt, wording: $0, status: status) }
    }
    return BoothScript(language, lines: lines)
  }

  @Test("the script of every language holds each text with its language, direction, number and meaning")
  func everyLanguage() throws {
    let catalogue = try catalogue()
    for language in catalogue.languages {
      let document = script(language, catalogue).page.document
      #expect(xmlFault(document) == nil, "\(language.tag)")
      let paragraphs = document.split(separator: "<p lang=\"\(language.tag)\" dir=\"\(language.direction.rawValue)\"")
      for (id, wording) in language.wordings {
        let text = HTML(text: wording.text).markup
        #expect(paragraphs.contains { $0.contains(">\(text)</p>") }, "\(language.tag) \(id)")
        let number = try #require(catalogue.item(id)?.number)
        // A formula has no number.
        let shown = number == 0 ? "–" : "\(number < 10 ? "0" : "")\(number)"
        #expect(document.contains("<div class=\"number\">\(shown)<"))
        if let back = wording.back { #expect(document.contains(HTML(text: back).markup)) }
      }
    }
  }

  @Test("drafts are marked as drafts; approved texts are not")
  func drafts() throws {
    let catalogue = try catalogue()
    let romanian = try #require(catalogue.language("ro"))
    #expect(script(romanian, catalogue).page.document.contains("a machine drafted them"))
    #expect(!script(romanian, catalogue, status: .approved).page.document.contains("class=\"draft\""))
  }

  @Test("every script of the catalogue except Latin and Cyrillic has fonts of its own")
  func fonts() throws {
    for language in try catalogue().languages where !["Latn", "Cyrl"].contains(language.script) {
      #expect(TextLanguage(language).style.contains("Noto"), "\(language.tag)")
      #expect(!TextLanguage(language).style.hasPrefix("font-family: 'Noto Sans',"), "\(language.tag)")
    }
  }
}
