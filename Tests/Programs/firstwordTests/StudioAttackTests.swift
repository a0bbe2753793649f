import Foundation
import Glibc
import Posix
import Testing

/// Requests that do not come from the page, sent to the real program through raw sockets.
@Suite("Attacks on the studio", .serialized)
struct StudioAttackTests {
  private let place: Workplace
  private let studio: StudioProgram

  init() throws {
    place = try Workplace()
    let made = try place.run("new", "p", "--languages", "ro,km", "--prompts", "safe-here,thank-you,goodbye")
    #expect(made.status == 0, "\(made.errors)")
    studio = try StudioProgram(["p"], in: place.directory)
  }

  private var files: [String: [UInt8]] {
    let all = FileManager.default.enumerator(atPath: "\(place.directory)/p")
    var files: [String: [UInt8]] = [:]
    while let path = all?.nextObject() as? String {
      files[path] = (try? Files.read("\(place.directory)/p/\(path)")) ?? []
    }
    return files
  }

  /// A change that the page may make.
  private var wish: String { #"{"version": "none", "changes": {}}"# }

  @Test("the page's own requests are answered, from 127.0.0.1 alone")
  func own() throws {
    #expect(try studio.get("/").status == 200)
    #expect(try studio.get("/api/1/session").text.contains(#""readOnly":false"#))
    #expect(try studio.get("/api/1/projects/p/matrix").status == 200)
    // All sockets that listen on this port, in hexadecimal: proc_net_tcp(5)
    let port = String(format: "%04X", studio.port)
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
      for line in String(decoding: (try? Files.read(table)) ?? [], as: UTF8.self).split(separator: "\n")
      where line.contains(":\(port) 0") && line.contains(" 0A ") { #expect(line.contains("0100007F:\(port)")) }
    }
  }

  @Test("a foreign host, as after a rebinding of a name, gets nothing")
  func hosts() throws {
    for name in ["evil.example", "localhost:PORT", "127.0.0.1", "127.0.0.1:1", "[::1]:PORT", ""] {
      let host = name.replacingOccurrences(of: "PORT", with: "\(studio.port)")
      for target in ["/", "/api/1/session", "/api/1/projects/p/matrix"] {
        let answer = try studio.exchange("GET \(target) HTTP/1.1", ["Host: \(host)", "Cookie: \(studio.cookie)"])
        #expect(answer.status == 403, "\(host) \(target)")
        #expect(!answer.text.contains("safe-here"))
      }
    }
  }

  @Test("a form or script of another page changes nothing, and exchanges no token")
  func crossSite() throws {
    let before = files
    let (host, cookie) = ("Host: \(studio.host)", "Cookie: \(studio.cookie)")
    let good = studio.pageHeaders
    for (index, bad) in [
      (0, "Origin: http://evil.example"), (0, "Origin: null"), (0, "Origin: http://localhost:\(studio.port)"),
      (0, "X: x"),
      (1, "Sec-Fetch-Site: cross-site"), (1, "Sec-Fetch-Site: same-site"), (1, "X: x"), (2, "X: x"),
    ] {
      var headers = good
      headers[index] = bad
      for target in ["/api/1/projects/p/check", "/api/1/session"] {
        let answer = try studio.exchange(
          "POST \(target) HTTP/1.1", [host, cookie] + headers, body: #"{"token": "\#(try studio.token)"}"#)
        #expect(answer.status == 403, "\(bad)")
        #expect(answer.headers["set-cookie"] == nil)
      }
    }
    // What a form can send: a simple content type.
    var headers = good
    headers[3] = "Content-Type: application/x-www-form-urlencoded"
    #expect(
      try studio.exchange("POST /api/1/projects/p/check HTTP/1.1", [host, cookie] + headers, body: "{}").status == 415)
    #expect(files == before)
  }

  @Test("without the cookie, with one of another program, or with a used token there is no data")
  func sessions() throws {
    for cookie in ["", "firstword-\(studio.port)=", "firstword-\(studio.port)=\(String(repeating: "0", count: 64))"] {
      for target in ["/api/1/session", "/api/1/projects", "/api/1/projects/p/words/ro", "/api/1/events", "/api/1/none"]
      {
        let answer = try studio.exchange("GET \(target) HTTP/1.1", ["Host: \(studio.host)", "Cookie: \(cookie)"])
        #expect(answer.status == 401, "\(target)")
      }
    }
    let token = try studio.token
    let first = try studio.post("/api/1/session", #"{"token": "\#(token)"}"#)
    #expect(first.status == 200)
    let cookie = try #require(first.headers["set-cookie"])
    #expect(
      cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && cookie.hasPrefix("firstword-\(studio.port)=")
    )
    let again = try studio.post("/api/1/session", #"{"token": "\#(token)"}"#)
    #expect(again.status == 403 && again.headers["set-cookie"] == nil)
    for body in [#"{"token": ""}"#, #"{"token": 1}"#, "{}", "", "[", #"{"token": "\#(token)x"}"#] {
      #expect([400, 403].contains(try studio.post("/api/1/session", body).status), "\(body)")
    }
  }

  @Test("an event stream, a frame or a script from elsewhere is refused, and the headers forbid them")
  func elsewhere() throws {
    for site in ["cross-site", "same-site"] {
      for target in ["/api/1/events", "/api/1/projects/p/matrix"] {
        #expect(try studio.get(target, ["Sec-Fetch-Site: \(site)"]).status == 403)
      }
    }
    for target in ["/", "/api/1/projects", "/api/1/none"] {
      let headers = try studio.get(target).headers
      let policy = headers["content-security-policy"] ?? ""
      #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
      #expect(!policy.contains("unsafe") && !policy.contains("*"))
      #expect(headers["x-content-type-options"] == "nosniff")
      #expect(headers["referrer-policy"] == "no-referrer")
      #expect(headers["cross-origin-resource-policy"] == "same-origin")
      #expect(headers["access-control-allow-origin"] == nil)
    }
    // A question before a request of another origin.
    let question = try studio.exchange(
      "OPTIONS /api/1/projects HTTP/1.1",
      ["Host: \(studio.host)", "Origin: http://evil.example", "Access-Control-Request-Headers: x-firstword"])
    #expect(question.status == 405 && question.headers["access-control-allow-origin"] == nil)
    // A WebSocket gets the answer of a plain request, or none: nothing is upgraded.
    let socket = try studio.get(
      "/api/1/events",
      ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: x", "Sec-Fetch-Site: cross-site"])
    #expect(socket.status == 403)
  }

  private static let paths = [
    "/../kit.yaml", "/..%2fkit.yaml", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/etc/passwd", "/./index.html",
    "/assets/../index.html", "/index.html%00.js", "/index.html/", "/\\..\\kit.yaml", "/api/1/projects/..",
    "/api/1/projects/../p", "/api/1/projects/%2e%2e", "/api/1/projects/p%2f..",
    "/api/1/projects/p/words/..%2f..%2fkit",
    "/api/1/projects/p/words/%2e%2e", "/api/1/projects//p", "/api/1/projects/p/", "/api/1/jobs/../session",
    "http://evil.example/api/1/projects", "*", "/%", "/%zz", "/\u{FF}",
  ]

  @Test("no path leads out of the page's files or of the project")
  func paths() throws {
    for path in Self.paths {
      let answer = try studio.get(path)
      #expect([0, 400, 404].contains(answer.status), "\(path): \(answer.status)")
      #expect(!answer.text.contains("root:") && !answer.text.contains("version:"))
    }
  }

  @Test("the body of a refused request is not taken for the next request")
  func smuggled() throws {
    let inner = "GET /api/1/session HTTP/1.1\r\nHost: \(studio.host)\r\nCookie: \(studio.cookie)\r\n\r\n"
    for (head, size) in [
      // 3 MiB that a refused request promises and sends.
      ("POST /api/1/projects/p/check HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 3145728\r\n\r\n", 3 << 20),
      ("POST /api/1/projects/p/check HTTP/1.1\r\nHost: \(studio.host)\r\nTransfer-Encoding: chunked\r\n\r\n", 0),
      ("GET / HTTP/1.1\r\nHost: \(studio.host)\r\nContent-Length: 10\r\n\r\n", 0),
      ("GET / HTTP/1.1\r\nHost: \(studio.host)\r\nContent-Length: 0\r\nContent-Length: 100\r\n\r\n", 0),
    ] {
      let padding = String(repeating: inner, count: max(1, size / inner.utf8.count + 1))
      let text = String(decoding: try studio.talk(Array((head + padding).utf8)), as: UTF8.self)
      #expect(text.components(separatedBy: "HTTP/1.1 ").count <= 2, "\(head)")
      #expect(!text.contains("readOnly"), "\(head)")
    }
    #expect(try studio.get("/api/1/session").status == 200)
  }

  @Test("a body above its limit is refused by its length, before it is sent")
  func tooLarge() throws {
    let head =
      ["POST /api/1/projects/p/check HTTP/1.1", "Host: \(studio.host)", "Cookie: \(studio.cookie)"] + studio.pageHeaders
    let answer = StudioProgram.Answer(
      try studio.talk(Array((head + ["Content-Length: 1073741824", "", ""]).joined(separator: "\r\n").utf8)))
    #expect(answer.status == 413)
    let before = studio.memory
    // A client that sends its gigabyte all the same is cut off.
    let connection = try studio.connect()
    try connection.write(Array((head + ["Content-Length: 1073741824", "", ""]).joined(separator: "\r\n").utf8))
    let block = [UInt8](repeating: 0x20, count: 1 << 20)
    var sent = 0
    for _ in 0..<1024 {
      let count = block.withUnsafeBytes { send(connection.raw, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count <= 0 { break }
      sent += count
    }
    #expect(sent < 64 << 20)
    #expect(studio.memory < before + (16 << 20))
  }

  @Test("a head that is too long is refused")
  func longHead() throws {
    for line in [
      "GET /\(String(repeating: "a", count: 100_000)) HTTP/1.1\r\nHost: \(studio.host)\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: \(studio.host)\r\nX: \(String(repeating: "a", count: 100_000))\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: \(studio.host)\r\n\((0..<5000).map { "X\($0): y\r\n" }.joined())\r\n",
    ] {
      let status = StudioProgram.Answer(try studio.talk(Array(line.utf8))).status
      #expect([0, 400, 413, 414, 431].contains(status), "\(status)")
    }
    #expect(try studio.get("/api/1/session").status == 200)
  }

  @Test("half a head is dropped after a while, and a thousand connections do not end the program")
  func crowd() throws {
    var crowd: [Int32] = []
    defer { for raw in crowd { close(raw) } }
    // As many as this process may have open.
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
    limit.rlim_cur = min(limit.rlim_max, 4096)
    setrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
    for number in 0..<1000 {
      guard let raw = try? studio.connect(seconds: 60).duplicate() else { break }
      crowd.append(raw)
      let half = Array((number % 2 == 0 ? "GET / HTTP/1.1\r\nHost:" : "POST /api").utf8)
      half.withUnsafeBytes { _ = send(raw, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }
    #expect(crowd.count > 200)
    // The first of them is closed by the server, without an answer or with a refusal.
    let start = Monotonic.now
    var byte: UInt8 = 0
    while recv(crowd[0], &byte, 1, 0) > 0 {}
    #expect(Monotonic.now.since(start) < 45_000_000_000)
    for raw in crowd { close(raw) }
    crowd = []
    #expect(try studio.get("/api/1/session").status == 200)
    #expect(studio.process.isRunning)
  }

  @Test("names with markup are data: they reach the page as JSON text, and never as a document")
  func markup() throws {
    let name = "<img src=x onerror=alert(1)>\"&'</script>"
    try Files.replace(
      "\(place.directory)/p/speakers.yaml",
      with: Array(
        """
        speakers:
          - pseudonym: "<b>Ana</b>"
            language: "ro"
            voice: f1
            consent: 2026-04-30
            licence: "for kits"
            contact: "a@example.org"

        """.utf8))
    let approved = try place.run("approve", "ro/safe-here", "--wording", "--by", name, "--project", "p")
    #expect(approved.status == 0, "\(approved.errors)")
    let answer = try studio.get("/api/1/projects/p")
    #expect(answer.status == 200 && answer.headers["content-type"] == "application/json")
    struct Head: Decodable {
      struct Due: Decodable { var person: String? }
      var due: [Due]
    }
    let people = try JSONDecoder().decode(Head.self, from: Data(answer.body)).due.compactMap(\.person)
    #expect(people.contains(name) && people.contains("<b>Ana</b>"))
    // A project that nobody can have, with markup in its name.
    let missing = try studio.get("/api/1/projects/%3Cscript%3E")
    #expect(missing.status == 404 && missing.headers["content-type"] == "application/json")
  }
}
