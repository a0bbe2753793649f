import Foundation
import Kit
import Posix
import Project
import Testing

/// The settings of a project, as the page and the command line change them.
@Suite("Settings on the studio's page and the command line", .serialized)
struct StudioSettingsTests {
  private let place: Workplace
  private let project: String
  private let at = "/api/1/projects/p"

  /// A project in one language, whose device speaks English.
  init() throws {
    place = try Workplace()
    project = "\(place.directory)/p"
    let made = try place.run(
      "new", "p", "--languages", "ro", "--prompts", "thank-you,goodbye", "--operator-voice", "en")
    #expect(made.status == 0, "\(made.errors)")
  }

  private func json(_ answer: StudioProgram.Answer) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any], "\(answer.text)")
  }

  private var kit: String { get throws { String(decoding: try Files.read("\(project)/kit.yaml"), as: UTF8.self) } }

  /// Changes settings of a view as the page does.
  private func change(
    _ view: [String: Any], _ studio: StudioProgram, name: String = "p", version: String = "1.0",
    answers: [String] = ["card"], language: String = "en"
  ) throws -> StudioProgram.Answer {
    let wish: [String: Any] = [
      "version": view["version"] as? String ?? "", "name": name, "kitVersion": version, "answers": answers,
      "operatorLanguage": language,
    ]
    let body = try JSONSerialization.data(withJSONObject: wish)
    return try studio.post(at + "/settings", String(decoding: body, as: UTF8.self))
  }

  @Test("the page and the command line write the same file; older settings and a rule's refusal change nothing")
  func equal() throws {
    let before = try kit
    let studio = try StudioProgram(["p"], in: place.directory)
    let first = try json(try studio.get(at + "/settings"))
    #expect(first["name"] as? String == "p" && first["kitVersion"] as? String == "1.0")
    #expect(first["operatorLanguage"] as? String == "en" && first["answers"] as? [String] == ["card"])
    let changed = try change(first, studio, name: "harbour", version: "1.1", answers: ["hand", "card"], language: "")
    #expect(changed.status == 200, "\(changed.text)")
    let own = try kit
    // The same page once more, with what it knew.
    let stale = try change(first, studio, version: "3.0")
    #expect(stale.status == 409 && stale.text.contains(#""kitVersion":"1.1""#), "\(stale.text)")
    let refused = try change(try json(changed), studio, name: "two words")
    #expect(refused.status == 422 && refused.text.contains("is not valid"), "\(refused.text)")
    let language = try change(try json(changed), studio, language: "km")
    #expect(language.status == 422 && language.text.contains("not an operator language"), "\(language.text)")
    #expect(try kit == own)
    try Files.replace("\(project)/kit.yaml", with: Array(before.utf8))
    let line = try place.run(
      "settings", "--project", "p", "--name", "harbour", "--kit-version", "1.1", "--answers", "hand,card",
      "--operator-voice", "none")
    #expect(line.status == 0 && line.output.contains("hand, card"), "\(line)")
    #expect(try kit == own)
    // Without options it only shows them.
    let text = try place.run("settings", "--project", "p", "--json").output
    let shown = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    #expect(shown["version"] as? String == "1.1" && shown["operatorVoice"] == nil, "\(shown)")
    for wrong in [["--answers", "card,sing"], ["--kit-version", "one"], ["--operator-voice", "klingon"]] {
      let outcome = try Program.run(["settings", "--project", "p"] + wrong, in: place.directory)
      #expect(outcome.status == 2 && !outcome.errors.isEmpty, "\(wrong): \(outcome)")
    }
    #expect(try kit == own)
  }

  @Test(
    "the device's own lines are synthesized, on the page and on the command line, and no listener's",
    .enabled(if: Program.isInstalled("espeak-ng"), "espeak-ng is not installed: Hardware/setup installs it"))
  func lines() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    let before = try #require(try json(try studio.get(at + "/settings"))["lines"] as? [String: Any])
    let count = try #require(before["count"] as? Int)
    #expect(count > 5 && before["synthetic"] as? Int == 0)
    let job = try json(try studio.post(at + "/speak", "{}"))
    let id = try #require(job["id"] as? String)
    for _ in 0..<1200 {
      if try json(try studio.get("/api/1/jobs/\(id)"))["state"] as? String != "running" { break }
      usleep(50_000)
    }
    let after = try #require(try json(try studio.get(at + "/settings"))["lines"] as? [String: Any])
    #expect(after["synthetic"] as? Int == count && after["recorded"] as? Int == 0, "\(after)")
    let files = try Files.list("\(project)/recordings/en/synthetic")
    #expect(files.count == count && !Files.exists("\(project)/recordings/ro/synthetic"))
    let line = try place.run("synthesize", "--project", "p", "--device-lines")
    #expect(line.status == 0 && line.output == "en        0 spoken, \(count) recorded already\n", "\(line)")
    // A device that plays tones says nothing.
    #expect(try change(try json(try studio.get(at + "/settings")), studio, language: "").status == 200)
    #expect(try studio.post(at + "/speak", "{}").status == 422)
  }

  @Test("a reviewer's public key is added once, and a read-only studio changes no setting")
  func reviewers() throws {
    #expect(try place.run("keygen", "ana", "--no-password").status == 0)
    let key = String(decoding: try Files.read("\(place.directory)/ana.pub"), as: UTF8.self)
    let body = String(decoding: try JSONSerialization.data(withJSONObject: ["key": key]), as: UTF8.self)
    let studio = try StudioProgram(["p"], in: place.directory)
    for _ in 0..<2 {
      let view = try json(try studio.post(at + "/reviewer-keys", body))
      #expect((view["reviewers"] as? [String])?.count == 1, "\(view)")
    }
    let files = try Files.list("\(project)/reviewers")
    let id = try PublicKey(content: Array(key.utf8), named: "x").id
    #expect(files == ["\(id).pub"])
    #expect(try studio.post(at + "/reviewer-keys", #"{"key": "nonsense"}"#).status == 422)
    _ = studio.end()
    let reader = try StudioProgram(["p", "--read-only"], in: place.directory)
    let view = try json(try reader.get(at + "/settings"))
    let refused = try change(view, reader, version: "9")
    #expect(refused.status == 403)
    for path in ["/reviewer-keys", "/speak"] { #expect(try reader.post(at + path, body).status == 403, "\(path)") }
  }

  @Test("while another program writes to the project, no setting is changed")
  func locked() throws {
    let before = try kit
    let studio = try StudioProgram(["p"], in: place.directory)
    let view = try json(try studio.get(at + "/settings"))
    let lock = try ProjectLock(project) { _ in }
    let answer = try change(view, studio, version: "9")
    #expect(answer.status == 423, "\(answer.text)")
    #expect(try kit == before)
    lock.end()
    let later = try change(view, studio, version: "9")
    #expect(later.status == 200, "\(later.text)")
  }
}
