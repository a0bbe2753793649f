import Catalogue
import CatalogueFixture
import Kit
import Testing

@testable import Project

@Suite struct ProjectTests {
  private func read(_ text: String) throws -> (Project?, [String]) {
    let scratch = try Scratch()
    let path = try scratch.write("kit.yaml", text)
    let catalogue = try Repository.catalogue()
    var project: Project?
    let found = findings(in: scratch) { project = try ProjectFile.read(path, catalogue: catalogue) }
    return (project, found)
  }

  @Test("the template of a new project parses to the values it was made from")
  func new() throws {
    let (project, found) = try read(ProjectFile.text(name: "harbour-unit", languages: ["ro", "es", "vi"]))
    #expect(found == [])
    #expect(project?.name == "harbour-unit")
    #expect(project?.version == "1.0")
    #expect(project?.languages == ["ro", "es", "vi"])
    #expect(try project?.prompts == Repository.catalogue().prompts.filter { $0.module != .operator }.map(\.id))
    #expect(project?.level == Project.Level(target: -16, peak: -1.5))
    #expect(project?.opus == Project.Opus(bitrate: 24_000, complexity: 10))
  }

  @Test("each limit of the check can be changed, and the template names all of them")
  func limits() throws {
    let (project, found) = try read(
      """
      name: a
      version: "2"
      languages: ["es"]
      check:
        quiet: -40
        signal-to-noise: 15.5
      """)
    #expect(found == [])
    #expect(project?.check == [.quiet: -40, .signalToNoise: 15.5])
    let text = ProjectFile.text(name: "a", languages: ["es"])
    for limit in CheckLimit.allCases { #expect(text.contains("\(limit.rawValue): "), "\(limit)") }
  }

  @Test("which approvals count is read from the form that the template shows; without it names count")
  func approvals() throws {
    let text = ProjectFile.text(name: "a", languages: ["es"])
    #expect(try read(text).0?.approvals == .names)
    let (project, found) = try read(text.replacing("# approvals: proved", with: "approvals: proved"))
    #expect(found == [] && project?.approvals == .proved)
    let (_, wrong) = try read(text.replacing("# approvals: proved", with: "approvals: signed"))
    #expect(wrong.count == 1 && wrong[0].contains("'approvals' is 'signed'"), "\(wrong)")
  }

  @Test("the operator language and the finder's regions are read from the form that the template shows")
  func guidance() throws {
    var text = ProjectFile.text(name: "a", languages: ["es"], operatorLanguage: "fr")
    text.replace("# finder:", with: "finder:")
    let (project, found) = try read(text)
    #expect(found == [])
    #expect(project?.operatorLanguage == "fr")
    #expect(project?.finder == Project.Finder(regions: ["SY", "AF", "UA"], pause: 5))
  }

  @Test("level and opus are optional as a whole and in part; prompts are sorted by number")
  func standards() throws {
    let (project, found) = try read(
      """
      name: a
      version: "2"
      languages: ["es"]
      prompts: [wait-here, safe-here]
      level: {target: -20}
      """)
    #expect(found == [])
    #expect(project?.prompts == ["safe-here", "wait-here"])
    #expect(project?.level == Project.Level(target: -20, peak: -1.5))
    #expect(project?.opus == Project.Opus())
  }

  @Test("contacts and operator languages are read from the form that the template shows")
  func responders() throws {
    var text = ProjectFile.text(name: "a", languages: ["es"])
    for line in text.split(separator: "\n") where line.hasPrefix("# ") {
      if ["# operators:", "# contacts:", "#   - kind", "#     name", "#     phone", "#     note"].contains(
        where: line.hasPrefix)
      {
        text.replace(line, with: line.dropFirst(2))
      }
    }
    let (project, found) = try read(text)
    #expect(found == [])
    #expect(project?.operators == ["fr"])
    #expect(
      project?.contacts == [
        KitContact(
          kind: .interpreter, name: "Interpreters on call", phone: "+00 000 000 000",
          note: "Day and night. Say which language, and that a woman may be needed.")
      ])
  }

  @Test(
    "an invalid contact or operator language is reported with its line",
    arguments: [
      ("contacts: [{kind: interpreter, name: a}]", "a contact has neither phone nor note"),
      ("contacts: [{kind: friend, name: a, phone: \"112\"}]", "'contacts[1].kind' is 'friend'"),
      ("contacts: [{kind: police, name: a, phone: 112}]", "'contacts[1].phone' is not in quotes"),
      ("contacts: [{kind: police, name: a, phone: \"call me\"}]", "'contacts[1].phone' is 'call me'"),
      ("contacts: [{kind: police, phone: \"112\"}]", "'name' is missing"),
      ("contacts: {}", "'contacts' must be a list"),
      ("operators: [\"ro\"]", "'ro' is not a further operator language"),
      ("operators: [\"en\"]", "'en' is not a further operator language"),
      ("operators: [\"fr\", \"fr\"]", "'fr' is given twice"),
    ])
  func responderFaults(_ line: String, _ expected: String) throws {
    let (project, found) = try read("name: a\nversion: \"1\"\nlanguages: [\"es\"]\n\(line)\n")
    #expect(project == nil)
    #expect(found.count == 1)
    #expect(found.first?.contains("kit.yaml:4: ") == true && found.first?.contains(expected) == true, "\(found)")
  }

  @Test(
    "an error is reported with its line",
    arguments: [
      ("name: my-kit", "name: my kit", "kit.yaml:5: the name 'my kit' is not valid"),
      ("name: my-kit", "name: ../kit", "kit.yaml:5: the name '../kit' is not valid"),
      ("version: \"1.0\"", "version: 1.0", "kit.yaml:8: 'version' is not in quotes"),
      ("version: \"1.0\"", "version: \"1.0b\"", "kit.yaml:8: the version '1.0b' is not valid"),
      ("version: \"1.0\"", "version: \"01.0\"", "kit.yaml:8: the version '01.0' is not valid"),
      ("- \"es\"", "- es", "kit.yaml:14: 'languages[2]' is not in quotes"),
      ("- \"es\"", "- \"ro\"", "kit.yaml:14: 'ro' is given twice"),
      ("- \"es\"", "- \"et\"", "the catalogue has no language 'et'"),
      ("  - \"ro\"\n  - \"es\"", "", "kit.yaml:12: 'languages' must be a list, not nothing"),
      ("# prompts: [language-name, raise-hand, safe-here]", "prompts: []", "kit.yaml:26: 'prompts' has 0 items"),
      ("# prompts: [language-name, raise-hand, safe-here]", "prompts: [safe-hear]", "(did you mean 'safe-here'?)"),
      ("target: -16", "target: -3", "kit.yaml:30: 'level.target' is -3"),
      ("peak: -1.5", "peak: 0", "kit.yaml:31: 'level.peak' is 0"),
      ("bitrate: 24000", "bitrate: 24", "kit.yaml:35: 'opus.bitrate' is 24"),
      ("complexity: 10", "complexity: 11", "kit.yaml:36: 'opus.complexity' is 11"),
      ("# check:", "check: {quite: -40}", "unknown key 'quite' (did you mean 'quiet'?)"),
      ("# check:", "check: {quiet: loud}", "'check.quiet' must be a number such as 1.5, not 'loud'"),
      ("# check:", "check: {alike: 101}", "'check.alike' is 101: write 70.0 to 100.0"),
      ("# check:", "check: [quiet]", "'check' must be a mapping, not a list"),
      ("# operator-voice: \"en\"", "operator-voice: \"ro\"", "kit.yaml:19: 'ro' is not an operator language"),
      ("# finder: {", "finder: { regoins: [AF], ", "unknown key 'regoins' (did you mean 'regions'?)"),
      ("# finder: { regions: [SY, AF, UA]", "finder: { regions: [AF, Syria]", "write an ISO 3166 code such as SY"),
      ("# finder: { regions: [SY, AF, UA], pause: 5", "finder: { pause: 0", "'finder.pause' is 0: write 1.0 to 60.0"),
      ("opus:", "opsu:", "kit.yaml:34: unknown key 'opsu' (did you mean 'opus'?)"),
    ])
  func fault(_ old: String, _ new: String, _ expected: String) throws {
    var text = ProjectFile.text(name: "my-kit", languages: ["ro", "es"])
    #expect(text.contains(old))
    text.replace(old, with: new)
    let (project, found) = try read(text)
    #expect(project == nil)
    #expect(found.count == 1)
    #expect(found.contains { $0.contains(expected) }, "\(found)")
  }
}
