import Glibc
import Posix
import Testing

@testable import Web

/// A site without a socket: what is answered after a request's head, and what after its body.
@Suite("The site")
struct SiteTests {
  private let tokens = AccessTokens()
  private let site: Site
  private let cookie: String

  init() throws {
    cookie = try #require(tokens.exchange(tokens.token))
    site = Site(
      gate: RequestGuard(port: 80), tokens: tokens,
      assets: [Asset(path: "index.html", bytes: Array("<p>page".utf8)), Asset(path: "a/b.js", bytes: [1, 2, 3])],
      routes: [
        Route("GET", "/api/1/names/:name") { request throws(Refusal) in .json([request["name"]]) },
        Route("POST", "/api/1/names", limit: 10) { request throws(Refusal) in
          .json(try request.decode([String].self), status: 201)
        },
      ])
  }

  private func ask(
    _ method: String, _ target: String, body: String? = nil, session: Bool = true, _ more: [(String, String)] = []
  ) -> (status: Int, text: String, response: WebResponse)? {
    var headers = [("Host", "127.0.0.1:80")] + more
    if session { headers.append(("Cookie", "firstword-80=\(cookie)")) }
    if method == "POST" {
      headers += [("Origin", "http://127.0.0.1:80"), ("Sec-Fetch-Site", "same-origin"), ("X-Firstword", "1")]
    }
    if let body {
      headers.append(("Content-Length", "\(body.utf8.count)"))
      if !more.contains(where: { $0.0 == "Content-Type" }) { headers.append(("Content-Type", "application/json")) }
    }
    var response: WebResponse
    switch site.admit(RequestHead(method: method, target: target, headers: headers)) {
    case .answered(let answer): response = answer
    case .awaitsBody(_, let respond): response = respond(Array((body ?? "").utf8))
    case .awaitsUpload: return nil
    }
    guard case .bytes(let bytes) = response.body else { return nil }
    return (response.status, String(decoding: bytes, as: UTF8.self), response)
  }

  @Test("the page is for everybody on this machine, and data only for those who were let in")
  func page() throws {
    #expect(ask("GET", "/", session: false)?.text == "<p>page")
    #expect(ask("GET", "/a/b.js", session: false)?.status == 200)
    #expect(ask("HEAD", "/", session: false)?.status == 200)
    #expect(ask("GET", "/a", session: false)?.status == 404)
    #expect(ask("GET", "/api/1/names/Ana", session: false)?.status == 401)
    #expect(ask("GET", "/api/1/other", session: false)?.status == 401)
    #expect(ask("GET", "/api/1/names/Ana")?.text == #"["Ana"]"#)
    #expect(ask("GET", "/api/1/other")?.status == 404)
  }

  @Test("another method, type or length is refused before a byte of the body is read")
  func refused() throws {
    #expect(ask("POST", "/api/1/names", body: #"["a"]"#)?.status == 201)
    #expect(ask("PUT", "/api/1/names", body: "[]")?.status == 405)
    #expect(ask("GET", "/api/1/names")?.status == 405)
    #expect(ask("POST", "/", body: "[]")?.status == 405)
    #expect(ask("POST", "/api/1/names", body: "[]", [("Content-Type", "text/plain")])?.status == 415)
    #expect(ask("POST", "/api/1/names", body: #"["12345678"]"#)?.status == 413)
    #expect(ask("POST", "/api/1/names", body: "nonsense")?.status == 400)
    #expect(ask("POST", "/api/1/names")?.status == 411)
    #expect(ask("POST", "/api/1/names", body: "[]", [("Transfer-Encoding", "chunked")])?.status == 411)
    #expect(ask("GET", "/api/1/names/a", [("Content-Length", "5")])?.status == 413)
    #expect(ask("GET", "/api/1/names/a", [("Content-Length", "-1")])?.status == 411)
  }

  @Test("a refusal says what, and what to do, as JSON")
  func errors() throws {
    let answer = try #require(ask("GET", "/api/1/names/Ana", session: false))
    #expect(answer.text.contains(#""code":"no-session""#) && answer.text.contains(#""remedy":"open the address"#))
    #expect(answer.response.headers.contains { $0.name == "Cache-Control" && $0.value == "no-store" })
  }

  @Test("a file that the browser has is not sent again, and a part of it is sent alone")
  func parts() throws {
    let first = try #require(ask("GET", "/a/b.js"))
    let tag = try #require(first.response.headers.first { $0.name == "ETag" }?.value)
    #expect(ask("GET", "/a/b.js", [("If-None-Match", tag)])?.status == 304)
    #expect(ask("GET", "/a/b.js", [("If-None-Match", "\"other\"")])?.status == 200)
    let part = try #require(ask("GET", "/a/b.js", [("Range", "bytes=1-1")]))
    #expect(part.status == 206 && part.text == "\u{2}")
    #expect(part.response.headers.contains { $0.name == "Content-Range" && $0.value == "bytes 1-1/3" })
    #expect(ask("GET", "/a/b.js", [("Range", "bytes=3-")])?.status == 416)
    #expect(ask("GET", "/a/b.js", [("Range", "bytes=0-"), ("If-Range", "\"other\"")])?.status == 200)
  }

  @Test("a file is sent from where it lies, whole and in parts; a directory is no file")
  func file() throws {
    let place = try Files.makeTemporaryDirectory("firstword-web")
    let path = place.appending("a.kit")
    try Files.replace(path, with: [1, 2, 3, 4])
    defer {
      unlink(path.string)
      rmdir(place.string)
    }
    let file = try OpenFile(try FileDescriptor(opening: path, O_RDONLY), path: path)
    func part(_ range: String?) -> (status: Int, range: Range<Int>?) {
      let head = RequestHead(method: "GET", target: "/", headers: range.map { [("Range", $0)] } ?? [])
      let response = WebResponse.file(file, type: "a/b", tag: "t", cache: "no-store", for: head)
      guard case .file(_, let range) = response.body else { return (response.status, nil) }
      return (response.status, range)
    }
    #expect(part(nil) == (200, 0..<4))
    #expect(part("bytes=1-2") == (206, 1..<3))
    #expect(part("bytes=4-") == (416, nil))
    #expect(throws: SystemError.self) { try OpenFile(try FileDescriptor(opening: place, O_RDONLY), path: place) }
  }

  @Test("a document runs no script, loads nothing, and is shown by this server's page alone")
  func document() throws {
    let response = WebResponse.document("<!DOCTYPE html><p>a")
    let policy = try #require(response.headers.first { $0.name == "Content-Security-Policy" }?.value)
    for part in ["default-src 'none'", "frame-ancestors 'self'", "form-action 'none'", "sandbox allow-same-origin"] {
      #expect(policy.contains(part), "\(part)")
    }
    #expect(!policy.contains("script") && !policy.contains("connect"))
  }

  @Test("a token works once, and each makes the next")
  func token() throws {
    let tokens = AccessTokens()
    let first = tokens.token
    #expect(first.utf8.count == 64)
    let cookie = try #require(tokens.exchange(first))
    #expect(tokens.isSession(cookie) && !tokens.isSession(first) && !tokens.isSession(""))
    #expect(tokens.exchange(first) == nil)
    #expect(tokens.token != first)
    for _ in 0..<32 { _ = tokens.exchange(tokens.token) }
    #expect(!tokens.isSession(cookie))
  }
}

@Suite("Ranges of bytes")
struct ByteRangeTests {
  private static let table: [(String?, ByteRange)] = [
    (nil, .whole), ("bytes=0-9", .part(0..<10)), ("bytes=5-", .part(5..<100)), ("bytes=-10", .part(90..<100)),
    ("bytes=90-200", .part(90..<100)), ("bytes=-200", .part(0..<100)), ("bytes=100-", .unsatisfiable),
    ("bytes=-0", .unsatisfiable), ("bytes=9-5", .whole), ("bytes=0-1,5-6", .whole), ("bytes=-", .whole),
    ("bytes=a-b", .whole), ("bytes=--5", .whole), ("items=0-9", .whole), ("bytes=99999999999999999999-", .whole),
  ]

  @Test("a range is a part of the content, or the whole where it cannot be read")
  func ranges() {
    for (header, range) in Self.table { #expect(ByteRange(header, of: 100) == range, "\(header ?? "none")") }
    #expect(ByteRange("bytes=-5", of: 0) == .unsatisfiable)
  }
}
