import Encoding
import Foundation
import Glibc
import Posix
import TestSupport
import Testing

/// Images of SD cards that the page makes: what is refused, what is kept inside of the project.
@Suite("Cards on the studio's page", .serialized)
struct StudioCardTests {
  private let sandbox: Sandbox
  private let base: SmallBaseImage
  private let at = "/api/1/projects/p"
  private var project: String { sandbox.directory + "/p" }

  init() throws {
    sandbox = try Sandbox()
    base = try SmallBaseImage(in: sandbox.directory)
    let words = ["new", "p", "--languages", "ro", "--prompts", "safe-here"]
    #expect(try Program.run(words, in: sandbox.directory).status == 0)
    try Files.makeDirectory(project + "/kits")
    try FileManager.default.copyItem(atPath: sandbox.kit, toPath: project + "/kits/sounds.kit")
  }

  private func body(_ change: [String: Any] = [:]) throws -> String {
    let key = String(decoding: try Files.read(sandbox.publicKey), as: UTF8.self)
    let usual: [String: Any] = [
      "base": base.path, "board": "raspberry-pi-zero", "kit": "sounds.kit", "keys": [key], "allowDraft": true,
    ]
    return String(
      decoding: try JSONSerialization.data(withJSONObject: usual.merging(change) { $1 }), as: UTF8.self)
  }

  private func json(_ answer: StudioProgram.Answer) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any], "\(answer.text)")
  }

  /// Waits for the end of a job.
  private func end(of answer: StudioProgram.Answer, _ studio: StudioProgram) throws -> [String: Any] {
    let id = try #require(try json(answer)["id"] as? String, "\(answer.text)")
    for _ in 0..<1200 {
      let job = try json(try studio.get("/api/1/jobs/\(id)"))
      if job["state"] as? String != "running" { return job }
      usleep(20_000)
    }
    throw CocoaError(.featureUnsupported)
  }

  @Test("a card is made as long work, listed, downloaded in parts, and its sheet is a document without scripts")
  func made() throws {
    let studio = try StudioProgram(["p"], in: sandbox.directory)
    let job = try end(of: try studio.post(at + "/cards", try body(["serial": "bus-07", "journal": false])), studio)
    #expect(job["state"] as? String == "done" && job["done"] as? Int == 100, "\(job)")
    let name = "sounds-1.0-raspberry-pi-zero-bus-07.img"
    #expect(try Files.list(project + "/cards") == [String(name.dropLast(4)) + ".html", name])
    let view = try json(try studio.get(at + "/cards"))
    let last = try #require(view["last"] as? [String: Any])
    let record = try #require(last["record"] as? [String: Any])
    #expect(last["file"] as? String == name && record["journal"] as? Bool == false)
    #expect((view["cards"] as? [[String: Any]])?.count == 1)
    let part = try studio.get(at + "/cards/\(name)", ["Range: bytes=510-511"])
    #expect(part.status == 206 && part.body == [0x55, 0xAA])
    let sheet = try studio.get(at + "/cards/\(name)/sheet")
    let policy = sheet.headers["content-security-policy"] ?? ""
    #expect(sheet.status == 200 && sheet.text.contains("bus-07") && policy.hasPrefix("default-src 'none'"))
    #expect(try studio.get(at + "/cards/..%2f..%2fbase.img").status >= 400)
    #expect(try studio.get(at + "/cards/kit.yaml").status == 404)
  }

  @Test("what cannot be on a card is refused before the work, and nothing is written")
  func refused() throws {
    let studio = try StudioProgram(["p"], in: sandbox.directory)
    let cases: [([String: Any], Int, String)] = [
      (["base": "base.img"], 422, "is not a whole path"), (["base": "/etc/hostname"], 422, "no base image"),
      (["board": "none"], 404, "there is no board"), (["kit": "none.kit"], 404, "there is no kit"),
      (["allowDraft": false], 422, "it is a DRAFT"), (["keys": ["text"]], 422, ".pub"),
      (["keys": [String]()], 422, "no key is trusted"), (["serial": "../x"], 422, "--serial"),
    ]
    for (change, status, text) in cases {
      let answer = try studio.post(at + "/cards", try body(change))
      #expect(answer.status == status && answer.text.contains(text), "\(change): \(answer.status) \(answer.text)")
    }
    #expect(!Files.exists(project + "/cards"))
    try Files.makeDirectory(sandbox.directory + "/outside")
    #expect(symlink(sandbox.directory + "/outside", project + "/cards") == 0)
    #expect(try studio.post(at + "/cards", try body()).status == 422)
    #expect(try Files.list(sandbox.directory + "/outside").isEmpty)
  }

  // MARK: A channel

  private func firstword(_ words: String...) throws -> Program.Outcome {
    try Program.run(words, in: sandbox.directory)
  }

  /// Makes and publishes a channel beside the project.
  private func makeChannel() throws {
    let key = ["--root", "key.pub", "--threshold", "1", "--targets", "key.pub", "--online", "key.pub"]
    #expect(try Program.run(["channel", "new", "web"] + key, in: sandbox.directory).status == 0)
    #expect(try firstword("channel", "sign", "web", "--key", "key.key").output.contains("published"))
  }

  @Test(
    "a card of a device that follows a channel has the bytes of the command line's, and its passphrase is nowhere else")
  func channel() throws {
    try makeChannel()
    let net = try SmallBaseImage(in: sandbox.directory, name: "net.img") {
      $0.replacing("\"login\":false", with: "\"login\":false,\"network\":true")
    }
    let studio = try StudioProgram(["p"], in: sandbox.directory)
    let root = try Files.read(sandbox.directory + "/web/metadata/1.root.json")
    let offer = try json(try studio.get(at + "/cards"))
    let offered = try #require((offer["channels"] as? [[String: Any]])?.first, "\(offer)")
    #expect(offered["id"] as? String == "web" && offered["sha256"] as? String == Digest.sha256(root))
    #expect(try studio.post(at + "/cards/base", #"{"base": "\#(net.path)"}"#).text.contains("\"network\":true"))

    let secret = "an unusual pass phrase"
    let mirror = "https://kits.example.org/channel"
    let wifi = "network={\n  ssid=\"shelter\"\n  psk=\"\(secret)\"\n}\n"
    try Files.replace(sandbox.directory + "/wifi.conf", with: Array(wifi.utf8), mode: 0o600)
    let board = SourceTree.path + "/Hardware/boards/raspberry-pi-zero.yaml"
    let line = try firstword(
      "image", "net.img", "--board", board, "--kit", "sounds.kit", "--trust", "key.pub", "--allow-draft", "-o",
      "line.img", "--channel", mirror, "--root", "web/metadata/1.root.json", "--wifi", "wifi.conf")
    #expect(line.status == 0, "\(line.errors)")
    let wanted = try Files.read(sandbox.directory + "/line.img")
    _ = try Directory(opening: sandbox.directory).remove("wifi.conf")

    var followed: [String: Any] = [
      "mirrors": [mirror], "wifi": ["name": "shelter", "passphrase": secret, "country": ""],
    ]
    for choice in [["id": "web"], ["root": String(decoding: root, as: UTF8.self)]] {
      followed.merge(choice) { $1 }
      let job = try end(
        of: try studio.post(at + "/cards", try body(["base": net.path, "channel": followed])), studio)
      #expect(job["state"] as? String == "done", "\(job)")
      let path = project + "/cards/sounds-1.0-raspberry-pi-zero.img"
      #expect(try Files.read(path) == wanted)
      var status = stat()
      #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
      _ = try Directory(opening: project + "/cards").remove("sounds-1.0-raspberry-pi-zero.img")
      followed["id"] = nil
    }
    // The image is gone: nothing else has the passphrase, nor anything that the program answered or printed.
    let seen = try studio.get(at + "/cards").text
    #expect(seen.contains(mirror) && seen.contains("the passwords of the Wi-Fi") && !seen.contains(secret))
    #expect(!String(decoding: try Files.read(studio.output), as: UTF8.self).contains(secret))
    let found = try ChildProcess.run("grep", ["-rlF", secret, project], seconds: 60)
    #expect(found.code == 1, "\(found.output)")
  }

  @Test("a channel that a card cannot have is refused in the words of the command line, and nothing is written")
  func noChannel() throws {
    try makeChannel()
    let studio = try StudioProgram(["p"], in: sandbox.directory)
    let board = SourceTree.path + "/Hardware/boards/raspberry-pi-zero.yaml"
    let mirror = "https://kits.example.org/channel"
    let line = try firstword(
      "image", "base.img", "--board", board, "--kit", "sounds.kit", "--trust", "key.pub", "--allow-draft", "-o",
      "line.img", "--channel", mirror, "--root", "web/metadata/1.root.json")
    #expect(line.status == 1)
    let words = "it has no network, and no firstword-sync"
    let answer = try studio.post(at + "/cards", try body(["channel": ["mirrors": [mirror], "id": "web"]]))
    let error = try #require((try json(answer)["errors"] as? [[String: Any]])?.first)
    #expect(answer.status == 422 && error["message"] as? String == words)
    let remedy = try #require(error["remedy"] as? String)
    #expect(line.errors.hasSuffix("the base image: \(words): \(remedy)\n"), "\(line.errors)")
    let wifi = ["name": "shelter", "passphrase": "seven77"]
    let cases: [([String: Any], Int, String)] = [
      (["mirrors": [String](), "id": "web"], 422, "there is no mirror"),
      (["mirrors": ["/media/stick"], "id": "web"], 422, "no URL of http or https"),
      (["mirrors": [mirror], "id": "other"], 404, "there is no channel"),
      (["mirrors": [mirror], "id": "../web"], 404, "there is no channel"),
      (["mirrors": [mirror]], 422, "it is no root of a channel"),
      (["mirrors": [mirror], "root": "{}"], 422, "it is no root of a channel"),
      (["mirrors": [mirror], "id": "web", "wifi": wifi], 422, "it has not 8 to 63"),
    ]
    for (channel, status, text) in cases {
      let answer = try studio.post(at + "/cards", try body(["channel": channel]))
      #expect(answer.status == status && answer.text.contains(text), "\(channel): \(answer.status) \(answer.text)")
      #expect(!answer.text.contains("seven77"))
    }
    #expect(!Files.exists(project + "/cards"))
  }

  @Test("a studio that changes nothing shows the cards, and makes none")
  func readOnly() throws {
    let studio = try StudioProgram(["p", "--read-only"], in: sandbox.directory)
    #expect(try studio.get(at + "/cards").status == 200)
    #expect(try studio.post(at + "/cards", try body()).status == 403)
    #expect(!Files.exists(project + "/cards"))
  }
}
