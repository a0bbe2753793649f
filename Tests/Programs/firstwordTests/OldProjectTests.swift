import Foundation
import Kit
import Posix
import TestSupport
import Testing

/// What becomes of a project whose catalogue has changed, and of what its kit.yaml must name outright.
@Suite(
  "Projects of an earlier version, and languages in reserve", .serialized,
  .enabled(if: Program.isInstalled("espeak-ng") && Program.isInstalled("sox"), "espeak-ng or sox is not installed"))
struct OldProjectTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    #expect(try place.run("keygen", "k", "--no-password").status == 0)
  }

  private func make(_ languages: String, prompts: String) throws {
    let made = try place.run("new", "p", "--languages", languages, "--prompts", prompts)
    #expect(made.status == 0, "\(made.errors)")
    let spoken = try place.run("synthesize", "p")
    #expect(spoken.status == 0, "\(spoken.errors)")
  }

  private var kitFile: String { "\(place.directory)/p/kit.yaml" }

  private func change(_ old: String, to new: String) throws {
    let text = String(decoding: try Files.read(kitFile), as: UTF8.self)
    #expect(text.contains(old))
    try Files.replace(kitFile, with: Array(text.replacing(old, with: new).utf8))
  }

  private func run(_ program: String, _ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/\(program)")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(arguments)")
  }

  private struct Report: Decodable {
    struct Finding: Decodable { let code, severity, path, remedy: String }
    let findings: [Finding]
  }

  @Test(
    "check says of each recording of a withdrawn or changed prompt what to do, and build names all that it leaves out")
  func recordings() throws {
    try make("ro", prompts: "safe-here,who-we-are,need-doctor")
    let voice = "\(place.directory)/p/recordings/ro/synthetic"
    // Question and formula in one file, as the version before had them.
    try run("sox", "\(voice)/13-need-doctor.wav", "\(voice)/answer-card.wav", "\(place.directory)/both.wav")
    try Files.replace("\(voice)/13-need-doctor.wav", with: try Files.read("\(place.directory)/both.wav"))
    for (name, source) in [
      ("32-child-hurt", "13-need-doctor"), ("33-child-hungry", "03-safe-here"), ("14-pain", "03-safe-here"),
      ("answer-tap", "answer-card"), ("04-who-we-are.police", "04-who-we-are"),
    ] { try Files.create("\(voice)/\(name).wav", with: try Files.read("\(voice)/\(source).wav")) }
    // Approvals of what was withdrawn stay in the ledger, and harm nothing.
    let hash = String(repeating: "0", count: 64)
    try Files.create(
      "\(place.directory)/p/approvals.jsonl",
      with: Array(
        """
        {"hash":"\(hash)","kind":"recording","language":"ro","prompt":"child-hurt","name":"Ana","role":"listener",\
        "date":"2026-05-01"}

        """.utf8))

    let checked = try place.run("check", "p", "--json")
    #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
    let findings = try JSONDecoder().decode(Report.self, from: Data(checked.output.utf8)).findings
    func remedy(_ code: String, _ name: String) -> String? {
      findings.first { $0.code == code && $0.path.hasSuffix("/\(name).wav") }?.remedy
    }
    #expect(remedy("retired", "32-child-hurt") == "move it away: no prompt replaces it")
    #expect(remedy("retired", "33-child-hungry")?.contains("use 'need-food' instead") == true)
    #expect(remedy("old-formula", "13-need-doctor")?.contains("record the question alone") == true)
    #expect(remedy("unused", "14-pain")?.contains("add it to 'prompts'") == true)
    #expect(remedy("unused", "answer-tap")?.contains("add the mode to 'answers'") == true)
    #expect(remedy("unused", "04-who-we-are.police")?.contains("change the form") == true)

    let built = try place.run("build", "--project", "p", "--key", "k.key", "-o", "p.kit")
    #expect(built.status == 0, "\(built.errors)")
    let kit = try KitFile(path: "\(place.directory)/p.kit")
    let items = try #require(kit.bundle("ro")?.clips.map(\.item))
    #expect(items == ["answer-card", "safe-here", "who-we-are", "need-doctor"])
    for text in [
      "32-child-hurt.wav: warning: 'child-hurt' was withdrawn", "33-child-hungry.wav: warning: 'child-hungry' was",
      "13-need-doctor.wav: warning: it takes",
      "3 recordings of the project not in this kit: 'firstword check' says why",
    ] { #expect(built.errors.contains(text), "\(built.errors)") }

    // A kit.yaml that names a withdrawn prompt is refused, by its line.
    try change("- need-doctor", to: "- child-hurt")
    for words in [["check", "p"], ["build", "--project", "p", "--key", "k.key", "-o", "q.kit"]] {
      let refused = try Program.run(words, in: place.directory)
      #expect(refused.status == 2 && refused.errors.contains("'child-hurt' was withdrawn"), "\(refused.errors)")
      #expect(refused.errors.contains("p/kit.yaml:") && refused.errors.split(separator: "\n").count == 1)
    }
    #expect(!Files.exists("\(place.directory)/q.kit"))
  }

  @Test("a language in reserve is in a kit only if kit.yaml names it under 'reserve'")
  func reserve() throws {
    let refused = try place.run("new", "r", "--languages", "ro,bin")
    #expect(
      refused.status == 2 && refused.errors.contains("'bin' (Edo (Bini)) is kept in reserve"), "\(refused.errors)")
    #expect(refused.errors.contains("use 'pcm' instead") && !Files.exists("\(place.directory)/r"))

    try make("ro", prompts: "language-name")
    try change("- \"ro\"\n", to: "- \"ro\"\n  - \"bin\"\n")
    let unnamed = try place.run("build", "--project", "p", "--key", "k.key", "-o", "p.kit")
    #expect(unnamed.status == 2 && unnamed.errors.contains("'bin' is kept in reserve"), "\(unnamed.errors)")
    try change("# reserve: [\"bin\"]", to: "reserve: [\"bin\"]")
    let missing = try place.run("check", "p")
    #expect(missing.status == 1 && missing.output.contains("p/recordings/bin: error: no recording of 01-language-name"))
    try Files.makeDirectory("\(place.directory)/p/recordings/bin/f1")
    try run(
      "espeak-ng", "-v", "en", "-w", "\(place.directory)/p/recordings/bin/f1/01-language-name.wav", "Edo. This is Edo.")
    let built = try place.run("build", "--project", "p", "--key", "k.key", "-o", "p.kit")
    #expect(built.status == 0, "\(built.errors)")
    let kit = try KitFile(path: "\(place.directory)/p.kit")
    #expect(kit.manifest.draft && kit.bundles.map(\.tag) == ["ro", "bin"])
  }

  @Test("a fallback that may frighten is in a kit only if kit.yaml names it under 'fallbacks'")
  func fallbacks() throws {
    try make("uk,ru", prompts: "language-name")
    func fallback(_ name: String) throws -> [String]? {
      let built = try place.run("build", "--project", "p", "--key", "k.key", "-o", "\(name).kit")
      #expect(built.status == 0, "\(built.errors)")
      return try KitFile(path: "\(place.directory)/\(name).kit").bundle("uk")?.fallback
    }
    #expect(try fallback("without") == [])
    try change("# fallbacks: [uk-ru]", to: "fallbacks: [uk-ru]")
    #expect(try fallback("with") == ["ru"])
  }
}
