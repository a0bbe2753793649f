import Catalogue
import CatalogueFixture
import Diagnostics
import Kit
import Posix
import Testing

@testable import Project

@Suite("The settings that programs change in kit.yaml")
struct ProjectSettingsTests {
  private let scratch: Scratch
  init() throws { scratch = try Scratch() }

  /// A way to change settings.
  private typealias Change = (inout ProjectSettings) -> Void

  /// Changes settings of a file, and returns its content after that.
  private func changed(_ text: String, _ change: Change) throws -> String {
    let catalogue = try Repository.catalogue()
    let path = try scratch.write("kit.yaml", text)
    let old = ProjectSettings(try ProjectFile.read(path, catalogue: catalogue))
    var new = old
    change(&new)
    try ProjectFile.change(path, to: new, from: old, catalogue: catalogue)
    let now = ProjectSettings(try ProjectFile.read(path, catalogue: catalogue))
    #expect(now == new)
    return String(decoding: try Files.read(path), as: UTF8.self)
  }

  private func refusal(_ text: String, _ change: Change) throws -> [String] {
    let found = findings(in: scratch) { _ = try changed(text, change) }
    let kept = String(decoding: try Files.read("\(scratch.directory)/kit.yaml"), as: UTF8.self)
    #expect(kept == text)
    return found
  }

  private static let template = ProjectFile.text(name: "shelter", languages: ["ro"])

  @Test("a new project's file gets each setting after its explanation, and loses no line")
  func template() throws {
    let text = try changed(Self.template) { settings in
      (settings.name, settings.version) = ("harbour", "1.1")
      (settings.answers, settings.operatorLanguage) = ([.hand, .card], "fr")
    }
    let expected = Self.template.replacing("name: shelter", with: "name: \"harbour\"")
      .replacing("version: \"1.0\"", with: "version: \"1.1\"")
      .replacing("# operator-voice: \"en\"\n", with: "# operator-voice: \"en\"\noperator-voice: \"fr\"\n")
      .replacing(
        "# answers: { modes: [card, hand], pause: 0.8 }\n",
        with: "# answers: { modes: [card, hand], pause: 0.8 }\nanswers: { modes: [hand, card] }\n")
    #expect(text == expected)
    // And back.
    let back = try changed(text) { settings in
      (settings.name, settings.version) = ("shelter", "1.0")
      (settings.answers, settings.operatorLanguage) = ([.card], nil)
    }
    let twin = Self.template.replacing("name: shelter", with: "name: \"shelter\"")
      .replacing("pause: 0.8 }\n", with: "pause: 0.8 }\nanswers: { modes: [card] }\n")
    #expect(back == twin)
  }

  @Test("comments, quotes, order and line ends stay, in block style and in flow style")
  func styles() throws {
    let block = """
      version: '1.0' # raise it\r
      answers:\r
        # How they answer.\r
        pause: 0.5\r
        modes:\r
          - card\r
          - tap\r
      operator-voice: "en"  # for the officers\r
      name: a\r
      languages: ["ro"]
      """
    let edited = try changed(block) { settings in
      (settings.version, settings.answers, settings.operatorLanguage) = ("1.10", [.buttons], nil)
    }
    #expect(
      edited
        == block.replacing("'1.0'", with: "'1.10'").replacing("    - card\r\n    - tap", with: "    - buttons")
        .replacing("operator-voice", with: "# operator-voice"))
    let added = try changed(edited) { $0.operatorLanguage = "de" }
    #expect(
      added
        == edited.replacing("# for the officers\r\n", with: "# for the officers\r\noperator-voice: \"de\"\r\n"))
    let flow = "name: a\nversion: \"1\"\nlanguages: [\"ro\"]\nanswers: { modes: [ card , hand ], pause: 1 } # both"
    let tap = try changed(flow) { $0.answers = [.tap] }
    #expect(tap == flow.replacing("[ card , hand ]", with: "[tap]"))
    let pause = "name: a\nversion: \"1\"\nlanguages: [\"ro\"]\nanswers: { pause: 1 }"
    let modes = try changed(pause) { $0.answers = [.tap] }
    #expect(modes == pause.replacing("{ pause", with: "{ modes: [tap], pause"))
    let spoken = try changed(pause) { $0.operatorLanguage = "en" }
    #expect(spoken == pause + "\noperator-voice: \"en\"\n")
  }

  @Test("a value that the file may not have is refused with the rule, and nothing is written")
  func values() throws {
    let name = try refusal(Self.template) { $0.name = "two words" }
    #expect(name.count == 1 && name[0].contains("the name 'two words' is not valid"), "\(name)")
    let quote = try refusal(Self.template) { $0.name = "a\"\nlanguages: []" }
    #expect(quote.count == 1, "\(quote)")
    let version = try refusal(Self.template) { $0.version = "1.x" }
    #expect(version.count == 1 && version[0].contains("the version '1.x' is not valid"), "\(version)")
    let language = try refusal(Self.template) { $0.operatorLanguage = "km" }
    #expect(language.count == 1 && language[0].contains("'km' is not an operator language"), "\(language)")
    let none = try refusal(Self.template) { $0.answers = [] }
    #expect(none.count == 1, "\(none)")
    let twice = try refusal(Self.template) { $0.answers = [.card, .card] }
    #expect(twice.count == 1 && twice[0].contains("is given twice"), "\(twice)")
  }

  @Test("a form that cannot be edited is refused, and nothing is written")
  func forms() throws {
    let commented = "name: a\nversion: \"1\"\nlanguages: [\"ro\"]\nanswers:\n  modes:\n  - card\n  # why\n  - tap\n"
    let found = try refusal(commented) { $0.answers = [.hand] }
    #expect(found.count == 1 && found[0].contains("a form that cannot be edited"), "\(found)")
    let whole = "{ name: a, version: \"1\", languages: [\"ro\"] }\n"
    let added = try refusal(whole) { $0.operatorLanguage = "en" }
    #expect(added.count == 1, "\(added)")
    let replaced = try changed(whole) { $0.version = "2" }
    #expect(replaced == whole.replacing("\"1\"", with: "\"2\""))
  }

  @Test("settings that another program changed meanwhile are a conflict, other lines are not")
  func conflict() throws {
    let catalogue = try Repository.catalogue()
    let path = try scratch.write("kit.yaml", Self.template)
    let old = ProjectSettings(try ProjectFile.read(path, catalogue: catalogue))
    var new = old
    new.version = "1.1"
    let other = Self.template.replacing("bitrate: 24000", with: "bitrate: 32000")
    try scratch.write("kit.yaml", other)
    try ProjectFile.change(path, to: new, from: old, catalogue: catalogue)
    let text = String(decoding: try Files.read(path), as: UTF8.self)
    #expect(text == other.replacing("version: \"1.0\"", with: "version: \"1.1\""))
    #expect {
      try ProjectFile.change(path, to: new, from: old, catalogue: catalogue)
    } throws: { error in
      (error as? DiagnosticsError)?.diagnostics.first?.code == "conflict"
    }
    #expect(String(decoding: try Files.read(path), as: UTF8.self) == text)
  }
}
