import ArgumentParser
import Board
import Catalogue
import Diagnostics
import Encoding
import Foundation
import Kit
import Pages
import Posix
import Scenarios
import Simulator
import Synchronization

/// `firstword test`
struct Test: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Test a kit on a board without hardware.",
    discussion: """
      Without a scenario it checks every clip of the kit: SHA-256, decode, the samples that leave libasound, and level \
      and onset against the manifest. Then it walks through all languages on the shipped firstwordd with the buttons: \
      each must play its own name, and stop in the middle of a message.

        firstword test demo.kit --trust demo.pub

      With scenarios (files or directories of them) it starts the shipped firstwordd on simulated lines and a \
      simulated sound card for each, performs the steps, and reports what played: from the frames that left the card, \
      never from the daemon's own reports.

        firstword test demo.kit --trust demo.pub --scenario Hardware/demo.yaml --html test.html

        firstword test demo.kit --trust demo.pub --scenario contact.yaml --journal contact.jsonl
        firstword journal export contact.jsonl --session last --kit demo.kit --sheet sheet.html

      Steps: press, or press {button, by: listener}; hold {button, for}; bounce {button, as}; wait (end, or milliseconds of the card's time); unplug, \
      replug, xrun, suspend, stall, unstall, busy, free; expect. Expectations: {language, prompt, outcome}, silence, \
      {signal}, {led, shows}, {journal}, {volume}; with 'within' in ms after the press, counted in the card's frames. \
      The time that firstwordd waited for a processor is reported, and added to 'within'.

      Exit status: 0 passed; 1 failed; 2 the test could not run.
      """)

  @Argument(help: "The kit.")
  var kit: String

  @Option(
    help: ArgumentHelp("The board's YAML file; the headless board by default.", valueName: "BOARD.yaml"))
  var board: String?

  @Option(help: ArgumentHelp("Steps and expectations; may be repeated.", valueName: "FILE.yaml|DIR"))
  var scenario: [String] = []

  @Option(help: ArgumentHelp("A public key, or a directory of them, for the daemon.", valueName: "PUB|DIR"))
  var trust: String?

  // Without effect: a trial board always plays a DRAFT here. Accepted because it was needed once.
  @Flag(help: .hidden)
  var allowDraft = false

  @Flag(help: "For the daemon: play a kit that no trusted key signed (trial boards only).")
  var allowUntrusted = false

  @Option(help: ArgumentHelp("Write a page with a timeline of each scenario.", valueName: "FILE.html"))
  var html: String?

  @Option(help: ArgumentHelp("Write JUnit XML, for continuous integration.", valueName: "FILE.xml"))
  var junit: String?

  @Flag(help: "Print the Test Anything Protocol, version 14.")
  var tap = false

  @Option(
    help: ArgumentHelp("Write the sound that left the card; of several scenarios the last.", valueName: "FILE.wav"))
  var wav: String?

  @Option(
    help: ArgumentHelp("Write the device's journal; of several scenarios the last.", valueName: "FILE.jsonl"))
  var journal: String?

  @Flag(help: "Afterwards, play the sound that left the card on the default sound card.")
  var aloud = false

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var words: CatalogueOption

  func validate() throws {
    if tap && json { throw ValidationError("--tap and --json both write to standard output: give one of them") }
    if scenario.isEmpty, wav != nil || aloud || journal != nil {
      throw ValidationError("--wav, --journal and --aloud are for scenarios: name one with --scenario")
    }
  }

  func run() throws {
    let start = Monotonic.now
    let catalogue = try Catalogue.load(directory: Catalogue.locate(words.catalogue))
    let board = try readBoard(try board ?? Self.headless(words.catalogue), words.catalogue)
    let file = try openKit(kit)
    let scenarios = try readScenarios(catalogue, board, file)
    try checkPermitted(file, to: board)
    var setup = Bench.Setup(kit: kit, board: board)
    setup.trust = trust
    setup.allowDraft = board.use == .trial
    setup.allowUntrusted = allowUntrusted
    // Before any thread is created. Ctrl-C must not leave a mount.
    let watch = try InterruptWatch()
    var report = TestReport(file, board)
    var heard: CardRecording?
    if scenarios.isEmpty {
      report.clips = try checkClips(file)
      report.languages = try walk(file, setup, watch)
    } else {
      let library = ClipLibrary(file, gainDecibels: board.sound.standardGain)
      for scenario in scenarios {
        let (result, recording) = try perform(scenario, file, library, setup, watch)
        report.scenarios.append(result)
        heard = recording
      }
    }
    report.conclude(after: Double(Monotonic.now.since(start)) / 1e9)
    try write(report)
    if let wav, let heard {
      try Files.replace(wav, with: heard.wave())
      if isForPeople { print("\(wav): the sound that left the card, \(heard.seconds) s.") }
    }
    if aloud, let heard { try playAloud(heard) }
    if !report.good { throw ExitCode(1) }
  }

  private var isForPeople: Bool { !json && !tap }

  // MARK: - Before the start

  /// Returns the path of the shipped headless board, which stands in the catalogue's directory.
  private static func headless(_ catalogue: String?) throws -> String {
    let places = [try Catalogue.locate(catalogue), try Catalogue.locate()].map {
      Path($0).appending("Hardware/boards/headless.yaml")
    }
    guard let place = places.first(where: { Files.exists($0) }) else {
      throw Failure.impossible("\(places[0]): no headless board; name a board with --board")
    }
    return place.string
  }

  private func readScenarios(_ catalogue: Catalogue, _ board: Board, _ file: KitFile) throws -> [Scenario] {
    do {
      let scenarios = try ScenarioFile.readAll(scenario, catalogue: catalogue)
      let findings = scenarios.flatMap { $0.findings(on: board, playing: file.manifest, file.bundles) }
      if !findings.isEmpty { throw DiagnosticsError(findings) }
      return scenarios
    } catch { throw Failure.impossible("\(error)") }
  }

  /// Refuses a kit that the daemon would refuse, and names the option that permits it.
  private func checkPermitted(_ file: KitFile, to board: Board) throws {
    let isField = board.use == .field
    let trusted = try trust.map { try TrustedKeys(reading: $0) } ?? TrustedKeys([])
    do throws(KitError) { try file.signer(trustedBy: trusted) } catch {
      guard error.isUntrusted else { throw Failure.wrong("\(error)") }
      if isField || !allowUntrusted {
        throw Failure.impossible(
          "\(error); name the publisher's key with --trust PUB"
            + (isField
              ? " (board \(board.name) is for field use, which needs a trusted key)" : ", or give --allow-untrusted"))
      }
    }
    if file.manifest.draft, isField {
      throw Failure.impossible(
        "\(kit): this kit is a DRAFT; board \(board.name) is for field use and plays no DRAFT: build it with "
          + "--release, or name a trial board")
    }
    if file.manifest.draft {
      Terminal.remark("\(kit): a DRAFT, for trials only; a device plays it only with 'firstwordd --allow-draft'")
    }
  }

  // MARK: - The three kinds of test

  private func checkClips(_ file: KitFile) throws -> [ClipResult] {
    let progress = SharedProgress("played")
    defer { progress.end() }
    return try ClipCheck(file).run { progress.show($0, of: $1) }
  }

  private func walk(_ file: KitFile, _ setup: Bench.Setup, _ watch: InterruptWatch) throws -> [LanguageResult] {
    let missing = LanguageWalk.missing(on: setup.board)
    if !missing.isEmpty {
      let names = missing.map(\.description).joined(separator: " and ")
      throw Failure.impossible(
        "board \(setup.board.name) has no line for \(names), which the walk through the languages needs; "
          + "name another board, or a scenario")
    }
    var progress = Terminal.Progress("walked through")
    defer { progress.end() }
    return try LanguageWalk(file, setup).run(
      started: { watch.set($0.abandon) }, progress: { progress.show($0, of: $1) })
  }

  private func perform(
    _ scenario: Scenario, _ file: KitFile, _ library: ClipLibrary, _ setup: Bench.Setup, _ watch: InterruptWatch
  ) throws -> (ScenarioReport, CardRecording) {
    let bench = try Bench(setup)
    watch.set(bench.abandon)
    var progress = Terminal.Progress(scenario.name)
    let run: ScenarioRun
    do {
      defer { progress.end() }
      run = try ScenarioRun(scenario, on: bench, playing: file) { progress.show($0, of: $1) }
    }
    let resident = bench.daemon.residentBytes ?? 0
    let recording = try bench.finish()
    if let journal { try Files.replace(journal, with: Files.read(bench.journal), mode: 0o600) }
    let verdicts = SoundVerifier(library).verify(bench.presses, recording, cardActions: bench.cardActions)
    let result = run.report(verdicts, recording, bench)
    if isForPeople {
      Timeline(result).show()
      let lines = bench.lines.kind == .mounted ? "with edges" : "TIMED POLLS ONLY, no /dev/fuse"
      print(
        "Daemon: ready in \(bench.daemon.readyMilliseconds.tenths) ms, \(resident / 1_048_576) MiB resident. "
          + "Lines: \(lines).")
    }
    return (result, recording)
  }

  // MARK: - Output

  private func write(_ report: TestReport) throws {
    if let html { try Files.replace(html, with: Array(report.page.page.document.utf8)) }
    if let junit { try Files.replace(junit, with: Array(report.junit.document.utf8)) }
    if json { return try printJSON(report) }
    if tap { return Terminal.write(1, Printable(lines: TAP(report.suites).document)) }
    if report.scenarios.count > 1 {
      let wrong = report.scenarios.filter { !$0.isGood }
      print(
        wrong.isEmpty
          ? Terminal.paint("\(counted(report.scenarios.count, "scenario")) passed.", .green)
          : Terminal.paint(
            "\(wrong.count) of \(counted(report.scenarios.count, "scenario")) failed: "
              + wrong.map(\.name).joined(separator: ", "),
            .red)
      )
    }
    if !report.clips.isEmpty { printChecks(report) }
  }

  private func printChecks(_ report: TestReport) {
    func fault(_ place: String, _ faults: [String]) {
      for fault in faults { print("\(Terminal.paint("WRONG", .red)): \(place): \(fault)") }
    }
    for clip in report.clips { fault("\(clip.language) \(clip.prompt)", clip.faults) }
    for language in report.languages { fault(language.language, language.faults) }
    func count(_ wrong: Int, _ all: Int, _ what: String, _ verdict: String) {
      print(
        wrong == 0
          ? Terminal.paint("\(all) \(what), \(verdict).", .green)
          : Terminal.paint("\(wrong) of \(all) \(what) are wrong.", .red))
    }
    count(
      report.clips.count { !$0.faults.isEmpty }, report.clips.count, "clips",
      "each as opusfile decodes it, with the level and onset of its manifest")
    count(
      report.languages.count { !$0.faults.isEmpty }, report.languages.count, "languages",
      "each played its own name at the press of a button, and stopped")
    let sound = Int(report.clips.reduce(0) { $0 + $1.seconds })
    print("\(sound) s of sound in \(report.seconds.tenths) s.")
  }

  private func playAloud(_ recording: CardRecording) throws {
    let path = wav ?? FileManager.default.temporaryDirectory.path + "/firstword-\(getpid()).wav"
    if wav == nil { try Files.replace(path, with: recording.wave()) }
    defer { if wav == nil { unlink(path) } }
    let player = Process()
    player.executableURL = URL(fileURLWithPath: "/usr/bin/aplay")
    player.arguments = ["-q", path]
    do { try player.run() } catch {
      throw Failure.impossible("aplay cannot be started: install it (sudo apt install alsa-utils)")
    }
    player.waitUntilExit()
    if player.terminationStatus != 0 {
      throw Failure.impossible("aplay cannot play to the default sound card: 'aplay -l' lists the cards")
    }
  }
}

/// Ends the program at SIGINT or SIGTERM, on a thread of its own, after the running bench has been removed.
private final class InterruptWatch: Sendable {
  private let signals: FileDescriptor
  /// The action before the end. Guarded by the mutex.
  private let abandon = Mutex<@Sendable () -> Void>({})

  init() throws {
    signals = try FileDescriptor.signals([SIGINT, SIGTERM])
    try Posix.Thread("interrupt") { [self] in
      var poll = Poll()
      _ = poll.add(signals.raw, events: POLLIN)
      try? poll.wait(until: nil)
      abandon.withLock { $0() }
      _exit(130)
    }.detach()
  }

  /// Sets the action to perform before the program ends, such as `Bench.abandon`.
  func set(_ abandon: @escaping @Sendable () -> Void) { self.abandon.withLock { $0 = abandon } }
}

extension CardRecording {
  fileprivate var seconds: Int { streams.reduce(0) { $0 + $1.samples.count } / CardRecording.rate }
}

/// Prints a scenario's presses as a table, and the expectations that were not met.
private struct Timeline {
  private let report: ScenarioReport

  init(_ report: ScenarioReport) { self.report = report }

  func show() {
    print("\(Terminal.paint(report.name, .bold))  \(report.file)")
    var table = Table(["time s", "button", "language", "prompt", "ms", "outcome", "English"], numbers: [0, 4])
    for (index, row) in report.rows.enumerated() {
      table.add(row.firstCells, isWrong(index) ? .red : nil)
      // Sounds without a press: the names that the finder says, the messages of a sequence, the operator's voice.
      for sound in row.then { table.add(sound.cells) }
    }
    table.print()
    for failure in report.failures { print("\(Terminal.paint("WRONG", .red)): \(failure)") }
    let wrong = report.rows.indices.count { isWrong($0) }
    let others = report.expectations.count { !$0.met && $0.press == nil }
    if wrong > 0 {
      print(Terminal.paint("\(wrong) of \(counted(report.rows.count, "press", "presses")) failed.", .red))
    } else if others == 0 {
      print(Terminal.paint("\(counted(report.rows.count, "press", "presses")) passed.", .green))
    }
    if others > 0 {
      print(Terminal.paint("\(counted(others, "other expectation was", "other expectations were")) not met.", .red))
    }
  }

  private func isWrong(_ press: Int) -> Bool {
    !report.rows[press].faults.isEmpty || report.expectations.contains { $0.press == press && !$0.met }
  }
}
