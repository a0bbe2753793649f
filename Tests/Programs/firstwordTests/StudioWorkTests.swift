import Foundation
import Kit
import Posix
import Project
import TestSupport
import Testing

/// Changes that the page makes: words, and verdicts of reviewers.
@Suite("Work on the studio's page", .serialized)
struct StudioWorkTests {
  private let place: Workplace
  private let project: String

  init() throws {
    place = try Workplace()
    project = "\(place.directory)/p"
    let made = try place.run("new", "p", "--languages", "ro,km", "--prompts", "safe-here,thank-you,goodbye")
    #expect(made.status == 0, "\(made.errors)")
  }

  private func json(_ answer: StudioProgram.Answer) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any], "\(answer.text)")
  }

  /// Returns one wording of the view of a language's words.
  private func item(_ id: String, in tag: String, _ studio: StudioProgram) throws -> [String: Any] {
    let view = try json(try studio.get("/api/1/projects/p/words/\(tag)"))
    let items = try #require(view["items"] as? [[String: Any]])
    return try #require(items.first { $0["id"] as? String == id })
  }

  private func body(_ value: [String: Any]) throws -> String {
    String(decoding: try JSONSerialization.data(withJSONObject: value), as: UTF8.self)
  }

  private func record(_ voice: String, _ name: String, in tag: String, seed: UInt64) throws {
    try Files.makeDirectory("\(project)/recordings/\(tag)/\(voice)")
    try Files.replace(
      "\(project)/recordings/\(tag)/\(voice)/\(name).wav",
      with: StudioSound.wave(murmur(seed: seed, seconds: 2)))
  }

  // MARK: Words

  @Test("a change is checked before it is saved, and what falls is named; saved, it is in the project's own file alone")
  func wording() throws {
    for name in ["Ana", "Ben"] {
      #expect(try place.run("approve", "ro/safe-here", "--wording", "--by", name, "--project", "p").status == 0)
    }
    try record("f1", "03-safe-here", in: "ro", seed: 1)
    let studio = try StudioProgram(["p"], in: place.directory)
    let before = try item("safe-here", in: "ro", studio)
    #expect(before["status"] as? String == "approved" && before["own"] as? Bool == false)
    let path = "/api/1/projects/p/words/ro/safe-here"
    let text = "Aici sunteți în siguranță acum."
    let wish = try body(["version": before["version"] ?? "", "changes": ["text": text]])
    let preview = try json(try studio.post(path + "/preview", wish))
    let falls = try #require(preview["falls"] as? [String: Any])
    #expect((falls["approvals"] as? [[String: Any]])?.compactMap { $0["name"] as? String } == ["Ana", "Ben"])
    #expect((falls["recordings"] as? [[String: Any]])?.first?["voice"] as? String == "f1")
    #expect(falls["back"] as? Bool == true)
    #expect(!Files.exists("\(project)/Languages"))
    let saved = try studio.post(path, wish)
    #expect(saved.status == 200, "\(saved.text)")
    let after = try item("safe-here", in: "ro", studio)
    #expect(after["text"] as? String == text && after["status"] as? String == "draft")
    #expect(after["own"] as? Bool == true && after["backOutdated"] as? Bool == true)
    // The command line reads the same, and the file keeps its comment.
    #expect(try place.run("words", "ro", "--project", "p").output.contains(text))
    let file = String(decoding: try Files.read("\(project)/Languages/ro.yaml"), as: UTF8.self)
    #expect(file.contains("# This project's own wordings") && file.contains("back-of:"))
  }

  @Test("a text that the file cannot hold is refused, and one that reads wrong is shown with its findings")
  func faults() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    let version = try #require(try item("safe-here", in: "ro", studio)["version"] as? String)
    let path = "/api/1/projects/p/words/ro/safe-here"
    for changes in [
      ["text": ""], ["text": "two\nlines"], ["text": NSNull()], ["text": " space"], ["title": "Title"],
      ["text": String(repeating: "a", count: 301)], ["note": "a\u{202E}b"],
    ] as [[String: Any]] {
      let wish = try body(["version": version, "changes": changes])
      #expect(try studio.post(path, wish).status == 422, "\(changes)")
      #expect(try studio.post(path + "/preview", wish).status == 422, "\(changes)")
    }
    #expect(try studio.post(path, try body(["version": version, "changes": ["nonsense": "x"]])).status == 400)
    #expect(!Files.exists("\(project)/Languages"))
    let wish = try body(["version": version, "changes": ["text": "Вы здесь в безопасности 24."]])
    let preview = try json(try studio.post(path + "/preview", wish))
    let findings = try #require(preview["findings"] as? [[String: Any]]).compactMap { $0["message"] as? String }
    #expect(findings.contains { $0.contains("not a letter of Latn") } && findings.contains { $0.contains("digits") })
  }

  @Test("a change of what was changed meanwhile is a conflict, and changes nothing; two browsers lose nothing")
  func conflict() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    let version = try #require(try item("goodbye", in: "ro", studio)["version"] as? String)
    let path = "/api/1/projects/p/words/ro/goodbye"
    let first = try studio.post(path, try body(["version": version, "changes": ["text": "La revedere, cu bine."]]))
    #expect(first.status == 200)
    let second = try studio.post(path, try body(["version": version, "changes": ["text": "Pa, ne vedem mâine."]]))
    #expect(second.status == 409)
    let current = try #require(try json(second)["current"] as? [String: Any])
    #expect(current["text"] as? String == "La revedere, cu bine.")
    #expect(try item("goodbye", in: "ro", studio)["text"] as? String == "La revedere, cu bine.")
    // Many at once: each is saved or refused as a conflict.
    let now = try #require(current["version"] as? String)
    let results = Results()
    DispatchQueue.concurrentPerform(iterations: 8) { number in
      let wish = #"{"version": "\#(now)", "changes": {"note": "doubt \#(number)"}}"#
      results.add((try? studio.post(path, wish).status) ?? 0)
    }
    #expect(
      results.all.filter { $0 == 200 }.count == 1 && results.all.filter { $0 == 409 }.count == 7, "\(results.all)")
  }

  /// Statuses of requests that run at once.
  private final class Results: @unchecked Sendable {
    private let lock = NSLock()
    private var statuses: [Int] = []
    var all: [Int] { lock.withLock { statuses } }
    func add(_ status: Int) { lock.withLock { statuses.append(status) } }
  }

  @Test("while another program writes, a change waits a moment, and is refused with that program's name")
  func locked() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    let version = try #require(try item("goodbye", in: "ro", studio)["version"] as? String)
    let lock = try ProjectLock(project) { _ in }
    let answer = try studio.post(
      "/api/1/projects/p/words/ro/goodbye", try body(["version": version, "changes": ["text": "La revedere acum."]]))
    lock.end()
    #expect(answer.status == 423 && answer.text.contains("(process "), "\(answer.text)")
  }

  @Test("a read-only studio shows previews, and saves nothing")
  func readOnly() throws {
    let studio = try StudioProgram(["p", "--read-only"], in: place.directory)
    let version = try #require(try item("goodbye", in: "ro", studio)["version"] as? String)
    let wish = try body(["version": version, "changes": ["text": "La revedere acum."]])
    #expect(try studio.post("/api/1/projects/p/words/ro/goodbye/preview", wish).status == 200)
    #expect(try studio.post("/api/1/projects/p/words/ro/goodbye", wish).status == 403)
    #expect(try studio.post("/api/1/projects/p/reviewers", #"{"name": "Ana"}"#).status == 403)
    #expect(!Files.exists("\(project)/Languages"))
  }

  // MARK: Review

  private func begin(_ studio: StudioProgram, _ wish: [String: Any]) throws -> String {
    let answer = try studio.post("/api/1/projects/p/reviewers", try body(wish))
    try #require(answer.status == 201, "\(answer.text)")
    return try #require(try json(answer)["id"] as? String)
  }

  private func reviewed(_ id: String, by reviewer: String, _ studio: StudioProgram) throws -> [String: Any] {
    let view = try json(try studio.get("/api/1/projects/p/review/ro?reviewer=\(reviewer)"))
    let items = try #require(view["items"] as? [[String: Any]])
    return try #require(items.first { $0["id"] as? String == id })
  }

  @Test("a reviewer translates back before the meaning is shown, accepts, returns with a reason, and undoes both")
  func review() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    let ana = try begin(studio, ["name": "Ana"])
    let first = try studio.get("/api/1/projects/p/review/ro?reviewer=\(ana)")
    #expect(!first.text.contains(#""source""#) && !first.text.contains(#""back""#))
    let item = try reviewed("safe-here", by: ana, studio)
    let hash = try #require(item["hash"] as? String)
    #expect(item["wording"] as? String == "due")
    let path = "/api/1/projects/p/review/ro/safe-here"
    #expect(try studio.post(path + "/meaning", try body(["reviewer": ana, "hash": hash, "back": " "])).status == 422)
    let meaning = try studio.post(
      path + "/meaning", try body(["reviewer": ana, "hash": hash, "back": "You are safe."]))
    #expect(meaning.status == 200 && meaning.text.contains(#""source""#))
    func judge(_ verdict: [String: Any], at end: String = "") throws -> StudioProgram.Answer {
      let base: [String: Any] = ["reviewer": ana, "kind": "wording", "hash": hash]
      return try studio.post(path + end, try body(base.merging(verdict) { $1 }))
    }
    #expect(try judge(["verdict": "accepted"]).status == 422)
    #expect(try judge(["verdict": "returned", "note": " "]).status == 422)
    #expect(try judge(["verdict": "withdrawn"]).status == 400)
    #expect(
      try judge(["verdict": "accepted", "back": "You are safe.", "hash": String(repeating: "0", count: 64)]).status
        == 409)
    #expect(try judge(["verdict": "accepted", "back": "You are safe."]).status == 200)
    #expect(try reviewed("safe-here", by: ana, studio)["wording"] as? String == "accepted")
    let approvals = try Approvals.read("\(project)/approvals.jsonl").entries
    #expect(approvals.map(\.name) == ["Ana"] && approvals[0].role == .backTranslator)
    #expect(try judge([:], at: "/undo").status == 200)
    #expect(try reviewed("safe-here", by: ana, studio)["wording"] as? String == "due")
    #expect(try judge(["verdict": "returned", "note": "It says <b>house</b>."]).status == 200)
    let matrix = try json(try studio.get("/api/1/projects/p/matrix"))
    #expect((matrix["cells"] as? [String])?.first == "sdd")
    #expect(try place.run("words", "ro", "--project", "p").output.contains("It says <b>house</b>."))
    #expect(try judge([:], at: "/undo").status == 200)
    #expect(try reviewed("safe-here", by: ana, studio)["wording"] as? String == "due")
    #expect((try json(try studio.get("/api/1/projects/p/matrix"))["cells"] as? [String])?.first == "ddd")
    #expect(try studio.post("/api/1/projects/p/reviewers/\(ana)/end", "{}").status == 200)
    #expect(try judge(["verdict": "accepted", "back": "You are safe."]).status == 404)
  }

  @Test("a recording is approved only after it was heard, and never by its own speaker")
  func recordings() throws {
    try record("f1", "03-safe-here", in: "ro", seed: 1)
    try Files.replace(
      "\(project)/speakers.yaml",
      with: Array(
        """
        speakers:
          - pseudonym: "Iris"
            language: "ro"
            voice: f1
            consent: 2026-04-30
            licence: "for kits"
            contact: "a@example.org"

        """.utf8))
    let studio = try StudioProgram(["p"], in: place.directory)
    let clip = "/api/1/projects/p/clips/ro/f1/safe-here"
    let whole = try studio.get(clip)
    #expect(
      whole.status == 200 && whole.headers["content-type"] == "audio/ogg" && whole.body.starts(with: Array("OggS".utf8))
    )
    let part = try studio.get(clip, ["Range: bytes=4-9"])
    #expect(part.status == 206 && part.body == Array(whole.body[4..<10]))
    #expect(try studio.get("/api/1/projects/p/clips/ro/m1/safe-here").status == 404)
    #expect(try studio.get("/api/1/projects/p/clips/ro/..%2ff1/safe-here").status == 400)
    for (name, heard, status) in [("Ana", false, 422), ("iris", true, 422), ("Ana", true, 200)] {
      let reviewer = try begin(studio, ["name": name])
      let item = try reviewed("safe-here", by: reviewer, studio)
      let recording = try #require((item["recordings"] as? [[String: Any]])?.first)
      #expect(recording["own"] as? Bool == (name == "iris"))
      let answer = try studio.post(
        "/api/1/projects/p/review/ro/safe-here",
        try body([
          "reviewer": reviewer, "kind": "recording", "voice": "f1", "hash": recording["hash"] ?? "",
          "verdict": "accepted",
          "heard": heard,
        ]))
      #expect(answer.status == status, "\(answer.text)")
    }
    #expect(try Approvals.read("\(project)/approvals.jsonl").entries.map(\.name) == ["Ana"])
    let own = try place.run("approve", "ro/safe-here", "--recording", "--by", "Iris", "--project", "p")
    #expect(own.status == 2 && own.errors.contains("nobody approves the own voice"), "\(own.errors)")
  }

  @Test("a key proves a reviewer's name, belongs to one person, and is required where the project says so")
  func keys() throws {
    #expect(try place.run("keygen", "ana", "--no-password").status == 0)
    let key = String(decoding: try Files.read("\(place.directory)/ana.key"), as: UTF8.self)
    let kit = "\(project)/kit.yaml"
    let text = String(decoding: try Files.read(kit), as: UTF8.self) + "\napprovals: proved\n"
    try Files.replace(kit, with: Array(text.utf8))
    let studio = try StudioProgram(["p"], in: place.directory)
    func refused(_ wish: [String: Any], _ code: String) throws {
      let answer = try studio.post("/api/1/projects/p/reviewers", try body(wish))
      #expect(answer.status == 422 && answer.text.contains(#""code":"\#(code)""#), "\(answer.text)")
    }
    try refused(["name": "Ana"], "key")
    try refused(["name": "Ana", "key": "nonsense"], "refused")
    try refused(["name": " . ", "key": key], "refused")
    let ana = try begin(studio, ["name": "Ana", "key": key])
    let item = try reviewed("goodbye", by: ana, studio)
    let answer = try studio.post(
      "/api/1/projects/p/review/ro/goodbye",
      try body([
        "reviewer": ana, "kind": "wording", "hash": item["hash"] ?? "", "verdict": "accepted", "back": "Goodbye.",
      ]))
    #expect(answer.status == 200, "\(answer.text)")
    let approvals = try Approvals.read("\(project)/approvals.jsonl")
    #expect(approvals.entries.count == 1 && approvals.proof(of: approvals.entries[0]) != .claim)
    #expect(try Files.list("\(project)/reviewers").count == 1)
    try refused(["name": "Ben", "key": key], "key")
    // Nothing of the secret key is anywhere in the project.
    let secret = try #require(key.split(separator: "\n").last)
    for path in try #require(FileManager.default.subpaths(atPath: project)) {
      let bytes = (try? Files.read("\(project)/\(path)")) ?? []
      #expect(!String(decoding: bytes, as: UTF8.self).contains(secret), "\(path)")
    }
  }
}

/// Sounds for the studio's tests.
enum StudioSound {
  /// Returns a WAVE file of 48 kHz and 16 bits with one channel.
  static func wave(_ samples: [Float]) -> [UInt8] { wave(samples.map { Int32($0 * 32_767) << 16 }) }

  /// Returns a WAVE file with one channel.
  ///
  /// - Parameters:
  ///   - samples: full scale is 32 bits.
  ///   - bits: 16 or 24; lower bits are left out.
  static func wave(_ samples: [Int32], rate: Int = 48_000, bits: Int = 16) -> [UInt8] {
    func little(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let width = bits / 8
    let data = samples.flatMap { little(Int($0) >> (32 - bits), width) }
    let format = little(16, 4) + little(1, 2) + little(1, 2) + little(rate, 4) + little(rate * width, 4)
    let head = Array("RIFF".utf8) + little(36 + data.count, 4) + Array("WAVEfmt ".utf8) + format
    return head + little(width, 2) + little(bits, 2) + Array("data".utf8) + little(data.count, 4) + data
  }
}
