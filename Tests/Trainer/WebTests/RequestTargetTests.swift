import Testing

@testable import Web

@Suite("Paths and queries")
struct RequestTargetTests {
  private static let bad = [
    "", "x", "//", "//api", "/api//1", "/api/", "/..", "/../etc/passwd", "/api/../x", "/%2e%2e/x", "/.%2E/x", "/.",
    "/a%2fb", "/a%5Cb", "/a\\b", "/a%00", "/a%0a", "/%7f", "/%", "/%4", "/%zz", "/%ff", "/%c3%28",
    "http://127.0.0.1:8123/", "*", "/x?a=%zz", "/x?a=1&a=2",
  ]

  @Test("a path that others would read in another way is refused", arguments: bad)
  func refused(_ target: String) { #expect(RequestTarget(target) == nil) }

  @Test("a path and its query are decoded once")
  func decoded() {
    #expect(RequestTarget("/")?.path == [])
    #expect(RequestTarget("/a/b.c")?.path == ["a", "b.c"])
    #expect(RequestTarget("/%C8%99ase%20kit/ro")?.path == ["șase kit", "ro"])
    #expect(RequestTarget("/a%252e")?.path == ["a%2e"])
    #expect(RequestTarget("/...")?.path == ["..."])
    #expect(RequestTarget("/x?by=Sok%20D.&all")?.query == ["by": "Sok D.", "all": ""])
    #expect(RequestTarget("/x?q=../..")?.query == ["q": "../.."])
  }
}
