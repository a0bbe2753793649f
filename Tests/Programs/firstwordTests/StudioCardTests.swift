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

  @Test("a studio that changes nothing shows the cards, and makes none")
  func readOnly() throws {
    let studio = try StudioProgram(["p", "--read-only"], in: sandbox.directory)
    #expect(try studio.get(at + "/cards").status == 200)
    #expect(try studio.post(at + "/cards", try body()).status == 403)
    #expect(!Files.exists(project + "/cards"))
  }
}
