import Foundation
import Posix
import TestSupport
import Testing

/// The shipped studio, asked as the page asks it.
@Suite("The studio", .serialized)
struct StudioPageTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    let made = try place.run("new", "p", "--languages", "ro,km", "--prompts", "safe-here,thank-you,goodbye")
    #expect(made.status == 0, "\(made.errors)")
  }

  private func json(_ answer: StudioProgram.Answer) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any], "\(answer.text)")
  }

  @Test("it prints one address, which lets one browser in, and then the next one; Ctrl-C ends it with 0")
  func entry() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    let first = String(decoding: try Files.read(studio.output), as: UTF8.self)
    #expect(first.contains("Ctrl-C ends it"))
    for _ in 0..<100 where !String(decoding: try Files.read(studio.output), as: UTF8.self).contains("another one") {
      usleep(50_000)
    }
    #expect(try studio.get("/api/1/session").status == 200)
    #expect(try studio.post("/api/1/session", #"{"token": "\#(try studio.token)"}"#).status == 200)
    #expect(studio.end() == 0)
  }

  @Test("a project or port that cannot be used is refused in one line")
  func refused() throws {
    let none = try place.run("studio", "nowhere", "--no-open")
    #expect(none.status == 2 && none.errors.contains("no project in nowhere"))
    let studio = try StudioProgram(["p"], in: place.directory)
    let taken = try place.run("studio", "p", "--no-open", "--port", "\(studio.port)")
    #expect(taken.status == 2 && taken.errors.contains("Address already in use"), "\(taken.errors)")
    #expect(try place.run("studio", "--port", "70000").status == 64)
  }

  @Test("the start page has all projects of the directory, also one that cannot be read, and makes a new one")
  func start() throws {
    try Files.makeDirectory("\(place.directory)/broken")
    try Files.replace("\(place.directory)/broken/kit.yaml", with: Array("name: [".utf8))
    let studio = try StudioProgram([], in: place.directory)
    let list = try studio.get("/api/1/projects").text
    #expect(list.contains(#""id":"broken""#) && list.contains(#""problems":[{"#))
    #expect(list.contains(#""text":"Record 3 messages in "#), "\(list)")
    let made = try studio.post(
      "/api/1/projects", #"{"directory": "new kit", "languages": ["ro"], "prompts": ["goodbye"]}"#)
    #expect(made.status == 201, "\(made.text)")
    #expect(Files.exists("\(place.directory)/new kit/kit.yaml"))
    #expect(try place.run("words", "ro", "--project", "new kit").status == 0)
    for bad in [
      #"{"directory": "../x", "languages": ["ro"]}"#, #"{"directory": "new kit", "languages": ["ro"]}"#,
      #"{"directory": "y", "languages": []}"#, #"{"directory": "y", "languages": ["xx"]}"#,
      #"{"directory": ".y", "languages": ["ro"]}"#, #"{"directory": "", "languages": ["ro"]}"#,
      #"{"directory": "a/b", "languages": ["ro"]}"#, #"{"directory": "y", "languages": ["ro"], "prompts": ["x"]}"#,
    ] {
      #expect(try studio.post("/api/1/projects", bad).status == 422, "\(bad)")
    }
    #expect(!Files.exists("\(place.directory)/y") && !Files.exists("\(place.directory)/a"))
    let single = try StudioProgram(["p"], in: place.directory)
    #expect(try single.post("/api/1/projects", #"{"directory": "z", "languages": ["ro"]}"#).status == 403)
    #expect(try single.get("/api/1/projects/broken").status == 404)
  }

  @Test(
    "the matrix has a letter for each item in each language, and follows approvals and recordings of other programs")
  func matrix() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    func cells() throws -> ([String], [String], [String], [String]) {
      let view = try json(try studio.get("/api/1/projects/p/matrix"))
      let items = try #require(view["items"] as? [[String: Any]]).compactMap { $0["id"] as? String }
      return (
        items, try #require(view["cells"] as? [String]), try #require(view["wordings"] as? [String]),
        try #require(view["recordings"] as? [String])
      )
    }
    let (items, first, wordings, recordings) = try cells()
    #expect(items == ["safe-here", "thank-you", "goodbye"])
    #expect(first == ["ddd", "ddd"] && wordings == ["ddd", "ddd"] && recordings == ["mmm", "mmm"])
    for name in ["Ana", "Ben"] {
      #expect(try place.run("approve", "ro/safe-here", "--wording", "--by", name, "--project", "p").status == 0)
    }
    #expect(try place.run("approve", "ro/goodbye", "--wording", "--by", "Ana", "--project", "p").status == 0)
    let after = try cells()
    #expect(after.2 == ["adr", "ddd"])
    try Files.makeDirectory("\(place.directory)/p/recordings/ro/f1")
    let sound = murmur(seed: 1, seconds: 2)
    try Files.replace("\(place.directory)/p/recordings/ro/f1/03-safe-here.wav", with: StudioSound.wave(sound))
    let recorded = try cells()
    #expect(recorded.1 == ["rdd", "ddd"] && recorded.3 == ["dmm", "mmm"])
    for name in ["Ana", "Ben"] {
      let outcome = try place.run("approve", "ro/safe-here", "--recording", "--by", name, "--project", "p")
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let approved = try cells()
    #expect(approved.1 == ["add", "ddd"] && approved.3 == ["amm", "mmm"])
    // Another sound under the same name is another recording.
    try Files.replace(
      "\(place.directory)/p/recordings/ro/f1/03-safe-here.wav",
      with: StudioSound.wave(murmur(seed: 2, seconds: 2)))
    #expect(try cells().3 == ["dmm", "mmm"])
  }

  @Test("a check runs beside the requests, is reported as events, and its findings are in the matrix")
  func check() throws {
    try Files.makeDirectory("\(place.directory)/p/recordings/ro/f1")
    let quiet = murmur(seed: 1, seconds: 2).map { $0 / 400 }
    try Files.replace("\(place.directory)/p/recordings/ro/f1/03-safe-here.wav", with: StudioSound.wave(quiet))
    let studio = try StudioProgram(["p"], in: place.directory)
    let none = try json(try studio.get("/api/1/projects/p/check"))
    #expect(none["at"] == nil && none["recordings"] as? Int == 0)
    let stream = try studio.connect(seconds: 60)
    try stream.write(
      Array("GET /api/1/events HTTP/1.1\r\nHost: \(studio.host)\r\nCookie: \(studio.cookie)\r\n\r\n".utf8))
    var heard = String(decoding: try stream.read(atMost: 4096), as: UTF8.self)
    let begun = try studio.post("/api/1/projects/p/check", "{}")
    #expect(begun.status == 202, "\(begun.text)")
    while !heard.contains("event: project") {
      let part = try stream.read(atMost: 4096)
      if part.isEmpty { break }
      heard += String(decoding: part, as: UTF8.self)
    }
    #expect(heard.contains("text/event-stream") && heard.contains("event: job") && heard.contains("event: project"))
    let report = try json(try studio.get("/api/1/projects/p/check"))
    #expect(report["recordings"] as? Int == 1)
    let view = try json(try studio.get("/api/1/projects/p/matrix"))
    #expect(view["cells"] as? [String] == ["fdd", "ddd"])
    let findings = try #require(view["findings"] as? [[String: Any]])
    #expect(findings.contains { $0["language"] as? Int == 0 && $0["item"] as? Int == 0 && $0["remedy"] != nil })
  }

  @Test("a change by an editor is reported to all pages, also if one of them reads it before the report")
  func editor() throws {
    let studio = try StudioProgram(["p"], in: place.directory)
    #expect(try studio.get("/api/1/projects/p/words/ro").status == 200)
    let stream = try studio.connect(seconds: 60)
    try stream.write(
      Array("GET /api/1/events HTTP/1.1\r\nHost: \(studio.host)\r\nCookie: \(studio.cookie)\r\n\r\n".utf8))
    var heard = String(decoding: try stream.read(atMost: 4096), as: UTF8.self)
    let own = """
      tag: "ro"
      drafted: person
      wordings:
        goodbye:
          text: "La revedere, cu bine."

      """
    try Files.makeDirectory("\(place.directory)/p/Languages")
    try Files.replace("\(place.directory)/p/Languages/ro.yaml", with: Array(own.utf8))
    #expect(try studio.get("/api/1/projects/p/words/ro").text.contains("La revedere, cu bine."))
    while !heard.contains("event: project") {
      let part = try stream.read(atMost: 4096)
      if part.isEmpty { break }
      heard += String(decoding: part, as: UTF8.self)
    }
    #expect(heard.contains("event: project"))
  }

  @Test("the words of a language have status, meaning and limits, and a language that is not there is not found")
  func words() throws {
    let studio = try StudioProgram(["p", "--read-only"], in: place.directory)
    let view = try json(try studio.get("/api/1/projects/p/words/km"))
    let language = try #require(view["language"] as? [String: Any])
    #expect(language["script"] as? String == "Khmr" && language["writable"] as? Bool == false)
    let items = try #require(view["items"] as? [[String: Any]])
    #expect(items.map { $0["id"] as? String } == ["safe-here", "thank-you", "goodbye"])
    for item in items {
      #expect((item["text"] as? String)?.isEmpty == false && (item["source"] as? String)?.isEmpty == false)
      #expect(item["status"] as? String == "draft" && item["version"] as? String != "none")
    }
    #expect(try studio.get("/api/1/projects/p/words/fr").status == 404)
    #expect(try studio.get("/api/1/projects/q/words/km").status == 404)
    #expect(try studio.post("/api/1/projects", #"{"directory": "z", "languages": ["ro"]}"#).status == 403)
  }
}
