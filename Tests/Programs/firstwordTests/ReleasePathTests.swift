import Encoding
import Foundation
import Kit
import KitBuilder
import Posix
import Testing

/// The way of a trainer and two reviewers, as they type it.
@Suite(
  "From a new project to a released kit, and a take-down", .serialized,
  .enabled(if: Program.isInstalled("espeak-ng"), "espeak-ng is not installed: Hardware/setup installs it"))
struct ReleasePathTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private func good(_ arguments: [String], _ location: SourceLocation = #_sourceLocation) throws -> String {
    let outcome = try Program.run(arguments, in: place.directory)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)", sourceLocation: location)
    return outcome.output
  }

  private func put(_ name: String, _ text: String) throws {
    try Files.makeDirectory(Path("\(place.directory)/\(name)").parent)
    try Files.replace("\(place.directory)/\(name)", with: Array(text.utf8))
  }

  private func text(_ name: String) throws -> String {
    String(decoding: try Files.read("\(place.directory)/\(name)"), as: UTF8.self)
  }

  /// A stand-in for a person: speech without the mark of a machine.
  private func record(_ text: String, as name: String) throws {
    let path = "\(place.directory)/shelter/recordings/\(name)"
    try Files.makeDirectory(Path(path).parent)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/espeak-ng")
    process.arguments = ["-v", "en", "-w", path, text]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  private func speakers(_ entries: [(String, String)]) -> String {
    "speakers:\n"
      + entries.map { name, tag in
        "  - pseudonym: \"\(name)\"\n    language: \"\(tag)\"\n    voice: f1\n    consent: 2026-01-01\n"
          + "    licence: \"for first-contact kits\"\n    contact: \"voices@example.org\"\n"
      }.joined()
  }

  private func approve(_ tags: [String], more: [String] = []) throws {
    for tag in tags {
      for (name, key) in [("Ana P.", "ana.key"), ("Ben", "ben.key")] {
        _ = try good(
          ["approve", tag, "--wording", "--recording", "--by", name, "--sign", key, "--yes", "--project", "shelter"]
            + more)
      }
    }
  }

  @Test(
    "three languages, two prompts: refused until people speak, consent and approve; then local words; then taken down")
  func path() throws {
    _ = try good(["new", "shelter", "--languages", "ro,bg,vi", "--prompts", "safe-here,thank-you"])
    #expect(
      try text("shelter/.gitattributes")
        == "approvals.jsonl merge=union\nimports.jsonl merge=union\nreview.jsonl merge=union\n")
    for name in ["publisher", "ana", "ben"] { _ = try good(["keygen", name, "--no-password"]) }
    let release = ["build", "shelter", "--release", "--sign", "publisher.key", "-o", "one.kit"]

    // A machine's stand-ins.
    _ = try good(["synthesize", "shelter"])
    let refused = try Program.run(release, in: place.directory)
    #expect(refused.status == 1)
    #expect(refused.errors.contains("[synthetic]") && refused.errors.contains("[approval-missing]"))
    #expect(refused.errors.contains("12 findings block a release; no kit was built"))
    let dry = try Program.run(["build", "--project", "shelter", "--release", "--dry-run"], in: place.directory)
    #expect(dry.status == 1)
    #expect(dry.output.contains("[synthetic]") && dry.output.contains("12 findings block a release"), "\(dry.output)")

    // People's recordings.
    for (index, tag) in ["ro", "bg", "vi"].enumerated() {
      try FileManager.default.removeItem(atPath: "\(place.directory)/shelter/recordings/\(tag)/synthetic")
      try record("You are quite safe here, number \(index)", as: "\(tag)/f1/03-safe-here.wav")
      try record("Many thanks for all of it, \(index + 3) times", as: "\(tag)/f1/40-thank-you.wav")
    }
    #expect(try Program.run(release, in: place.directory).errors.contains("[speaker-missing]"))
    try put("shelter/speakers.yaml", speakers([("Iris", "ro"), ("Lily", "bg"), ("Lotus", "vi")]))
    #expect(try good(["speakers", "--project", "shelter"]).contains("Lotus    vi/f1  2"))
    try approve(["ro", "bg", "vi"])
    let built = try good(release)
    #expect(built.contains("6 clips approved: 6 proved by reviewers' keys, 0 by names alone"))
    #expect(try good(["verify", "one.kit", "--trust", "publisher.pub"]).contains("whole: shelter 1.0, 6 clips"))
    let info = try good(["info", "one.kit"])
    #expect(
      info.contains("approved (proved by keys)") && info.contains("approvals 24: 24 proved by 2 keys, 0 unproved\n"))
    try keysOnly()
    let kit = try KitFile(path: "\(place.directory)/one.kit")
    #expect(!kit.manifest.draft && kit.bundle("ro")?.clips.first?.speaker == "Iris")

    try localWords()
    try takeDown()
  }

  /// A project that counts only signed approvals.
  private func keysOnly() throws {
    let kit = try text("shelter/kit.yaml")
    try put("shelter/kit.yaml", kit + "approvals: proved\n")
    let unsigned = ["approve", "ro", "--wording", "--by", "Eve", "--yes", "--project", "shelter"]
    let refused = try Program.run(unsigned, in: place.directory)
    #expect(refused.status == 2 && refused.errors.contains("add --key NAME.key"), "\(refused)")
    #expect(try !text("shelter/approvals.jsonl").contains("Eve"))
    _ = try good(unsigned + ["--revoke"])
    try put("shelter/kit.yaml", kit)
  }

  /// A prompt and a language of the project's own, released with the rest.
  private func localWords() throws {
    try put(
      "shelter/Prompts/60-local-bus.yaml",
      """
      number: 60
      id: local-bus
      module: information
      audience: all
      answer: none
      jurisdiction: true
      title: "A bus will take you"
      caution: "Only when the bus is on its way."
      length: 2.0

      """)
    try put(
      "shelter/Languages/rom.yaml",
      """
      number: 60
      tag: "rom"
      english: Romani
      autonym: "Romani ćhib"
      script: Latn
      direction: ltr
      role: listener
      regions: [RO]
      fallback: []
      rate: 12
      drafted: person
      wordings:
        safe-here:
          text: "Akana san ćače kathe."
          back: "Now you are well here."

      """)
    let kit = try text("shelter/kit.yaml")
    try put(
      "shelter/kit.yaml",
      kit.replacing("\"1.0\"", with: "\"1.1\"").replacing("  - \"vi\"", with: "  - \"vi\"\n  - \"rom\"")
        .replacing("prompts:\n", with: "prompts:\n  - local-bus\n"))
    // The words of the project's own come back from a spreadsheet.
    for tag in ["ro", "bg", "vi", "rom"] {
      let bus = tag == "bg" ? "Автобус." : "Autobus \(tag)."
      _ = try good(["words", "export", tag, "-o", "\(tag).csv", "--project", "shelter"])
      let rows = try text("\(tag).csv").components(separatedBy: "\r\n").map { row in
        row.replacing(
          ",,,,missing",
          with: row.contains("local-bus") ? ",\(bus),The bus comes.,,x" : ",Najis tuke.,Thanks.,,x")
      }
      try put("\(tag).csv", rows.joined(separator: "\r\n"))
      let imported = try good(["words", "import", "\(tag).csv", "--project", "shelter", "--yes"])
      #expect(imported.contains("60 local-bus text\n + \(bus)"))
    }
    // The catalogue's own texts were not copied.
    #expect(try !text("shelter/Languages/ro.yaml").contains("safe-here"))
    for (index, tag) in ["ro", "bg", "vi", "rom"].enumerated() {
      try record("The bus is coming to take you, line \(index + 7)", as: "\(tag)/f1/60-local-bus.wav")
    }
    try record("All is well where we are now", as: "rom/f1/03-safe-here.wav")
    try record("Thanks to every one of you", as: "rom/f1/40-thank-you.wav")
    try put("shelter/speakers.yaml", speakers([("Iris", "ro"), ("Lily", "bg"), ("Lotus", "vi"), ("Rose", "rom")]))
    let release = ["build", "shelter", "--release", "--sign", "publisher.key", "-o", "two.kit"]
    let refused = try Program.run(release, in: place.directory)
    #expect(refused.status == 1 && refused.errors.contains("60-local-bus") && refused.errors.contains("rom.yaml"))
    try approve(["ro", "bg", "vi", "rom"])
    #expect(try good(release).contains("12 clips in 4 languages"))
    let opened = try KitFile(path: "\(place.directory)/two.kit")
    #expect(opened.manifest.prompts.contains { $0.number == 60 && $0.id == "local-bus" })
    #expect(opened.bundle("rom")?.number == 60)

    // An edit undoes the approvals of its text by itself.
    try put("shelter/Languages/rom.yaml", try text("shelter/Languages/rom.yaml").replacing("Najis", with: "Nais"))
    let edited = try Program.run(release, in: place.directory)
    #expect(edited.status == 1 && edited.errors.contains("the wording of 'thank-you' is approved by 0 of 2 names"))
    #expect(edited.errors.contains("[wording-changed]"))
  }

  private func takeDown() throws {
    let arguments = ["takedown", "iris", "one.kit", "two.kit", "--project", "shelter"]
    let looked = try good(arguments)
    #expect(looked.contains("would remove  shelter/recordings/ro/f1/60-local-bus.wav"))
    #expect(looked.contains("Nothing was changed") && looked.contains("two.kit  shelter 1.1: 3 clips of this voice"))
    #expect(Files.exists("\(place.directory)/shelter/recordings/ro/f1/60-local-bus.wav"))
    #expect(try !text("shelter/speakers.yaml").contains("withdrawn"))

    _ = try good(["takedown", "iris", "one.kit", "--project", "shelter", "--yes"])
    #expect(try text("shelter/speakers.yaml").contains("withdrawn: "))
    #expect(!Files.exists("\(place.directory)/shelter/recordings/ro/f1"))
    #expect(Files.exists("\(place.directory)/shelter/recordings/bg/f1/03-safe-here.wav"))
    // A later list holds the earlier one.
    _ = try good(arguments + ["--yes"])
    let list = try Documents.decode(
      [TakeDown.Recalled].self, from: Files.read("\(place.directory)/shelter/takedown-Iris.json"))
    let clips = try ["one.kit", "two.kit"].flatMap { name in
      try #require(KitFile(path: "\(place.directory)/\(name)").bundle("ro")).clips.map(\.sha256)
    }
    #expect(list.map(\.sha256) == Set(clips).sorted())
    #expect(list.allSatisfy { $0.reason.hasPrefix("the speaker took back the consent on ") })
    // The clips that were kept went too.
    let kept = FileManager.default.enumerator(atPath: "\(place.directory)/.cache/firstword")?.allObjects ?? []
    #expect(kept.allSatisfy { ($0 as? String)?.count ?? 0 < 64 })

    // Put back by mistake, the voice stops every build.
    try record("You are quite safe here", as: "ro/f1/03-safe-here.wav")
    let built = try Program.run(["build", "shelter", "--partial", "--sign", "publisher.key"], in: place.directory)
    #expect(built.status == 1 && built.errors.contains("[consent-withdrawn]"))

    let unknown = try Program.run(["takedown", "Irsi", "--project", "shelter"], in: place.directory)
    #expect(unknown.status == 2 && unknown.errors.contains("(did you mean 'Iris'?)"))
    try put("shelter/takedown-Lily.json", "mine")
    let other = try Program.run(["takedown", "Lily", "one.kit", "--project", "shelter", "--yes"], in: place.directory)
    #expect(other.status == 2 && other.errors.contains("is not a list of clips"))
    #expect(Files.exists("\(place.directory)/shelter/recordings/bg/f1/03-safe-here.wav"))
  }
}
