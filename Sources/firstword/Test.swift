import ArgumentParser
import Catalogue
import Foundation
import Kit
import Posix
import Simulator

struct Test: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prove a kit on a board without hardware.",
    discussion: """
      Starts the shipped firstwordd on simulated lines and a simulated sound card, presses the buttons of the \
      scenario, and prints what sounded: every row comes from the frames that left the card, never from what the \
      daemon says of itself.

        firstword test demo.kit --trust demo.pub --allow-draft --board headless.yaml --scenario demo.yaml

      Exit status: 0 each press sounded as it should; 1 one did not; 2 the scenario could not be run.
      """)

  @Argument(help: "The kit.")
  var kit: String

  @Option(help: ArgumentHelp("The board's YAML.", valueName: "BOARD.yaml"))
  var board: String

  @Option(help: ArgumentHelp("What to press, and what to expect.", valueName: "FILE.yaml"))
  var scenario: String

  @Option(help: ArgumentHelp("A public key, or a folder of them, for the daemon.", valueName: "PUB|DIR"))
  var trust: String?

  @Flag(help: "For the daemon: play a DRAFT kit (trial boards only).")
  var allowDraft = false

  @Flag(help: "For the daemon: play a kit that no trusted key signed (trial boards only).")
  var allowUntrusted = false

  @Option(help: ArgumentHelp("Write what left the card.", valueName: "FILE.wav"))
  var wav: String?

  @Flag(help: "Afterwards, play what left the card on the default sound card too.")
  var aloud = false

  @Flag(help: "For machines.")
  var json = false

  @OptionGroup var words: CatalogueOption

  func run() throws {
    let catalogue = try Catalogue.load(folder: Catalogue.locate(words.catalogue))
    let board = try readBoard(board, words.catalogue)
    let steps: Scenario
    do { steps = try ScenarioFile.read(scenario, catalogue: catalogue) } catch { throw Failure.impossible("\(error)") }
    let file = try KitFile(path: kit)
    let library = try ClipLibrary(file, gainDecibels: board.sound.standardGain)

    var setup = Bench.Setup(kit: kit, board: board)
    setup.trust = trust
    setup.allowDraft = allowDraft
    setup.allowUntrusted = allowUntrusted
    // Before any thread is made; a Ctrl-C must leave no mount behind.
    let signals = try FileDescriptor.signals([SIGINT, SIGTERM])
    let bench = try Bench(setup)
    try Self.watch(signals, bench.abandon)
    let rehearsal = try Rehearsal(steps, on: bench)
    let resident = bench.daemon.residentBytes ?? 0
    let recording = try bench.finish()
    let verdicts = Judge(library).judge(bench.presses, recording)
    let rows = rehearsal.rows(verdicts, kit: file)

    if let wav { try Files.replace(wav, with: recording.wave()) }
    if json {
      try printJSON(rows)
    } else {
      Timeline(rows).show()
      let lines = bench.lines.kind == .mounted ? "with edges" : "TIMED POLLS ONLY, no /dev/fuse"
      print(
        "Daemon: ready in \(Self.tenths(bench.daemon.readyMilliseconds)) ms, \(resident / 1_048_576) MiB resident. "
          + "Lines: \(lines).")
      let seconds = recording.streams.reduce(0) { $0 + $1.samples.count } / 48_000
      if let wav { print("\(wav): what left the card, \(seconds) s of sound.") }
    }
    if aloud { try playAloud(recording) }
    if rows.contains(where: { !$0.faults.isEmpty }) { throw ExitCode(1) }
  }

  /// Waits for a signal in a thread of its own and ends the program by it.
  private static func watch(_ signals: consuming FileDescriptor, _ abandon: @escaping @Sendable () -> Void) throws {
    let signals = Kept(signals)
    _ = try Posix.Thread("interrupt") {
      var poll = Poll()
      _ = poll.add(signals.raw, events: POLLIN)
      try? poll.wait(until: nil)
      abandon()
      _exit(130)
    }
  }

  /// Closures of Swift 6.0 cannot own what is not copyable.
  private final class Kept: Sendable {
    private let descriptor: FileDescriptor
    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
    var raw: CInt { descriptor.raw }
  }

  static func tenths(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(abs(tenths % 10))"
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

/// The rows as a table: for people.
struct Timeline {
  private let rows: [TimelineRow]

  init(_ rows: [TimelineRow]) { self.rows = rows }

  func show() {
    let head = ["time s", "button", "language", "prompt", "ms", "outcome", "English"]
    var cells = rows.map { row in
      [
        Test.tenths(row.seconds), row.button, row.autonym ?? "", row.prompt ?? "",
        row.milliseconds.map(Test.tenths) ?? "", row.outcome, row.text ?? "",
      ]
    }
    cells.insert(head, at: 0)
    let widths = head.indices.dropLast().map { column in cells.map { Self.columns($0[column]) }.max() ?? 0 }
    for (index, line) in cells.enumerated() {
      var text = ""
      for (column, width) in widths.enumerated() {
        let pad = String(repeating: " ", count: width - Self.columns(line[column]))
        text += column == 0 || column == 4 ? pad + line[column] + "  " : line[column] + pad + "  "
      }
      text += line[widths.count]
      let wrong = index > 0 && !rows[index - 1].faults.isEmpty
      print(index == 0 ? Terminal.paint(text, .bold) : wrong ? Terminal.paint(text, .red) : text)
      guard index > 0 else { continue }
      for fault in rows[index - 1].faults { print("        \(Terminal.paint("WRONG", .red)): \(fault)") }
    }
    let wrong = rows.filter { !$0.faults.isEmpty }.count
    print(
      wrong == 0
        ? Terminal.paint("\(rows.count) presses, each sounded as it should.", .green)
        : Terminal.paint("\(wrong) of \(rows.count) presses did not sound as they should.", .red))
  }

  /// Columns on a terminal: marks that combine take none, as in Devanagari.
  private static func columns(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { sum, scalar in
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .enclosingMark, .format: sum
      default: sum + 1
      }
    }
  }
}
