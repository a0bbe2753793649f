import Foundation
import Kit
import Posix
import Simulator
import TestSupport
import Testing

@Suite("firstword test", .serialized, .enabled(if: Lines.available))
struct TestCommandTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
    try Files.replace(sandbox.directory + "/good.yaml", with: Array(Self.good.utf8))
  }

  private static let good = """
    name: good
    steps:
      - press: next-language
      - expect: { language: ro, prompt: language-name, outcome: completed }
      - wait: end

    """

  private struct Report: Decodable {
    struct Walked: Decodable {
      var language: String
      var speed: Int
      var faults: [String]
    }
    struct Clip: Decodable {
      var language: String
      var prompt: String
      var faults: [String]
    }
    struct Scenario: Decodable { var name: String }
    var good: Bool
    var clips: [Clip]
    var languages: [Walked]
    var scenarios: [Scenario]
  }

  private func run(_ arguments: String..., kit: String = "sounds.kit") throws -> Program.Outcome {
    try Program.run(["test", kit, "--trust", "key.pub"] + arguments, in: sandbox.directory)
  }

  private func report(_ outcome: Program.Outcome) throws -> Report {
    try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
  }

  private func file(_ name: String) throws -> String {
    String(decoding: try Files.read(sandbox.directory + "/" + name), as: UTF8.self)
  }

  @Test("without a scenario every clip is played and measured, and the languages are walked through")
  func whole() throws {
    let outcome = try run("--allow-draft", "--json", "--html", "t.html", "--junit", "t.xml")
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    let report = try report(outcome)
    #expect(report.good)
    #expect(report.clips.count == 12 && report.clips.allSatisfy(\.faults.isEmpty))
    #expect(report.languages.count == 3 && report.languages.allSatisfy(\.faults.isEmpty))
    #expect(try file("t.html").contains("12 clips"))
    #expect(try file("t.xml").contains("tests=\"15\" failures=\"0\""))
  }

  @Test("a clip that differs from its manifest is reported: damage, level, onset, length")
  func wrongClips() throws {
    let key = sandbox.directory + "/key.key"
    try Sandbox.writeKit(to: sandbox.directory + "/wrong.kit", key: key, draft: true) { tag, clip in
      switch (tag, clip.prompt) {
      case ("ro", "safe-here"): clip.loudness += 2
      case ("bg", "need-doctor"): clip.onset += 48 * 200
      case ("vi", "wrong-language"): clip.frames -= 480
      default: break
      }
    }
    let report = try report(try run("--allow-draft", "--json", kit: "wrong.kit"))
    #expect(!report.good)
    let wrong = report.clips.filter { !$0.faults.isEmpty }
    #expect(wrong.map { "\($0.language) \($0.prompt)" } == ["ro safe-here", "bg need-doctor", "vi wrong-language"])
    #expect(wrong[0].faults[0].contains("the manifest says"))
    #expect(wrong[1].faults[0].hasPrefix("the voice begins after"))
    #expect(wrong[2].faults[0].hasPrefix("decodes to"))
    let damaged = try sandbox.damagedKit("need-doctor", in: "bg")
    let outcome = try run("--allow-draft", kit: damaged)
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("WRONG: bg need-doctor: "))
  }

  @Test("a language that does not play its name is repeated in real time and reported; no other is")
  func nameless() throws {
    let report = try report(
      try run("--allow-draft", "--json", kit: try sandbox.damagedKit("language-name", in: "bg")))
    #expect(!report.good)
    #expect(report.languages.map(\.language) == ["ro", "bg", "vi"])
    let wrong = report.languages.filter { !$0.faults.isEmpty }
    #expect(wrong.map(\.language) == ["bg"] && wrong[0].speed == 1)
    #expect(wrong[0].faults.allSatisfy { $0.contains("name") }, "\(wrong[0].faults)")
  }

  @Test("a DRAFT kit is tested as on a trial board, and refused for a board in field use")
  func draft() throws {
    let tested = try run("--scenario", "good.yaml")
    #expect(tested.status == 0, "\(tested.errors)")
    #expect(tested.errors.contains("sounds.kit: a DRAFT, for trials only"))
    let board = String(decoding: try Files.read(SourceTree.path + "/Hardware/boards/headless.yaml"), as: UTF8.self)
    try Files.replace(
      sandbox.directory + "/field.yaml",
      with: Array(board.replacingOccurrences(of: "use: trial", with: "use: field").utf8))
    let refused = try run("--scenario", "good.yaml", "--board", "field.yaml", "--allow-draft")
    #expect(refused.status == 2)
    #expect(refused.errors.contains("plays no DRAFT: build it with --release, or name a trial board"))
  }

  @Test("the text output names each scenario and its file, and every sound that follows without a press")
  func scenarioNames() throws {
    try Files.makeDirectory(sandbox.directory + "/many")
    for (file, name) in [("1", "the first"), ("2", "the second")] {
      let text = Self.good.replacingOccurrences(of: "name: good", with: "name: \(name)")
      try Files.replace("\(sandbox.directory)/many/\(file).yaml", with: Array(text.utf8))
    }
    let outcome = try run("--scenario", "many")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("the first  many/1.yaml\n") && outcome.output.contains("the second  many/2.yaml\n"))
  }

  @Test("untrusted kits are refused before the start, with the option that permits them")
  func refused() throws {
    let stranger = try Program.run(["test", "sounds.kit", "--allow-draft"], in: sandbox.directory)
    #expect(stranger.status == 2)
    #expect(stranger.errors.contains("--trust PUB, or give --allow-untrusted"))
    let none = try run("--allow-draft", kit: "none.kit")
    #expect(none.status == 2)
  }

  @Test("TAP: a plan, a line for each expectation and press, and a message for each that was not met")
  func tap() throws {
    try Files.makeDirectory(sandbox.directory + "/many")
    try Files.replace(sandbox.directory + "/many/1.yaml", with: Array(Self.good.utf8))
    try Files.replace(
      sandbox.directory + "/many/2.yaml",
      with: Array(Self.good.replacingOccurrences(of: "ro, prompt", with: "bg, prompt").utf8))
    let outcome = try run("--allow-draft", "--scenario", "many", "--tap", "--junit", "t.xml", "--html", "t.html")
    #expect(outcome.status == 1)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.prefix(2) == ["TAP version 14", "1..2"])
    #expect(lines.contains("    ok 1 - many/1.yaml: line 4: ro language-name completed"))
    #expect(lines.contains("    not ok 1 - many/2.yaml: line 4: bg language-name completed"))
    #expect(lines.contains { $0.contains("message: \"many/2.yaml:4: expected bg language-name completed, heard ro") })
    #expect(lines.last == "not ok 2 - good")
    #expect(try file("t.xml").contains("failures=\"1\""))
    #expect(try file("t.html").contains("class=\"missed\""))
  }

  @Test("a button that the board lacks is reported by file and line before the start")
  func missingButton() throws {
    try Files.replace(
      sandbox.directory + "/lost.yaml",
      with: Array("name: lost\nsteps:\n  - press: understood\n  - press: louder\n".utf8))
    let outcome = try run("--allow-draft", "--scenario", "lost.yaml")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("lost.yaml:4: board headless has no line for the button 'louder'"))
    #expect(!outcome.errors.contains("lost.yaml:3"))
  }

  @Test("contradictory options give exit status 64")
  func contradiction() throws {
    #expect(try run("--tap", "--json").status == 64)
    #expect(try run("--wav", "x.wav").status == 64)
  }
}
