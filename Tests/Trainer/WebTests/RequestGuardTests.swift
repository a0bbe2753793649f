import Testing

@testable import Web

/// What the guard lets through, as a table of heads.
@Suite("The guard of the local server")
struct RequestGuardTests {
  private static let gate = RequestGuard(port: 8123)
  private static let good = [
    ("Host", "127.0.0.1:8123"), ("Origin", "http://127.0.0.1:8123"), ("Sec-Fetch-Site", "same-origin"),
    ("X-Firstword", "1"), ("Cookie", "theme=dark; firstword-8123=secret"),
  ]

  /// Returns the status of the refusal; 200 if there is none.
  private func status(_ headers: [(String, String)], _ access: RequestGuard.Access) -> Int {
    let head = RequestHead(method: access == .change ? "POST" : "GET", target: "/api/1/x", headers: headers)
    return Self.gate.refusal(of: head, for: access) { $0 == "secret" }?.status ?? 200
  }

  private static func good(_ name: String, _ value: String?) -> [(String, String)] {
    good.compactMap { $0.0 == name ? value.map { (name, $0) } : $0 }
  }

  @Test("the page's own requests pass", arguments: [RequestGuard.Access.asset, .read, .change, .exchange])
  func own(_ access: RequestGuard.Access) {
    #expect(status(Self.good, access) == 200)
  }

  private static let hosts: [String?] = [
    nil, "", "127.0.0.1", "127.0.0.1:8124", "localhost:8123", "rebound.example:8123", "127.0.0.1:8123.example",
    "127.0.0.1:8123 ", "0x7f.1:8123", "[::1]:8123",
  ]

  @Test("another host, as after a rebinding of a name, gets nothing, not even a file of the page", arguments: hosts)
  func host(_ host: String?) {
    for access in [RequestGuard.Access.asset, .read, .change, .exchange] {
      #expect(status(Self.good("Host", host), access) == 403)
    }
  }

  private static let origins: [String?] = [
    nil, "null", "http://127.0.0.1:8124", "https://127.0.0.1:8123", "http://localhost:8123", "http://evil.example",
    "http://127.0.0.1:8123/", "http://127.0.0.1:8123.evil.example",
  ]

  @Test("another origin changes nothing, and exchanges no token", arguments: origins)
  func origin(_ origin: String?) {
    #expect(status(Self.good("Origin", origin), .change) == 403)
    #expect(status(Self.good("Origin", origin), .exchange) == 403)
  }

  private static let sites: [String?] = [nil, "", "none", "same-site", "cross-site", "Same-Origin"]

  @Test("a form or a link of another page changes nothing", arguments: sites)
  func site(_ site: String?) {
    #expect(status(Self.good("Sec-Fetch-Site", site), .change) == 403)
  }

  @Test("another page reads nothing, and an address that a person typed is read")
  func readers() {
    for site in ["cross-site", "same-site", ""] { #expect(status(Self.good("Sec-Fetch-Site", site), .read) == 403) }
    #expect(status(Self.good("Sec-Fetch-Site", "none"), .read) == 200)
    #expect(status(Self.good("Sec-Fetch-Site", nil), .read) == 200)
  }

  @Test("a change without the header of the page is refused: a form cannot send it")
  func header() {
    #expect(status(Self.good("X-Firstword", nil), .change) == 403)
    #expect(status(Self.good("X-Firstword", "yes"), .change) == 403)
  }

  private static let cookies: [String?] = [
    nil, "", "firstword-8123=", "firstword-8123=other", "firstword-8124=secret", "xfirstword-8123=secret",
    "firstword-8123=secretx", "firstword-8123 =secret",
  ]

  @Test("without a cookie of this program and this port there is no data", arguments: cookies)
  func cookie(_ cookie: String?) {
    #expect(status(Self.good("Cookie", cookie), .read) == 401)
    #expect(status(Self.good("Cookie", cookie), .change) == 401)
    #expect(status(Self.good("Cookie", cookie), .asset) == 200)
  }

  @Test("a header that occurs twice is no header: two readers could take different ones")
  func twice() {
    for name in ["Host", "Origin", "Sec-Fetch-Site", "X-Firstword"] {
      let value = Self.good.first { $0.0 == name }?.1 ?? ""
      #expect(status(Self.good + [(name, value)], .change) == 403, "\(name)")
    }
    #expect(status(Self.good + [("cookie", "firstword-8123=secret")], .change) == 401)
  }
}
