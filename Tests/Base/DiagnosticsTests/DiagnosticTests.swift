import Diagnostics
import Foundation
import Testing

@Suite struct DiagnosticTests {
  private let missing = Diagnostic(
    code: "missing", path: "Languages/ro.yaml", line: 12, column: 3, message: "'text' is missing", remedy: "add it")

  @Test("a diagnostic is one line with its place, severity, message, remedy and code")
  func oneLine() {
    #expect("\(missing)" == "Languages/ro.yaml:12:3: error: 'text' is missing: add it [missing]")
    #expect(missing.unlabelledDescription == "Languages/ro.yaml:12:3: 'text' is missing: add it [missing]")
    let bare = Diagnostic(.note, path: "card", message: "is muted", remedy: nil)
    #expect("\(bare)" == "card: note: is muted")
  }

  @Test("control characters and bidirectional controls in a path or a message are escaped")
  func printable() {
    let odd = Diagnostic(.warning, path: "a\nb\u{202E}c", line: 1, message: "\u{1B}[2J", remedy: "rename\tit")
    #expect("\(odd)" == "a\\u{a}b\\u{202e}c:1: warning: \\u{1b}[2J: rename\\u{9}it")
  }

  @Test("the most severe comes first, then the order of path and line")
  func order() {
    let list = [
      Diagnostic(.note, path: "a", message: "m", remedy: nil),
      Diagnostic(.error, path: "b", line: 2, message: "m", remedy: nil),
      Diagnostic(.warning, path: "a", message: "m", remedy: nil),
      Diagnostic(.error, path: "b", line: 1, message: "m", remedy: nil),
      Diagnostic(.error, path: "a", line: 9, message: "m", remedy: nil),
    ]
    #expect(
      list.sorted().map { "\($0.severity) \($0.place)" } == [
        "error a:9", "error b:1", "error b:2", "warning a", "note a",
      ])
  }

  @Test("the JSON form is flat, omits absent fields and reads back the same")
  func json() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let bare = Diagnostic(.note, path: "card", message: "is muted", remedy: nil)
    let bytes = try encoder.encode(bare)
    #expect(String(decoding: bytes, as: UTF8.self) == #"{"message":"is muted","path":"card","severity":"note"}"#)
    for diagnostic in [bare, missing] {
      #expect(try JSONDecoder().decode(Diagnostic.self, from: encoder.encode(diagnostic)) == diagnostic)
    }
  }
}
