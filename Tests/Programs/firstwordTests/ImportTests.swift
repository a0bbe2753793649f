import Catalogue
import Foundation
import KitBuilder
import Posix
import Project
import TestSupport
import Testing

/// The command, with voices of espeak-ng under the names that people give to files.
@Suite(
  "Importing", .serialized,
  .enabled(
    if: Program.isInstalled("espeak-ng") && Program.isInstalled("sox"), "espeak-ng or sox is not installed"))
struct ImportTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    let made = try place.run("new", "p", "--languages", "ro,es,ru", "--prompts", "safe-here,first-contact")
    #expect(made.status == 0, "\(made.errors)")
  }

  private var project: String { "\(place.directory)/p" }

  /// Synthesizes a prompt's wording with espeak-ng.
  private func speak(_ prompt: String, in tag: String, to name: String) throws {
    try speak(try Words.text(prompt, in: tag), tag, to: name)
  }

  private func speak(_ text: String, _ voice: String, to name: String) throws {
    let path = "\(place.directory)/\(name)"
    try Files.makeDirectory(Path(path).parent)
    try run("espeak-ng", "-v", voice, "-w", "\(place.directory)/raw.wav", text)
    try run("sox", "-D", "-V1", "\(place.directory)/raw.wav", "-r", "48000", path, "norm", "-6", "pad", "0.4", "0.5")
  }

  private func run(_ program: String, _ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/\(program)")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(program) \(arguments)")
  }

  /// The paths of all files in the project.
  private var content: [String] {
    (FileManager.default.enumerator(atPath: project)?.compactMap { $0 as? String } ?? []).sorted()
  }

  @Test("recordings with clear names are imported once; ambiguous ones are reported and not imported")
  func directory() throws {
    try speak("safe-here", in: "ro", to: "given/ro_03.wav")
    try speak("safe-here", in: "es", to: "given/Español/3 - you are safe here.flac")
    try speak("who-we-are", in: "ru", to: "given/русский ٤.wav")
    try speak("who-we-are", in: "ro", to: "given/Recording 4 (Romanian).wav")
    let dry = try place.run("import", "given", "p", "--voice", "f1", "--dry-run")
    #expect(dry.status == 1 && dry.output.contains("To import (3)") && dry.output.contains("not imported (1)"))
    #expect(dry.output.contains("? number 4 may only count the recordings"))
    let unasked = try place.run("import", "given", "p", "--voice", "f1")
    #expect(unasked.status == 2 && unasked.errors.contains("cannot ask about 3 recordings without a terminal"))
    #expect(!Files.exists("\(project)/\(ImportLedger.name)"))

    let done = try place.run("import", "given", "p", "--voice", "f1", "--yes")
    #expect(done.status == 1 && done.output.contains("3 recordings imported"), "\(done.errors)")
    #expect(content.contains("recordings/es/f1/03-safe-here.flac") && !content.contains(".import"))
    let again = try place.run("import", "given", "p", "--voice", "f1", "--yes", "--trust-numbers", "--json")
    #expect(again.status == 0, "\(again.errors)")
    struct Report: Decodable {
      struct Row: Decodable { let file, fate: String }
      let done: Bool
      let rows: [Row]
    }
    let report = try JSONDecoder().decode(Report.self, from: Data(again.output.utf8))
    #expect(report.done && report.rows.count { $0.fate == "known" } == 3 && report.rows.count { $0.fate == "new" } == 1)
    #expect(try ImportLedger.read("\(project)/\(ImportLedger.name)").entries.count == 4)
    // The last import was of one recording.
    let asked = try place.run("import", "--undo", "--project", "p")
    #expect(asked.status == 2 && asked.errors.contains("cannot ask about 1 recording without a terminal"), "\(asked)")
    let undone = try place.run("import", "--undo", "--project", "p", "--yes")
    #expect(undone.status == 0 && undone.output.contains("undone: 1 recording removed."), "\(undone)")
    #expect(try ImportLedger.read("\(project)/\(ImportLedger.name)").entries.count == 5)
    #expect(content.contains("recordings/es/f1/03-safe-here.flac"))
    #expect(try place.run("import", "--undo", "given", "--project", "p").status == 64)
    #expect(try place.run("check", "p").output.contains("ro"))
  }

  @Test("an impossible import is reported on one line, with exit status 2 or 64, and changes nothing")
  func refused() throws {
    try speak("safe-here", in: "ro", to: "given/ro_03.wav")
    let before = content
    for (arguments, status, message) in [
      (["import", "nowhere", "p"], 2, "nowhere: cannot be opened: No such file"),
      (["import", "given"], 2, "no project here: kit.yaml does not exist"),
      (["import", "p", "p"], 2, "is the project itself"),
      (["import", "given", "p", "--voice", "F 1"], 64, "--voice takes a name such as f1"),
      (["import", "given", "p", "--json"], 64, "--json cannot ask"),
      (["import", "given", "p", "--language", "rp"], 2, "has no language 'rp' (did you mean 'ro'?)"),
      (["import", "given", "p", "--speaker", "Iris"], 2, "has no speaker 'Iris'"),
      (["import", "given", "p", "--map", "nomap.csv"], 2, "nomap.csv: cannot be read: No such file"),
    ] as [([String], Int32, String)] {
      let outcome = try Program.run(arguments, in: place.directory)
      #expect(outcome.status == status, "\(arguments)")
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }
    #expect(content == before)
  }

  @Test(
    "a disk that is full in the middle of it leaves the project as it was",
    .disabled(if: Sanitizer.isOn, "a sanitizer writes a file of its own"))
  func fullDisk() throws {
    try speak("safe-here", in: "ro", to: "given/ro_03.wav")
    try speak("who-we-are", in: "ro", to: "given/ro_04.wav")
    let before = content
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    // No file may grow beyond 400 KiB: the first fits, not the second.
    let limited = "trap '' XFSZ; ulimit -S -f 400; exec \"$@\" >out 2>err"
    process.arguments = [
      "-c", limited, "bash", try Files.programDirectory().appending("firstword").string, "import", "given", "p",
      "--voice", "f1",
      "--yes",
    ]
    process.currentDirectoryURL = URL(fileURLWithPath: place.directory)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 2)
    let errors = String(decoding: try Files.read("\(place.directory)/err"), as: UTF8.self)
    #expect(errors.contains("File too large") && errors.contains("nothing was changed"), "\(errors)")
    #expect(content == before)
  }

  @Test(
    "who comes second into a project waits, and is told for whom",
    arguments: [
      ["import", "given", "p", "--voice", "f1", "--yes"],
      ["synthesize", "p"],
      ["words", "import", "ro.po", "--project", "p", "--yes"],
    ])
  func waiting(_ words: [String]) throws {
    try speak("safe-here", in: "ro", to: "given/ro_03.wav")
    try #require(try place.run("words", "export", "ro", "-o", "ro.po").status == 0)
    let lock = try ProjectLock(project) { _ in Issue.record("nobody was there") }
    let before = content
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try Files.programDirectory().appending("firstword").string)
    process.arguments = words
    process.currentDirectoryURL = URL(fileURLWithPath: place.directory)
    let told = Pipe()
    process.standardError = told
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let line = String(decoding: told.fileHandleForReading.availableData, as: UTF8.self)
    #expect(line.contains("p: '") && line.contains("(process \(getpid()))") && line.contains("this waits"), "\(line)")
    #expect(process.isRunning && content == before)
    lock.end()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  // MARK: - Long takes

  /// All lines of the project in Romanian one after the other, two seconds apart, in a room that is not quite still.
  ///
  /// - Parameter change: of the parts, which are the texts in order.
  private func take(_ name: String, _ change: (inout [String]) -> Void = { _ in }) throws -> Int {
    let workspace = try Workspace(directory: project, catalogue: Catalogue.locate())
    let language = try #require(try Words.catalogue().language("ro"))
    var texts = workspace.prompts(of: language).compactMap { language.wordings[$0.id]?.text }
    let count = texts.count
    change(&texts)
    var parts: [String] = []
    for (index, text) in texts.enumerated() {
      let part = "\(place.directory)/part-\(index).wav"
      if text == "cough" {
        try run(
          "sox", "-D", "-R", "-n", "-r", "22050", "-c", "1", "-b", "16", "\(place.directory)/raw.wav", "synth", "0.35",
          "pinknoise", "fade", "0.02", "0.35", "0.25", "gain", "-10")
      } else {
        try run("espeak-ng", "-v", "ro", "-w", "\(place.directory)/raw.wav", text)
      }
      try run("sox", "-D", "\(place.directory)/raw.wav", "-b", "16", part, "gain", "-6", "pad", "0.8", "1.2")
      parts.append(part)
    }
    let script = """
      sox "${@:2}" all.wav && sox -D -R all.wav room.wav synth whitenoise vol 0.0004 \
      && sox -D -m -v 1 all.wav -v 1 room.wav "$1"
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", script, "bash", name] + parts
    process.currentDirectoryURL = URL(fileURLWithPath: place.directory)
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return count
  }

  @Test("a long take is cut at its pauses, shown with the text of each piece, and imported if all pieces are certain")
  func longTake() throws {
    let count = try take("evening.wav")
    let done = try place.run("import", "evening.wav", "p", "--language", "ro", "--voice", "f1", "--yes")
    #expect(done.status == 0, "\(done.output)\(done.errors)")
    #expect(done.output.contains(try Words.text("safe-here", in: "ro").prefix(30)))
    #expect(done.output.contains("\(count) recordings imported"))
    let ledger = try ImportLedger.read("\(project)/\(ImportLedger.name)").entries
    #expect(ledger.count == count && Set(ledger.map(\.sha256)).count == 1)
    #expect(ledger.allSatisfy { ($0.to ?? 0) > ($0.from ?? 0) && $0.recording != $0.sha256 })
    // Each piece is as long as its words take: none holds two lines, none half of one.
    let checked = try place.run("check", "p")
    #expect(!checked.output.contains("where its wording takes about"), "\(checked.output)")
    let again = try place.run("import", "evening.wav", "p", "--language", "ro", "--voice", "f1", "--yes")
    #expect(again.status == 0 && again.output.contains("Already imported (\(count))"))
  }

  @Test("a repeated line, a cough and a missing line are reported, and --yes imports nothing")
  func uncertainTake() throws {
    _ = try take("evening.wav") { texts in
      texts.insert(texts[3], at: 3)
      texts.insert("cough", at: 6)
      texts.remove(at: texts.count - 2)
    }
    let before = content
    let refused = try place.run("import", "evening.wav", "p", "--language", "ro", "--voice", "f1", "--yes")
    #expect(
      refused.status == 2 && refused.errors.contains("uncertain, and --yes imports no take with uncertain pieces"))
    // What exactly is doubted depends on how a version of espeak-ng spreads its time.
    #expect(refused.output.contains("      ? "), "\(refused.output)")
    #expect(content == before)

    // A map decides it.
    let written = try place.run(
      "import", "evening.wav", "p", "--language", "ro", "--voice", "f1", "--write-map", "plan.csv")
    #expect(written.status == 0, "\(written.errors)")
    // A map that may hold corrections stays.
    let again = try place.run(
      "import", "evening.wav", "p", "--language", "ro", "--voice", "f1", "--write-map", "plan.csv")
    #expect(again.status == 2 && again.errors.contains("plan.csv: the file exists and may hold corrections"))
    let unheard = try place.run("import", "evening.wav", "p", "--map", "plan.csv", "--yes")
    #expect(unheard.status == 2 && unheard.output.contains("after listening, empty this cell of the map"))
    let plan = String(decoding: try Files.read("\(place.directory)/plan.csv"), as: UTF8.self)
    let heard = plan.split(separator: "\r\n").map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).prefix(7).joined(separator: ",") + ","
    }
    let head = String(try #require(plan.split(separator: "\r\n").first))
    try Files.replace(
      "\(place.directory)/plan.csv", with: Array(([head] + heard.dropFirst()).joined(separator: "\r\n").utf8))
    let mapped = try place.run("import", "evening.wav", "p", "--map", "plan.csv", "--yes")
    #expect(mapped.output.contains(" recordings imported"), "\(mapped.output)\(mapped.errors)")
  }
}
