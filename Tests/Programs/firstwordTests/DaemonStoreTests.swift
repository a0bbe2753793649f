import Board
import Control
import Foundation
import Kit
import Posix
import Simulator
import Store
import Testing

/// The daemon that plays from a store, while kits come and go.
@Suite("The daemon and its store", .serialized)
struct DaemonStoreTests {
  private let place: Workplace
  private let sandbox: Sandbox
  private let key: SecretKey
  private var store: Store { Store(place.directory + "/store") }

  init() throws {
    (place, sandbox) = (try Workplace(), try Sandbox())
    let path = place.directory + "/key"
    _ = try SecretKey.generate(name: path, passphrase: nil)
    key = try SecretKey(reading: path + ".key") { _ in nil }
    for version in ["1.0", "2.0"] {
      try Sandbox.writeKit(
        to: "\(place.directory)/\(version).kit", key: path + ".key", draft: false, version: version)
    }
    try store.trust(key.publicKey)
    try store.install(place.directory + "/1.0.kit")
  }

  private func bench() throws -> Bench {
    try sandbox.bench { setup in
      setup.store = store.path
      setup.trust = nil
      setup.allowDraft = false
    }
  }

  private func firstword(_ arguments: String..., with bench: Bench) throws {
    let outcome = try Program.run(
      arguments + ["--store", store.path, "--socket", bench.socket], in: place.directory)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
  }

  private func status(_ bench: Bench) throws -> DaemonStatus {
    try #require(try ControlClient(path: bench.socket).ask(.status).status)
  }

  private func heard(_ verdict: SoundVerifier.Verdict) -> String {
    guard case .clip(let language, let prompt, _, let completed) = verdict.heard else { return "\(verdict.heard)" }
    return "\(language) \(prompt)\(completed ? "" : " cut")\(verdict.faults.joined())"
  }

  @Test("a kit that is installed meanwhile is played from the next message on, and the chosen language stays")
  func changesOver() throws {
    let bench = try bench()
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    // In the middle of a message.
    try bench.press(Button("need-doctor"))
    try bench.rest(until: .now.adding(milliseconds: 200))
    try firstword("install", "2.0.kit", with: bench)
    #expect(try bench.waitForStatus { $0.kit == "sounds 2.0" })
    #expect(try status(bench).language == "ro")
    try bench.press(Button("safe-here"))
    #expect(try bench.waitForEnd())
    let journal = String(decoding: try Files.read(bench.journal), as: UTF8.self)
    #expect(journal.contains(#""event":"kit","format":2,"kit":"sounds 2.0 "#), "\(journal)")
    try firstword("store", "rollback", with: bench)
    #expect(try bench.waitForStatus { $0.kit == "sounds 1.0" })
    try bench.waitForJournal(#""detail":"sounds 2.0","event":"kit-held-back""#)

    let presses = bench.presses
    let recording = try bench.finish()
    let verdicts = SoundVerifier(ClipLibrary(try KitFile(path: place.directory + "/1.0.kit"))).verify(
      presses, recording)
    #expect(verdicts.map(heard) == ["ro language-name", "ro need-doctor", "ro safe-here"])
  }

  @Test("a recalled clip is not played any more, and the others are")
  func recalledClip() throws {
    let bench = try bench()
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    let kit = try KitFile(path: place.directory + "/1.0.kit")
    let clip = try #require(kit.bundle("ro")?.clip("need-doctor"))
    var list = RecallList()
    _ = try list.add(Recall(kind: .clip, id: clip.sha256, reason: "withdrawn", date: "2026-05-01"))
    try SignedFile.write(try list.json(), to: place.directory + "/r.json", signedBy: key, comment: "r")
    try firstword("store", "recall", "r.json", with: bench)
    try bench.waitForJournal(#""event":"kit""#)
    try bench.press(Button("need-doctor"))
    try bench.waitForJournal(#""event":"signal""#)
    try bench.rest(until: .now.adding(milliseconds: 700))
    try bench.press(Button("safe-here"))
    #expect(try bench.waitForEnd())
    let presses = bench.presses
    let recording = try bench.finish()
    let verdicts = SoundVerifier(ClipLibrary(kit)).verify(presses, recording)
    #expect(heard(verdicts[0]) == "ro language-name")
    #expect(verdicts[1].heard == .signal(.notAvailable))
    #expect(heard(verdicts[2]) == "ro safe-here")
  }

  @Test("a kit that is recalled with nothing left to play: nothing is said any more, and status and journal say why")
  func nothingLeft() throws {
    let bench = try bench()
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    let kit = try KitFile(path: place.directory + "/1.0.kit")
    var list = RecallList()
    _ = try list.add(Recall(kind: .kit, id: kit.sha256, reason: "swapped clips", date: "2026-05-01"))
    try SignedFile.write(try list.json(), to: place.directory + "/r.json", signedBy: key, comment: "r")
    let outcome = try Program.run(
      ["store", "recall", "r.json", "--store", store.path, "--socket", bench.socket], in: place.directory)
    #expect(outcome.status == 0 && outcome.errors.contains("no kit here can be played"), "\(outcome.errors)")
    try bench.waitForJournal(#""event":"kit-refused""#)
    try bench.waitForJournal(#""event":"kit""#)
    try bench.press(Button("need-doctor"))
    try bench.waitForJournal(#""event":"signal""#)
    let presses = bench.presses
    let verdicts = SoundVerifier(ClipLibrary(kit)).verify(presses, try bench.finish())
    if case .clip = verdicts[1].heard { Issue.record("a recalled kit was played") }
  }

  @Test("damaged active kit at the start: the one before it is played, and standard error says why")
  func damagedAtStart() throws {
    let installed = try store.install(place.directory + "/2.0.kit")
    let path = "\(store.path)/kits/\(installed.file)"
    try Files.replace(path, with: Array(try Files.read(path).dropLast(50)))
    let bench = try bench()
    #expect(try status(bench).kit == "sounds 1.0")
    #expect(bench.daemon.log.contains("passed over: \(path)"))
  }

  // MARK: What was decided meanwhile

  /// Makes the daemon busy: the finder goes on by itself, and no kit changes meanwhile.
  private func beginFinder(_ bench: Bench) throws {
    _ = try ControlClient(path: bench.socket).ask(.press, button: "finder")
    #expect(try bench.waitForStatus { $0.state?.activity == "finder" })
  }

  /// Recalls a kit, and returns the time just before the daemon was informed.
  private func recall(_ kit: String, with bench: Bench) throws -> Monotonic {
    var list = RecallList()
    _ = try list.add(
      Recall(
        kind: .kit, id: try KitFile(path: "\(place.directory)/\(kit).kit").sha256, reason: "swapped clips",
        date: "2026-05-01"))
    try SignedFile.write(try list.json(), to: place.directory + "/r.json", signedBy: key, comment: "r")
    // Not by a process, whose start on a busy machine outlasts the message.
    _ = try store.recall(place.directory + "/r.json")
    let client = try ControlClient(path: bench.socket)
    let time = Monotonic.now
    _ = try client.ask(.reload)
    return time
  }

  @Test("a kit that waits for the end of the finder is not played any more after a rollback")
  func waitingKitIsTakenBack() throws {
    let bench = try bench()
    try beginFinder(bench)
    try firstword("install", "2.0.kit", with: bench)
    try firstword("store", "rollback", with: bench)
    try bench.rest(until: .now.adding(milliseconds: 500))
    _ = try ControlClient(path: bench.socket).ask(.stop)
    #expect(try bench.waitForStatus { $0.state?.activity == nil && $0.playing == nil })
    try bench.rest(until: .now.adding(milliseconds: 500))
    #expect(try status(bench).kit == "sounds 1.0")
    _ = try bench.finish()
    let journal = String(decoding: try Files.read(bench.journal), as: UTF8.self)
    #expect(!journal.contains(#""kit":"sounds 2.0"#), "\(journal)")
    #expect(journal.contains(#""detail":"sounds 2.0","event":"kit-held-back""#), "\(journal)")
  }

  @Test("a recalled kit is silenced at once, in the middle of the finder, and the kit before it is played")
  func recalledInTheMiddle() throws {
    // The first name lasts longer than a busy machine needs for the recall.
    try Sandbox.writeKit(
      to: place.directory + "/2.0.kit", key: place.directory + "/key.key", draft: false, version: "2.0",
      lengths: ["ro language-name": 20])
    try store.install(place.directory + "/2.0.kit")
    let bench = try bench()
    try beginFinder(bench)
    try bench.waitForJournal(#""event":"started""#)
    let waited = bench.daemon.waited
    let recalled = try recall("2.0", with: bench)
    #expect(try bench.waitForStatus { $0.kit == "sounds 1.0" && $0.state?.activity == nil })
    let busy = max(0, bench.daemon.waited - waited)
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    let presses = bench.presses
    let verdicts = SoundVerifier(ClipLibrary(try KitFile(path: place.directory + "/1.0.kit")))
      .verify(presses, try bench.finish())
    #expect(verdicts.map(heard) == ["ro language-name"])
    let silenced = try #require(try bench.journal(since: recalled).first { $0.event == "stopped" })
    #expect(silenced.monotonic - recalled.nanoseconds < 2_000_000_000 + busy)
    // The message that was stopped is still known by its clip.
    let lines = try Files.read(bench.journal).split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
    let stopped = try #require(lines.first { $0.contains(#""event":"stopped""#) })
    #expect(stopped.contains(#""clip":""#) && stopped.contains(#""voice":"f1""#), "\(stopped)")
  }

  @Test("a DRAFT that this daemon does not accept leaves the good kit in use, and install and the next start say so")
  func unacceptedDraft() throws {
    try Sandbox.writeKit(
      to: place.directory + "/3.0.kit", key: place.directory + "/key.key", draft: true, version: "3.0")
    let bench = try bench()
    let installed = try Program.run(
      ["install", "3.0.kit", "--allow-draft", "--store", store.path, "--socket", bench.socket], in: place.directory)
    #expect(installed.status == 0, "\(installed.errors)")
    #expect(
      installed.output
        == "sounds 3.0 DRAFT  installed, and not played: the running firstwordd plays no DRAFT, and goes on with sounds 1.0\n"
    )
    try bench.rest(until: .now.adding(milliseconds: 500))
    #expect(try status(bench).kit == "sounds 1.0")
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    let presses = bench.presses
    let verdicts = SoundVerifier(ClipLibrary(try KitFile(path: place.directory + "/1.0.kit")))
      .verify(presses, try bench.finish())
    #expect(verdicts.map(heard) == ["ro language-name"])
    let again = try self.bench()
    #expect(try status(again).kit == "sounds 1.0")
    #expect(try status(again).passedOver?.count == 1)
    #expect(again.daemon.log.contains("passed over: "), "\(again.daemon.log)")
  }

  @Test("a damaged store.json is reported by LED, status, standard error and journal until a command writes it again")
  func damagedState() throws {
    try store.install(place.directory + "/2.0.kit")
    let whole = try Files.read(store.path + "/store.json")
    var bytes = whole
    bytes[bytes.count / 2] ^= 1
    try Files.replace(store.path + "/store.json", with: bytes)
    let bench = try bench()
    var now = try status(bench)
    #expect(now.kit == "sounds 1.0" && now.storeFault?.contains("store.json") == true && now.state?.led == "error")
    #expect(bench.daemon.log.contains("its copy"), "\(bench.daemon.log)")
    try bench.waitForJournal(#""event":"store-damaged""#)
    let outcome = try Program.run(
      ["install", "2.0.kit", "--store", store.path, "--socket", bench.socket], in: place.directory)
    #expect(outcome.status == 0 && outcome.errors.contains("its copy"), "\(outcome.errors)")
    #expect(try bench.waitForStatus { $0.kit == "sounds 2.0" && $0.storeFault == nil })
    try bench.waitForJournal(#""event":"store-repaired""#)
    now = try status(bench)
    #expect(now.state?.led == "ready")
    _ = try bench.finish()
  }

  @Test("a kit that was damaged in place and installed again is whole in the running daemon")
  func repaired() throws {
    let bench = try bench()
    let file = "\(store.path)/kits/\(try #require(try store.state().active))"
    let clip = try #require(try KitFile(path: file).bundle("bg")?.clip("need-doctor"))
    let content = try KitFile(path: file).bytes(of: clip)
    let start = try #require(try Files.read(file).firstRange(of: content)?.lowerBound)
    let disk = try #require(FileHandle(forUpdatingAtPath: file))
    try disk.seek(toOffset: UInt64(start + content.count / 2))
    try disk.write(contentsOf: Data([content[content.count / 2] ^ 0x10]))
    try disk.close()
    for _ in 1...2 {
      try bench.press(Button("next-language"))
      #expect(try bench.waitForEnd())
    }
    try bench.press(Button("need-doctor"))
    try bench.waitForJournal(#""event":"damaged""#)
    try bench.rest(until: .now.adding(milliseconds: 700))
    try firstword("install", "1.0.kit", with: bench)
    try bench.rest(until: .now.adding(milliseconds: 700))
    try bench.press(Button("need-doctor"))
    #expect(try bench.waitForEnd())
    let presses = bench.presses
    let verdicts = SoundVerifier(ClipLibrary(try KitFile(path: place.directory + "/1.0.kit")))
      .verify(presses, try bench.finish())
    #expect(verdicts.last.map(heard) == "bg need-doctor")
  }
}

extension Bench {
  /// Until a line of the journal says so.
  fileprivate func waitForJournal(_ text: String) throws {
    let isSaid = try waitForStatus { _ in
      (try? Files.read(journal)).map { String(decoding: $0, as: UTF8.self).contains(text) } ?? false
    }
    #expect(isSaid, "the journal never said \(text)")
  }
}
