import Board
import Control
import Encoding
import Foundation
import Glibc
import Journal
import Kit
import Posix
import Simulator
import Testing

/// The journal of the shipped daemon, and what `firstword journal` makes of it.
@Suite("The journal of a device", .serialized)
struct JournalTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  private func files(_ bench: Bench) throws -> [String] {
    try Files.list(bench.directory).filter { $0.hasPrefix("journal.jsonl") }.map { "\(bench.directory)/\($0)" }
  }

  private func run(_ arguments: String...) throws -> Program.Outcome {
    try Program.run(["journal"] + arguments, in: sandbox.directory)
  }

  private func listen(_ bench: Bench, _ buttons: String...) throws {
    for button in buttons {
      try bench.press(Button(button))
      #expect(try bench.waitForEnd())
    }
  }

  @Test("says what left the card: each message in its order, to its end or as long as it was heard, by its hash")
  func equalsTheCard() throws {
    let bench = try sandbox.bench()
    try listen(bench, "next-language", "safe-here")
    try bench.press(Button("need-doctor"))
    try bench.rest(until: .now.adding(milliseconds: 300))
    try listen(bench, "safe-here", "next-language", "wrong-language")
    try bench.press(Button("need-doctor"))
    try bench.rest(until: .now.adding(milliseconds: 400))
    try bench.press(Button("stop"))
    #expect(try bench.waitForEnd())
    let presses = bench.presses
    let recording = try bench.finish()
    let kit = try KitFile(path: sandbox.kit)
    let verdicts = SoundVerifier(ClipLibrary(kit)).verify(presses, recording)

    let reading = try JournalReading(try files(bench))
    #expect(reading.findings.isEmpty && reading.remarks.isEmpty)
    let sessions = JournalSession.all(in: reading.entries)
    #expect(sessions.count == 1)
    #expect(sessions.first?.kit == "sounds 1.0 \(kit.sha256)" && sessions.first?.signer != nil)
    let played = sessions.flatMap(\.acts).filter { $0.kind == .played }
    var heard: [(language: String, prompt: String, frames: Int, completed: Bool)] = []
    for verdict in verdicts {
      if case .clip(let language, let prompt, let frames, let completed) = verdict.heard {
        heard.append((language, prompt, frames, completed))
      }
    }
    #expect(heard.count == 7)
    #expect(played.map(\.language) == heard.map(\.language))
    #expect(played.map(\.prompt) == heard.map(\.prompt))
    #expect(played.map(\.outcome) == heard.map { $0.completed ? .completed : .stopped })
    for (act, sound) in zip(played, heard) {
      // A fade of 5 ms is heard, and is not the clip's own frames any more.
      #expect(abs((act.heard ?? 0) - sound.frames / 48) <= 10, "\(act), \(sound)")
      #expect(act.clip == kit.bundle(sound.language)?.clip(sound.prompt)?.sha256)
    }
    withExtendedLifetime(bench) {}
  }

  @Test("turns its files, keeps to its size, and is whole; the daemon tells its last line")
  func turns() throws {
    let bench = try sandbox.bench { $0.board.journal = .init(size: 64) }
    let client = try ControlClient(path: bench.socket)
    for round in 0..<120 {
      _ = try client.ask(.press, button: round % 2 == 0 ? "next-language" : "safe-here")
      // Each is heard for a moment, so that it begins.
      let before = bench.presses.count
      _ = try bench.waitForStatus { $0.playing != nil }
      #expect(before == bench.presses.count)
    }
    let head = try #require(try client.ask(.status).status?.journal)
    #expect(head.state == .written)
    #expect(bench.daemon.stop() == 0)
    let files = try files(bench)
    #expect(files.count > 2)
    #expect(try files.reduce(0) { try $0 + Files.read($1).count } <= 64_000)
    let outcome = try Program.run(
      ["journal", "verify"] + files + ["--holds", try #require(head.hash)], in: sandbox.directory)
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.output.hasPrefix("intact: "))
    // The daemon has signed its last line, with a key that it made beside the journal.
    let key = Path(bench.journal).parent.appending("daemon.pub").string
    let signed = try Program.run(["journal", "verify"] + files + ["--device", key], in: sandbox.directory)
    #expect(signed.status == 0, "\(signed)")
    #expect(
      signed.output.contains("signed up to line \(try JournalReading(files).head?.number ?? 0) by the device's key"))
    // Written anew, it is whole, and no longer what the device has signed.
    try anew(files)
    #expect(try Program.run(["journal", "verify"] + files, in: sandbox.directory).status == 0)
    let forged = try Program.run(["journal", "verify"] + files + ["--device", key], in: sandbox.directory)
    #expect(forged.status == 1 && forged.errors.contains("written anew"), "\(forged)")
    withExtendedLifetime(bench) {}
  }

  /// Writes a journal anew as somebody does who knows its format: every language is another one, and all hashes fit.
  private func anew(_ files: [String]) throws {
    var previous: String?
    for entry in try JournalReading(files).files {
      var bytes: [UInt8] = []
      for line in try Files.read(entry).split(separator: 0x0A) {
        let text = String(decoding: line, as: UTF8.self).replacing("\"language\":\"ro\"", with: "\"language\":\"vi\"")
        var entry = try Documents.decode(JournalEntry.self, from: Array(text.utf8))
        if let previous { entry.previous = previous }
        let whole = try entry.line()
        previous = Digest.sha256(whole)
        bytes += whole + [0x0A]
      }
      try Files.replace(entry, with: bytes)
    }
  }

  @Test("kill -9 loses no line that the status has reported, and tears at most the line that is being written")
  func killed() throws {
    for round in 0..<8 {
      let bench = try sandbox.bench()
      let client = try ControlClient(path: bench.socket)
      var reported = 0
      for press in 0..<10 + round {
        _ = try client.ask(.press, button: press % 2 == 0 ? "next-language" : "safe-here")
        reported = try client.ask(.status).status?.journal.number ?? 0
      }
      #expect(kill(bench.daemon.identifier, SIGKILL) == 0)
      #expect(bench.daemon.stop() == 128 + SIGKILL)
      let reading = try JournalReading(try files(bench))
      #expect(reading.findings.isEmpty && reading.remarks.count <= 1, "\(reading.findings) \(reading.remarks)")
      #expect(reported > 0 && reading.head.map { $0.number >= reported } == true)
      withExtendedLifetime(bench) {}
    }
  }

  @Test("off by the board's policy: nothing is written, whatever the command line says, and the status says so")
  func off() throws {
    let bench = try sandbox.bench { $0.board.journal = .init(isKept: false) }
    try listen(bench, "next-language")
    #expect(try ControlClient(path: bench.socket).ask(.status).status?.journal == JournalStatus(state: .off))
    #expect(bench.daemon.stop() == 0)
    #expect(try files(bench).isEmpty)
    withExtendedLifetime(bench) {}
  }

  @Test("a journal that cannot be written stops nothing: it is told once, tried again, and what is missing is told")
  func cannotBeWritten() throws {
    let bench = try sandbox.bench()
    try listen(bench, "next-language")
    try FileManager.default.removeItem(atPath: bench.journal)
    try Files.makeDirectory(bench.journal)
    try listen(bench, "safe-here")
    #expect(
      try bench.waitForStatus {
        $0.journal.state == .failing && $0.journal.cause?.contains("Is a directory") == true
      })
    try FileManager.default.removeItem(atPath: bench.journal)
    try bench.rest(until: .now.adding(milliseconds: 1100))
    try listen(bench, "need-doctor")
    #expect(try bench.waitForStatus { $0.journal.state == .written })
    #expect(bench.daemon.stop() == 0)
    let told = bench.daemon.log.components(separatedBy: "journal cannot be written").count - 1
    #expect(told == 1)
    let entries = try JournalReading(try files(bench)).entries
    #expect(entries.first?.event.name == "gap")
    #expect(entries.contains { $0.event.name == "completed" && JournalFields($0.event).prompt == "need-doctor" })
    withExtendedLifetime(bench) {}
  }

  @Test("a journal that can be written again is so without a press: in the status, the LEDs and the events")
  func recovers() throws {
    let bench = try sandbox.bench { $0.board.leds = Sandbox.board().leds }
    let client = bench.client
    _ = try client.ask(.subscribe)
    try listen(bench, "next-language")
    try FileManager.default.removeItem(atPath: bench.journal)
    try Files.makeDirectory(bench.journal)
    try listen(bench, "safe-here")
    #expect(try bench.waitForStatus { $0.journal.state == .failing && $0.state?.led == "error" })
    try FileManager.default.removeItem(atPath: bench.journal)
    #expect(try bench.waitForStatus { $0.journal.state == .written && $0.state?.led == "draft" })
    // The status can be there before the event.
    var events: [ControlEvent] = []
    let deadline = Monotonic.now.adding(milliseconds: 10_000)
    while events.last?.event != "journal-written", Monotonic.now < deadline {
      events += try client.takeEvents(until: deadline).filter { $0.event.hasPrefix("journal-") }
    }
    #expect(events.map(\.event) == ["journal-failing", "journal-written"])
    #expect(events.first?.detail?.contains("Is a directory") == true)
    #expect(bench.daemon.stop() == 0)
    #expect(try JournalReading(try files(bench)).entries.first?.event.name == "gap")
    withExtendedLifetime(bench) {}
  }

  @Test("holds only events that are known, and nothing of who made the device or where: names, directories, board")
  func nothingPersonal() throws {
    let kit = try sandbox.damagedKit("safe-here", in: "ro")
    let bench = try sandbox.bench {
      $0.kit = kit
      $0.board.name = "musterhausen-anna"
    }
    try listen(bench, "safe-here", "next-language", "safe-here", "need-doctor")
    _ = try bench.client.ask(.press, button: "answer-yes")
    try bench.control.set([.unplugged])
    try bench.press(Button("need-doctor"))
    #expect(try bench.waitForStatus { !$0.sound })
    #expect(bench.daemon.stop() == 0)
    let text = String(decoding: try Files.read(bench.journal), as: UTF8.self)
    for name in [sandbox.directory, bench.directory, "musterhausen", "anna"] {
      #expect(!text.contains(name), "\(name)")
    }
    let events = Set(try JournalReading(try files(bench)).entries.map(\.event.name))
    #expect(events.isSubset(of: JournalEvent.Name.allCases.map(\.rawValue)))
    #expect(
      events.isSuperset(of: ["ready", "signal", "language", "started", "damaged", "answer", "sound-lost", "end"]))
    withExtendedLifetime(bench) {}
  }

  @Test("show, verify, export and stats: what they say, and with which status")
  func commands() throws {
    let bench = try sandbox.bench()
    try listen(bench, "next-language", "safe-here", "need-doctor")
    _ = try bench.client.ask(.press, button: "answer-yes")
    #expect(bench.daemon.stop() == 0)
    let journal = bench.journal

    let shown = try run("show", journal, "--kit", sandbox.kit, "--zone", "UTC")
    #expect(shown.status == 0 && shown.errors.isEmpty, "\(shown)")
    #expect(shown.output.contains("yes to 03 need-doctor, judged by the responder"))
    let json = try run("show", journal, "--json", "--session", "last")
    let document = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect((document["sessions"] as? [Any])?.count == 1)
    #expect(try run("show", journal, "--session", "9999").status == 2)
    // 26 hours apart: the session is of another day in one of them, whose days count.
    let days = try ["Etc/GMT-14", "Etc/GMT+12"].map { zone in
      let head = try run("show", journal, "--zone", zone).output.components(separatedBy: "Session ").last ?? ""
      let day = String(head.components(separatedBy: ": ").dropFirst().joined(separator: ": ").prefix(10))
      #expect(try run("show", journal, "--zone", zone, "--from", day, "--to", day).status == 0, "\(zone), \(day)")
      return day
    }
    #expect(days[0] > days[1])
    #expect(try run("show", journal, "--zone", "Etc/GMT+12", "--from", days[0]).status == 2)
    #expect(try run("show", journal, "--session", "x").status == 64)
    #expect(try run("show", sandbox.directory + "/none").status == 2)

    let sheet = sandbox.directory + "/sheet.html"
    #expect(try run("export", journal, "--sheet", sheet).status == 64)
    #expect(try run("export", journal, "--sheet", sheet, "--session", "last", "--kit", sandbox.kit).status == 0)
    let page = String(decoding: try Files.read(sheet), as: UTF8.self)
    #expect(page.contains("Answer: yes") && page.contains("ro need-doctor") && page.contains("Intact"))
    // Another kit of the same name holds other words.
    let other = sandbox.directory + "/other.kit"
    try Sandbox.writeKit(to: other, key: sandbox.directory + "/key.key", draft: true, version: "1.1")
    let refused = try run(
      "export", journal, "--sheet", sandbox.directory + "/no.html", "--session", "last", "--kit", other)
    #expect(refused.status == 2 && !Files.exists(sandbox.directory + "/no.html"))

    let stats = try run("stats", journal)
    #expect(stats.status == 0 && stats.output.contains("<5"))
    #expect(try run("stats", journal, "--exact", "--json").output.contains("\"isExact\" : true"))

    var lines = try Files.read(journal).split(separator: 0x0A).map(Array.init)
    lines[3][30] ^= 1
    let changed = sandbox.directory + "/changed.jsonl"
    try Files.replace(changed, with: Array(lines.map { $0 + [0x0A] }.joined()))
    let verified = try run("verify", changed)
    #expect(verified.status == 1 && verified.errors.contains("changed.jsonl:4: line 4"))
    for command in ["show", "stats"] { #expect(try run(command, changed).status == 1) }
    #expect(try run("export", changed, "--sheet", sheet, "--session", "last").status == 1)
    #expect(String(decoding: try Files.read(sheet), as: UTF8.self).contains("NOT INTACT"))
    let holds = try run("verify", journal, "--holds", String(repeating: "0", count: 64))
    #expect(holds.status == 1 && holds.errors.contains("no line has the SHA-256"))
    withExtendedLifetime(bench) {}
  }

  /// A journal of two lines with these numbers and monotonic times.
  private func extreme(_ first: Int, _ second: Int, _ monotonic: Int64) throws -> String {
    let path = "\(sandbox.directory)/extreme.jsonl"
    var bytes: [UInt8] = []
    for number in [first, second] {
      var entry = JournalEntry(
        number: number, previous: JournalEntry.firstPrevious, at: .now, .started(.init(language: "ro", prompt: "x")))
      entry.monotonic = monotonic
      bytes += try entry.line() + [0x0A]
    }
    try Files.replace(path, with: bytes)
    return path
  }

  @Test("every command says of a file that is no journal that it is none, in one sentence")
  func noJournal() throws {
    for file in [sandbox.kit, sandbox.publicKey] {
      for arguments in [
        ["verify", file], ["show", file], ["stats", file],
        ["export", file, "--session", "last", "--sheet", "\(sandbox.directory)/none.html"],
      ] {
        let outcome = try Program.run(["journal"] + arguments, in: sandbox.directory)
        #expect(outcome.status == 2 && outcome.output.isEmpty, "\(arguments)")
        #expect(outcome.errors.contains("\(file): this is no journal"), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
      }
    }
  }

  @Test("extreme numbers in a journal are findings for every command, and never a trap or a hang")
  func extremes() throws {
    for (first, second, monotonic) in [
      (1, 1_000_000_000_000, 1), (1, 9_999_999_999, 1), (Int.max, Int.min, Int64.max), (1, 2, .min),
    ] {
      let path = try extreme(first, second, monotonic)
      for command in ["verify", "show", "stats"] {
        let outcome = try run(command, path)
        #expect([1, 2].contains(outcome.status), "\(command) \(first) \(second): \(outcome)")
      }
      let outcome = try run("export", path, "--session", "last", "--sheet", "\(sandbox.directory)/extreme.html")
      #expect([1, 2].contains(outcome.status), "\(first) \(second): \(outcome)")
    }
  }

  @Test("a daemon goes on after a journal's tail of extreme numbers, and its lines can be read")
  func extremeTail() throws {
    let bench = try sandbox.bench()
    try Files.replace(bench.journal, with: try Files.read(extreme(Int.max, Int.max - 1, .max)))
    try listen(bench, "next-language")
    #expect(bench.daemon.stop() == 0)
    let entries = try JournalReading(try files(bench)).entries
    #expect(entries.contains { $0.event.name == "completed" } && entries.last?.event == .terminated)
    withExtendedLifetime(bench) {}
  }

  @Test("show says why nothing was available for a request; a line of an older version has no reason")
  func reasons() throws {
    let events: [JournalEvent] = [
      .ready(JournalKit("sounds 1.0 0", signer: nil)), .language("ro"),
      .signal(.notAvailable, language: "ro", prompt: "child-safe", reason: .recording),
      .signal(.notAvailable, language: nil, prompt: nil, reason: .question),
      .signal(.notAvailable, language: "ro", prompt: "may-stop"),
    ]
    var bytes: [UInt8] = []
    for (index, event) in events.enumerated() {
      bytes += try JournalEntry(number: index + 1, previous: "", at: .now, event).line() + [0x0A]
    }
    let path = "\(sandbox.directory)/reasons.jsonl"
    try Files.replace(path, with: bytes)
    let shown = try run("show", path).output
    #expect(
      shown.contains(
        "not-available  ro  child-safe  (the language has no recording of it, and no other language may replace it)"))
    #expect(shown.contains("not-available  (no question waits for an answer)"))
    #expect(shown.contains("not-available  ro  may-stop\n"))
    #expect(try run("show", path, "--json").output.contains(#""reason" : "question""#))
  }

  @Test("nothing in a journal reaches the terminal unescaped: no escape sequence, line break or bidirectional control")
  func hostile() throws {
    let word = "\u{1B}[2J\u{7}\nintact: forged\u{202E}\u{9B}31m"
    let message = JournalMessage(language: word, prompt: word, voice: word, clip: word, audience: .listener)
    let events: [JournalEvent] = [
      .ready(JournalKit("\(word) \(word) \(word)", signer: word)), .language(word), .started(message),
      .replaced(message, request: word), .signal(.notAvailable, language: word, prompt: word),
      .answer(.yes, language: word, prompt: word, about: word), .sequence(word, .began, language: word),
      .voice(word, language: word), .device(.soundLost, detail: word), .gap(word),
      .unknown(UnknownEvent(name: word, fields: [word: .text(word)])),
    ]
    var bytes: [UInt8] = []
    for (index, event) in events.enumerated() {
      bytes += try JournalEntry(number: index + 1, previous: "", at: .now, event).line() + [0x0A]
    }
    let path = "\(sandbox.directory)/journal\u{1B}[2J\n\u{202E}.jsonl"
    try Files.replace(path, with: bytes)
    for arguments in [
      ["show", path], ["show", path, "--json"], ["verify", path], ["verify", path, "--json"],
      ["stats", path, "--exact"],
      ["stats", path, "--json"],
      ["export", path, "--session", "last", "--sheet", "\(sandbox.directory)/sheet\u{1B}[2J.html"],
      ["show", path + ".none"], ["show", path, "--session", "1\u{1B}[2J"],
    ] {
      let outcome = try Program.run(["journal"] + arguments, in: sandbox.directory)
      #expect(outcome.isPlain, "\(arguments.first ?? ""): \(outcome)")
      #expect(outcome.status != 0 && outcome.status < 128)
      #expect(!outcome.output.split(separator: "\n").contains { $0.hasPrefix("intact") })
    }
  }
}
