import Board
import Console
import Control
import Distribution
import Encoding
import Foundation
import Glibc
import Journal
import Kit
import Opus
import Posix
import Simulator
import TestSupport
import Testing

/// The shipped daemon with a kit that guides: the finder, sequences, the operator's voice; and what it tells of them.
@Suite("The daemon and its console", .serialized)
struct GuidedDaemonTests {
  private let sandbox: Sandbox
  private var kit: String { sandbox.directory + "/guided.kit" }

  init() throws {
    sandbox = try Sandbox()
    try GuidedKit.write(to: sandbox.directory + "/guided.kit", key: sandbox.directory + "/key.key")
  }

  private func bench() throws -> Bench {
    try sandbox.bench {
      $0.kit = kit
      // Nothing here depends on the edges of a line.
      $0.board.lines.buttons.removeAll { $0.timed }
    }
  }

  private func journal(_ path: String) throws -> [JournalFields] {
    try Files.read(path).split(separator: 0x0A).map {
      try JSONDecoder().decode(JournalFields.self, from: Data($0))
    }
  }

  /// Takes events until one is as wanted; nil after 30 s.
  private func wait(_ client: ControlClient, for isSo: (ControlEvent) -> Bool) throws -> ControlEvent? {
    let end = Monotonic.now.adding(milliseconds: 30_000)
    while Monotonic.now < end {
      if let event = try client.takeEvents(until: end).first(where: isSo) { return event }
    }
    return nil
  }

  @Test("the finder goes from language to language until a hand is raised, and the journal has it")
  func finder() throws {
    let bench = try bench()
    let client = bench.client
    _ = try client.ask(.subscribe)
    _ = try client.ask(.press, button: "finder")
    func isAsked(_ event: ControlEvent) -> Bool {
      event.event == "completed" && event.language == "ro" && event.prompt == "raise-hand"
    }
    // Where the machine is so busy that the card stands still, the finder is left, and goes on where it was.
    while let event = try wait(client, for: { isAsked($0) || $0.event == "finder" && $0.detail == "left" }),
      !isAsked(event)
    { _ = try client.ask(.press, button: "finder") }
    _ = try client.ask(.press, button: "answer-yes")
    #expect(try wait(client) { $0.event == "completed" && $0.prompt == "name-ro" } != nil)
    let state = try #require(try client.ask(.status).status?.state)
    #expect(state.language == "ro" && state.activity == nil && state.voice == "f1")
    _ = try bench.finish()
    let lines = try journal(bench.journal).filter { ["found", "answer", "language"].contains($0.event) }
    #expect(lines.map(\.event) == ["answer", "found", "language"])
    #expect(lines[0].judge == "responder" && lines[0].prompt == "raise-hand" && lines[0].detail == "yes")
    #expect(lines[1].language == "ro" && lines[1].judge == "responder")
    let started = try journal(bench.journal).filter { $0.event == "started" }
    #expect(started.contains { $0.audience == "operator" } && started.contains { $0.audience == "listener" })
    #expect(started.allSatisfy { $0.audience == ($0.language == "en" ? "operator" : "listener") })
  }

  @Test("a language that was found comes first the next time, on the same device")
  func recent() throws {
    let bench = try bench()
    _ = try bench.client.ask(.subscribe)
    for button in ["finder", "next", "next"] { _ = try bench.client.ask(.press, button: button) }
    #expect(
      try wait(bench.client) { $0.event == "completed" && $0.language == "bg" && $0.prompt == "raise-hand" } != nil)
    _ = try bench.client.ask(.press, button: "answer-yes")
    #expect(try bench.waitForStatus { $0.language == "bg" })
    _ = bench.daemon.stop()
    let directory = sandbox.directory + "/again"
    try Files.makeDirectory(directory)
    let again = try DaemonProcess(
      try DaemonProcess.find(),
      arguments: [
        "--board", bench.directory + "/board.json", "--kit", kit, "--trust", sandbox.publicKey, "--allow-draft",
        "--pcm", "null", "--socket", directory + "/s", "--journal", bench.journal, "--gpio-root", bench.lines.gpioRoot,
      ], environment: [:], directory: directory)
    let client = try ControlClient(path: directory + "/s")
    _ = try client.ask(.press, button: "finder")
    #expect(try client.ask(.status).status?.state?.candidate == "bg")
    #expect(again.stop() == 0)
    withExtendedLifetime(bench) {}
  }

  @Test("what the socket tells fits its schema: replies, refusals and events")
  func schema() throws {
    let bench = try bench()
    let schema = try Schema(ControlSchema.text)
    let socket = try FileDescriptor.streamSocket()
    try SocketAddress.with(bench.socket, "connect") { connect(socket.raw, $0, $1) }
    let presses = [
      "finder", "next", "answer-yes", "need-drink", "answer-no", "first-contact", "stop", "children", "answer-mode",
      "mark-wrong",
    ]
    var requests = [#"{"id":1,"do":"hello","protocol":1}"#, #"{"id":2,"do":"subscribe"}"#, "nonsense", #"{"id":3}"#]
    requests += presses.map { "{\"id\":4,\"do\":\"press\",\"button\":\"\($0)\"}" }
    requests += [#"{"id":5,"do":"press","button":"no-such"}"#, #"{"id":6,"do":"status"}"#]
    requests += [#"{"id":7,"do":"press","button":"answer-yes","by":"listener"}"#]
    var text = ""
    for request in requests {
      try socket.write(Array((request + "\n").utf8))
      let before = text.split(separator: "\n").count { $0.contains("\"ok\":") }
      repeat {
        text += String(decoding: try socket.read(atMost: 65_536), as: UTF8.self)
      } while !text.hasSuffix("\n")
        || text.split(separator: "\n").count { $0.contains("\"ok\":") } == before
        // The candidate asks to the end before its answer.
        || request.contains("next")
          && !text.split(separator: "\n").contains {
            $0.contains("\"event\":\"completed\"") && $0.contains("\"prompt\":\"raise-hand\"")
          }
    }
    let lines = text.split(separator: "\n").map(String.init)
    for line in lines {
      let faults = schema.faults(line, as: line.contains("\"ok\":") ? "reply" : "event")
      #expect(faults.isEmpty, "\(line)")
    }
    #expect(lines.count { $0.contains("\"ok\":") } == requests.count)
    #expect(lines.contains { $0.contains("\"event\":\"state\"") })
    #expect(lines.contains { $0.contains("\"event\":\"sequence\"") })
  }

  @Test("a hundred clients, most of them without manners: the message is whole, and no frame came late")
  func crowd() throws {
    let bench = try sandbox.bench()
    try bench.press(Button("next-language"))
    #expect(try bench.waitForEnd())
    let crowd = try (0..<99).map { index in
      let socket = try FileDescriptor.streamSocket()
      try SocketAddress.with(bench.socket, "connect") { connect(socket.raw, $0, $1) }
      _ = fcntl(socket.raw, F_SETFL, O_NONBLOCK)
      return Guest(socket, index)
    }
    try bench.press(Button("need-doctor"))
    // Until the message has ended, by what the daemon itself says in the midst of them.
    var rounds = 0
    while try bench.client.ask(.status, milliseconds: 30_000).status?.playing != nil {
      for guest in crowd { guest.shout() }
      rounds += 1
    }
    #expect(rounds > 0)
    try bench.press(Button("safe-here"))
    #expect(try bench.waitForEnd())
    #expect(try bench.client.ask(.status, milliseconds: 30_000).status?.underruns == 0)
    let presses = bench.presses
    let recording = try bench.finish()
    #expect(!recording.events.contains { $0.kind == .xrun })
    let verdicts = SoundVerifier(ClipLibrary(try KitFile(path: sandbox.kit))).verify(presses, recording)
    for (verdict, prompt) in zip(verdicts, ["language-name", "need-doctor", "safe-here"]) {
      guard case .clip("ro", prompt, _, completed: true) = verdict.heard, verdict.faults.isEmpty else {
        Issue.record("\(verdict)")
        continue
      }
    }
  }

  /// Somebody on the socket who never reads.
  private final class Guest {
    private let socket: FileDescriptor
    private let words: [UInt8]

    init(_ socket: consuming FileDescriptor, _ index: Int) {
      self.socket = socket
      let line: String =
        switch index % 4 {
        case 0: #"{"id":1,"do":"status"}"# + "\n"
        case 1: String(repeating: "x", count: 9000)
        case 2: #"{"id":1,"do":"subscribe"}"# + "\n"
        default: #"{"id":1,"do":"#
        }
      words = Array(String(repeating: line, count: 3).utf8)
    }

    func shout() {
      _ = words.withUnsafeBytes { send(socket.raw, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
    }
  }

  // MARK: Practice

  @Test("practice without a card says so, and goes on in a card's time")
  func practice() throws {
    let practice = try PracticeDevice(.init(kit: kit, board: Sandbox.board(), trust: sandbox.publicKey, pcm: nil))
    #expect(practice.silence != nil)
    _ = try practice.client.ask(.subscribe)
    _ = try practice.client.ask(.press, button: "next-language")
    let end = try wait(practice.client) { $0.event == "completed" && $0.prompt == "language-name" }
    #expect((end?.heard ?? 0) >= 300)
  }

  @Test("practice on a card that is not there: silence, with the reason")
  func noCard() throws {
    let practice = try PracticeDevice(
      .init(kit: kit, board: Sandbox.board(), trust: sandbox.publicKey, pcm: "no-such-card"))
    #expect(practice.silence?.hasPrefix("no-such-card: ") == true)
    #expect(practice.isRunning)
  }

  @Test("simulate on no terminal: one line, and nothing is begun; ctl prints the schema")
  func noTerminal() throws {
    let refused = try Program.run(["simulate", kit], in: sandbox.directory)
    #expect(refused.status == 2)
    #expect(
      refused.errors.contains("no terminal; run this command in one")
        && refused.errors.split(separator: "\n").count == 1)
    let schema = try Program.run(["ctl", "--schema"], in: sandbox.directory)
    #expect(schema.status == 0 && schema.output == ControlSchema.text)
  }

  @Test("ctl status as JSON says what the device last heard of its channel; without one it is the daemon's reply alone")
  func channelInStatus() throws {
    let bench = try bench()
    let path = sandbox.directory + "/news.json"
    func status() throws -> [String: Any] {
      let shown = try Program.run(
        ["ctl", "status", "--json", "--socket", bench.socket, "--news", path], in: sandbox.directory)
      #expect(shown.status == 0, "\(shown.errors)")
      let reply = try #require(try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any])
      #expect(reply["ok"] as? Bool == true && reply["status"] is [String: Any])
      return reply
    }
    #expect(try status()["channel"] == nil)
    for (days, isSilent) in [(12, false), (31, true)] {
      let renewed = WallTime(milliseconds: WallTime.now.milliseconds - Int64(days) * WallTime.day)
      let news = ChannelNews(
        written: .now, heard: .now, renewed: renewed, timestamp: 7, snapshot: 5, warnings: ["timestamp.json is old"],
        faults: [], silentDays: 30)
      try Files.replace(path, with: try Documents.encode(news))
      let channel = try #require(try status()["channel"] as? [String: Any])
      #expect(channel["days"] as? Int == days && channel["isSilent"] as? Bool == isSilent)
      #expect(channel["timestamp"] as? Int == 7 && channel["renewed"] as? String == "\(renewed)")
      #expect(channel["warnings"] as? [String] == ["timestamp.json is old"])
    }
    _ = try bench.finish()
  }

  // MARK: The journal and the card

  @Test("a question and its formula are one message: one press, one entry that names both clips, and one sound")
  func joined() throws {
    let bench = try bench()
    let client = bench.client
    _ = try client.ask(.subscribe)
    func play(_ button: String) throws {
      _ = try client.ask(.press, button: button)
      #expect(try wait(client) { $0.event == "completed" && $0.prompt == button } != nil)
    }
    _ = try client.ask(.press, button: "next-language")
    #expect(try wait(client) { $0.event == "completed" && $0.prompt == "name-ro" } != nil)
    try play("need-doctor")
    _ = try client.ask(.press, button: "answer-mode")
    #expect(try wait(client) { $0.event == "completed" && $0.prompt == "device-answers-hand" } != nil)
    try play("need-doctor")
    try play("raise-hand")
    let recording = try bench.finish()
    let kit = try KitFile(path: kit)
    let bundle = try #require(kit.bundle("ro"))
    let question = try #require(bundle.clip("need-doctor"))
    let card = try #require(bundle.clip("answer-card"))
    let hand = try #require(bundle.clip("answer-hand"))
    let lines = try journal(bench.journal).filter { $0.event == "completed" && $0.audience == "listener" }.suffix(3)
    #expect(lines.map(\.prompt) == ["need-doctor", "need-doctor", "raise-hand"])
    #expect(lines.map(\.formula) == ["answer-card", "answer-hand", nil])
    #expect(lines.map(\.formulaClip) == [card.sha256, hand.sha256, nil])
    #expect(lines.map(\.form) == [nil, nil, "hand"])
    #expect(lines.last?.clip == bundle.clip("raise-hand", form: Form("hand"))?.sha256)
    #expect(lines.first?.heard == (question.frames + card.frames) / 48 + GuidedKit.pause)
    // No underrun, and each message within one stream: the joint has no gap.
    #expect(!recording.events.contains { $0.kind == .xrun })
    let silence = [Int16](repeating: 0, count: GuidedKit.pause * 48)
    let sound = recording.streams.flatMap(\.samples)
    var place = 0
    for formula in [card, hand] {
      let whole = try ClipDecoder.decode(kit.bytes(of: question)) + silence + ClipDecoder.decode(kit.bytes(of: formula))
      let found = try #require(Self.find(whole[...], in: sound, from: place), "\(formula.prompt)")
      #expect(sound[found...].starts(with: whole), "\(formula.prompt)")
      #expect(
        recording.streams.contains { Self.find(whole[...], in: $0.samples, from: 0) != nil }, "\(formula.prompt)")
      place = found + whole.count
    }
  }

  @Test("a stop in the pause between question and formula is journalled with the part and how far it was")
  func stopInThePause() throws {
    let bench = try bench()
    let client = bench.client
    _ = try client.ask(.subscribe)
    _ = try client.ask(.press, button: "next-language")
    #expect(try wait(client) { $0.event == "completed" && $0.prompt == "name-ro" } != nil)
    let kit = try KitFile(path: kit)
    let bundle = try #require(kit.bundle("ro"))
    let question = try #require(bundle.clip("need-doctor"))
    var stopped: JournalFields?
    // A busy machine may stop too early or too late.
    for _ in 0..<20 where stopped?.part != "pause" {
      _ = try client.ask(.press, button: "need-doctor")
      let started = try #require(try wait(client) { $0.event == "started" && $0.prompt == "need-doctor" })
      let middle = question.frames / 48 + GuidedKit.pause / 2
      try bench.rest(until: Monotonic(nanoseconds: started.monotonic).adding(milliseconds: middle))
      _ = try client.ask(.stop)
      #expect(try wait(client) { ["stopped", "completed"].contains($0.event) && $0.prompt == "need-doctor" } != nil)
      stopped = try journal(bench.journal).last { $0.event == "stopped" }
    }
    let line = try #require(stopped)
    #expect(line.part == "pause" && line.formula == "answer-card" && line.formulaClip != nil)
    #expect(line.partHeard == (line.heard ?? 0) - question.frames / 48)
    #expect((0..<GuidedKit.pause).contains(line.partHeard ?? -1))
    // The question was not asked in full.
    _ = try client.ask(.press, button: "answer-yes")
    let early = try #require(try wait(client) { ["answer", "early-answer"].contains($0.event) })
    #expect(early.event == "early-answer" && early.by == "responder" && early.prompt == "need-doctor")
    _ = try bench.finish()
  }

  @Test(
    "a damaged formula makes its questions unavailable before anybody requests one, with a reason, and status says so",
    arguments: [1, 2, 3])
  func damagedFormula(languages: Int) throws {
    let path = sandbox.directory + "/damaged.kit"
    try GuidedKit.write(to: path, key: sandbox.directory + "/key.key", languages: languages)
    let whole = try KitFile(path: path)
    let bundle = try #require(whole.bundle("ro"))
    let clip = try #require(bundle.clip("answer-hand"))
    var bytes = try Files.read(path)
    let content = try whole.bytes(of: clip)
    let place = try #require(bytes.firstRange(of: content))
    bytes[place.lowerBound + content.count / 2] ^= 0x10
    try Files.replace(path, with: bytes)
    let bench = try sandbox.bench {
      $0.kit = path
      $0.board.lines.buttons.removeAll { $0.timed }
    }
    let client = bench.client
    #expect(try client.ask(.status).status?.state?.answerModes == ["card", "hand"])
    _ = try client.ask(.subscribe)
    // Before any press: the first language is at hand.
    #expect(
      try bench.waitForStatus { status in
        status.unavailable?.contains { $0.contains("'answer-hand' is damaged") } == true
      })
    #expect(try journal(bench.journal).contains { $0.event == "damaged" && $0.prompt == "answer-hand" })
    _ = try client.ask(.press, button: "next-language")
    #expect(try wait(client) { $0.event == "completed" && $0.prompt == "name-ro" } != nil)
    _ = try client.ask(.press, button: "need-doctor")
    #expect(try wait(client) { $0.event == "completed" && $0.prompt == "need-doctor" } != nil, "in the other mode")
    _ = try client.ask(.press, button: "answer-mode")
    #expect(try wait(client) { $0.event == "completed" && $0.prompt == "device-answers-hand" } != nil)
    #expect(try client.ask(.status).status?.state?.answerMode == "hand")
    _ = try client.ask(.press, button: "need-doctor")
    let signal = try #require(try wait(client) { ["signal", "started"].contains($0.event) })
    #expect(signal.event == "signal" && signal.detail == "not-available" && signal.reason == "no-formula")
    let shown = try Program.run(["ctl", "status", "--socket", bench.socket], in: sandbox.directory)
    #expect(shown.output.contains("answers   by hand; the kit also offers card"))
    #expect(shown.output.contains("no formula: ro f1: 'answer-hand' is damaged"))
    _ = try bench.finish()
    let reports = try journal(bench.journal).filter { $0.event == "damaged" && $0.prompt == "answer-hand" }
    #expect(reports.count == 1, "however often it is looked for")
  }

  @Test("a listener's press by the socket is an answer of the listener, and nothing but an answer")
  func listenerBySocket() throws {
    let bench = try bench()
    let client = bench.client
    _ = try client.ask(.subscribe)
    _ = try client.ask(.press, button: "next-language")
    #expect(try wait(client) { $0.event == "completed" && $0.prompt == "name-ro" } != nil)
    _ = try client.ask(.press, button: "need-doctor")
    #expect(try wait(client) { $0.event == "completed" && $0.prompt == "need-doctor" } != nil)
    _ = try client.ask(.press, button: "answer-yes", by: "listener")
    let answer = try #require(try wait(client) { $0.event == "answer" })
    #expect(answer.by == "listener" && answer.detail == "yes")
    for (button, person) in [("next", "listener"), ("answer-none", "listener"), ("answer-yes", "interpreter")] {
      #expect(throws: ControlClient.Failure.self) { try client.ask(.press, button: button, by: person) }
    }
    _ = try bench.finish()
  }

  @Test("a formula that the kit lacks makes only the questions of its mode unavailable")
  func missingFormula() throws {
    let path = sandbox.directory + "/without.kit"
    try GuidedKit.write(to: path, key: sandbox.directory + "/key.key", without: ["answer-card"])
    let bench = try sandbox.bench { $0.kit = path }
    _ = try bench.client.ask(.subscribe)
    func press(_ button: String, until prompt: String) throws {
      _ = try bench.client.ask(.press, button: button)
      #expect(try wait(bench.client) { $0.event == "completed" && $0.prompt == prompt } != nil, "\(button)")
    }
    try press("next-language", until: "name-ro")
    try press("need-doctor", until: "device-not-available")
    // Messages, and a prompt that names the signs itself, need no formula.
    try press("safe-here", until: "safe-here")
    try press("raise-hand", until: "raise-hand")
    try press("answer-mode", until: "device-answers-hand")
    try press("need-doctor", until: "need-doctor")
    _ = try bench.finish()
    let lines = try journal(bench.journal)
    let heard = lines.filter { $0.event == "completed" && $0.audience == "listener" }.compactMap(\.prompt)
    #expect(heard == ["language-name", "safe-here", "raise-hand", "need-doctor"])
    #expect(lines.last { $0.event == "completed" && $0.prompt == "need-doctor" }?.formula == "answer-hand")
    #expect(lines.filter { $0.prompt == "need-doctor" }.compactMap(\.reason) == ["no-formula"])
  }

  /// Presses sixty buttons in a row, and returns what left the card and the journal.
  private func pressed() throws -> (recording: CardRecording, lines: [JournalFields]) {
    let bench = try bench()
    let buttons = [
      "finder", "next-language", "previous-language", "safe-here", "need-doctor", "need-drink", "answer-yes",
      "answer-no", "answer-unclear", "stop", "repeat", "next", "previous", "needs", "first-contact", "first-contact",
      "children", "status", "wrong-language", "next-language",
    ]
    var random: UInt64 = 0x9E37_79B9_7F4A_7C15
    func below(_ limit: Int) -> Int {
      random ^= random << 13
      random ^= random >> 7
      random ^= random << 17
      return Int(random >> 11) % limit
    }
    for _ in 0..<60 {
      _ = try bench.client.ask(.press, button: buttons[below(buttons.count)])
      try bench.rest(until: .now.adding(milliseconds: below(700)))
    }
    return (try bench.finish(), try journal(bench.journal))
  }

  @Test(
    "a run of presses: what the journal says was played is what left the card, to the millisecond, and nothing else")
  func journalEqualsCard() throws {
    var (recording, lines) = try pressed()
    // On a busy machine the card underruns, and a message is in pieces: what the journal says then has tests of its own.
    for _ in 0..<4 where recording.events.contains(where: { $0.kind == .xrun }) { (recording, lines) = try pressed() }
    #expect(!recording.events.contains { $0.kind == .xrun })
    let library = ClipLibrary(try KitFile(path: kit))
    let sound = recording.streams.flatMap { $0.samples + [Int16](repeating: 0, count: 480) }

    var explained: [Range<Int>] = []
    var (place, unknown) = (0, 0)
    let starts = lines.indices.filter { lines[$0].event == "started" }
    #expect(starts.count > 30)
    for start in starts {
      let line = lines[start]
      let name = "\(line.language ?? "") \(line.prompt ?? "")"
      let end = try #require(
        lines[start...].first {
          ["completed", "stopped", "failed"].contains($0.event) && $0.clip == line.clip
        }, "no end of \(name)")
      let entry = try #require(library.entries.first { $0.language == line.language && $0.prompt == line.prompt })
      let heard = 48 * (end.heard ?? 0)
      // What faded away at once left nothing that could be told from another clip: 10 ms, and its fade.
      guard heard > 480 else {
        unknown += heard + 288
        continue
      }
      let found = try #require(Self.find(entry.frames.prefix(heard), in: sound, from: place), "\(name) was not heard")
      var same = zip(entry.frames, sound[found...]).prefix { $0 == $1 }.count
      // The silence after a message that was stopped in the pause before its formula equals the rest of the pause.
      if same > heard, entry.frames[heard..<same].allSatisfy({ $0 == 0 }) { same = heard }
      #expect(abs(same - heard) <= 48, "\(name): heard \(same) frames, the journal says \(heard)")
      // A stop may come when all has left already.
      #expect(end.event != "completed" || same == entry.frames.count, "\(name)")
      place = found + same
      // The fade of what was stopped: 5 ms.
      explained.append(found..<place + 240)
    }
    let strange = sound.indices.count { index in
      sound[index] != 0 && !explained.contains { $0.contains(index) }
    }
    #expect(strange <= unknown, "frames that the journal does not know")
  }

  /// Where the clip begins, by at most 50 ms of it, behind its first 5.
  private static func find(_ clip: ArraySlice<Int16>, in sound: [Int16], from start: Int) -> Int? {
    let key = clip[240..<min(clip.count, 2640)]
    guard let first = key.first, start < sound.count else { return nil }
    return sound.indices.dropFirst(start + 240).first { index in
      sound[index] == first && index + key.count <= sound.count
        && sound[index..<index + key.count].elementsEqual(key)
    }.map { $0 - 240 }
  }
}
