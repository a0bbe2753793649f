import CatalogueFixture
import Diagnostics
import Posix
import Testing

@testable import Catalogue

@Suite struct CatalogueTests {
  @Test("the catalogue of the repository loads with its core prompts and languages")
  func loads() throws {
    let catalogue = try Repository.catalogue()
    #expect(catalogue.source?.tag == "en")
    let core: Set = [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 38, 39]
    #expect(core.isSubset(of: catalogue.prompts.map(\.number)))
    let listeners = catalogue.languages.filter { $0.roles.contains(.listener) }.map(\.tag)
    #expect(Set(["ro", "sq", "bg", "es", "pt", "ru", "vi", "hi"]).isSubset(of: listeners))
    #expect(catalogue.wording("safe-here", in: "ro")?.back?.contains("safe") == true)
    #expect(catalogue.prompt(number: 3)?.id == "safe-here")
    #expect(catalogue.language(number: 29)?.tag == "ro")
  }

  @Test("an explicit catalogue is used or refused; otherwise the one of the enclosing repository is found")
  func locate() throws {
    #expect(try Catalogue.locate(Repository.directory) == Repository.directory)
    let scratch = try Scratch()
    #expect(throws: DiagnosticsError.self) { try Catalogue.locate(scratch.directory) }
    #expect(throws: DiagnosticsError.self) { try Catalogue.locate("/nowhere") }
  }

  /// A change to a valid catalogue, and the expected message.
  struct Fault: Sendable, CustomTestStringConvertible {
    let file: String
    let old: String
    let new: String
    let expected: String
    var testDescription: String { "\(file): \(new)" }

    init(_ file: String, _ old: String, _ new: String, _ expected: String) {
      self.file = file
      self.old = old
      self.new = new
      self.expected = expected
    }
  }

  private static let safe = "Prompts/03-safe-here.yaml"
  private static let ro = "Languages/ro.yaml"

  @Test(
    "a fault in one file is reported with its line",
    arguments: [
      Fault(safe, "number: 3", "number: 60", "Prompts/03-safe-here.yaml:2: 'number' is 60: write 1 to 59"),
      Fault(safe, "number: 3", "number: 03", "03-safe-here.yaml:2: 'number' is written as 03"),
      Fault(safe, "number: 3", "number: 4", "03-safe-here.yaml:3: the file's name differs"),
      Fault(safe, "id: safe-here", "id: Safe Here", "03-safe-here.yaml:3: 'id' is 'Safe Here'"),
      Fault(safe, "id: safe-here", "id: repeat", "03-safe-here.yaml:3: 'repeat' is the name of a control button"),
      Fault(safe, "module: opening", "module: openning", "'openning' (did you mean 'opening'?)"),
      Fault(safe, "audience: all", "audience: everybody", "03-safe-here.yaml:5: 'audience' is 'everybody'"),
      Fault(safe, "answer: none", "answer: no", "03-safe-here.yaml:6: 'answer' is 'no'"),
      Fault(safe, "jurisdiction: false", "jurisdiction: no", "03-safe-here.yaml:7: 'jurisdiction' must be true"),
      Fault(safe, "length: 3.9", "length: 9", "03-safe-here.yaml:10: 'length' is 9: write 0.5 to 8.0"),
      Fault(safe, "length: 3.9", "lenght: 3.9", "03-safe-here.yaml:10: unknown key 'lenght' (did you mean 'length'?)"),
      Fault(safe, "length: 3.9", "", "03-safe-here.yaml:2: 'length' is missing"),
      Fault(safe, "title: \"We want you to be safe here\"", "title: \"\"", "03-safe-here.yaml:8: 'title' is empty"),
      Fault(ro, "number: 29", "number: 0", "ro.yaml:2: number and role disagree"),
      Fault(ro, "number: 29", "number: 1", "Languages/sq.yaml: the number 1 is that of"),
      Fault(ro, "tag: \"ro\"", "tag: ro", "ro.yaml:3: 'tag' is not in quotes"),
      Fault(ro, "tag: \"ro\"", "tag: \"rom\"", "ro.yaml:3: the file's name differs from the tag"),
      Fault(ro, "tag: \"ro\"", "tag: \"RO\"", "ro.yaml:3: 'tag' is 'RO', not a BCP 47 tag"),
      Fault(ro, "script: Latn", "script: latin", "ro.yaml:6: 'script' is 'latin'"),
      Fault(ro, "direction: ltr", "direction: left", "ro.yaml:7: 'direction' is 'left'"),
      Fault(ro, "role: listener", "role: listner", "'listner' (did you mean 'listener'?)"),
      Fault(ro, "role: listener", "role: source", "Languages: not exactly one language has the role 'source'"),
      Fault(ro, "[RO, MD]", "[RO, MD, RO]", "ro.yaml:9: the region 'RO' is given twice"),
      Fault(ro, "[RO, MD]", "[RO, Moldova]", "ro.yaml:9: 'regions[2]' is 'Moldova'"),
      Fault(ro, "[RO, MD]", "[RO, NO, no]", "ro.yaml:9: 'regions[2]' is not in quotes: put it in quotes: \"NO\""),
      Fault(ro, "rate: 12.5", "rate: fast", "ro.yaml:12: 'rate' must be a number"),
      Fault(ro, "drafted: machine", "drafted: me", "ro.yaml:13: 'drafted' is 'me'"),
      Fault(ro, "fallback: []", "fallback: [{tag: \"ur\", note: x}]", "ro.yaml:10: no language has the tag 'ur'"),
      Fault(ro, "fallback: []", "fallback: [{tag: \"ro\", note: x}]", "ro.yaml:10: the fallback 'ro' leads back"),
      Fault(ro, "  safe-here:", "  safe-heer:", "no prompt has the id 'safe-heer' (did you mean 'safe-here'?)"),
      Fault(ro, "text: \"Vrem", "txt: \"Vrem", "unknown key 'txt' (did you mean 'text'?)"),
      Fault(ro, "text: \"Română.\"", "text: Română.", "'wordings.language-name.text' is not in quotes"),
      Fault(ro, "Vrem să", "Vrem\u{202E} să", "holds the invisible character U+202E"),
      Fault(ro, "Vrem să", "Vrem sa\u{306}", "is not in the normal form NFC"),
      Fault(ro, "  safe-here:", "  raise-hand:", "'raise-hand' is given twice, first in line"),
      Fault(ro, "    text: \"Română.\"", "    text: \"Română.\"\n    title: \"Limba\"", "unknown key 'title'"),
    ])
  func fault(_ fault: Fault) throws {
    let scratch = try Scratch()
    try scratch.copyCatalogue()
    try scratch.replace(fault.old, with: fault.new, in: fault.file)
    let found = findings(in: scratch) { _ = try Catalogue.load(directory: scratch.directory) }
    #expect(found.contains { $0.contains(fault.expected) }, "\(found)")
  }

  @Test("a cycle of fallbacks over several languages is reported")
  func circle() throws {
    let scratch = try Scratch()
    try scratch.copyCatalogue()
    try scratch.replace("fallback: []", with: "fallback: [{tag: \"ro\", note: x}]", in: "Languages/es.yaml")
    try scratch.replace("fallback: []", with: "fallback: [{tag: \"pt\", note: x}]", in: "Languages/ro.yaml")
    let found = findings(in: scratch) { _ = try Catalogue.load(directory: scratch.directory) }
    #expect(found.filter { $0.contains("leads back to") }.count == 3)
  }

  @Test("the faults of several files are reported together")
  func severalFiles() throws {
    let scratch = try Scratch()
    try scratch.copyCatalogue()
    try scratch.replace("module: opening", with: "module: x", in: "Prompts/03-safe-here.yaml")
    try scratch.replace("rate: 12.5", with: "rate: x", in: "Languages/ro.yaml")
    try scratch.write("Prompts/notes.txt", "x")
    try scratch.write("Prompts/.hidden", "x")
    try scratch.write("Prompts/01-language-name.yaml.part", "x")
    try scratch.write("Prompts/#01-language-name.yaml#", "x")
    try scratch.write("Prompts/README.md", "x")
    try scratch.write("Prompts/03-safe-here.yaml~", "x")
    let found = findings(in: scratch) { _ = try Catalogue.load(directory: scratch.directory) }
    #expect(found.contains { $0.hasPrefix("Languages/ro.yaml:12: ") })
    #expect(found.contains { $0.hasPrefix("Prompts/03-safe-here.yaml:4: ") })
    #expect(found.contains { $0.hasPrefix("Prompts/notes.txt: not a .yaml file") })
    for name in ["hidden", "yaml~", "README", ".part", "#"] {
      #expect(!found.contains { $0.contains(name) }, "\(name)")
    }
  }

  @Test("a catalogue without its directories is refused")
  func missing() throws {
    let scratch = try Scratch()
    let found = findings(in: scratch) { _ = try Catalogue.load(directory: scratch.directory) }
    #expect(found.contains { $0.contains("Prompts: cannot open: No such file or directory") })
  }
}

@Suite struct ProjectLayerTests {
  private func prompt(_ number: Int, _ id: String) -> String {
    """
    number: \(number)
    id: \(id)
    module: information
    audience: all
    answer: none
    jurisdiction: true
    title: Our telephone
    caution: ""
    length: 2

    """
  }

  private func overlay(_ tag: String, _ wordings: String) -> String {
    "tag: \"\(tag)\"\ndrafted: person\nwordings:\n\(wordings)"
  }

  @Test("a project adds its own prompts and languages, and its wordings replace the catalogue's")
  func laid() throws {
    let scratch = try Scratch()
    try scratch.write("Prompts/60-our-telephone.yaml", prompt(60, "our-telephone"))
    try scratch.write(
      "Languages/ro.yaml",
      overlay("ro", "  our-telephone: {text: \"Sunați-ne.\"}\n  safe-here: {text: \"Sunteți în siguranță.\"}\n"))
    var local = String(decoding: try Files.read("\(Repository.directory)/Languages/ro.yaml"), as: UTF8.self)
    local.replace("\"ro\"", with: "\"rom\"")
    local.replace("number: 29", with: "number: 60")
    try scratch.write("Languages/rom.yaml", local)
    let catalogue = try Catalogue.load(directory: Repository.directory, project: scratch.directory)
    #expect(catalogue.prompt("our-telephone")?.number == 60)
    #expect(catalogue.language("rom")?.number == 60)
    let wording = try #require(catalogue.wording("safe-here", in: "ro"))
    #expect(wording.text == "Sunteți în siguranță.")
    #expect(wording.file == "\(scratch.directory)/Languages/ro.yaml")
    #expect(wording.drafted == .person)
    #expect(catalogue.wording("raise-hand", in: "ro")?.drafted == .machine)
    #expect(catalogue.wording("our-telephone", in: "ro")?.text == "Sunați-ne.")
  }

  @Test("a project without its own wordings changes nothing")
  func empty() throws {
    let scratch = try Scratch()
    let catalogue = try Catalogue.load(directory: Repository.directory, project: scratch.directory)
    #expect(try catalogue.prompts == Repository.catalogue().prompts)
  }

  @Test("a project cannot use the catalogue's numbers, ids or tags, nor change an unknown language")
  func refused() throws {
    let scratch = try Scratch()
    try scratch.write("Prompts/03-mine.yaml", prompt(3, "mine"))
    try scratch.write("Prompts/61-safe-here.yaml", prompt(61, "safe-here"))
    try scratch.write("Languages/xx.yaml", overlay("xx", "  safe-here: {text: \"x.\"}\n"))
    var copy = String(decoding: try Files.read("\(Repository.directory)/Languages/ro.yaml"), as: UTF8.self)
    copy.replace("number: 29", with: "number: 61")
    try scratch.write("Languages/ro.yaml", copy)
    let found = findings(in: scratch) {
      _ = try Catalogue.load(directory: Repository.directory, project: scratch.directory)
    }
    #expect(found.contains { $0.hasPrefix("Prompts/03-mine.yaml:1: 'number' is 3: write 60 to 99") })
    #expect(found.contains { $0.hasPrefix("Prompts/61-safe-here.yaml: the id 'safe-here' is that of") })
    #expect(found.contains { $0.hasPrefix("Languages/xx.yaml:1: the catalogue has no language 'xx'") })
    #expect(found.contains { $0.hasPrefix("Languages/ro.yaml: the tag 'ro' is that of") })
  }
}
