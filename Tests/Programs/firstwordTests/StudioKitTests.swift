import Foundation
import Glibc
import Posix
import Project
import TestSupport
import Testing

@testable import Kit

/// Kits that the page builds: keys, builds, what is in `kits`, cards.
@Suite("Kits on the studio's page", .serialized)
struct StudioKitTests {
  private let place: Workplace
  private let project: String
  private let at = "/api/1/projects/p"

  /// A project with one recording in each of two languages, and a key without a passphrase.
  init() throws {
    place = try Workplace()
    project = "\(place.directory)/p"
    let made = try place.run("new", "p", "--languages", "ro,ar", "--prompts", "safe-here,goodbye")
    #expect(made.status == 0, "\(made.errors)")
    #expect(try place.run("keygen", "key", "--no-password").status == 0)
    for (index, tag) in ["ro", "ar"].enumerated() { try record("03-safe-here", in: tag, seed: UInt64(index + 1)) }
  }

  private func record(_ name: String, in tag: String, seed: UInt64, seconds: Double = 2) throws {
    try Files.makeDirectory("\(project)/recordings/\(tag)/f1")
    try Files.replace(
      "\(project)/recordings/\(tag)/f1/\(name).wav",
      with: StudioSound.wave(murmur(seed: seed, seconds: seconds)))
  }

  private var key: String {
    get throws { String(decoding: try Files.read("\(place.directory)/key.key"), as: UTF8.self) }
  }

  private func json(_ answer: StudioProgram.Answer) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any], "\(answer.text)")
  }

  private func body(_ value: [String: Any]) throws -> String {
    String(decoding: try JSONSerialization.data(withJSONObject: value), as: UTF8.self)
  }

  /// Starts a build, and returns its job when it has ended.
  private func build(_ wish: [String: Any], _ studio: StudioProgram) throws -> [String: Any] {
    let answer = try studio.post(at + "/build", try body(wish))
    try #require(answer.status == 202, "\(answer.text)")
    return try end(of: try #require(try json(answer)["id"] as? String), studio)
  }

  private func end(of id: String, _ studio: StudioProgram) throws -> [String: Any] {
    for _ in 0..<1200 {
      let job = try json(try studio.get("/api/1/jobs/\(id)"))
      if job["state"] as? String != "running" { return job }
      usleep(50_000)
    }
    throw CocoaError(.featureUnsupported)
  }

  private func kits(_ studio: StudioProgram) throws -> [[String: Any]] {
    try #require(try json(try studio.get(at + "/kits"))["kits"] as? [[String: Any]])
  }

  private func refused(_ answer: StudioProgram.Answer, _ status: Int, _ code: String) {
    #expect(answer.status == status && answer.text.contains(#""code":"\#(code)""#), "\(answer.status) \(answer.text)")
  }

  @Test("a kit that the page builds equals the command line's, is listed, verified, and downloaded whole and in parts")
  func equal() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    let job = try build(["key": try key, "partial": true], studio)
    #expect(job["state"] as? String == "done" && job["done"] as? Int == 2, "\(job)")
    let line = try place.run("build", "--project", "p", "--key", "key.key", "--partial", "-o", "line.kit", "--no-cache")
    #expect(line.status == 0, "\(line.errors)")
    let own = try Files.read("\(project)/kits/p-1.0-DRAFT.kit")
    #expect(try Files.read("\(place.directory)/line.kit") == own)
    #expect(try Files.list("\(project)/kits") == ["p-1.0-DRAFT.kit"])
    let kit = try #require(try kits(studio).first)
    let signer = try #require((kit["signers"] as? [String])?.first)
    #expect(kit["draft"] as? Bool == true && kit["bytes"] as? Int == own.count && kit["clips"] as? Int == 2)
    let sha256 = try KitFile(path: "\(place.directory)/line.kit").sha256
    #expect(kit["sha256"] as? String == sha256)
    // What a release still needs, with its place, is in the outcome.
    let last = try #require(try json(try studio.get(at + "/kits"))["last"] as? [String: Any])
    let findings = try #require(last["findings"] as? [[String: Any]])
    #expect(findings.contains { $0["code"] as? String == "missing" && $0["prompt"] as? String == "goodbye" })
    #expect(last["file"] as? String == "p-1.0-DRAFT.kit" && last["verified"] as? Int == 2)
    let whole = try studio.get(at + "/kits/p-1.0-DRAFT.kit")
    #expect(whole.status == 200 && whole.body == own && whole.headers["content-disposition"] == "attachment")
    let tag = try #require(whole.headers["etag"])
    let part = try studio.get(at + "/kits/p-1.0-DRAFT.kit", ["Range: bytes=100-199", "If-Range: \(tag)"])
    #expect(part.status == 206 && part.body == Array(own[100..<200]))
    #expect(try studio.get(at + "/kits/p-1.0-DRAFT.kit", ["Range: bytes=\(own.count)-"]).status == 416)
    let proof = try json(try studio.post(at + "/kits/p-1.0-DRAFT.kit/verify", "{}"))
    #expect(proof["whole"] as? Bool == true && proof["signers"] as? [String] == [signer])
    #expect(try place.run("verify", "p/kits/p-1.0-DRAFT.kit", "--trust", "key.pub").status == 0)
  }

  @Test("a kit is verified by a key of the publisher's, which a program that was just started does not know")
  func verified() throws {
    #expect(try place.run("keygen", "other", "--no-password").status == 0)
    try Files.makeDirectory("\(project)/kits")
    let built = try place.run("build", "--project", "p", "--key", "key.key", "--partial", "-o", "p/kits/a.kit")
    #expect(built.status == 0, "\(built.errors)")
    let studio = try StudioProgram(["p", "--read-only"], in: place.directory)
    let path = at + "/kits/a.kit/verify"
    refused(try studio.post(path, "{}"), 422, "key")
    refused(try studio.post(path, try body(["key": try key])), 422, "key")
    func proof(_ name: String) throws -> [String: Any] {
      let text = String(decoding: try Files.read("\(place.directory)/\(name).pub"), as: UTF8.self)
      return try json(try studio.post(path, try body(["key": text])))
    }
    #expect(try proof("other")["whole"] as? Bool == false)
    #expect(try proof("key")["whole"] as? Bool == true)
    var bytes = try Files.read("\(project)/kits/a.kit")
    bytes[bytes.count / 2] ^= 1
    try Files.replace("\(project)/kits/a.kit", with: bytes)
    let damaged = try proof("key")
    #expect(damaged["whole"] as? Bool == false && (damaged["faults"] as? [String])?.isEmpty == false, "\(damaged)")
  }

  @Test("keys are made with a passphrase, and a weak one is refused until the person insists")
  func keys() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    refused(try studio.post("/api/1/keys", #"{"passphrase": ""}"#), 422, "passphrase")
    refused(try studio.post("/api/1/keys", #"{"passphrase": "short"}"#), 422, "weak")
    let phrase = "four words that nobody guesses"
    let pair = try json(try studio.post("/api/1/keys", try body(["passphrase": phrase])))
    let secret = try #require(pair["secret"] as? String)
    let open = try #require(pair["public"] as? String)
    #expect(try PublicKey(content: Array(open.utf8), named: "x").id.description == pair["id"] as? String)
    #expect(secret.hasPrefix("untrusted comment: minisign encrypted secret key\n"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: place.directory).allSatisfy { !$0.contains("publisher") })
  }

  @Test("a build asks for the key and its passphrase, and keeps neither")
  func passphrase() throws {
    let phrase = "four words that nobody guesses"
    let own = try SecretKey.generate()
    // As minisign's, but quick to open.
    let cost = SecretKey.Cost(operations: 32_768, memory: 16 << 20)
    try own.write(to: "\(place.directory)/locked.key", passphrase: Array(phrase.utf8), cost: cost)
    let secret = String(decoding: try Files.read("\(place.directory)/locked.key"), as: UTF8.self)
    let open = String(decoding: own.publicKey.file, as: UTF8.self)
    let studio = try StudioProgram(["p"], in: place.directory)
    refused(try studio.post(at + "/build", try body(["partial": true])), 422, "key")
    refused(try studio.post(at + "/build", try body(["key": "nonsense", "partial": true])), 422, "refused")
    refused(try studio.post(at + "/build", try body(["key": open, "partial": true])), 422, "refused")
    refused(try studio.post(at + "/build", try body(["key": secret, "partial": true])), 422, "passphrase")
    let wrong = try studio.post(at + "/build", try body(["key": secret, "passphrase": "wrong", "partial": true]))
    refused(wrong, 422, "refused")
    #expect(wrong.text.contains("wrong passphrase") && !Files.exists("\(project)/kits"))
    let job = try build(["key": secret, "passphrase": phrase, "partial": true], studio)
    #expect(job["state"] as? String == "done", "\(job)")
    let signers = try kits(studio).first?["signers"] as? [String]
    #expect(signers == [own.publicKey.id.description])
    // Neither the key nor the passphrase is in a file.
    let line = try #require(secret.split(separator: "\n").last)
    for path in try #require(FileManager.default.subpaths(atPath: place.directory)) where !path.hasSuffix(".key") {
      let text = String(decoding: (try? Files.read("\(place.directory)/\(path)")) ?? [], as: UTF8.self)
      #expect(!text.contains(line) && !text.contains(phrase), "\(path)")
    }
  }

  @Test("a release is refused with all that blocks it, by language and message; a look needs no key")
  func release() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    refused(
      try studio.post(at + "/build", try body(["key": try key, "release": true, "partial": true])), 422, "refused")
    let job = try build(["key": try key, "release": true], studio)
    #expect(job["state"] as? String == "failed")
    #expect((job["errors"] as? [[String: Any]])?.first?["message"] as? String != nil)
    var last = try #require(try json(try studio.get(at + "/kits"))["last"] as? [String: Any])
    let codes = Set((last["findings"] as? [[String: Any]] ?? []).compactMap { $0["code"] as? String })
    #expect(codes.isSuperset(of: ["missing", "approval-missing", "speaker-missing"]), "\(codes)")
    #expect(last["file"] == nil && last["release"] as? Bool == true && !Files.exists("\(project)/kits"))
    #expect(try build(["dryRun": true], studio)["state"] as? String == "done")
    last = try #require(try json(try studio.get(at + "/kits"))["last"] as? [String: Any])
    let missing = (last["findings"] as? [[String: Any]] ?? []).filter { $0["code"] as? String == "missing" }
    #expect(last["dryRun"] as? Bool == true && missing.count == 2, "\(last)")
  }

  @Test("a read-only studio makes no keys and no kit, and looks what is missing")
  func readOnly() throws {
    let studio = try StudioProgram(["p", "--read-only"], in: place.directory)
    refused(try studio.post("/api/1/keys", #"{"passphrase": "four words that nobody guesses"}"#), 403, "read-only")
    refused(try studio.post(at + "/build", try body(["key": try key, "partial": true])), 403, "read-only")
    #expect(try build(["dryRun": true], studio)["state"] as? String == "done")
    #expect(!Files.exists("\(project)/kits"))
  }

  @Test("while another program writes to the project, no kit is built")
  func locked() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    let lock = try ProjectLock(project) { _ in }
    let answer = try studio.post(at + "/build", try body(["key": try key, "partial": true]))
    lock.end()
    refused(answer, 423, "locked")
    #expect(answer.text.contains("(process ") && !Files.exists("\(project)/kits"))
    #expect(try build(["key": try key, "partial": true], studio)["state"] as? String == "done")
  }

  @Test("a build that is stopped leaves nothing, and another can begin")
  func stopped() throws {
    for tag in ["ro", "ar"] { try record("41-goodbye", in: tag, seed: tag == "ro" ? 7 : 8, seconds: 12) }
    let studio = try StudioProgram(["p", "--no-cache"], in: place.directory)
    let answer = try studio.post(at + "/build", try body(["key": try key, "partial": true]))
    let id = try #require(try json(answer)["id"] as? String)
    #expect(try json(answer)["stoppable"] as? Bool == true)
    // Another build would have other options.
    refused(try studio.post(at + "/build", try body(["key": try key])), 423, "locked")
    #expect(try studio.post("/api/1/jobs/\(id)/stop", "{}").status == 200)
    let job = try end(of: id, studio)
    #expect(job["state"] as? String == "stopped" && (job["errors"] as? [Any])?.isEmpty == true, "\(job)")
    let view = try json(try studio.get(at + "/kits"))
    #expect(!Files.exists("\(project)/kits") && view["last"] == nil && view["job"] == nil)
    #expect(try studio.post("/api/1/jobs/\(id)/stop", "{}").status == 404)
    #expect(try build(["dryRun": true], studio)["state"] as? String == "done")
  }

  @Test("what a killed program left is removed at the next start, and a name leads to nothing but a kit of the project")
  func names() throws {
    try Files.makeDirectory("\(project)/kits")
    let built = try place.run("build", "--project", "p", "--key", "key.key", "--partial", "-o", "secret.kit")
    #expect(built.status == 0, "\(built.errors)")
    for name in ["p-1.0.kit.part", "notes.txt", ".hidden.kit"] {
      try Files.replace("\(project)/kits/\(name)", with: [1])
    }
    symlink("\(place.directory)/secret.kit", "\(project)/kits/link.kit")
    try Files.makeDirectory("\(project)/kits/directory.kit")
    try Files.replace("\(project)/kits/<b>bold.kit", with: Array("no kit".utf8))
    let studio = try StudioProgram(["p"], in: place.directory)
    #expect(!Files.exists("\(project)/kits/p-1.0.kit.part"))
    let listed = try kits(studio)
    #expect(listed.compactMap { $0["file"] as? String } == ["<b>bold.kit"])
    #expect(listed.first?["problem"] as? String != nil)
    for name in [
      "link.kit", "directory.kit", "notes.txt", ".hidden.kit", "..%2f..%2fsecret.kit", "..", "%2e%2e", "secret.kit",
      "p-1.0.kit.part", "a%00.kit", "..%5csecret.kit",
    ] {
      for end in ["", "/cards", "/card", "/card.pdf", "/clips/ro/f1/safe-here"] {
        let status = try studio.get(at + "/kits/\(name)\(end)").status
        #expect(status == 404 || status == 400, "\(name)\(end): \(status)")
      }
      let status = try studio.post(at + "/kits/\(name)/verify", "{}").status
      #expect(status == 404 || status == 400, "\(name): \(status)")
    }
    #expect(try studio.get(at + "/compare?old=link.kit&new=link.kit").status == 404)
    // A link in the place of the directory leads nowhere, and nothing is written behind it.
    try FileManager.default.removeItem(atPath: "\(project)/kits")
    try Files.makeDirectory("\(place.directory)/elsewhere")
    symlink("\(place.directory)/elsewhere", "\(project)/kits")
    let job = try build(["key": try key, "partial": true], studio)
    #expect(job["state"] as? String == "failed", "\(job)")
    #expect(try Files.list("\(place.directory)/elsewhere").isEmpty)
  }

  @Test("what is new in a kit is shown clip by clip, with both sounds")
  func compared() throws {
    try Files.makeDirectory("\(project)/kits")
    func build(_ name: String) throws {
      let built = try place.run("build", "--project", "p", "--key", "key.key", "--partial", "-o", "p/kits/\(name)")
      #expect(built.status == 0, "\(built.errors)")
    }
    try build("old.kit")
    try record("03-safe-here", in: "ar", seed: 9, seconds: 3)
    try build("new.kit")
    let studio = try StudioProgram(["p", "--read-only"], in: place.directory)
    let view = try json(try studio.get(at + "/compare?old=old.kit&new=new.kit"))
    let group = try #require((view["groups"] as? [[String: Any]])?.first)
    let pair = try #require((group["pairs"] as? [[String: Any]])?.first)
    #expect(group["tag"] as? String == "ar" && group["direction"] as? String == "rtl")
    #expect(pair["item"] as? String == "safe-here" && pair["same"] as? Bool == false)
    #expect((pair["marks"] as? [String])?.first == "re-recorded")
    let sounds = try ["old", "new"].map { try studio.get(at + "/kits/\($0).kit/clips/ar/f1/safe-here") }
    for sound in sounds {
      #expect(sound.status == 200 && sound.body.starts(with: Array("OggS".utf8)))
      #expect(sound.headers["content-type"] == "audio/ogg")
    }
    #expect(sounds[0].body != sounds[1].body)
    let line = try place.run("diff", "p/kits/old.kit", "p/kits/new.kit")
    #expect(line.status == 1 && line.output.contains("re-recorded"))
    #expect(try studio.get(at + "/compare?old=old.kit").status == 404)
    #expect(try studio.get(at + "/kits/old.kit/clips/ar/m1/safe-here").status == 404)
  }

  @Test("cards are the command line's, under a policy that lets them do nothing")
  func cards() throws {
    try Files.makeDirectory("\(project)/kits")
    let built = try place.run("build", "--project", "p", "--key", "key.key", "--partial", "-o", "p/kits/a.kit")
    #expect(built.status == 0, "\(built.errors)")
    let studio = try StudioProgram(["p", "--read-only"], in: place.directory)
    let choices = try json(try studio.get(at + "/kits/a.kit/cards"))
    #expect((choices["boards"] as? [String])?.contains("number-pad") == true)
    #expect((choices["languages"] as? [[String: Any]])?.compactMap { $0["tag"] as? String } == ["ro", "ar"])
    for (query, words) in [
      ("kind=sheet&language=ar", ["--kind", "sheet", "--language", "ar"]),
      (
        "kind=responder&board=number-pad&paper=letter",
        ["--kind", "responder", "--board", "\(try catalogue)/Hardware/boards/number-pad.yaml", "--paper", "letter"]
      ), ("kind=listener&answers=card", ["--kind", "listener", "--answers", "card"]),
    ] {
      let card = try studio.get(at + "/kits/a.kit/card?\(query)")
      let line = try Program.run(["card", "p/kits/a.kit", "-o", "card.html"] + words, in: place.directory)
      #expect(line.status == 0, "\(line.errors)")
      let own = try Files.read("\(place.directory)/card.html")
      #expect(card.status == 200 && card.body == own, "\(query)")
      let policy = try #require(card.headers["content-security-policy"])
      #expect(policy.contains("default-src 'none'") && policy.contains("sandbox ") && !policy.contains("script"))
    }
    for query in [
      "kind=other", "paper=a5", "language=km", "answers=tap", "answers=x", "reader=xx", "board=..%2fx", "board=x",
    ] {
      let status = try studio.get(at + "/kits/a.kit/card?\(query)").status
      #expect(status == 422 || status == 404 || status == 400, "\(query): \(status)")
    }
  }

  /// The directory of the catalogue that the programs find.
  private var catalogue: String {
    get throws { try Files.programDirectory().description.components(separatedBy: "/.build")[0] }
  }
}
