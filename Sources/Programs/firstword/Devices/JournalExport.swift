import ArgumentParser
import Diagnostics
import Journal
import Kit
import Pages
import Posix

extension JournalCommand {
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the hand-over sheet of a session, for an interpreter or a court.",
      discussion: """
        The sheet is one page to print. It shows each message with its time (local and UTC), language, words and \
        back-translation, and whether it was played to its end; answers, as the responder judged them; requests that \
        were not available; the kit and its signer; how reliable the clock is; the result of the verification of the \
        journal; and what the sheet does not prove.

          firstword journal export journal.jsonl* --session last --kit shelter.kit --sheet sheet.html
          firstword journal export journal.jsonl* --session 412 --kit shelter.kit --sheet copy.html --redacted

        Give the kit that was played: words are shown only for recordings whose hash is in the journal. --redacted \
        omits answers, day and time, and the numbers and hashes of lines. With --device the sheet says which lines the \
        device has signed, with which key: see 'firstword journal verify --help'.

        Exit status: 0 done; 1 done, but the journal is not intact (the sheet says so); 2 not done.
        """)

    @OptionGroup var journal: JournalFiles
    @OptionGroup var sessions: SessionOption
    @OptionGroup var zone: ZoneOption

    @Option(help: ArgumentHelp("The sheet to write.", valueName: "FILE.html"))
    var sheet: String

    @Option(help: ArgumentHelp("The kit that was played.", valueName: "FILE.kit"))
    var kit: String?

    @OptionGroup var device: DeviceSignatureOption

    @Flag(help: "Omit answers, times and hashes.")
    var redacted = false

    func validate() throws {
      if sessions.isAll { throw ValidationError("select sessions: --session LINE, --session last, or --from and --to") }
    }

    func run() throws {
      let reading = try journal.read()
      let chosen = try sessions.chosen(JournalSession.all(in: reading.entries), zone.times)
      let kit = try self.kit.map(openKit)
      if let kit { try check(kit, against: chosen) }
      let signed = try device.key.map {
        HandoverSheet.Signatures(key: $0.id, verdict: try device.verdict(on: reading, by: $0))
      }
      let page = HandoverSheet(
        chosen, breaks: JournalBreak.all(in: reading.entries), verification: .init(reading, signed),
        kit: kit.map { .init($0.manifest, $0.bundles) }, times: zone.times, isRedacted: redacted, made: .now,
        program: "firstword \(programVersion)"
      ).page
      try Files.replace(sheet, with: Array(page.document.utf8), mode: 0o600)
      print("\(sheet): \(counted(chosen.count, "session"))")
      warn(reading)
      for finding in signed?.verdict.findings ?? [] { Terminal.complain("NOT INTACT: \(finding)") }
      if !reading.findings.isEmpty || signed?.verdict.findings.isEmpty == false { throw ExitCode(1) }
    }

    /// Refuses a kit that was not played: its words may differ from those that the listener heard.
    private func check(_ kit: KitFile, against sessions: [JournalSession]) throws {
      let played = Set(sessions.compactMap(\.kit))
      if played.isEmpty || sessions.contains(where: { $0.isOf(kit: kit.sha256) }) { return }
      let names = played.sorted().map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
      throw Failure.impossible(
        """
        \(self.kit ?? ""): this is \(kit.manifest.name) \(kit.manifest.version) with another kit.json than the journal \
        says was played (\(names.joined(separator: ", "))); give that kit, or none
        """)
    }
  }
}
