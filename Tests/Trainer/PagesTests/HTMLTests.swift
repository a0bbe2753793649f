import Foundation
import Testing

@testable import Pages

@Suite struct HTMLTests {
  @Test("what is interpolated is text, whatever it holds; what is written in the literal is markup")
  func escaping() {
    let text = "<script>alert(\"a\" & 'b')</script>"
    let piece: HTML = "<p title=\"\(text)\">\(text)</p>"
    let escaped = "&lt;script&gt;alert(&quot;a&quot; &amp; 'b')&lt;/script&gt;"
    #expect(piece.markup == "<p title=\"\(escaped)\">\(escaped)</p>")
  }

  @Test("pieces go into pieces unchanged, lists of them one after the other, nothing for nil")
  func nesting() {
    let rows: [HTML] = ["<b>\(1)</b>", "<b>\("<")</b>"]
    let none: HTML? = nil
    let piece: HTML = "<p>\(rows)\(none)</p>"
    #expect(piece.markup == "<p><b>1</b><b>&lt;</b></p>")
  }

  @Test("control characters, which no XML may hold, are shown as such")
  func controls() { #expect(HTML(text: "a\u{1B}[31m\u{0}b\u{85}").markup == "a\u{FFFD}[31m\u{FFFD}b\u{FFFD}") }

  @Test("a page opens as XML too, so its elements are closed and its attributes quoted")
  func wellFormed() throws {
    let page = HTMLPage(title: "a < b & c", style: "p::after { content: '>'; }", body: "<p>\("x > y")</p>")
    #expect(xmlFault(page.document) == nil)
  }
}
