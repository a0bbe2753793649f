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

/// What files can hold to deceive a reader: escape sequences, BEL, line breaks, bidirectional controls, C1 controls.
private let hostile = "\u{1B}[2J\u{7}\nwhole: forged\r\u{202E}gnitset\u{2066}\u{9B}31m\u{2028}\u{FEFF}\u{E0041}\u{85}"

@Suite struct PrintableTests {
  private func isPlain(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy {
      $0.properties.generalCategory != .control && !(0x202A...0x206F).contains($0.value)
    }
  }

  @Test("an interpolated text of any type is escaped and stays on its line; the literal is kept")
  func interpolation() {
    struct Value: CustomStringConvertible { var description: String { hostile } }
    let text: Printable = "\u{1B}[1m\(hostile)\u{1B}[0m\n"
    #expect(text.text.hasPrefix("\u{1B}[1m\\u{1b}[2J") && text.text.hasSuffix("\u{1B}[0m\n"))
    for text: Printable in ["\(hostile)", "\(hostile.dropFirst(0))", "\(Value())", Printable(hostile)] {
      #expect(isPlain(text.text), "\(text.text)")
      #expect(text.text.contains("\\u{1b}[2J\\u{7}\\u{a}whole: forged\\u{d}\\u{202e}gnitset\\u{2066}\\u{9b}31m"))
    }
    let optional: String? = hostile
    for text: Printable in ["\(optional as Any)", "\([hostile])"] { #expect(isPlain(text.text), "\(text.text)") }
  }

  @Test("a printable text is inserted as it is, also in lists; escaping twice changes nothing")
  func pieces() {
    let red: Printable = "\u{1B}[31m\("a\tb")\u{1B}[0m"
    #expect(("<\(red)>" as Printable).text == "<\u{1B}[31ma\\u{9}b\u{1B}[0m>")
    #expect([red, red].joined(separator: ", ").text == "\(red.text), \(red.text)")
    let tab = "a\tb"
    #expect(Printable(tab.printable) == Printable(tab))
  }

  @Test("texts of all scripts are kept, with their joiners and marks")
  func scripts() {
    for text in ["می‌خواهم", "ශ්‍රී", "ភាសា\u{200B}ខ្មែរ", "Tiếng Việt", "العربية", "ትግርኛ", "👩‍⚕️"] {
      #expect(Printable(text).text == text)
    }
  }

  @Test("a text that is too long is cut, and says so")
  func length() {
    let text = Printable(String(repeating: "x", count: 1_000_000))
    #expect(text.text.count == Printable.limit + 1 && text.text.hasSuffix("…"))
    #expect(Printable(String(repeating: "x", count: Printable.limit)).text.hasSuffix("x"))
  }

  @Test("an error of several diagnostics has a line for each, and each is escaped")
  func several() {
    let error: any Error = DiagnosticsError([
      Diagnostic(path: "a\nb", message: "is \u{1B}[2J", remedy: nil), Diagnostic(path: "c", message: "is", remedy: nil),
    ])
    #expect(("\(error)" as Printable).text == "a\\u{a}b: is \\u{1b}[2J\nc: is")
  }

  @Test("a JSON document has the same value, and nothing in it reaches the terminal raw")
  func json() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted]
    let texts = [hostile, "العربية", "\u{E0041}"]
    let document = Printable(json: String(decoding: try encoder.encode(texts), as: UTF8.self)).text
    #expect(isPlain(document.replacingOccurrences(of: "\n", with: "")) && !document.contains("\u{E0041}"))
    #expect(try JSONDecoder().decode([String].self, from: Data(document.utf8)) == texts)
  }

  @Test("the width of a text does not count colours, and a cut keeps them")
  func width() {
    let red: Printable = "\u{1B}[31mabcdef\u{1B}[0m"
    #expect(red.fitting(3) { _ in 1 }.text == "\u{1B}[31mabc\u{1B}[0m")
    #expect(Printable("ab").padded(before: 1, after: 2).text == " ab  ")
    #expect(Printable("ab  ").withoutTrailingSpaces.text == "ab")
  }
}

@Suite struct CountedTests {
  @Test(
    "a number stands with the singular only where it is one",
    arguments: [(0, "0 clips"), (1, "1 clip"), (2, "2 clips"), (11, "11 clips"), (21, "21 clips")])
  func noun(_ count: Int, _ text: String) { #expect(counted(count, "clip") == text) }

  @Test("a plural of its own is used")
  func plural() {
    #expect(counted(1, "press", "presses") == "1 press" && counted(2, "press", "presses") == "2 presses")
    #expect(counted(1, "clip differs", "clips differ") == "1 clip differs")
  }
}
