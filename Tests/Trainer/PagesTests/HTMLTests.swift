import Foundation
import Testing

@testable import Pages

@Suite struct HTMLTests {
  @Test("interpolated strings are escaped; the literal is markup")
  func escaping() {
    let text = "<script>alert(\"a\" & 'b')</script>"
    let piece: HTML = "<p title=\"\(text)\">\(text)</p>"
    let escaped = "&lt;script&gt;alert(&quot;a&quot; &amp; 'b')&lt;/script&gt;"
    #expect(piece.markup == "<p title=\"\(escaped)\">\(escaped)</p>")
  }

  @Test("pieces and lists of pieces are inserted unchanged, and nil inserts nothing")
  func nesting() {
    let rows: [HTML] = ["<b>\(1)</b>", "<b>\("<")</b>"]
    let none: HTML? = nil
    let piece: HTML = "<p>\(rows)\(none)</p>"
    #expect(piece.markup == "<p><b>1</b><b>&lt;</b></p>")
  }

  @Test("control characters become U+FFFD")
  func controls() { #expect(HTML(text: "a\u{1B}[31m\u{0}b\u{85}").markup == "a\u{FFFD}[31m\u{FFFD}b\u{FFFD}") }

  @Test("a page is well-formed XML: elements are closed and attributes quoted")
  func wellFormed() throws {
    let page = HTMLPage(title: "a < b & c", style: "p::after { content: '>'; }", body: "<p>\("x > y")</p>")
    #expect(xmlFault(page.document) == nil)
  }
}
