import Foundation
import Glibc
import KitBuilder
import Posix
import Simulator
import TestSupport
import Testing

/// The booth of the studio, with a simulated microphone of this machine, and with what a browser would send.
@Suite("The studio's booth", .serialized)
struct StudioBoothTests {
  private let place: Workplace
  private let control: CardControl
  private let environment: [String: String]
  private let project: String

  init() throws {
    place = try Workplace()
    project = "\(place.directory)/p"
    control = CardControl(path: "\(place.directory)/control")
    try control.set([.noise(66)])
    let made = try place.run("new", "p", "--languages", "ro,ar", "--prompts", "safe-here,thank-you,goodbye")
    #expect(made.status == 0, "\(made.errors)")
    var microphone = MicrophoneConfiguration(
      library: try CardConfiguration.findLibrary(), voice: "\(place.directory)/voice.wav", control: control.path)
    microphone.bits = 24
    try Files.replace("\(place.directory)/alsa.conf", with: Array(microphone.text.utf8))
    environment = [CardConfiguration.environmentName: "/usr/share/alsa/alsa.conf:\(place.directory)/alsa.conf"]
  }

  private func start(_ arguments: [String] = []) throws -> StudioProgram {
    try StudioProgram(
      ["p", "--device", MicrophoneConfiguration.pcm] + arguments, in: place.directory, environment: environment)
  }

  private static let iris = """
    {"pseudonym": "Iris", "language": "ro", "voice": "f2", "consent": "2026-01-01", "licence": "any", "contact": "a@b"}
    """

  /// A booth that is open.
  private struct Visit {
    let studio: StudioProgram
    let path: String

    init(_ studio: StudioProgram, _ wish: String) throws {
      let answer = try studio.post("/api/1/projects/p/booth/ro", wish)
      try #require(answer.status == 201, "\(answer.text)")
      let view = try JSONDecoder().decode(View.self, from: Data(answer.body))
      self.studio = studio
      path = "/api/1/projects/p/booths/\(view.id)"
    }

    func view() throws -> View { try decoded(try studio.get(path)) }

    @discardableResult
    func command(_ name: String) throws -> View {
      try decoded(try studio.post(path + "/command", #"{"command": "\#(name)"}"#))
    }

    /// A response that is no view; a program that was killed answers nothing.
    private struct NoView: Error { var text: String }

    @discardableResult
    func decoded(_ answer: StudioProgram.Answer) throws -> View {
      if answer.status != 200 { throw NoView(text: "\(answer.status) \(answer.text)") }
      return try JSONDecoder().decode(View.self, from: Data(answer.body))
    }

    @discardableResult
    func wait(for phases: String..., seconds: Int = 30) throws -> View {
      let deadline = Monotonic.now.adding(milliseconds: seconds * 1000)
      while true {
        let view = try view()
        if phases.contains(view.phase) { return view }
        try #require(Monotonic.now < deadline, "\(view)")
        usleep(20_000)
      }
    }

    /// Waits until the room is measured, whatever it is like.
    func enter() throws {
      if try wait(for: "ready", "roomFindings").phase == "roomFindings" { try command("ignoreRoom") }
      try wait(for: "ready")
    }

    func send(_ wave: [UInt8], to target: String) throws -> StudioProgram.Answer {
      let head = [
        "POST \(path)/\(target) HTTP/1.1", "Host: \(studio.host)", "Cookie: \(studio.cookie)",
        "Origin: http://\(studio.host)", "Sec-Fetch-Site: same-origin", "X-Firstword: 1",
        "Content-Type: application/octet-stream", "Content-Length: \(wave.count)", "Connection: close",
      ]
      return StudioProgram.Answer(try studio.talk(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + wave))
    }
  }

  private struct View: Decodable {
    struct Item: Decodable {
      var id: String
      var text: String
      var takes: [String]
      var recording: String?
      var notes: [Note]
    }
    struct Note: Decodable { var note: String? }
    struct Trial: Decodable {
      var take: String?
      var seconds: Double
      var findings: [Finding]
      var audible: Bool
    }
    struct Finding: Decodable { var code: String }
    struct Level: Decodable { var speech: Bool }
    var id: String
    var phase: String
    var commands: [String]
    var item: Item
    var trial: Trial?
    var notice: String?
    var playing: Int?
    var loss: String?
    var missing: Int
    var kept: Int
    var speaker: String?
    var level: Level
  }

  private func say(_ samples: [Int16]) throws {
    try Files.replace("\(place.directory)/voice.wav", with: StudioSound.wave(samples.map { Int32($0) << 16 }))
    try control.set([.say(Int(Monotonic.now.nanoseconds & 0xFFFF_FFFF))])
  }

  private func names(_ directory: String) -> [String] { (try? Files.list("\(project)/\(directory)")) ?? [] }

  private func samples(_ path: String) throws -> [Int32] {
    try Recording(path: path).samples.map { Int32($0 * 0x1p23) << 8 }
  }

  // MARK: - The machine's microphone

  @Test("what is recorded is what the microphone gave, sample for sample, and each take stays until one is chosen")
  func exact() throws {
    // Samples that never repeat within a second, so that a shift or a gap shows, and are never zero.
    let phrase = (0..<60_000).map { Int16(truncatingIfNeeded: ($0 &* 40_503) | 1) }
    let studio = try start()
    #expect(try studio.post("/api/1/projects/p/speakers", Self.iris).status == 201)
    try control.set([])
    let visit = try Visit(studio, #"{"speaker": "iris", "source": "machine", "countdown": 0}"#)
    try visit.enter()
    #expect(try visit.view().speaker == "Iris")
    for take in 1...2 {
      try visit.command("record")
      try say(phrase)
      // Half a second more than the phrase.
      usleep(1_800_000)
      let view = try visit.command("finish")
      #expect(view.phase == "reviewing" && view.trial?.take == "03-safe-here.\(take).wav", "\(view)")
      #expect(names("recordings/ro").isEmpty && names("takes/ro/f2").count == take)
    }
    let wanted = phrase.map { Int32($0) << 16 }
    for name in names("takes/ro/f2") {
      let recorded = try samples("\(project)/takes/ro/f2/\(name)")
      let first = try #require(recorded.firstIndex { $0 != 0 })
      try #require(first + wanted.count <= recorded.count)
      #expect(Array(recorded[first..<first + wanted.count]) == wanted)
    }
    // The first one is chosen after all.
    let chosen = try visit.decoded(try studio.post(visit.path + "/choose", #"{"take": "03-safe-here.1.wav"}"#))
    #expect(chosen.phase == "reviewing" && chosen.trial?.take == "03-safe-here.1.wav")
    let bytes = try Files.read("\(project)/takes/ro/f2/03-safe-here.1.wav")
    let next = try visit.command("keep")
    #expect(next.item.id == "thank-you" && next.kept == 1 && next.missing == 2)
    #expect(try Files.read("\(project)/recordings/ro/f2/03-safe-here.wav") == bytes)
    #expect(names("takes/ro/f2") == ["03-safe-here.2.wav"])
    #expect(studio.end() == 0)
  }

  @Test("'bad, again' listens within 300 ms, and drops the bad take")
  func again() throws {
    let studio = try start()
    let visit = try Visit(studio, #"{"source": "machine", "countdown": 0}"#)
    try visit.enter()
    try visit.command("record")
    for _ in 0..<3 {
      let before = Monotonic.now
      #expect(try visit.command("again").phase == "recording")
      #expect(Monotonic.now.since(before) < 300_000_000)
    }
    usleep(500_000)
    #expect(try visit.command("finish").phase == "reviewing")
    let before = Monotonic.now
    #expect(try visit.command("again").phase == "recording")
    #expect(Monotonic.now.since(before) < 300_000_000)
    #expect(names("takes/ro/f1").isEmpty)
  }

  @Test("an unplugged microphone costs the take alone, and recording goes on when it is back")
  func unplugged() throws {
    let studio = try start()
    let visit = try Visit(studio, #"{"source": "machine", "countdown": 0}"#)
    try visit.enter()
    try visit.command("record")
    usleep(400_000)
    #expect(try visit.command("finish").phase == "reviewing")
    try visit.command("record")
    try control.set([.unplugged])
    let lost = try visit.wait(for: "ready")
    #expect(lost.notice?.contains("this take is lost") == true && lost.loss?.contains("plug it in") == true)
    #expect(names("takes/ro/f1") == ["03-safe-here.1.wav"])
    try control.set([.noise(66)])
    try visit.wait(for: "room")
    try visit.enter()
    #expect(try visit.command("record").phase == "recording")
  }

  @Test("kill -9 at any moment costs at most the take in progress; no file is broken")
  func killed() throws {
    var recorded = Set<String>()
    var generator = SystemRandomNumberGenerator()
    for round in 0..<6 {
      let studio = try start()
      let visit = try Visit(studio, #"{"source": "machine", "countdown": 0, "item": "safe-here"}"#)
      try visit.enter()
      for _ in 0..<2 {
        try visit.command("record")
        usleep(150_000)
        let view = try visit.command("finish")
        recorded.insert(try #require(view.trial?.take))
      }
      if round % 2 == 1 {
        let kept = try visit.command("keep")
        if kept.phase == "confirming" { try visit.command("replace") }
        try visit.decoded(try studio.post(visit.path + "/item", #"{"item": "safe-here"}"#))
      }
      try visit.command("record")
      // While it records, or checks and writes.
      DispatchQueue.global().async { _ = try? visit.command("finish") }
      usleep(UInt32.random(in: 0...150_000, using: &generator))
      kill(studio.process.processIdentifier, SIGKILL)
      studio.process.waitUntilExit()
      let takes = names("takes/ro/f1").filter { $0.hasSuffix(".wav") }
      for name in takes { _ = try Recording(path: "\(project)/takes/ro/f1/\(name)") }
      let recordings = names("recordings/ro/f1").filter { $0.hasSuffix(".wav") && !$0.hasPrefix(".") }
      for name in recordings { _ = try Recording(path: "\(project)/recordings/ro/f1/\(name)") }
      // Two takes of each round, and at most the one in progress.
      #expect((2 * (round + 1)...3 * (round + 1)).contains(takes.count + recordings.count), "\(takes) \(recordings)")
    }
    #expect(try place.run("check", "p").status <= 1)
  }

  @Test("a booth that no page asks for closes the microphone, and a second one is refused with the first")
  func one() throws {
    let studio = try start()
    let visit = try Visit(studio, #"{"source": "machine"}"#)
    let second = try studio.post("/api/1/projects/p/booth/ar", #"{"source": "machine"}"#)
    #expect(second.status == 409 && second.text.contains("\"current\""))
    #expect(try studio.get("/api/1/projects/p/booth/ar").text.contains("\"open\""))
    #expect(try visit.decoded(try studio.post(visit.path + "/end", "{}")).phase == "ended")
    #expect(try studio.post("/api/1/projects/p/booth/ar", #"{"source": "machine"}"#).status == 201)
    #expect(try studio.get(visit.path).status == 404)
  }

  // MARK: - The browser's microphone

  @Test("a take that a browser sends is stored sample for sample, in its bits and at its rate", arguments: [16, 24])
  func sent(bits: Int) throws {
    let studio = try start()
    let visit = try Visit(studio, #"{"source": "browser", "device": "USB", "rate": 44100, "countdown": 0}"#)
    func wave(_ samples: [Int32]) -> [UInt8] { StudioSound.wave(samples, rate: 44_100, bits: bits) }
    var random = SystemRandomNumberGenerator()
    let unused = Int32(bits == 16 ? 16 : 8)
    func noise(_ count: Int, _ level: Int32) -> [Int32] {
      (0..<count).map { _ in (Int32.random(in: -level...level, using: &random) >> unused) << unused }
    }
    #expect(try visit.view().phase == "room")
    #expect(try visit.decoded(try visit.send(wave(noise(88_200, 1 << 18)), to: "room")).phase != "room")
    try visit.enter()
    let take = noise(44_100, 1 << 28)
    // Nobody asked for it yet.
    #expect(try visit.send(wave(take), to: "take?item=safe-here").status == 409)
    try visit.command("record")
    #expect(try visit.send(wave(take), to: "take?item=goodbye").status == 409)
    #expect(try visit.send(Array("no sound".utf8), to: "take?item=safe-here").status == 422)
    #expect(try visit.send(StudioSound.wave(take, rate: 48_000, bits: bits), to: "take?item=safe-here").status == 422)
    // Audio is missing in it.
    let torn = try visit.decoded(try visit.send(wave(take), to: "take?item=safe-here&torn=1"))
    #expect(torn.phase == "ready" && torn.notice?.contains("Audio was lost") == true && names("takes").isEmpty)
    try visit.command("record")
    let view = try visit.decoded(try visit.send(wave(take), to: "take?item=safe-here"))
    #expect(view.phase == "reviewing" && view.trial?.seconds == 1)
    let path = "\(project)/takes/ro/f1/03-safe-here.1.wav"
    #expect(try samples(path) == take)
    #expect(Array(try Files.read(path)[34..<36]) == [UInt8(bits), 0])
    if view.trial?.audible == true {
      let clip = try studio.get("\(visit.path)/clips/\(try #require(view.playing))")
      #expect(clip.status == 200 && clip.headers["content-type"] == "audio/ogg")
    }
  }

  // MARK: - Rules

  @Test("the rules for speakers are those of the command line")
  func speakers() throws {
    let studio = try start()
    #expect(try studio.post("/api/1/projects/p/speakers", Self.iris).status == 201)
    #expect(try place.run("speakers", "--project", "p").output.contains("Iris"))
    for (body, message) in [
      (Self.iris, "ro/f2 is the voice of 'Iris'"),
      (Self.iris.replacingOccurrences(of: "f2", with: "F 1"), "write it as f1"),
      (Self.iris.replacingOccurrences(of: "2026-01-01", with: "soon"), "not a day"),
      (Self.iris.replacingOccurrences(of: "a@b", with: "a\\nb"), "line break"),
    ] {
      let answer = try studio.post("/api/1/projects/p/speakers", body)
      #expect(answer.status == 422 && answer.text.contains(message), "\(answer.text)")
    }
    for (wish, message) in [
      (#"{"source": "machine", "speaker": "Iri"}"#, "did you mean 'Iris'"),
      (#"{"source": "machine", "speaker": "Iris", "voice": "f1"}"#, "'Iris' is ro/f2, not ro/f1"),
      (#"{"source": "machine", "voice": "synthetic"}"#, "no name of a voice"),
      (#"{"source": "machine", "voice": "../f1"}"#, "no name of a voice"),
      (#"{"source": "browser", "voice": "f1"}"#, "samples a second"),
    ] {
      let answer = try studio.post("/api/1/projects/p/booth/ro", wish)
      #expect(answer.status == 422 && answer.text.contains(message), "\(answer.text)")
    }
    #expect(try place.run("takedown", "Iris", "--yes", "--project", "p").status == 0)
    let gone = try studio.post("/api/1/projects/p/booth/ro", #"{"source": "machine", "speaker": "Iris"}"#)
    #expect(gone.status == 422 && gone.text.contains("withdrew the consent"))
    let shown = try StudioProgram(["p", "--read-only"], in: place.directory, environment: environment)
    #expect(try shown.post("/api/1/projects/p/booth/ro", #"{"source": "machine"}"#).status == 403)
    #expect(try shown.post("/api/1/projects/p/speakers", Self.iris).status == 403)
  }

  @Test("a wording that changes while the booth is open is shown anew, and a returned recording is due again")
  func changed() throws {
    try Files.makeDirectory("\(project)/recordings/ro/f1")
    try Files.replace(
      "\(project)/recordings/ro/f1/03-safe-here.wav",
      with: StudioSound.wave(murmur(seed: 1, seconds: 2)))
    let hash = try Recording.sha256(path: "\(project)/recordings/ro/f1/03-safe-here.wav")
    let studio = try start()
    let reviewer = try studio.post("/api/1/projects/p/reviewers", #"{"name": "Ana"}"#)
    let id = try #require(reviewer.text.firstMatch(of: /"id":"(\d+)"/).map { String($0.1) })
    let verdict = try studio.post(
      "/api/1/projects/p/review/ro/safe-here",
      #"{"reviewer": "\#(id)", "kind": "recording", "voice": "f1", "hash": "\#(hash)", "verdict": "returned", "note": "Too fast"}"#
    )
    #expect(verdict.status == 200, "\(verdict.text)")
    let visit = try Visit(studio, #"{"source": "machine", "voice": "f1", "countdown": 0}"#)
    try visit.enter()
    let view = try visit.view()
    #expect(view.item.id == "safe-here" && view.item.notes.compactMap(\.note) == ["Too fast"] && view.missing == 3)
    try Files.makeDirectory("\(project)/Languages")
    try Files.replace(
      "\(project)/Languages/ro.yaml",
      with: Array("tag: \"ro\"\ndrafted: person\nwordings:\n  safe-here:\n    text: \"Sunteți aici.\"\n".utf8))
    try visit.command("record")
    let fresh = try visit.decoded(try studio.get(visit.path + "?fresh=1"))
    #expect(fresh.item.text == "Sunteți aici." && fresh.phase == "ready")
    #expect(fresh.notice?.contains("wording was changed") == true)
  }
}
