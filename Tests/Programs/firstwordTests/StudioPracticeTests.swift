import Foundation
import Glibc
import Kit
import KitBuilder
import Opus
import Posix
import Synchronization
import TestSupport
import Testing

@testable import Practice

/// The practice of the shipped studio, asked as the page asks it: the shipped daemon on simulated lines and card.
@Suite("The studio's practice", .serialized)
struct StudioPracticeTests {
  private let place: Workplace
  private let sandbox: Sandbox

  init() throws {
    place = try Workplace()
    sandbox = try Sandbox()
    let made = try place.run("new", "p", "--languages", "ro,bg", "--prompts", "language-name,safe-here,need-doctor")
    #expect(made.status == 0, "\(made.errors)")
    try Files.makeDirectory("\(place.directory)/p/kits")
    try FileManager.default.copyItem(atPath: sandbox.kit, toPath: "\(place.directory)/p/kits/sounds.kit")
  }

  // MARK: What a page does

  private func json(_ answer: StudioProgram.Answer) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any], "\(answer.text)")
  }

  private func begin(_ studio: StudioProgram, _ more: String = "") throws {
    let wish = #"{"kit": "kits/sounds.kit", "board": "headless.yaml"\#(more)}"#
    let begun = try studio.post("/api/1/projects/p/practice", wish)
    #expect(begun.status == 201, "\(begun.text)")
    try wait(studio) { $0["phase"] as? String == "running" }
  }

  /// Waits until the practice is as a test wants it, and returns it.
  @discardableResult
  private func wait(_ studio: StudioProgram, _ condition: ([String: Any]) -> Bool) throws -> [String: Any] {
    var last: [String: Any] = [:]
    for _ in 0..<600 {
      last = try json(try studio.get("/api/1/practice"))
      if condition(last) { return last }
      usleep(50_000)
    }
    Issue.record("waited 30 s, and the practice is \(last)")
    return last
  }

  private func live(_ practice: [String: Any]) -> [String: Any] { practice["live"] as? [String: Any] ?? [:] }

  private func press(_ studio: StudioProgram, _ contact: Int, milliseconds: UInt32 = 50) throws {
    #expect(try studio.post("/api/1/practice/contacts/\(contact)", #"{"isDown": true}"#).status == 200)
    usleep(milliseconds * 1000)
    #expect(try studio.post("/api/1/practice/contacts/\(contact)", #"{"isDown": false}"#).status == 200)
  }

  /// Returns all samples that left the card so far.
  private func sound(_ studio: StudioProgram) throws -> [Int16] {
    var samples: [Int16] = []
    while true {
      let answer = try studio.get("/api/1/practice/sound?from=\(samples.count)")
      #expect(answer.headers["firstword-first"] == "\(samples.count)")
      if answer.body.isEmpty { return samples }
      for index in stride(from: 0, to: answer.body.count, by: 2) {
        samples.append(Int16(bitPattern: UInt16(answer.body[index]) | UInt16(answer.body[index + 1]) << 8))
      }
    }
  }

  /// The names of the directories of all practices on this machine.
  private func places() throws -> Set<String> {
    Set(try Files.list(Files.temporaryPlace).filter { $0.hasPrefix("firstword-practice") })
  }

  /// The process ids of the daemons that a studio started.
  private func daemons(of studio: StudioProgram) -> [pid_t] {
    let all = ((try? Files.list("/proc")) ?? []).compactMap { pid_t($0) }
    let parent = "\(studio.process.processIdentifier)"
    return all.filter { process in
      let stat = (try? Files.read("/proc/\(process)/stat")).map { String(decoding: $0, as: UTF8.self) } ?? ""
      return stat.contains("(firstwordd)") && stat.split(separator: " ").dropFirst(3).first.map(String.init) == parent
    }
  }

  private func files(in directory: String) -> [String] {
    (FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? []).sorted()
  }

  // MARK: Tests

  @Test("a press is heard sample for sample as the kit's clip, and stands in the journal and on the hand-over sheet")
  func contact() throws {
    let before = files(in: place.directory + "/p")
    let studio = try StudioProgram(["p", "--read-only"], in: place.directory)
    try begin(studio)
    let process = daemons(of: studio)
    #expect(process.count == 1, "the shipped daemon runs as a process of its own")
    try press(studio, 2)
    try wait(studio) {
      (live($0)["language"] as? String)?.contains("ro") == true && live($0)["state"] as? String == "draft"
    }
    try press(studio, 6)
    try wait(studio) { live($0)["state"] as? String == "playing" }
    try wait(studio) { live($0)["state"] as? String == "draft" && live($0)["lines"] as? Int ?? 0 >= 6 }
    let heard = try sound(studio)
    let kit = try KitFile(path: sandbox.kit)
    for prompt in ["language-name", "safe-here"] {
      let clip = try #require(kit.bundle("ro")?.clip(prompt))
      let wanted = try ClipDecoder.decode(try kit.bytes(of: clip))
      // The level at which the clip starts is reached within the first frames.
      let probe = Array(wanted.dropFirst(4800).prefix(4800))
      #expect(heard.firstRange(of: probe) != nil, "\(prompt) is not among the \(heard.count) samples")
    }
    let journal = try studio.get("/api/1/practice/journal?zone=Europe/Vienna").text
    #expect(journal.contains(#""intact":true"#) && journal.contains("safe-here"))
    #expect(journal.contains("to its end"))
    let sheet = try studio.get("/api/1/practice/sheet?zone=Europe/Vienna")
    #expect(sheet.status == 200 && sheet.text.contains("ro safe-here"), "the words that were heard")
    #expect(sheet.text.contains("PRACTICE: "), "nobody takes it for a real one")
    #expect(
      sheet.headers["content-security-policy"]?.hasPrefix("default-src 'none'; style-src 'unsafe-inline'") == true)
    #expect(sheet.headers["content-security-policy"]?.contains("script-src") == false)
    let redacted = try studio.get("/api/1/practice/sheet?zone=Europe/Vienna&redacted=1")
    #expect(redacted.status == 200 && redacted.text.count < sheet.text.count)
    #expect(try studio.get("/api/1/practice/sheet?zone=Mars/Base").status == 400)
    #expect(studio.end() == 0)
    #expect(files(in: place.directory + "/p") == before, "nothing is written to the project")
    #expect(kill(process[0], 0) != 0, "the daemon ends with the program")
  }

  @Test("a long press acts as on the device, and a press is refused where there is no such button")
  func long() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    let begun = try studio.post(
      "/api/1/projects/p/practice", #"{"kit": "kits/sounds.kit", "board": "raspberry-pi.yaml"}"#)
    #expect(begun.status == 201, "\(begun.text)")
    let practice = try wait(studio) { $0["phase"] as? String == "running" }
    let contacts = try #require(practice["contacts"] as? [[String: Any]])
    let finder = try #require(contacts.first { $0["hold"] as? String == "finder" }?["number"] as? Int)
    try press(studio, finder, milliseconds: 1200)
    try wait(studio) { (live($0)["now"] as? String)?.contains("finder") == true }
    // The lights of the board follow the state.
    try wait(studio) { (live($0)["lit"] as? [Bool])?.first == true }
    try wait(studio) { (live($0)["lit"] as? [Bool])?.first == false }
    #expect(try studio.post("/api/1/practice/contacts/x", #"{"isDown": true}"#).status == 404)
    #expect(try studio.post("/api/1/practice/contacts/99", #"{"isDown": true}"#).status == 200, "ignored")
    #expect(try studio.get("/api/1/practice").status == 200)
  }

  @Test("two pages share one practice, and a second one cannot begin beside it")
  func shared() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    #expect(try studio.get("/api/1/practice").status == 404)
    try begin(studio, #", "drill": true, "seed": 7"#)
    let again = try studio.post("/api/1/projects/p/practice", #"{"board": "headless.yaml"}"#)
    #expect(again.status == 409 && daemons(of: studio).count == 1)
    let offer = try json(try studio.get("/api/1/projects/p/practice"))
    #expect((offer["practice"] as? [String: Any])?["phase"] as? String == "running")
    let boards = try Files.list("\(SourceTree.path)/Hardware/boards").count { $0.hasSuffix(".yaml") }
    #expect((offer["boards"] as? [Any])?.count == boards && (offer["kits"] as? [[String: Any]])?.count == 1)
    let drill = try #require(live(try json(try studio.get("/api/1/practice")))["drill"] as? [String: Any])
    #expect(drill["task"] as? Int == 1 && (drill["words"] as? String)?.contains("language") == true)
    #expect(try studio.post("/api/1/practice/drill", #"{"isOn": false}"#).status == 200)
    try wait(studio) { live($0)["drill"] == nil }
    #expect(try studio.post("/api/1/practice/end", "{}").status == 200)
    let over = try wait(studio) { $0["phase"] as? String == "ended" }
    #expect((live(over)["end"] as? [Any])?.isEmpty == true, "an end that was asked for needs no reason")
    for _ in 0..<100 where !daemons(of: studio).isEmpty { usleep(50_000) }
    #expect(daemons(of: studio).isEmpty)
    #expect(try studio.get("/api/1/practice/sound?from=0").status == 200, "it is answered at once")
    try begin(studio)
    #expect(daemons(of: studio).count == 1)
    for bad in [
      #"{"board": "../../etc/passwd"}"#, #"{"board": "headless.yaml", "kit": "../secret.kit"}"#,
      #"{"board": "none.yaml"}"#,
    ] {
      #expect(try studio.post("/api/1/projects/p/practice", bad).status == 404, "\(bad)")
    }
  }

  @Test("a daemon that is killed is reported with its last lines, and another practice can begin")
  func crash() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    try begin(studio)
    try press(studio, 2)
    try wait(studio) { live($0)["lines"] as? Int ?? 0 >= 3 }
    kill(try #require(daemons(of: studio).first), SIGKILL)
    let over = try wait(studio) { $0["phase"] as? String == "ended" }
    let reason = try #require((live(over)["end"] as? [[String: Any]])?.first?["message"] as? String)
    #expect(reason.contains("ended by itself") && reason.contains("signal (9)"), "\(reason)")
    #expect((live(over)["log"] as? [String])?.isEmpty == false, "\(over)")
    let journal = try studio.get("/api/1/practice/journal?zone=UTC")
    #expect(journal.status == 200 && journal.text.contains("language"), "what was practised stays")
    try begin(studio)
    #expect(daemons(of: studio).count == 1)
    // A program that is killed itself leaves no daemon.
    let process = try #require(daemons(of: studio).first)
    kill(studio.process.processIdentifier, SIGKILL)
    for _ in 0..<100 where kill(process, 0) == 0 { usleep(50_000) }
    #expect(kill(process, 0) != 0, "the daemon outlives the studio")
  }

  @Test("what a killed program leaves is removed when the next practice begins")
  func leftovers() throws {
    // Practices of other programs come and go meanwhile: a daemon's arguments name its own directory.
    func place(of daemon: pid_t) throws -> String {
      let words = String(decoding: try Files.read("/proc/\(daemon)/cmdline"), as: UTF8.self)
      let parts = words.split { $0 == "/" || $0 == "\0" }
      return String(try #require(parts.first { $0.hasPrefix("firstword-practice") }))
    }
    let studio = try StudioProgram(["p"], in: self.place.directory)
    try begin(studio)
    let daemon = try #require(daemons(of: studio).first)
    let mine = try place(of: daemon)
    kill(studio.process.processIdentifier, SIGKILL)
    studio.process.waitUntilExit()
    #expect(try places().contains(mine))
    for _ in 0..<100 where kill(daemon, 0) == 0 { usleep(50_000) }
    let next = try StudioProgram(["p"], in: self.place.directory)
    try begin(next)
    #expect(try !places().contains(mine), "the directory of the killed program is still there")
    let theirs = try place(of: try #require(daemons(of: next).first))
    #expect(try places().contains(theirs))
    #expect(next.end() == 0)
    #expect(try !places().contains(theirs))
  }

  @Test("a trial build plays the project's recordings, and a project without any says what to do")
  func trial() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    #expect(try studio.post("/api/1/projects/p/practice", #"{"board": "headless.yaml"}"#).status == 201)
    let over = try wait(studio) { $0["phase"] as? String == "ended" }
    #expect((live(over)["end"] as? [[String: Any]])?.isEmpty == false, "\(over)")
    #expect(daemons(of: studio).isEmpty)
  }

  @Test("a practice that is ended while its kit is built makes no further clip, and is no failure")
  func endedBuild() throws {
    for tag in ["ro", "bg"] {
      try Files.makeDirectory("\(place.directory)/p/recordings/\(tag)/f1")
      for (seed, name) in ["01-language-name", "03-safe-here", "13-need-doctor"].enumerated() {
        try Files.replace(
          "\(place.directory)/p/recordings/\(tag)/f1/\(name).wav",
          with: StudioSound.wave(murmur(seed: UInt64(seed + 1), seconds: 2)))
      }
    }
    let workspace = try Workspace(directory: "\(place.directory)/p", catalogue: SourceTree.path)
    let held = Mutex<PracticeSession?>(nil)
    let isHeld = DispatchSemaphore(value: 0)
    let session = try PracticeSession(
      "1", .init(project: "p", kit: .trial(workspace, cache: nil), board: Sandbox.board(), drill: nil), patience: 60
    ) { change in
      guard change.phase == .building, change.live.done == 1 else { return }
      isHeld.wait()
      held.withLock { $0 }?.end()
    }
    held.withLock { $0 = session }
    isHeld.signal()
    session.join()
    let live = session.view.live
    #expect(session.view.phase == .ended && live.end.isEmpty, "\(live)")
    #expect(live.of == 6 && (live.done ?? 6) < 6, "\(live)")
  }

  @Test("a practice that no page shows any more ends by itself, and leaves no file")
  func left() throws {
    let before = try places()
    let board = Sandbox.board()
    let session = try PracticeSession(
      "1", .init(project: "p", kit: .file(name: "sounds.kit", path: sandbox.kit), board: board, drill: nil), patience: 2
    ) { _ in }
    session.join()
    #expect(session.view.phase == .ended)
    #expect(session.view.live.end.first?.message.contains("no page has shown") == true, "\(session.view.live.end)")
    #expect(session.journal?.reading.findings.isEmpty == true)
    #expect(session.journal?.reading.lines.last?.entry?.event == .terminated, "it ended in order")
    // Practices of other programs lock theirs, and come and go meanwhile.
    let left = try places().subtracting(before).filter {
      (try? LockedFile(opening: Files.temporaryPlace.appending($0), O_RDONLY | O_DIRECTORY)) != nil
    }
    #expect(left.isEmpty)
  }
}
