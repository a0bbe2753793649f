import Foundation
import Glibc
import KitBuilder
import Posix
import Project
import Simulator
import TestSupport
import Testing

/// Runs `firstword record` on a pseudo-terminal with a simulated microphone and card.
@Suite(
  "Recording", .serialized,
  .enabled(if: Program.isInstalled("espeak-ng") && Program.isInstalled("sox"), "espeak-ng or sox is not installed"))
struct RecordTests {
  private let place: Workplace
  private let control: CardControl
  /// The simulated microphone's speed, low enough for a slow machine to keep up with.
  private static let speed = 2

  init() throws {
    place = try Workplace()
    control = CardControl(path: "\(place.directory)/control")
    try control.set([.noise(66)])
    let made = try place.run("new", "p", "--languages", "ro,ar", "--prompts", "safe-here,thank-you,goodbye")
    #expect(made.status == 0, "\(made.errors)")
    try Files.replace("\(place.directory)/p/speakers.yaml", with: Array(Self.speakers.utf8))
  }

  private static let speakers = """
    speakers:
      - pseudonym: Iris
        language: "ro"
        voice: f2
        consent: 2026-01-01
        licence: any
        contact: "r@example.org"
      - {pseudonym: Ion, language: "ro", voice: m1, consent: 2026-01-01, licence: any, contact: "r@example.org",
         withdrawn: 2026-02-01}

    """

  /// Writes espeak-ng's speech for the simulated microphone.
  private func speech(_ text: String, _ effects: [String] = ["gain", "-n", "-9"]) throws {
    for words in [
      ["espeak-ng", "-v", "ro", "-s", "140", "-w", "raw.wav", text],
      ["sox", "raw.wav", "-D", "-r", "48000", "-b", "16", "-c", "1", "voice.wav"] + effects,
    ] {
      try run(words)
    }
  }

  private func run(_ words: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.currentDirectoryURL = URL(fileURLWithPath: place.directory)
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(words)")
  }

  private func terminal(
    _ arguments: [String], through shell: String? = nil, columns: Int = 80, rows: Int = 24
  ) throws -> PseudoTerminal {
    var configuration = MicrophoneConfiguration(
      library: try CardConfiguration.findLibrary(), voice: "\(place.directory)/voice.wav",
      control: "\(place.directory)/control")
    configuration.bits = 24
    configuration.speed = Self.speed
    let card = CardConfiguration(
      library: configuration.library, record: "\(place.directory)/card.record",
      control: "\(place.directory)/card.control")
    try Files.replace("\(place.directory)/alsa.conf", with: Array((configuration.text + card.text).utf8))
    let search = "/usr/share/alsa/alsa.conf:\(place.directory)/alsa.conf"
    let program = try Files.programDirectory().appending("firstword").string
    let device = arguments.contains("--device") ? [] : ["--device", MicrophoneConfiguration.pcm]
    let words = [program, "record"] + arguments + device + ["--pcm", CardConfiguration.pcm, "--project", "p"]
    return try PseudoTerminal(
      shell.map { ["/bin/bash", "-c", $0 + "; exec \"$@\"", "bash"] + words } ?? words, in: place.directory,
      environment: [CardConfiguration.environmentName: search], columns: columns, rows: rows)
  }

  private func recordings(_ directory: String) -> [String] {
    (try? Files.list("\(place.directory)/p/\(directory)")) ?? []
  }

  /// Plays `voice.wav` into the simulated microphone.
  private func say() throws { try control.set([.noise(66), .say(Int(Monotonic.now.nanoseconds & 0xFFFF_FFFF))]) }

  /// Records the message shown, to the review of the take. Silence ends the take, or `key`. Records again where the
  /// machine was too busy and lost audio.
  private func record(_ terminal: PseudoTerminal, key: String? = nil) throws {
    for _ in 0..<5 {
      terminal.type("\r")
      try terminal.wait(for: "SPEAK NOW")
      try say()
      if let key {
        try terminal.wait(for: "RECORDING")
        terminal.type(key)
      }
      if try terminal.wait(for: ["s recorded.", "Audio was lost"]) == "s recorded." { return }
    }
  }

  @Test("refuses to run without a terminal, and refuses options that contradict each other")
  func refused() throws {
    for (arguments, status, message) in [
      (["ro"], 2, "recording needs a terminal"),
      (["ro", "--voice", "F 1"], 64, "a name such as f1"), (["ro", "--voice", "synthetic"], 64, "a name such as f1"),
      (["ro/3", "--from", "3"], 64, "--from needs a whole language"),
    ] as [([String], Int32, String)] {
      let outcome = try Program.run(["record"] + arguments + ["--project", "p"], in: place.directory)
      #expect(outcome.status == status && outcome.errors.contains(message), "\(outcome.errors)")
    }
    #expect(recordings("recordings/ro").isEmpty)
  }

  @Test("reports in one line why a speaker may not be recorded, and lists the microphones")
  func refusedOnTerminal() throws {
    for (arguments, message) in [
      (["ro", "--speaker", "Iri"], "no speaker 'Iri' of ro (did you mean 'Iris'?)"),
      (["ro", "--speaker", "Iris", "--voice", "f1"], "'Iris' is ro/f2, not ro/f1"),
      (["ro", "--voice", "m1"], "'Ion' withdrew the consent on 2026-02-01"),
      (["fr"], "it has ro, ar"), (["ro", "--from", "goodby"], "(did you mean 'goodbye'?)"),
      (["ro", "--device", "hw:CARD=none"], "--device microphone  (A microphone that is not there)"),
    ] {
      let terminal = try terminal(arguments)
      try terminal.wait(for: message)
      #expect(try terminal.end().status == 2)
    }
    for (fault, message) in [
      (CardFault.busy, "another program has it"), (.unplugged, "'microphone' (No such device): plug it in"),
    ] {
      try control.set([fault])
      let terminal = try terminal(["ro"])
      try terminal.wait(for: message)
      #expect(try terminal.end() == (2, true))
    }
    #expect(recordings("recordings/ro").isEmpty)
  }

  @Test("records from the room measurement to the last message, and check finds nothing new")
  func whole() throws {
    let terminal = try terminal(["ro", "--speaker", "iris"])
    try terminal.wait(for: "Be silent")
    try terminal.wait(for: "Room noise: -6")
    #expect(terminal.shown.contains("Romanian  ro/f2 Iris") && terminal.shown.contains("1 of 3"))
    let meaning = try #require(try Words.catalogue().wording("safe-here", in: "ro")?.back)
    #expect(terminal.shown.contains("03  ") && terminal.shown.contains("= \(meaning)"))
    for (index, id) in ["safe-here", "thank-you", "goodbye"].enumerated() {
      try speech(Words.text(id, in: "ro"))
      // A key ends the second in the middle of a long vowel, so it is recorded twice.
      if index == 1 {
        try run(
          "sox -D -n -r 48000 -b 16 -c 1 voice.wav synth 20 sine 300 gain -12".split(separator: " ").map(String.init))
        try record(terminal, key: " ")
        try terminal.wait(for: "it ends in the middle of a sound")
        try speech(Words.text(id, in: "ro"), ["trim", "0", "0.1"])
        try say()
        terminal.type("r")
        try terminal.wait(for: "any key stops it")
        terminal.type("x")
        try terminal.wait(for: "Enter when the speaker is ready")
        try speech(Words.text(id, in: "ro"))
      }
      try record(terminal)
      try terminal.wait(for: "finds nothing wrong")
      // The preview plays to its end.
      if index == 0 { try terminal.wait(for: "s recorded.\n") }
      terminal.type("k")
      if index < 2 { try terminal.wait(for: "\(index + 2) of 3") }
    }
    #expect(try terminal.end() == (0, true))
    #expect(terminal.shown.contains("3 kept, 0 skipped in ro/f2; 0 of 3 still missing."))
    #expect(
      recordings("recordings/ro/f2") == ["03-safe-here.wav", "40-thank-you.wav", "41-goodbye.wav"]
        && recordings("recordings/ro") == ["f2"])
    #expect(recordings("takes").isEmpty)
    let played = try CardRecording(path: "\(place.directory)/card.record").streams
    #expect(played.contains { $0.samples.contains { abs($0) > 3_000 } })
    // A busy machine may split it into two streams.
    #expect(played.reduce(0) { $0 + $1.samples.count } > 96_000)
    let recording = try Recording(path: "\(place.directory)/p/recordings/ro/f2/03-safe-here.wav")
    #expect(recording.rate == 48_000 && recording.channels == 1)
    // These recordings have only notes: no approval yet.
    let report = try place.run("check", "p").output.split(separator: "\n")
    #expect(report.contains { $0.contains("approval-missing") } && !report.contains { $0.contains("speaker-missing") })
    #expect(!report.contains { $0.hasPrefix("p/recordings/ro/f2/") && !$0.contains(": note: ") }, "\(report)")
    let again = try self.terminal(["ro", "--speaker", "Iris"])
    try again.wait(for: "Every message is recorded in ro/f2")
    #expect(try again.end() == (0, true))
  }

  @Test("continues where recordings are missing, and moves a replaced recording to takes")
  func resumed() throws {
    try speech(Words.text("thank-you", in: "ro"))
    let first = try terminal(["ro", "--from", "40"])
    try first.wait(for: "2 of 3")
    try first.wait(for: "Enter when")
    try record(first)
    first.type("k")
    try first.wait(for: "3 of 3")
    first.type("q")
    #expect(try first.end() == (0, true))
    #expect(first.shown.contains("1 kept, 0 skipped in ro/f2; 2 of 3 still missing."))
    let path = "\(place.directory)/p/recordings/ro/f2/40-thank-you.wav"
    let old = try Files.read(path)

    let second = try terminal(["ro"])
    try second.wait(for: "1 of 3")
    try second.wait(for: "Enter when")
    second.type("s")
    try second.wait(for: "3 of 3")
    second.type("\u{1B}[D")
    try second.wait(for: "2 of 3")
    try record(second)
    second.type("k")
    try second.wait(for: "has a recording already")
    second.type("n")
    try second.wait(for: "Nothing was replaced")
    #expect(try Files.read(path) == old)
    second.type("k")
    try second.wait(for: "has a recording already")
    second.type("o")
    try second.wait(for: "the old recording is now p/takes/ro/f2/40-thank-you.1.wav")
    second.type("\u{3}")
    #expect(try second.end() == (0, true))
    #expect(try Files.read("\(place.directory)/p/takes/ro/f2/40-thank-you.1.wav") == old)
    #expect(try Files.read(path) != old)
    #expect(recordings("recordings/ro/f2") == ["40-thank-you.wav"])
    // The replaced take holds the speaker's voice too.
    #expect(
      try place.run("takedown", "Iris", "--yes", "--project", "p").output.contains("takes/ro/f2/40-thank-you.1.wav"))
    #expect(recordings("takes/ro").isEmpty && recordings("recordings/ro").isEmpty)
  }

  @Test("reports at once what check would find: clipped peaks, a soft voice, half a sentence")
  func faults() throws {
    let terminal = try terminal(["ro/goodbye", "--voice", "f1"])
    try terminal.wait(for: "Enter when")
    #expect(terminal.shown.contains("speaker not known"))
    let text = try Words.text("goodbye", in: "ro")
    let takes = [
      (text, ["gain", "-n", "20"], "cut-off peaks a second: turn the microphone down"),
      (text, ["gain", "-n", "-40"], "LUFS loud: turn the microphone up"),
      (
        text + text + text, ["gain", "-n", "-9"],
        "where its wording takes"
      ),
    ]
    for (index, (text, effects, message)) in takes.enumerated() {
      try speech(text, effects)
      try record(terminal)
      try terminal.wait(for: message)
      if index == 0 { #expect(terminal.shown.contains("CLIP")) }
      terminal.type("r")
      try terminal.wait(for: "any key stops it")
      terminal.type("x")
      try terminal.wait(for: "Enter when")
    }
    terminal.type("q")
    #expect(try terminal.end() == (0, true))
    #expect(recordings("recordings/ro").isEmpty)
  }

  @Test("reports a loud room, a hum and a dead microphone with a remedy, and continues on request")
  func room() throws {
    try control.set([])
    let terminal = try terminal(["ar"])
    try terminal.wait(for: "the microphone gives no sound at all")
    for (sound, message) in [
      (CardFault.noise(40), "the room's noise is at -4"), (.hum(20), "the hum of the mains (50 Hz)"),
    ] {
      try control.set([sound])
      terminal.type("n")
      try terminal.wait(for: message)
    }
    terminal.type("c")
    try terminal.wait(for: "Enter when")
    terminal.type("q")
    #expect(try terminal.end() == (0, true))
  }

  @Test("an unplugged microphone costs the take and no kept recording; recording continues when it is back")
  func unplugged() throws {
    try speech(Words.text("safe-here", in: "ro"))
    let terminal = try terminal(["ro"])
    try terminal.wait(for: "Enter when")
    try record(terminal)
    terminal.type("k")
    try terminal.wait(for: "2 of 3")
    terminal.type("\r")
    try terminal.wait(for: "SPEAK NOW")
    try control.set([.unplugged])
    try terminal.wait(for: "The microphone was unplugged: this take is lost")
    try terminal.wait(for: "no microphone (No such device)")
    terminal.type("\r")
    try terminal.wait(for: "There is no microphone to record with")
    try say()
    try terminal.wait(for: "Be silent")
    try terminal.wait(for: "Enter when")
    try record(terminal)
    terminal.type("k")
    try terminal.wait(for: "3 of 3")
    terminal.type("\u{3}")
    #expect(try terminal.end() == (0, true))
    #expect(recordings("recordings/ro/f2") == ["03-safe-here.wav", "40-thank-you.wav"])
  }

  @Test("lost audio ends the take, which is recorded again")
  func torn() throws {
    let terminal = try terminal(["ro"])
    try terminal.wait(for: "Enter when")
    terminal.type("\r")
    try terminal.wait(for: "SPEAK NOW")
    try control.set([.noise(66), .xrun(1)])
    try terminal.wait(for: "Audio was lost because")
    terminal.type("q")
    #expect(try terminal.end() == (0, true))
  }

  @Test("Ctrl-C and a hang-up during a take restore the terminal and leave no partial file")
  func interrupted() throws {
    try speech(Words.text("safe-here", in: "ro"))
    for phase in ["SPEAK NOW", "s recorded."] {
      for isSignal in [false, true] {
        try control.set([.noise(66)])
        let terminal = try terminal(["ro"])
        try terminal.wait(for: "Enter when")
        terminal.type("\r")
        try terminal.wait(for: "SPEAK NOW")
        if phase != "SPEAK NOW" {
          try say()
          try terminal.wait(for: phase)
        }
        if isSignal { kill(terminal.identifier, SIGHUP) } else { terminal.type("\u{3}") }
        #expect(try terminal.end() == (0, true))
        #expect(recordings("recordings/ro").isEmpty)
      }
    }
  }

  @Test(
    "a full disk is reported, and the take is written when there is space",
    .disabled(if: Sanitizer.isOn, "a sanitizer writes a file of its own"))
  func fullDisk() throws {
    try speech(Words.text("safe-here", in: "ro"))
    // No file may grow beyond 64 KiB.
    let terminal = try terminal(["ro"], through: "trap '' XFSZ; ulimit -S -f 64")
    try terminal.wait(for: "Enter when")
    terminal.type("\r")
    try terminal.wait(for: "SPEAK NOW")
    try say()
    try terminal.wait(for: "The take was not written")
    #expect(terminal.shown.contains("File too large"))
    #expect(recordings("recordings/ro").isEmpty)
    try run(["prlimit", "--pid", "\(terminal.identifier)", "--fsize=unlimited"])
    terminal.type("\r")
    try terminal.wait(for: "finds nothing wrong")
    terminal.type("k")
    try terminal.wait(for: "2 of 3")
    terminal.type("q")
    #expect(try terminal.end() == (0, true))
    #expect(recordings("recordings/ro/f2") == ["03-safe-here.wav"])
  }

  @Test("does not wait for another writer of the project: reports it, and the key works again later")
  func locked() throws {
    try speech(Words.text("safe-here", in: "ro"))
    let terminal = try terminal(["ro"])
    try terminal.wait(for: "Enter when")
    try record(terminal)
    do {
      let lock = try ProjectLock("\(place.directory)/p") { _ in }
      defer { lock.end() }
      terminal.type("k")
      try terminal.wait(for: "is writing to this project")
      #expect(recordings("recordings/ro/f2").allSatisfy { $0.hasPrefix(".") })
    }
    terminal.type("k")
    try terminal.wait(for: "2 of 3")
    terminal.type("q")
    #expect(try terminal.end() == (0, true))
  }

  @Test("fits a message in any script into 40 columns and 20 rows")
  func small() throws {
    let terminal = try terminal(["ar"], columns: 40, rows: 20)
    try terminal.wait(for: "Enter when")
    #expect(terminal.shown.contains("Arabic  ar/f1 speaker"))
    terminal.type("q")
    #expect(try terminal.end() == (0, true))
  }
}
