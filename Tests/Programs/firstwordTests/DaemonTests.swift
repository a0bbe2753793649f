import Board
import BoardJSON
import Control
import Encoding
import Foundation
import Journal
import Kit
import KitBuilder
import Posix
import Simulator
import TestSupport
import Testing

/// The shipped daemon as a process of its own, on real lines (FUSE) and the simulated card; judged by the card.
@Suite("The daemon", .serialized)
struct DaemonTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  /// Why a daemon did not start; a daemon that does start fails the test.
  private func refused(
    _ start: () throws -> Void, _ place: SourceLocation = #_sourceLocation
  ) -> DaemonProcess.Failure? {
    do {
      try start()
      Issue.record("the daemon started", sourceLocation: place)
    } catch let failure as DaemonProcess.Failure {
      return failure
    } catch {
      Issue.record(error, sourceLocation: place)
    }
    return nil
  }

  private func heard(_ language: String, _ prompt: String, _ verdict: SoundVerifier.Verdict, completed: Bool = true)
    -> Bool
  {
    guard case .clip(language, prompt, _, completed) = verdict.heard else { return false }
    return verdict.faults.isEmpty
  }

  private func judge(_ bench: Bench, kit: String? = nil) throws -> [SoundVerifier.Verdict] {
    let presses = bench.presses
    let recording = try bench.finish()
    return SoundVerifier(ClipLibrary(try KitFile(path: kit ?? sandbox.kit))).verify(presses, recording)
  }

  @Test("plays the clip of each press, in order, and every frame of it")
  func plays() throws {
    let bench = try sandbox.bench()
    for name in ["next-language", "safe-here", "next-language", "need-doctor", "previous-language", "repeat"] {
      try bench.press(Button(name))
      #expect(try bench.waitForEnd())
    }
    let verdicts = try judge(bench)
    #expect(heard("ro", "language-name", verdicts[0]))
    #expect(heard("ro", "safe-here", verdicts[1]))
    #expect(heard("bg", "language-name", verdicts[2]))
    #expect(heard("bg", "need-doctor", verdicts[3]))
    #expect(heard("ro", "language-name", verdicts[4]))
    #expect(heard("ro", "language-name", verdicts[5]))
  }

  @Test("a stop in mid-phrase is silence within 30 ms, without a click")
  func stops() throws {
    let bench = try sandbox.bench()
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    try bench.press(Button("need-doctor"))
    try bench.rest(until: .now.adding(milliseconds: 300))
    try bench.press(Button("stop"))
    #expect(try bench.waitForEnd())
    let verdicts = try judge(bench)
    #expect(heard("ro", "need-doctor", verdicts[1], completed: false))
    #expect(verdicts[2].heard == .silence && verdicts[2].faults.isEmpty, "\(verdicts[2])")
  }

  @Test("a new message ends the one that sounds")
  func bargesIn() throws {
    let bench = try sandbox.bench()
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    try bench.press(Button("need-doctor"))
    try bench.rest(until: .now.adding(milliseconds: 300))
    try bench.press(Button("safe-here"))
    #expect(try bench.waitForEnd())
    let verdicts = try judge(bench)
    #expect(heard("ro", "need-doctor", verdicts[1], completed: false))
    #expect(heard("ro", "safe-here", verdicts[2]))
  }

  @Test("a line that is looked at on a timer plays too")
  func timedLine() throws {
    let bench = try sandbox.bench()
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    try bench.press(Button("wrong-language"))
    #expect(try bench.waitForEnd())
    #expect(heard("ro", "wrong-language", try judge(bench)[1]))
  }

  @Test("a message before a language is chosen is a signal and no clip")
  func noLanguage() throws {
    let bench = try sandbox.bench()
    try bench.press(Button("safe-here"))
    #expect(try bench.waitForEnd())
    #expect(try judge(bench)[0].heard == .signal(.notAvailable))
  }

  @Test("damaged clip: the error signal sounds instead, the journal says which, and the others play")
  func damagedClip() throws {
    let kit = try sandbox.damagedKit("safe-here", in: "ro")
    let bench = try sandbox.bench { $0.kit = kit }
    for name in ["next-language", "safe-here", "need-doctor"] {
      try bench.press(Button(name))
      #expect(try bench.waitForEnd())
    }
    let verdicts = try judge(bench)
    let journal = String(decoding: try Files.read(bench.journal), as: UTF8.self)
    #expect(journal.split(separator: "\n").contains { $0.contains("\"damaged\"") && $0.contains("safe-here") })
    #expect(verdicts[1].heard == .signal(.error))
    #expect(heard("ro", "need-doctor", verdicts[2]))
  }

  @Test("the control socket presses, stops and tells how it stands")
  func controlSocket() throws {
    let bench = try sandbox.bench()
    let client = try ControlClient(path: bench.socket)
    #expect(try client.ask(.hello).hello?.protocol == ControlProtocol.version)
    _ = try client.ask(.press, button: "next-language")
    let status = try #require(try client.ask(.status).status)
    #expect(status.language == "ro")
    #expect(status.kit == "sounds 1.0")
    #expect(status.presses == 1)
    #expect(status.buttons.count == 8)
    #expect(throws: ControlClient.Failure.self) { try client.ask(.press, button: "safe-her") }
    _ = try client.ask(.stop)
  }

  @Test("a second daemon on the same socket is refused, and the first goes on")
  func secondDaemon() throws {
    let bench = try sandbox.bench()
    let directory = sandbox.directory + "/second"
    try Files.makeDirectory(directory)
    let failure = refused {
      _ = try DaemonProcess(
        try DaemonProcess.find(),
        arguments: [
          "--board", bench.directory + "/board.json", "--kit", sandbox.kit, "--trust", sandbox.publicKey,
          "--allow-draft",
          "--pcm", "null", "--socket", bench.socket, "--gpio-root", bench.lines.gpioRoot,
        ], environment: [:], directory: directory)
    }
    #expect(failure?.status == 73)
    #expect(try ControlClient(path: bench.socket).ask(.hello).ok)
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    #expect(heard("ro", "language-name", try judge(bench)[0]))
  }

  @Test("SIGTERM ends it cleanly: status 0, no socket left, a last line in the journal")
  func cleanStop() throws {
    let bench = try sandbox.bench()
    #expect(bench.daemon.stop() == 0)
    #expect(!Files.exists(bench.socket))
    #expect(String(decoding: try Files.read(bench.journal), as: UTF8.self).contains(#""event":"end""#))
  }

  @Test("SIGTERM in mid-phrase: the clip fades, and the journal says that it was stopped")
  func stopInMidPhrase() throws {
    let bench = try sandbox.bench()
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    try bench.press(Button("need-doctor"))
    try bench.rest(until: .now.adding(milliseconds: 200))
    let verdicts = try judge(bench)
    guard case .clip("ro", "need-doctor", _, completed: false) = verdicts[1].heard else {
      Issue.record("\(verdicts[1])")
      return
    }
    #expect(!verdicts[1].faults.contains { $0.contains("click") })
    let lines = String(decoding: try Files.read(bench.journal), as: UTF8.self).split(separator: "\n")
    #expect(lines.suffix(2).first?.contains(#""event":"stopped""#) == true)
    #expect(lines.last?.contains(#""event":"end""#) == true)
  }

  @Test("each line of the journal carries the hash of the line before, and it goes on behind a torn line")
  func journalChain() throws {
    let bench = try sandbox.bench()
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    _ = bench.daemon.stop()
    var bytes = try Files.read(bench.journal)
    let lines = bytes.split(separator: 0x0A).map(Array.init)
    var previous = JournalEntry.firstPrevious
    for (index, line) in lines.enumerated() {
      let entry = try JSONDecoder().decode(JournalEntry.self, from: Data(line))
      #expect(entry.number == index + 1)
      #expect(entry.previous == previous)
      previous = Digest.sha256(line)
    }
    #expect(lines.count >= 5)

    // As a power cut leaves it.
    bytes.removeLast(20)
    let torn = sandbox.directory + "/torn.jsonl"
    try Files.replace(torn, with: bytes)
    let directory = sandbox.directory + "/torn"
    try Files.makeDirectory(directory)
    let again = try DaemonProcess(
      try DaemonProcess.find(),
      arguments: [
        "--board", bench.directory + "/board.json", "--kit", sandbox.kit, "--trust", sandbox.publicKey, "--allow-draft",
        "--pcm", "null", "--journal", torn, "--gpio-root", bench.lines.gpioRoot,
      ], environment: [:], directory: directory)
    #expect(again.stop() == 0)
    let after = try Files.read(torn).split(separator: 0x0A).map(Array.init)
    #expect(after[lines.count - 1] == lines[lines.count - 1].dropLast(19))
    let next = try JSONDecoder().decode(JournalEntry.self, from: Data(after[lines.count]))
    #expect(next.previous == Digest.sha256(after[lines.count - 1]))
    #expect(next.number == lines.count + 1)
    withExtendedLifetime(bench) {}
  }

  @Test(
    "sleeps while nothing happens, on a board whose lines all have edges",
    .disabled(if: Sanitizer.isOn, "a sanitizer has threads of its own"))
  func sleeps() throws {
    let bench = try sandbox.bench { setup in
      for index in setup.board.lines.buttons.indices { setup.board.lines.buttons[index].timed = false }
    }
    try #require(bench.lines.kind == .mounted)
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    #expect(try bench.sleeps())
  }

  // MARK: refusals

  private func refusal(_ change: (inout Bench.Setup) -> Void) -> DaemonProcess.Failure? {
    refused { _ = try sandbox.bench(change) }
  }

  @Test("untrusted kit: refused without a key, with another's key, and played where a trial board is told to")
  func untrusted() throws {
    #expect(refusal { $0.trust = nil }?.status == 77)
    let other = sandbox.directory + "/other-\(UUID().uuidString.prefix(4))"
    _ = try SecretKey.generate(name: other, passphrase: nil)
    #expect(refusal { $0.trust = other + ".pub" }?.status == 77)
    let bench = try sandbox.bench {
      $0.trust = nil
      $0.allowUntrusted = true
    }
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    #expect(heard("ro", "language-name", try judge(bench)[0]))
  }

  @Test("DRAFT kit: refused unless a trial board is told to play it")
  func draft() throws {
    let failure = refusal { $0.allowDraft = false }
    #expect(failure?.status == 77)
    #expect(failure?.message.contains("DRAFT") == true)
  }

  @Test("a kit of the format before is refused by the daemon and by every command in one sentence that says what to do")
  func olderFormat() throws {
    let kit = try KitFile(path: sandbox.kit)
    let key = try SecretKey(reading: sandbox.directory + "/key.key") { _ in nil }
    var entries: [(name: String, content: [UInt8])] = []
    for document in try kit.documents() {
      // The format before had no answers and no kind of a clip.
      let lines = String(decoding: document.text, as: UTF8.self).replacing("-kit/2\"", with: "-kit/1\"")
        .replacing("-bundle/2\"", with: "-bundle/1\"").replacing("\"answers\"", with: "\"earlier\"")
      let text = Array(lines.utf8)
      entries.append((document.name, text))
      entries.append((document.name + ".minisig", try key.sign(text, trustedComment: "old").file))
    }
    for clip in kit.bundles.flatMap(\.clips) { entries.append((clip.file, try kit.bytes(of: clip))) }
    try Pack.write(entries, to: sandbox.directory + "/old.kit")

    let why =
      "old.kit: kit.json: its format is firstword-kit/1, this program reads firstword-kit/2; build the kit again"
    let failure = refusal { $0.kit = sandbox.directory + "/old.kit" }
    #expect(failure?.status == 65 && failure?.message.contains(why) == true, "\(String(describing: failure))")
    let commands: [[String]] = [
      ["info", "old.kit"], ["list", "old.kit"], ["verify", "old.kit", "--trust", "key.pub"],
      ["play", "old.kit", "ro", "safe-here"], ["extract", "old.kit", "ro", "-o", "out"],
      ["diff", "old.kit", "sounds.kit"],
      ["merge", "sounds.kit", "old.kit:ro", "-o", "both.kit", "--key", "key.key", "--trust", "key.pub"],
      ["sign", "old.kit", "--key", "key.key"],
      ["card", "old.kit", "--kind", "listener", "-o", "card.html"],
      ["test", "old.kit", "--trust", "key.pub", "--allow-draft"],
      ["install", "old.kit", "--store", "store", "--allow-draft"],
    ]
    #expect(try Program.run(["store", "trust", "key.pub", "--store", "store"], in: sandbox.directory).status == 0)
    for words in commands {
      let outcome = try Program.run(words, in: sandbox.directory)
      let text = outcome.output + outcome.errors
      #expect(outcome.status != 0 && text.contains(why), "\(words): \(text)")
      #expect(text.split(separator: "\n").count { $0.contains("firstword-kit/1") } == 1, "\(words): \(text)")
    }
  }

  @Test("a kit that says it is no draft over clips that are drafts is refused by the daemon, install, info and verify")
  func falseRelease() throws {
    // A publisher's own, right signatures around a wrong claim.
    let kit = try KitFile(path: sandbox.kit)
    let key = try SecretKey(reading: sandbox.directory + "/key.key") { _ in nil }
    var entries: [(name: String, content: [UInt8])] = []
    for document in try kit.documents() {
      let text = Array(
        String(decoding: document.text, as: UTF8.self).replacing("\"draft\" : true", with: "\"draft\" : false").utf8)
      entries.append((document.name, text))
      entries.append((document.name + ".minisig", try key.sign(text, trustedComment: "false").file))
    }
    for clip in kit.bundles.flatMap(\.clips) { entries.append((clip.file, try kit.bytes(of: clip))) }
    let path = sandbox.directory + "/false.kit"
    try Pack.write(entries, to: path)

    let why = "kit.json: draft: is false, but languages/ro/f1/01-language-name.opus is draft"
    let failure = refusal {
      $0.board = Sandbox.board(use: .field)
      $0.kit = path
      $0.allowDraft = false
    }
    #expect(failure?.status == 65 && failure?.message.contains(why) == true, "\(String(describing: failure))")
    let (trust, store) = (sandbox.directory + "/key.pub", sandbox.directory + "/store")
    #expect(try Program.run(["store", "trust", trust, "--store", store], in: sandbox.directory).status == 0)
    for arguments in [
      ["info", path], ["verify", path, "--trust", trust], ["install", path, "--store", store],
    ] {
      let outcome = try Program.run(arguments, in: sandbox.directory)
      #expect(outcome.status != 0 && outcome.errors.contains(why), "\(arguments): \(outcome)")
    }
  }

  @Test("a field board honours neither permission, and plays a released kit")
  func field() throws {
    #expect(refusal { $0.board = Sandbox.board(use: .field) }?.status == 77)
    #expect(
      refusal {
        $0.board = Sandbox.board(use: .field)
        $0.trust = nil
        $0.allowUntrusted = true
      }?.status == 77)
    let released = sandbox.directory + "/released.kit"
    try Sandbox.writeKit(to: released, key: sandbox.directory + "/key.key", draft: false)
    let bench = try sandbox.bench {
      $0.board = Sandbox.board(use: .field)
      $0.kit = released
      $0.allowDraft = false
    }
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    #expect(heard("ro", "language-name", try judge(bench, kit: released)[0]))
  }

  @Test("kit missing, empty, cut off, no kit: a line each and its own status")
  func badKits() throws {
    #expect(refusal { $0.kit = "/nowhere.kit" }?.status == 66)
    let whole = try Files.read(sandbox.kit)
    for (name, bytes) in [("empty", []), ("cut", Array(whole.prefix(whole.count / 2))), ("text", Array("hello".utf8))] {
      let path = sandbox.directory + "/\(name).kit"
      try Files.replace(path, with: bytes)
      let failure = refusal { $0.kit = path }
      #expect(failure?.status == 65, "\(name)")
      #expect(failure?.message.contains(path) == true)
      #expect(failure?.message.split(separator: "\n").count == 1)
    }
  }

  @Test("board missing, damaged: a line each and its own status")
  func badBoards() throws {
    let bench = try sandbox.bench()
    let good = try Files.read(bench.directory + "/board.json")
    for (name, bytes, status) in [
      ("empty", [], 65), ("cut", Array(good.prefix(good.count / 2)), 65), ("none", nil, 66),
    ] as [(String, [UInt8]?, Int32)] {
      let directory = sandbox.directory + "/board-\(name)"
      try Files.makeDirectory(directory)
      if let bytes { try Files.replace(directory + "/board.json", with: bytes) }
      let failure = refused {
        _ = try DaemonProcess(
          try DaemonProcess.find(),
          arguments: ["--board", directory + "/board.json", "--kit", sandbox.kit, "--trust", sandbox.publicKey],
          environment: [:], directory: directory)
      }
      #expect(failure?.status == status, "\(name)")
    }
  }

  @Test("a line that is not there: refused with the chips that are")
  func noLine() throws {
    let bench = try sandbox.bench()
    var board = Sandbox.board()
    for index in board.lines.buttons.indices { board.lines.buttons[index].chip = "elsewhere" }
    let directory = sandbox.directory + "/elsewhere"
    try Files.makeDirectory(directory)
    try Files.replace(directory + "/board.json", with: try board.json())
    let failure = refused {
      _ = try DaemonProcess(
        try DaemonProcess.find(),
        arguments: [
          "--board", directory + "/board.json", "--kit", sandbox.kit, "--trust", sandbox.publicKey, "--allow-draft",
          "--pcm", "null", "--gpio-root", bench.lines.gpioRoot,
        ], environment: [:], directory: directory)
    }
    #expect(failure?.status == 69)
    #expect(failure?.message.contains("pinctrl-bcm2711") == true)
    withExtendedLifetime(bench) {}
  }

  @Test("unplugged card: it goes on without, and plays when the card is back")
  func unplugged() throws {
    let bench = try sandbox.bench()
    let control = CardControl(path: bench.directory + "/card.faults")
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    try control.set([.unplugged])
    try bench.press(Button("safe-here"))
    let client = try ControlClient(path: bench.socket)
    let deadline = Monotonic.now.adding(milliseconds: 20_000)
    while try client.ask(.status).status?.sound != false, Monotonic.now < deadline {}
    #expect(try client.ask(.status).status?.sound == false)
    try control.set([])
    while try client.ask(.status).status?.sound != true, Monotonic.now < deadline {}
    #expect(try client.ask(.status).status?.sound == true)
    try bench.press(Button("need-doctor"))
    #expect(try bench.waitForEnd())
    #expect(heard("ro", "need-doctor", try judge(bench)[2]))
  }

  @Test("it pings the service manager while its loop goes round, and not while it stands still")
  func watchdog() throws {
    let bench = try sandbox.bench { $0.environment["WATCHDOG_USEC"] = "600000" }
    func pings(for milliseconds: Int) throws -> Int {
      let deadline = Monotonic.now.adding(milliseconds: milliseconds)
      var count = 0
      while Monotonic.now < deadline {
        count += try bench.daemon.takeReports(until: deadline).count { $0 == "WATCHDOG=1" }
      }
      return count
    }
    // Every 200 ms, without a press.
    let calm = try pings(for: 2000)
    #expect((5...12).contains(calm))
    kill(bench.daemon.identifier, SIGSTOP)
    _ = try pings(for: 100)
    let stalled = try pings(for: 1000)
    kill(bench.daemon.identifier, SIGCONT)
    #expect(stalled == 0)
    let again = try pings(for: 2000)
    #expect(again >= 5)
  }
}
