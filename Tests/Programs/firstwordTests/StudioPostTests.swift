import Foundation
import Glibc
import Posix
import Project
import TestSupport
import Testing

/// Pages by post, and what comes back, through the requests of the studio's page.
@Suite("By post, on the studio's page", .serialized)
struct StudioPostTests {
  private let place: Workplace
  private let project: String
  private let file: PostedFile
  private let path = "/api/1/projects/p"

  init() throws {
    place = try Workplace()
    project = "\(place.directory)/p"
    file = try PostedFile(in: place.directory)
    let made = try place.run("new", "p", "--languages", "ro", "--prompts", "safe-here,thank-you")
    #expect(made.status == 0, "\(made.errors)")
  }

  private func json(_ answer: StudioProgram.Answer) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any], "\(answer.text)")
  }

  private func body(_ value: [String: Any]) throws -> String {
    String(decoding: try JSONSerialization.data(withJSONObject: value), as: UTF8.self)
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

  /// Writes a page, and returns what the page shows of it.
  private func write(_ kind: String, _ studio: StudioProgram, _ more: [String: Any] = [:]) throws -> [String: Any] {
    var wish: [String: Any] = [
      "kind": kind, "language": "ro", "from": "Ana <b>", "contact": "ana@example.org", "words": ["en", "fr"],
    ]
    wish.merge(more) { $1 }
    let job = try ended(try studio.post("\(path)/post/pages", try body(wish)), studio)
    #expect(job["state"] as? String == "done", "\(job)")
    return try #require(try json(try studio.get("\(path)/post"))["made"] as? [String: Any])
  }

  /// Sends a returned file, plans it, and returns its id.
  private func send(_ zip: String, _ studio: StudioProgram) throws -> String {
    let answer = try studio.upload("\(path)/returns?name=back.zip", try Files.read(zip))
    #expect(answer.status == 201, "\(answer.text)")
    let id = try #require(try json(answer)["id"] as? String)
    _ = try ended(try studio.post("\(path)/imports/\(id)/plan", "{}"), studio)
    return id
  }

  private func apply(
    _ id: String, _ studio: StudioProgram, _ more: [String: Any] = [:]
  ) throws -> StudioProgram.Answer {
    let view = try json(try studio.get("\(path)/imports/\(id)"))
    var wish: [String: Any] = ["version": view["version"] ?? "", "plan": view["plan"] ?? 0]
    wish.merge(more) { $1 }
    return try studio.post("\(path)/imports/\(id)/apply", try body(wish))
  }

  @Test("a page is the same as the command line's, and its file is imported when a person has agreed to the consent")
  func speaker() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    let made = try write("booth", studio)
    let id = try #require(made["page"] as? String)
    let page = try studio.get("\(path)/post/pages/\(id)")
    #expect(page.headers["content-type"] == "application/octet-stream")
    #expect(page.headers["content-disposition"] == "attachment; filename=\"booth-ro.html\"")
    let line = try place.run(
      "post", "booth", "ro", "--from", "Ana <b>", "--contact", "ana@example.org", "--words", "en,fr", "-o", "ro.html",
      "--project", "p")
    #expect(line.status == 0, "\(line.errors)")
    #expect(try Files.read("\(place.directory)/ro.html") == page.body)
    #expect(try PostLedger.read("\(project)/post.jsonl").entries.count == 1)
    let messages = try #require(made["messages"] as? [[String: Any]])
    #expect(messages.count == 7 && messages.compactMap { $0["tag"] as? String }.prefix(2) == ["en", "fr"])
    #expect(try studio.get("\(path)/post/pages/\(id)/message").text.contains("ana@example.org"))
    #expect(try studio.get("\(path)/post/pages/\(id)x").status == 404)

    let faint = murmur(seed: 2, seconds: 2).map { $0 * 0.003 }
    let zip = try file.booth(project, ["safe-here": murmur(seed: 1, seconds: 2), "thank-you": faint])
    let draft = try send(zip, studio)
    let view = try json(try studio.get("\(path)/imports/\(draft)"))
    #expect((view["consent"] as? [String: Any])?["words"] as? String == "<b>only</b> for people who need help")
    #expect((view["speaker"] as? [String: Any])?["isNew"] as? Bool == true)
    let takes = try #require(view["takes"] as? [[String: Any]])
    #expect(takes.compactMap { $0["fate"] as? String } == ["new", "new"])
    let codes = takes.flatMap { ($0["findings"] as? [[String: Any]] ?? []).compactMap { $0["code"] as? String } }
    #expect(codes.contains("too-quiet"), "\(codes)")
    #expect(try studio.get("\(path)/imports/\(draft)/sound/0").status == 200)
    let early = try apply(draft, studio)
    #expect(early.status == 422 && early.text.contains("consent"), "\(early.text)")
    #expect(try !text("speakers.yaml").contains("people who need help"))
    #expect(try apply(draft, studio, ["agreed": true, "plan": 999]).status == 409)
    let job = try ended(try apply(draft, studio, ["agreed": true]), studio)
    #expect(job["state"] as? String == "done", "\(job)")
    #expect(try text("speakers.yaml").contains("people who need help"))
    #expect(try Files.list("\(project)/recordings/ro/f1").count == 2)
    // The draft has gone; the same file once more is known.
    #expect(try studio.get("\(path)/imports/\(draft)").status == 404)
    let again = try send(zip, studio)
    #expect(try json(try studio.get("\(path)/imports/\(again)"))["imported"] != nil)
    #expect(try apply(again, studio, ["agreed": true]).status == 422)

    let wish = try body(["speaker": "4q7yk m2rt9 oxwvb 3hjne"])
    let found = try json(try studio.post("\(path)/takedown", wish))
    #expect(found["speaker"] as? String == "Iris" && (found["files"] as? [String])?.count == 2)
    #expect(try Files.list("\(project)/recordings/ro/f1").count == 2)
    let gone = try studio.post("\(path)/takedown", try body(["speaker": PostedFile.code, "confirm": true]))
    #expect(try json(gone)["done"] as? Bool == true, "\(gone.text)")
    #expect(!Files.exists("\(project)/recordings/ro/f1") && !Files.exists("\(project)/.uploads"))
    #expect(try text("speakers.yaml").contains("withdrawn: "))
  }

  private func text(_ name: String) throws -> String {
    String(decoding: try Files.read("\(project)/\(name)"), as: UTF8.self)
  }

  @Test("a review is imported, and somebody vouches for its key by the number that the reviewer told")
  func reviewer() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    let made = try write("review", studio)
    #expect((made["remarks"] as? [String])?.first?.contains("only the words can be judged") == true)
    let draft = try send(try file.review(project, ["safe-here"]), studio)
    let view = try json(try studio.get("\(path)/imports/\(draft)"))
    #expect(view["trust"] as? String == "new" && (view["approvals"] as? [[String: Any]])?.count == 1)
    let job = try ended(try apply(draft, studio), studio)
    #expect(job["state"] as? String == "done", "\(job)")
    for number in ["1234567890ABCDEF", "x", ""] {
      #expect(try studio.post("\(path)/post/vouch", try body(["number": number])).status == 422)
    }
    let number = "\(file.key.publicKey.id)".lowercased()
    let row = try json(try studio.post("\(path)/post/vouch", try body(["number": number])))
    #expect(row["vouched"] as? Bool == true && row["name"] as? String == "Sok D.")
    #expect(Files.exists("\(project)/reviewers/\(file.key.publicKey.id).pub"))
  }

  @Test("what is not valid is refused, and a read-only studio writes nothing")
  func refused() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    for change in [
      ["from": "A"], ["contact": "a\nb"], ["words": [String]()], ["words": ["xx"]],
      ["why": String(repeating: "a", count: 601)], ["address": "http://example.org"],
    ] as [[String: Any]] {
      var wish: [String: Any] = [
        "kind": "booth", "language": "ro", "from": "Ana", "contact": "ana@example.org", "words": ["en"],
      ]
      wish.merge(change) { $1 }
      #expect(try studio.post("\(path)/post/pages", try body(wish)).status == 422, "\(change)")
    }
    #expect(!Files.exists("\(project)/post.jsonl"))
    #expect(try studio.upload("\(path)/returns?name=a.zip", Array("PK".utf8)).status == 422)
    _ = try write("booth", studio)
    let zip = try file.booth(project, ["safe-here": murmur(seed: 1, seconds: 2)])
    var bytes = try Files.read(zip)
    let place = try #require(bytes.firstRange(of: Array("a browser".utf8))).lowerBound
    bytes[place] ^= 1
    let changed = try studio.upload("\(path)/returns?name=a.zip", bytes)
    #expect(changed.status == 422 && changed.text.contains("is damaged"), "\(changed.text)")
    #expect(try studio.post("\(path)/takedown", try body(["speaker": "Nobody"])).status == 404)
    #expect(!Files.exists("\(project)/.uploads"))

    let reader = try StudioProgram(["p", "--read-only"], in: self.place.directory)
    #expect(try reader.get("\(path)/post").status == 200)
    for (target, wish) in [
      ("post/pages", "{}"), ("post/vouch", "{\"number\": \"1\"}"),
      ("takedown", "{\"speaker\": \"Iris\", \"confirm\": true}"),
    ] {
      #expect(try reader.post("\(path)/\(target)", wish).status == 403, "\(target)")
    }
    #expect(try reader.upload("\(path)/returns?name=a.zip", try Files.read(zip)).status == 403)
  }
}
