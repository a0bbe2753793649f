import Catalogue
import Kit
import TestSupport
import Testing

@testable import Pages

@Suite("The texts of a page for speakers")
struct TextGroupsTests {
  private static let loaded = Result { try Catalogue.load(directory: SourceTree.path) }
  private let catalogue: Catalogue

  init() throws { catalogue = try Self.loaded.get() }

  private func lines(_ tag: String) throws -> [BoothScript.Line] {
    let language = try #require(catalogue.language(tag))
    return catalogue.items.compactMap { item in
      language.wordings[item.id].map { BoothScript.Line(prompt: item, wording: $0, status: .draft) }
    }
  }

  @Test(
    "formulas come first, then each question with its forms after it, then what the device says, in any given order")
  func order() throws {
    let lines = try lines("de")
    for given in [lines, lines.sorted { $0.prompt.id > $1.prompt.id }] {
      let groups = TextGroups(given).groups
      #expect(
        groups.map(\.title) == ["How to answer", "Messages and questions", "What the device says to the responder"])
      #expect(groups.map(\.lines.count).reduce(0, +) == lines.count)
      #expect(groups[0].lines.allSatisfy { $0.prompt.kind == .formula })
      #expect(groups[1].lines.allSatisfy { $0.prompt.module != .operator })
      #expect(groups[2].lines.allSatisfy { $0.prompt.module == .operator })
      for group in groups.dropFirst() {
        #expect(group.lines.map(\.prompt.number) == group.lines.map(\.prompt.number).sorted())
      }
    }
    let ids = TextGroups(lines).groups[1].lines.map(\.prompt.id)
    let first = try #require(ids.firstIndex(of: "may-stop"))
    #expect(ids[first...].prefix(4) == ["may-stop", "may-stop.child", "may-stop.hand", "may-stop.hand-child"])
  }

  @Test("counts formulas, messages, wordings, those for a child, and the responder's lines")
  func counts() throws {
    let lines = try lines("de")
    let counts = TextGroups(lines).counts
    let messages = lines.filter { $0.prompt.kind == .message && $0.prompt.module != .operator }
    let bases = Set(messages.map(\.prompt.baseID)).count
    let children = messages.filter { $0.prompt.form.isForChild || $0.prompt.audience == .child }.count
    #expect(
      counts.hasPrefix(
        "8 formulas; \(bases) messages and questions in \(messages.count) wordings, \(children) of them said to a child; "
      ))
    #expect(counts.hasSuffix(" lines for the responder"))
    let one = lines.filter { $0.prompt.id == "safe-here" }
    #expect(TextGroups(one).counts == "1 message or question")
    #expect(TextGroups([]).counts == "" && TextGroups([]).groups.isEmpty)
  }

  @Test("the booth script has the groups with their counts, and says that a question does not say how to answer")
  func script() throws {
    let language = try #require(catalogue.language("ar"))
    let lines = try lines("ar")
    let document = BoothScript(language, lines: lines.reversed()).page.document
    #expect(xmlFault(document) == nil)
    #expect(document.contains("\(lines.count) texts: \(TextGroups(lines).counts)."))
    #expect(document.contains("recordings/ar/f1/answer-"))
    let formulas = try #require(document.range(of: "<h2>How to answer <span class=\"quiet\">4 texts</span></h2>"))
    let messages = try #require(document.range(of: "<h2>Messages and questions"))
    #expect(formulas.upperBound < messages.lowerBound)
    #expect(document.contains("A question does not say how to answer: the device adds that."))
    #expect(document.contains("<div class=\"variant\" dir=\"rtl\">"))
  }

  @Test("a font is needed for letters and their marks beyond ASCII, each once")
  func letters() {
    #expect(FontCheck.letters(of: ["Hello, 12 «»", "…"]).isEmpty)
    #expect(FontCheck.letters(of: ["ọ́ ọ́!", "é"]).map { String($0.value, radix: 16) } == ["e9", "301", "1ecd"])
    #expect(FontCheck.letters(of: ["កំ", "ក"]).count == 2)
    #expect(FontCheck.canShow(["plain"]) == true)
  }

  @Test(
    "a machine without fonts for a script is found by its letters",
    .enabled(if: FontCheck.canShow(["é"]) != nil, "fontconfig is not installed: fonts cannot be looked for"))
  func fonts() {
    #expect(FontCheck.canShow(["\u{1E900}\u{16F00}\u{1BC00}"]) == false, "no font has three such scripts")
  }
}
