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

  /// How a connection can keep a server waiting.
  private enum Hanging: CaseIterable { case silent, half, posting, dribbling, answered, unread, entering }

  @Test("a thousand connections that hang keep no page waiting, and take no descriptor from the program")
  func crowd() throws {
    var crowd: [(raw: Int32, way: Hanging)] = []
    defer { for one in crowd { close(one.raw) } }
    // As many as this process may have open.
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
    limit.rlim_cur = min(limit.rlim_max, 4096)
    setrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
    let ways = Hanging.allCases
    for number in 0..<1000 {
      let way = ways[number % ways.count]
      let raw = try studio.connect(seconds: 60).duplicate()
      crowd.append((raw, way))
      let text =
        switch way {
        case .silent: ""
        case .half, .dribbling: "GET / HTTP/1.1\r\nHost:"
        case .posting: "POST /api"
        // No cookie: the connection ends with the answer.
        case .answered: "GET / HTTP/1.1\r\nHost: \(studio.host)\r\n\r\n"
        case .entering:
          (["POST /api/1/session HTTP/1.1", "Host: \(studio.host)"] + studio.pageHeaders).joined(separator: "\r\n")
            + "\r\nContent-Length: 100\r\n\r\n{"
        case .unread: "POST /api/1/session HTTP/1.1\r\nHost: \(studio.host)\r\nContent-Length: 3145728\r\n\r\n"
        }
      let bytes = Array((text + (way == .unread ? String(repeating: "x", count: 3 << 10) : "")).utf8)
      bytes.withUnsafeBytes { _ = send(raw, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if number % 100 == 99 {
        for one in crowd where one.way == .dribbling { _ = send(one.raw, "x", 1, Int32(MSG_NOSIGNAL)) }
      }
    }
    #expect(crowd.count == 1000)
    // The best of some: this machine may be busy with other tests.
    var times: [Double] = []
    for target in ["/", "/main.js", "/api/1/session", "/api/1/projects/p/matrix", "/api/1/session", "/"] {
      let start = Monotonic.now
      #expect(try studio.get(target).status == 200, "\(target)")
      times.append(Double(Monotonic.now.since(start)) / 1e9)
    }
    #expect(times.min() ?? 9 < 1, "\(times)")
    let descriptors = try Files.list("/proc/\(studio.process.processIdentifier)/fd").count
    #expect(descriptors < 450, "\(descriptors)")
    for one in crowd { close(one.raw) }
    crowd = []
    #expect(try studio.get("/api/1/session").status == 200)
    #expect(studio.process.isRunning)
  }

  @Test("with hardly a descriptor left, the page is still answered")
  func descriptors() throws {
    let limiting = Process()
    limiting.executableURL = URL(fileURLWithPath: "/usr/bin/prlimit")
    limiting.arguments = ["--pid", "\(studio.process.processIdentifier)", "--nofile=64:64"]
    try limiting.run()
    limiting.waitUntilExit()
    #expect(limiting.terminationStatus == 0)
    var crowd: [Int32] = []
    defer { for raw in crowd { close(raw) } }
    for _ in 0..<100 { crowd.append(try studio.connect().duplicate()) }
    #expect(try studio.get("/").status == 200)
    // The crowd was let in before it. Some processors read files of the project at the same time.
    let descriptors = try Files.list("/proc/\(studio.process.processIdentifier)/fd").count
    #expect(descriptors <= 64 - 16, "\(descriptors) of 64")
    #expect(try studio.get("/api/1/projects/p/matrix").status == 200)
  }

  @Test("requests in another form than a browser's get an answer of their own, or none, and never data")
  func forms() throws {
    let host = "Host: \(studio.host)\r\n"
    let cookie = "Cookie: \(studio.cookie)\r\n"
    let page = studio.pageHeaders.joined(separator: "\r\n") + "\r\n"
    let post = "POST /api/1/projects/p/words/ro/goodbye HTTP/1.1\r\n" + host + cookie + page
    let smuggled = "GET /api/1/session HTTP/1.1\r\n\(host)\(cookie)\r\n"
    let before = files
    let hostile: [(String, String)] = [
      ("no host, as in HTTP/0.9", "GET /\r\n\r\n"),
      ("HTTP/1.0 without a host", "GET /api/1/session HTTP/1.0\r\n\(cookie)\r\n"),
      ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
      ("two hosts", "GET /api/1/session HTTP/1.1\r\n\(host)Host: evil.example\r\n\(cookie)\r\n"),
      ("a folded host", "GET /api/1/session HTTP/1.1\r\nHost: \(studio.host)\r\n .evil.example\r\n\(cookie)\r\n"),
      ("a space before the colon", "GET /api/1/session HTTP/1.1\r\nHost : evil.example\r\n\(cookie)\r\n"),
      ("an absolute target", "GET http://evil.example/api/1/session HTTP/1.1\r\n\(host)\(cookie)\r\n"),
      ("both lengths", post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled),
      ("two lengths", post + "Content-Length: 2\r\nContent-Length: 200\r\n\r\n{}" + smuggled),
      ("two equal lengths", post + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}" + smuggled),
      ("a length with a sign", post + "Content-Length: +2\r\n\r\n{}" + smuggled),
      ("a length in hexadecimal", post + "Content-Length: 0x2\r\n\r\n{}" + smuggled),
      ("a length of 2^64 and 2", post + "Content-Length: 18446744073709551618\r\n\r\n{}" + smuggled),
      ("lengths in a list", post + "Content-Length: 2, 200\r\n\r\n{}" + smuggled),
      ("chunked in another spelling", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + smuggled),
      ("chunked behind a tab", post + "Transfer-Encoding:\tchunked\r\nContent-Length: 2\r\n\r\n{}" + smuggled),
    ]
    for (name, text) in hostile {
      let answer = String(decoding: try studio.talk(Array(text.utf8), seconds: 5), as: UTF8.self)
      #expect(!answer.contains("readOnly"), "\(name): \(answer.prefix(200))")
      #expect(!answer.contains("HTTP/1.1 200"), "\(name): \(answer.prefix(200))")
    }
    // Bytes that are no UTF-8, wherever text is expected.
    let bad: [UInt8] = [0xFF, 0xC3, 0x28]
    let body: [UInt8] = Array(#"{"version": "none", "changes": {"text": ""#.utf8) + bad + Array(#""}}"#.utf8)
    let length = "Content-Length: \(body.count)\r\nConnection: close\r\n\r\n"
    let parts: [(String, [UInt8], String)] = [
      ("GET /", bad, " HTTP/1.1\r\n\(host)\r\n"),
      ("GET /api/1/session HTTP/1.1\r\nHost: ", bad, "\r\n\(cookie)\r\n"),
      ("GET /api/1/session HTTP/1.1\r\n\(host)Cookie: ", bad, "\r\n\r\n"), (post + length, body, ""),
    ]
    for (before, middle, after) in parts {
      var bytes = Array(before.utf8)
      bytes += middle
      bytes += Array(after.utf8)
      let answer = StudioProgram.Answer(try studio.talk(bytes, seconds: 5))
      #expect([0, 400, 401, 403].contains(answer.status), "\(answer.status)")
    }
    #expect(files == before)
    // What is valid is answered: HTTP/1.0, and the first of requests in one piece, after which the connection ends.
    let old = StudioProgram.Answer(try studio.talk(Array("GET / HTTP/1.0\r\n\(host)\r\n".utf8)))
    #expect(old.status == 200)
    let two = smuggled + "GET /api/1/session HTTP/1.1\r\n\(host)\(cookie)Connection: close\r\n\r\n"
    let both = String(decoding: try studio.talk(Array(two.utf8)), as: UTF8.self)
    #expect([2, 3].contains(both.components(separatedBy: "readOnly").count))
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
