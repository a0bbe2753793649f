import ArgumentParser
import Board
import Catalogue
import Foundation
import Kit
import Pages
import Posix
import Scenarios
import Simulator
import Synchronization

struct Test: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prove a kit on a board without hardware.",
    discussion: """
      Without a scenario it looks at everything that a kit can say: each clip's SHA-256, its decode, what of it leaves \
      libasound, its level and onset against the manifest; then it walks through all languages on the real daemon, by \
      the buttons: each must say its own name, and stop in the middle of a message.

        firstword test demo.kit --trust demo.pub --allow-draft

      With scenarios, files or directories of them, it starts the shipped firstwordd on simulated lines and a simulated \
      sound card for each, does what the steps say, and tells what sounded: by the frames that left the card, never by \
      what the daemon says of itself.

        firstword test demo.kit --trust demo.pub --allow-draft --scenario Hardware/demo.yaml --html test.html

      Steps: press; hold {button, for}; bounce {button, as}; wait (end, or milliseconds of the card's time); unplug, \
      replug, xrun, suspend, stall, unstall, busy, free; expect. What can be expected: {language, prompt, outcome}, \
      silence, {signal}, {led, shows}, {journal}, {volume}; beside it 'within', in ms after the press by the card's \
      frames; what a busy machine took is told, and not held against it.

      Exit status: 0 all as it should be; 1 something was not; 2 it could not be run.
      """)

  @Argument(help: "The kit.")
  var kit: String

  @Option(
    help: ArgumentHelp("The board's YAML; the headless board that comes along without it.", valueName: "BOARD.yaml"))
  var board: String?

  @Option(help: ArgumentHelp("What to press, and what to expect; may be given again.", valueName: "FILE.yaml|DIR"))
  var scenario: [String] = []

  @Option(help: ArgumentHelp("A public key, or a directory of them, for the daemon.", valueName: "PUB|DIR"))
  var trust: String?

  @Flag(help: "For the daemon: play a DRAFT kit (trial boards only).")
  var allowDraft = false

  @Flag(help: "For the daemon: play a kit that no trusted key signed (trial boards only).")
  var allowUntrusted = false

  @Option(help: ArgumentHelp("Write a page with a picture of each scenario in time.", valueName: "FILE.html"))
  var html: String?

  @Option(help: ArgumentHelp("Write JUnit's XML, for continuous integration.", valueName: "FILE.xml"))
  var junit: String?

  @Flag(help: "Test Anything Protocol 14 on standard output.")
  var tap = false

  @Option(help: ArgumentHelp("Write what left the card; of several scenarios the last.", valueName: "FILE.wav"))
  var wav: String?

  @Flag(help: "Afterwards, play what left the card on the default sound card too.")
  var aloud = false

  @Flag(help: "For machines.")
  var json = false

  @OptionGroup var words: CatalogueOption

  func validate() throws {
    if tap && json { throw ValidationError("--tap and --json both want standard output: give one of them") }
    if scenario.isEmpty, wav != nil || aloud {
      throw ValidationError("--wav and --aloud are for scenarios: name one with --scenario")
    }
  }

  func run() throws {
    let start = Monotonic.now
    let catalogue = try Catalogue.load(directory: Catalogue.locate(words.catalogue))
    let board = try readBoard(try board ?? Self.headless(words.catalogue), words.catalogue)
    let file = try openKit(kit)
    let scenarios = try readScenarios(catalogue, board, file)
    try admit(file, to: board)
    var setup = Bench.Setup(kit: kit, board: board)
    setup.trust = trust
    setup.allowDraft = allowDraft
    setup.allowUntrusted = allowUntrusted
    // Before any thread is made; a Ctrl-C must leave no mount behind.
    let watch = try InterruptWatch()
    var report = TestReport(file, board)
    var heard: CardRecording?
    if scenarios.isEmpty {
      report.clips = try proveClips(file)
      report.languages = try walk(file, setup, watch)
    } else {
      let library = ClipLibrary(file, gainDecibels: board.sound.standardGain)
      for scenario in scenarios {
        let (performance, recording) = try rehearse(scenario, file, library, setup, watch)
        report.scenarios.append(performance)
        heard = recording
      }
    }
    report.conclude(after: Double(Monotonic.now.since(start)) / 1e9)
    try tell(report)
    if let wav, let heard {
      try Files.replace(wav, with: heard.wave())
      if isForPeople { print("\(wav): what left the card, \(heard.seconds) s of sound.") }
    }
    if aloud, let heard { try playAloud(heard) }
    if !report.good { throw ExitCode(1) }
  }

  private var isForPeople: Bool { !json && !tap }

  // MARK: - Before anything is started

  /// The board that comes with the program, beside its catalogue.
  private static func headless(_ catalogue: String?) throws -> String {
    let places = [try Catalogue.locate(catalogue), try Catalogue.locate()].map { "\($0)/Hardware/boards/headless.yaml" }
    guard let place = places.first(where: Files.exists) else {
      throw Failure.impossible("\(places[0]): the headless board is not there; name a board with --board")
    }
    return place
  }

  private func readScenarios(_ catalogue: Catalogue, _ board: Board, _ file: KitFile) throws -> [Scenario] {
    do {
      let scenarios = try ScenarioFile.readAll(scenario, catalogue: catalogue)
      let findings = scenarios.flatMap { $0.findings(on: board, playing: file.manifest, file.bundles) }
      if !findings.isEmpty { throw CatalogueError(findings) }
      return scenarios
    } catch { throw Failure.impossible("\(error)") }
  }

  /// What the daemon would refuse, told with the option that permits it.
  private func admit(_ file: KitFile, to board: Board) throws {
    let isField = board.use == .field
    let trusted = try trust.map { try TrustedKeys(reading: $0) } ?? TrustedKeys([])
    do throws(KitError) { try file.signer(trustedBy: trusted) } catch {
      guard error.isUntrusted else { throw Failure.wrong("\(error)") }
      if isField || !allowUntrusted {
        throw Failure.impossible(
          "\(error); name the publisher's key with --trust PUB"
            + (isField ? " (board \(board.name) is for field use: nothing else helps)" : ", or give --allow-untrusted"))
      }
    }
    if file.manifest.draft, isField || !allowDraft {
      throw Failure.impossible(
        "\(kit): this kit is a DRAFT; "
          + (isField
            ? "board \(board.name) is for field use and plays none: build it with --release, or name a trial board"
            : "give --allow-draft to try it"))
    }
  }

  // MARK: - The three ways to look

  private func proveClips(_ file: KitFile) throws -> [ClipResult] {
    let progress = SharedProgress("played")
    defer { progress.end() }
    return try ClipCheck(file).run { progress.show($0, of: $1) }
  }

  private func walk(_ file: KitFile, _ setup: Bench.Setup, _ watch: InterruptWatch) throws -> [LanguageResult] {
    let missing = LanguageWalk.missing(on: setup.board)
    if !missing.isEmpty {
      let names = missing.map(\.description).joined(separator: " and ")
      throw Failure.impossible(
        "board \(setup.board.name) has no line for \(names): the walk through the languages needs them; "
          + "name another board, or a scenario")
    }
    var progress = Terminal.Progress("walked through")
    defer { progress.end() }
    return try LanguageWalk(file, setup).run(
      started: { watch.over($0.abandon) }, progress: { progress.show($0, of: $1) })
  }

  private func rehearse(
    _ scenario: Scenario, _ file: KitFile, _ library: ClipLibrary, _ setup: Bench.Setup, _ watch: InterruptWatch
  ) throws -> (ScenarioReport, CardRecording) {
    let bench = try Bench(setup)
    watch.over(bench.abandon)
    var progress = Terminal.Progress(scenario.name)
    let rehearsal: ScenarioRun
    do {
      defer { progress.end() }
      rehearsal = try ScenarioRun(scenario, on: bench, playing: file) { progress.show($0, of: $1) }
    }
    let resident = bench.daemon.residentBytes ?? 0
    let recording = try bench.finish()
    let verdicts = SoundVerifier(library).judge(bench.presses, recording, acts: bench.acts)
    let performance = rehearsal.performance(verdicts, recording, bench)
    if isForPeople {
      Timeline(performance).show()
      let lines = bench.lines.kind == .mounted ? "with edges" : "TIMED POLLS ONLY, no /dev/fuse"
      print(
        "Daemon: ready in \(tenths(bench.daemon.readyMilliseconds)) ms, \(resident / 1_048_576) MiB resident. "
          + "Lines: \(lines).")
    }
    return (performance, recording)
  }

  // MARK: - Telling

  private func tell(_ report: TestReport) throws {
    if let html { try Files.replace(html, with: Array(report.page.page.document.utf8)) }
    if let junit { try Files.replace(junit, with: Array(report.junit.document.utf8)) }
    if json { return try printJSON(report) }
    if tap { return Terminal.write(1, TAP(report.suites).document) }
    if report.scenarios.count > 1 {
      let wrong = report.scenarios.filter { !$0.isGood }
      print(
        wrong.isEmpty
          ? Terminal.paint("\(report.scenarios.count) scenarios, all as they should be.", .green)
          : Terminal.paint(
            "\(wrong.count) of \(report.scenarios.count) scenarios: \(wrong.map(\.name).joined(separator: ", "))", .red)
      )
    }
    if !report.clips.isEmpty { tellProof(report) }
  }

  private func tellProof(_ report: TestReport) {
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
      "each left libasound as opusfile decodes it, with the level and onset of its manifest")
    count(
      report.languages.count { !$0.faults.isEmpty }, report.languages.count, "languages",
      "each said its own name at the press of a button, and stopped")
    let sound = Int(report.clips.reduce(0) { $0 + $1.seconds })
    print("\(sound) s of sound in \(tenths(report.seconds)) s.")
  }

  private func playAloud(_ recording: CardRecording) throws {
    let path = wav ?? FileManager.default.temporaryDirectory.path + "/firstword-\(getpid()).wav"
    if wav == nil { try Files.replace(path, with: recording.wave()) }
    defer { if wav == nil { unlink(path) } }
    let player = Process()
    player.executableURL = URL(fileURLWithPath: "/usr/bin/aplay")
    player.arguments = ["-q", path]
    do { try player.run() } catch {
      throw Failure.impossible("aplay cannot be started; install it (sudo apt install alsa-utils)")
    }
    player.waitUntilExit()
    if player.terminationStatus != 0 {
      throw Failure.impossible("aplay cannot play on the default sound card; 'aplay -l' lists the cards")
    }
  }
}

/// Waits for SIGINT and SIGTERM in a thread of its own, and ends the program by them, after what it set up has gone.
private final class InterruptWatch: Sendable {
  private let signals: FileDescriptor
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

  /// What is to go first, from now on.
  func over(_ abandon: @escaping @Sendable () -> Void) { self.abandon.withLock { $0 = abandon } }
}

extension CardRecording {
  fileprivate var seconds: Int { streams.reduce(0) { $0 + $1.samples.count } / CardRecording.rate }
}

/// A scenario's presses as a table, and what was not as expected: for people.
private struct Timeline {
  private let performance: ScenarioReport

  init(_ performance: ScenarioReport) { self.performance = performance }

  func show() {
    var table = Table(["time s", "button", "language", "prompt", "ms", "outcome", "English"], numbers: [0, 4])
    for (index, row) in performance.rows.enumerated() { table.add(row.cells, isWrong(index) ? .red : nil) }
    table.print()
    for failure in performance.failures { print("\(Terminal.paint("WRONG", .red)): \(failure)") }
    let wrong = performance.rows.indices.count { isWrong($0) }
    let others = performance.expectations.count { !$0.met && $0.press == nil }
    if wrong > 0 {
      print(Terminal.paint("\(wrong) of \(performance.rows.count) presses did not sound as they should.", .red))
    } else if others == 0 {
      print(Terminal.paint("\(performance.rows.count) presses, each sounded as it should.", .green))
    }
    if others > 0 { print(Terminal.paint("\(others) other expectations were not met.", .red)) }
  }

  private func isWrong(_ press: Int) -> Bool {
    !performance.rows[press].faults.isEmpty || performance.expectations.contains { $0.press == press && !$0.met }
  }
}
