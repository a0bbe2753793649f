import Foundation
import Glibc
import KitBuilder
import Posix
import Project
import TestSupport
import Testing

/// Imports through the requests of the page: files are sent, planned, corrected and imported.
@Suite("Importing on the studio's page", .serialized)
struct StudioImportTests {
  private let place: Workplace
  private let project: String
  private let imports = "/api/1/projects/p/imports"

  init() throws {
    place = try Workplace()
    project = "\(place.directory)/p"
    let made = try place.run("new", "p", "--languages", "ro,km", "--prompts", "safe-here,thank-you,goodbye")
    #expect(made.status == 0, "\(made.errors)")
  }

  private func json(_ answer: StudioProgram.Answer) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any], "\(answer.text)")
  }

  private func body(_ value: [String: Any]) throws -> String {
    String(decoding: try JSONSerialization.data(withJSONObject: value), as: UTF8.self)
  }

  private static func sound(_ seed: UInt64) -> [UInt8] { StudioSound.wave(murmur(seed: seed, seconds: 2)) }

  /// All paths in the project.
  private var content: [String] {
    (FileManager.default.enumerator(atPath: project)?.compactMap { $0 as? String } ?? []).sorted()
  }

  private func begin(_ studio: StudioProgram) throws -> String {
    let head = try json(try studio.post(imports, "{}"))
    return try #require(head["id"] as? String)
  }

  /// Waits for the end of a job, and returns it.
  private func ended(_ answer: StudioProgram.Answer, _ studio: StudioProgram) throws -> [String: Any] {
    var job = try json(answer)
    let id = try #require(job["id"] as? String, "\(answer.text)")
    for _ in 0..<600 where job["state"] as? String == "running" {
      usleep(50_000)
      job = try json(try studio.get("/api/1/jobs/\(id)"))
    }
    return job
  }

  private func plan(_ id: String, _ choices: [String: Any], _ studio: StudioProgram) throws -> [String: Any] {
    var all: [String: Any] = ["trustsNumbers": false, "replaces": false, "isLong": false]
    for (key, value) in choices { all[key] = value }
    let job = try ended(try studio.post("\(imports)/\(id)/plan", try body(["choices": all])), studio)
    #expect(job["state"] as? String == "done", "\(job)")
    return try json(try studio.get("\(imports)/\(id)"))
  }

  private func rows(_ view: [String: Any]) -> [[String: Any]] { view["rows"] as? [[String: Any]] ?? [] }

  @Test("files are sent, planned, corrected, imported once, and their copies removed")
  func whole() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    let id = try begin(studio)
    for (number, name) in ["ro_03.wav", "odd%20name.wav", "..%2F..%2Fnotes.txt"].enumerated() {
      let answer = try studio.upload("\(imports)/\(id)/files?name=\(name)", Self.sound(UInt64(number)))
      #expect(answer.status == 201, "\(answer.text)")
    }
    var view = try plan(id, ["voice": "f1"], studio)
    #expect(rows(view).compactMap { $0["fate"] as? String } == ["open", "new"], "\(rows(view))")
    #expect((view["leftOut"] as? [[String: Any]])?.compactMap { $0["name"] as? String } == ["../../notes.txt"])
    let version = try #require(view["version"] as? String)
    let correction: [String: Any] = ["file": "odd name.wav", "rows": [["language": "ro", "prompt": "goodbye"]]]
    let wish = try body(["version": version, "files": [correction]])
    view = try json(try studio.post("\(imports)/\(id)/rows", wish))
    #expect(rows(view).compactMap { $0["fate"] as? String } == ["new", "new"])
    // The same version once more is a conflict, and says what is there now.
    let late = try studio.post("\(imports)/\(id)/rows", wish)
    #expect(late.status == 409)
    #expect(try json(late)["current"] != nil)
    let before = content.filter { !$0.hasPrefix(".uploads") }
    let stale = try body(["version": version, "plan": view["plan"] ?? 0])
    #expect(try studio.post("\(imports)/\(id)/apply", stale).status == 409)
    #expect(content.filter { !$0.hasPrefix(".uploads") } == before)
    let go = try body(["version": view["version"] ?? "", "plan": view["plan"] ?? 0])
    let job = try ended(try studio.post("\(imports)/\(id)/apply", go), studio)
    #expect(job["state"] as? String == "done" && job["of"] as? Int == 2, "\(job)")
    #expect(content.contains("recordings/ro/f1/03-safe-here.wav"))
    #expect(try ImportLedger.read("\(project)/\(ImportLedger.name)").entries.count == 2)
    view = try json(try studio.get("\(imports)/\(id)"))
    #expect(rows(view).compactMap { $0["fate"] as? String } == ["known", "known"])
    let sound = try studio.get("\(imports)/\(id)/sound/0")
    #expect(sound.status == 200 && sound.body.starts(with: Array("OggS".utf8)))
    #expect(try studio.get("\(imports)/\(id)/levels/0").body.count == 200)
    #expect(try studio.get("\(imports)/\(id)/levels/9").status == 404)
    #expect(try studio.post("\(imports)/\(id)/discard", "{}").status == 200)
    #expect(!content.contains(".uploads"))
    #expect(try studio.get("\(imports)/\(id)").status == 404)
    // It is undone, if it still is the last one.
    let last = try #require(try json(try studio.get(imports))["last"] as? [String: Any])
    #expect(last["recordings"] as? Int == 2)
    #expect(try studio.post("\(imports)/undo", #"{"id": "0123456789abcdef"}"#).status == 409)
    #expect(content.contains("recordings/ro/f1/03-safe-here.wav"))
    let undone = try studio.post("\(imports)/undo", try body(["id": last["id"] ?? ""]))
    #expect(undone.status == 200 && undone.text.contains(#""removed":2"#), "\(undone.text)")
    #expect(!content.contains("recordings/ro/f1/03-safe-here.wav"))
    #expect(try json(try studio.get(imports))["last"] == nil)
  }

  @Test("a program that is killed while a file arrives leaves nothing of it, and the next one goes on")
  func killed() throws {
    var studio = try StudioProgram(["p"], in: place.directory)
    let id = try begin(studio)
    #expect(try studio.upload("\(imports)/\(id)/files?name=ro_03.wav", Self.sound(1)).status == 201)
    let connection = try studio.connect()
    try connection.write(studio.uploadHead("\(imports)/\(id)/files?name=half.wav", length: 50_000_000))
    try connection.write([UInt8](repeating: 1, count: 20_000_000))
    kill(studio.process.processIdentifier, SIGKILL)
    studio.process.waitUntilExit()
    #expect(
      content.filter { $0.hasPrefix(".uploads/") } == [
        ".uploads/\(id)", ".uploads/\(id)/0", ".uploads/\(id)/draft.json",
      ])
    studio = try StudioProgram(["p"], in: place.directory)
    let view = try plan(id, ["voice": "f1"], studio)
    #expect(rows(view).compactMap { $0["name"] as? String } == ["ro_03.wav"])
  }

  @Test("what is not valid is refused, changes nothing, and leaves nothing")
  func refused() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    let id = try begin(studio)
    let before = content
    for name in ["", "a%0Ab", "a%00b", String(repeating: "a", count: 1025)] {
      let answer = try studio.upload("\(imports)/\(id)/files?name=\(name)", [1])
      #expect([400, 422].contains(answer.status), "\(name): \(answer.text)")
    }
    #expect(try studio.upload("\(imports)/other/files?name=a.wav", [1]).status == 404)
    #expect(try studio.upload("\(imports)/..%2f..%2fp/files?name=a.wav", [1]).status == 400)
    #expect(try studio.upload("/api/1/projects/p/translations?name=a.wav", [1]).status == 422)
    #expect(try studio.upload("/api/1/projects/p/translations?name=a.po", Array("nonsense".utf8)).status == 422)
    let large = StudioProgram.Answer(
      try studio.talk(studio.uploadHead("\(imports)/\(id)/files?name=a.wav", length: (2 << 30) + 1)))
    #expect(large.status == 413)
    // A page's file has a consent, which only the import of such files reads.
    let saved = [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 26) + Array("return.json".utf8)
    let returned = try studio.upload("\(imports)/\(id)/files?name=ana.zip", saved)
    #expect(returned.status == 422 && returned.text.contains("drop it without other files"), "\(returned.text)")
    #expect(content == before)
    #expect(try studio.upload("\(imports)/\(id)/files?name=ro_03.wav", Self.sound(1)).status == 201)
    let view = try plan(id, [:], studio)
    for row in [
      ["language": "fr"], ["prompt": "../x"], ["voice": "../f1"], ["start": 1], ["start": 2, "end": 1],
      ["start": -1, "end": 1],
    ] as [[String: Any]] {
      let correction: [String: Any] = ["file": "ro_03.wav", "rows": [row]]
      let wish = try body(["version": view["version"] ?? "", "files": [correction]])
      #expect(try studio.post("\(imports)/\(id)/rows", wish).status == 400, "\(row)")
    }
    let nothing = try body(["version": view["version"] ?? "", "plan": view["plan"] ?? 0])
    #expect(try studio.post("\(imports)/\(id)/apply", nothing).status == 422)
    #expect(try studio.upload("\(imports)/\(id)/files?name=evil.rar", Array("Rar!".utf8)).status == 201)

    let reader = try StudioProgram(["p", "--read-only"], in: place.directory)
    let there = content
    #expect(try reader.post(imports, "{}").status == 403)
    #expect(try reader.upload("\(imports)/\(id)/files?name=a.wav", [1]).status == 403)
    #expect(try reader.upload("/api/1/projects/p/translations?name=a.po", [1]).status == 403)
    #expect(try reader.post("\(imports)/\(id)/discard", "{}").status == 403)
    #expect(try reader.get("/api/1/projects/p/words/ro/export?format=po").status == 200)
    #expect(content == there)
  }

  @Test("a project that another program holds, or has changed, is not imported into by an old plan")
  func held() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    let id = try begin(studio)
    #expect(try studio.upload("\(imports)/\(id)/files?name=ro_03.wav", Self.sound(1)).status == 201)
    let view = try plan(id, ["voice": "f1"], studio)
    let go = try body(["version": view["version"] ?? "", "plan": view["plan"] ?? 0])
    let lock = try ProjectLock(project) { _ in }
    let locked = try ended(try studio.post("\(imports)/\(id)/apply", go), studio)
    #expect((locked["errors"] as? [[String: Any]])?.first?["code"] as? String == "locked", "\(locked)")
    lock.end()
    try Files.makeDirectory("\(project)/recordings/ro/f1")
    try Files.create("\(project)/recordings/ro/f1/03-safe-here.wav", with: Self.sound(9))
    let changed = try ended(try studio.post("\(imports)/\(id)/apply", go), studio)
    #expect((changed["errors"] as? [[String: Any]])?.first?["code"] as? String == "conflict", "\(changed)")
    #expect(try Files.read("\(project)/recordings/ro/f1/03-safe-here.wav") == Self.sound(9))
    let now = try json(try studio.get("\(imports)/\(id)"))
    #expect(rows(now).first?["fate"] as? String == "open")
  }

  @Test("a take-down removes what was sent and not imported")
  func takeDown() throws {
    let speaker = """
      speakers:
        - { pseudonym: "Iris", language: "ro", voice: f1, consent: 2026-04-30, licence: "k", contact: "a@example.org" }

      """
    try Files.replace("\(project)/speakers.yaml", with: Array(speaker.utf8))
    let studio = try StudioProgram(["p"], in: place.directory)
    let id = try begin(studio)
    #expect(try studio.upload("\(imports)/\(id)/files?name=ro_03.wav", Self.sound(1)).status == 201)
    let gone = try place.run("takedown", "Iris", "--project", "p", "--yes")
    #expect(gone.status == 0, "\(gone.errors)")
    #expect(!content.contains(".uploads"))
  }
}
