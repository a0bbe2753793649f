import ArgumentParser
import Journal
import Kit
import Pages
import Posix

extension JournalCommand {
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make the hand-over sheet of a session: what an interpreter or a court reads.",
      discussion: """
        One page to print: what was played, when by local time and UTC and how far the clock can be believed, in which \
        language, from which kit and who signed it; the words and their back-translation; whether each was heard to its \
        end; answers, as the responder judged them; what was not available; what the check of the journal says; what the \
        sheet does not prove.

          firstword journal export journal.jsonl* --session last --kit shelter.kit --sheet sheet.html
          firstword journal export journal.jsonl* --session 412 --kit shelter.kit --sheet copy.html --redacted

        Give the kit that was played: words are shown only of recordings with the hash that the journal has. --redacted \
        leaves out answers, day and time, and the numbers and hashes of lines.

        Exit status: 0 done; 1 done, and the journal is not intact (the sheet says so); 2 it could not be done.
        """)

    @OptionGroup var journal: JournalFiles
    @OptionGroup var sessions: SessionOption
    @OptionGroup var zone: ZoneOption

    @Option(help: ArgumentHelp("The sheet to write.", valueName: "FILE.html"))
    var sheet: String

    @Option(help: ArgumentHelp("The kit that was played.", valueName: "FILE.kit"))
    var kit: String?

    @Flag(help: "For people who need to know what was said, and no more.")
    var redacted = false

    func validate() throws {
      if sessions.isAll { throw ValidationError("say which: --session LINE, --session last, or --from and --to") }
    }

    func run() throws {
      let reading = try journal.read()
      let chosen = try sessions.chosen(JournalSession.all(in: reading.entries))
      let kit = try self.kit.map(openKit)
      if let kit { try check(kit, against: chosen) }
      let page = HandoverSheet(
        chosen, breaks: JournalBreak.all(in: reading.entries), verification: .init(reading),
        kit: kit.map { .init($0.manifest, $0.bundles) }, zone: zone.value, isRedacted: redacted, made: .now,
        program: "firstword \(programVersion)"
      ).page
      try Files.replace(sheet, with: Array(page.document.utf8), mode: 0o600)
      print("\(sheet): \(chosen.count) \(chosen.count == 1 ? "session" : "sessions")")
      warn(reading)
      if !reading.findings.isEmpty { throw ExitCode(1) }
    }

    /// Words of another kit would be words that nobody heard.
    private func check(_ kit: KitFile, against sessions: [JournalSession]) throws {
      let played = Set(sessions.compactMap(\.kit))
      guard !played.isEmpty, !played.contains(where: { $0.hasSuffix(" \(kit.sha256)") }) else { return }
      let names = played.sorted().map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
      throw Failure.impossible(
        "\(self.kit ?? ""): this is \(kit.manifest.name) \(kit.manifest.version) with another kit.json than the journal "
          + "says was played (\(names.joined(separator: ", "))); give that kit, or none")
    }
  }
}
