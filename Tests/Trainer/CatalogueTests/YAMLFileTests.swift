import CatalogueFixture
import Diagnostics
import Foundation
import Posix
import Testing

@testable import Catalogue

@Suite struct YAMLFileTests {
  /// Returns the messages on a text that is parsed as YAML and then read by `read`.
  private func findings(_ bytes: [UInt8], _ read: (Field) -> Void = { _ in }) -> [String] {
    let log = DiagnosticLog()
    if let root = YAMLFile.parse(bytes, file: "x.yaml", log: log) { read(root) }
    return log.diagnostics.map(\.unlabelledDescription)
  }

  private func findings(_ text: String, _ read: (Field) -> Void = { _ in }) -> [String] {
    findings(Array(text.utf8), read)
  }

  @Test(
    "ambiguous YAML is refused with its line",
    arguments: [
      ("", "x.yaml: the file is empty"),
      ("# only a comment\n", "x.yaml: the file is empty"),
      ("---\n", "x.yaml: the file is empty"),
      ("a: 1\n---\nb: 2\n", "x.yaml:2: a second document begins here"),
      ("a: 1\nb: 2\na: 3\n", "x.yaml:3: 'a' is given twice, first in line 1"),
      ("m:\n  a: 1\n  \"a\": 3\n", "x.yaml:3: 'a' is given twice, first in line 2"),
      ("a:\n\tb: 1\n", "x.yaml:2: a tab in the indentation"),
      ("a: [1, 2\nb: 3\n", "x.yaml:2: not readable as YAML"),
      ("a: \"no end\n", "x.yaml:2: not readable as YAML"),
      ("a: one: two\n", "x.yaml:1: not readable as YAML"),
      ("a: &x 1\nb: *x\n", "x.yaml:1: anchors and aliases"),
      ("a: &x 1\n", "x.yaml:1: anchors and aliases"),
      ("&k a: 1\n", "x.yaml:1: anchors and aliases"),
      ("a: *x\n", "x.yaml:1: anchors and aliases"),
      ("a: !!binary aGk=\n", "x.yaml:1: explicit tags"),
      ("a: !!set {b}\n", "x.yaml:1: explicit tags"),
      ("a: [!mine b]\n", "x.yaml:1: explicit tags"),
      ("a: 1\n!!int 2: b\n", "x.yaml:2: explicit tags"),
      ("a: 1\nb: \u{1}\n", "x.yaml:2: not readable as YAML (control characters are not allowed)"),
    ])
  func refused(_ text: String, _ expected: String) throws {
    let found = findings(text)
    #expect(found.count == 1)
    #expect(try #require(found.first).hasPrefix(expected))
  }

  @Test("invalid UTF-8 is reported with its line")
  func notUTF8() {
    let found = findings(Array("a: 1\nb: ".utf8) + [0xFF, 0x0A])
    #expect(found == ["x.yaml:2: this line is not UTF-8: save the file as UTF-8"])
  }

  @Test("a byte order mark and CR LF are ignored")
  func windows() {
    var read: String?
    let found = findings([0xEF, 0xBB, 0xBF] + Array("a: b\r\nc: d\r\n".utf8)) { root in
      read = root.mapping(["a", "c"])?["a"]?.text()
    }
    #expect(found == [])
    #expect(read == "b")
  }

  @Test("nested aliases are refused before they expand")
  func bomb() {
    var text = "a0: &a0 [x, x]\n"
    // Deep enough to notice: without the check this test fails but does not hang.
    for level in 1...14 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    text += "? *a14\n: 1\n? *a13\n: 2\n"
    let found = findings(text)
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("x.yaml:1: anchors and aliases") == true)
  }

  @Test(
    "nested aliases after a tab, on a line of their own and in keys are refused before they expand",
    arguments: [("\t", ""), ("\n  ", ""), (" ", "? "), ("\t", "? ")])
  func bombs(_ gap: String, _ key: String) {
    func line(_ level: Int, _ value: String) -> String {
      key.isEmpty ? "a\(level):\(gap)&a\(level) \(value)\n" : "? &a\(level) \(value)\n: b\n"
    }
    var text = key.isEmpty ? "a0: &a0 [x, x]\n" : "? &a0 [x, x]\n: b\n"
    for level in 1...14 { text += line(level, "[\(gap)*a\(level - 1),\(gap)*a\(level - 1)]") }
    text = text.replacingOccurrences(of: "\n  ", with: "\n      ")
    let start = ContinuousClock.now
    let found = findings(text) { _ = $0.mapping(["b"]) }
    #expect(found.count == 1 && found.first?.hasPrefix("x.yaml:1: anchors and aliases") == true, "\(found.prefix(3))")
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test("20,000 unknown keys are counted, 20 of them reported one by one, within seconds")
  func manyUnknownKeys() {
    let text = (0..<20_000).map { "unknwon-key-\($0): 1\n" }.joined()
    let start = ContinuousClock.now
    let known = (0..<30).map { "unknown-key-of-\($0)" }
    let found = findings(text) { _ = $0.mapping([], optional: known) }
    #expect(ContinuousClock.now - start < .seconds(10))
    #expect(found.count == 21)
    #expect(found.contains { $0.contains("19980 more unknown keys") })
  }

  @Test("more values than any file needs are refused before they are composed")
  func manyValues() {
    let found = findings("a: [" + String(repeating: "b,", count: 200_000) + "]\n")
    #expect(found.count == 1 && found[0].contains("more than 100000 keys and values"))
    // One level too many, whatever follows.
    let deep = findings(String(repeating: "[", count: 65) + String(repeating: "a,", count: 100_000))
    #expect(deep.count == 1 && deep[0].hasPrefix("x.yaml:1: more than 64 levels"))
  }

  @Test(
    "deep nesting is reported and does not crash",
    arguments: [("[", 100_000, ""), ("{a: ", 900, ""), ("[", 900, "]"), ("- ", 900, ""), ("? ", 5000, "")])
  func deep(_ opening: String, _ depth: Int, _ closing: String) {
    let text = String(repeating: opening, count: depth) + "a" + String(repeating: closing, count: depth)
    let found = findings(text) { _ = $0.mapping(["b"]) }
    #expect(!found.isEmpty)
  }

  @Test("a file above 1 MiB, a directory, and a missing file are each reported once")
  func unreadable() throws {
    let scratch = try Scratch()
    let big = try scratch.write("big.yaml", [UInt8](repeating: 0x20, count: YAMLFile.limit + 1))
    for (path, cause) in [
      (big, "File too large"), (scratch.directory, "Is a directory"),
      (scratch.directory + "/none.yaml", "No such file"),
    ] {
      let log = DiagnosticLog()
      #expect(YAMLFile.read(path, log: log) == nil)
      #expect(log.diagnostics.count == 1)
      #expect(log.diagnostics[0].description.contains(cause))
      #expect(log.diagnostics[0].path == path)
    }
  }

  @Test(
    "an integer is written in plain decimal digits",
    arguments: [
      ("010", "is written as 010"), ("0x10", "must be a whole number"), ("1_000", "must be a whole number"),
      ("+5", "must be a whole number"), ("\"5\"", "must be a whole number"), ("1.0", "must be a whole number"),
      ("-0", "is written as -0"), ("60", "is 60"), ("0", "is 0"), ("99999999999999999999", "is written as"),
      ("[1]", "not a list"), ("", "not nothing"), ("5-5", "is written as 5-5"),
    ])
  func integers(_ text: String, _ expected: String) throws {
    let found = findings("k: \(text)\n") { _ = $0.mapping(["k"])?["k"]?.integer(in: 1...59) }
    #expect(found.count == 1)
    #expect(try #require(found.first).contains(expected))
  }

  @Test(
    "a text that YAML reads as another type must be quoted",
    arguments: [
      "no", "No", "yes", "on", "OFF", "y", "true", "null", "~", "", "5", "1.0", "0x1F", "1e3", ".inf", "-.NaN", "1_000",
      "1:30", "0o17", "+1",
    ])
  func quoting(_ text: String) throws {
    func read(_ root: Field) { _ = root.mapping(["t"])?["t"]?.text() }
    let found = findings("t: \(text)\n", read)
    #expect(found.count == 1)
    #expect(try #require(found.first).contains("put it in quotes"))
    if !text.isEmpty { #expect(findings("t: \"\(text)\"\n", read) == []) }
  }

  @Test("a key that YAML reads as another type must be quoted")
  func keys() {
    func read(_ root: Field) { _ = root.entries() }
    #expect(findings("no: 1\n", read).first?.contains("the key 'no' is not in quotes") == true)
    #expect(findings("\"no\": 1\n", read) == [])
    #expect(findings("[a]: 1\n", read).first?.contains("a key must be a word") == true)
  }

  @Test(
    "plain words that only look a little like numbers are texts", arguments: ["1.2.3", "e", "a1", "2nd", "-", "12 m"])
  func words(_ text: String) {
    let found = findings("t: [\(text), b]\n") { _ = $0.mapping(["t"])?["t"]?.list()?.first?.text() }
    #expect(found == [])
  }

  @Test(
    "a text is in NFC, without control characters, invisible characters or double spaces",
    arguments: [
      ("\"e\u{301}\"", "NFC"), ("\"a\\tb\"", "control"), ("\"a\\nb\"", "control"), ("\"a\\0b\"", "control"),
      ("\"a\u{202E}b\"", "U+202E"), ("\"a\u{FEFF}b\"", "U+FEFF"), ("\"a\u{E000}b\"", "U+E000"), ("\" a\"", "space"),
      ("\"a  b\"", "space"), ("\"\"", "is empty"), ("\"abcdefghijk\"", "has 11 characters"), ("[a]", "not a list"),
      ("|\n  a\n", "line break"),
    ])
  func texts(_ text: String, _ expected: String) throws {
    let found = findings("t: \(text)\n") { _ = $0.mapping(["t"])?["t"]?.text(length: 1...10) }
    #expect(found.count == 1)
    #expect(try #require(found.first).contains(expected))
  }

  @Test("letters that NFC decomposes and joiners are kept")
  func kept() {
    let texts = ["ज़रूरत", "क्\u{200D}ष", "می\u{200C}خواهم", "L’été", "ខ្ញុំ"]
    for text in texts {
      let normal = text.precomposedStringWithCanonicalMapping
      let found = findings("t: \"\(normal)\"\n") { _ = $0.mapping(["t"])?["t"]?.text() }
      #expect(found == [])
    }
  }

  @Test("characters that are not looked up are visible, assigned and in NFC, alone and side by side")
  func plainCharacters() {
    let plain = (0...0x2FFFF).compactMap(Unicode.Scalar.init).filter(TextFault.isPlain)
    #expect(plain.count > 30_000)
    let faults: [Unicode.GeneralCategory] = [.control, .format, .unassigned, .privateUse, .surrogate, .lineSeparator]
    #expect(plain.filter { faults.contains($0.properties.generalCategory) }.isEmpty)
    #expect(plain.filter { !String($0).precomposedStringWithCanonicalMapping.unicodeScalars.elementsEqual([$0]) } == [])
    let all = String(String.UnicodeScalarView(plain))
    #expect(all.precomposedStringWithCanonicalMapping.unicodeScalars.elementsEqual(plain))
  }

  @Test(
    "numbers are decimals in their range", arguments: ["1,5", "1e1", ".5", "5.", "\"1.5\"", "9", "nan", "01.5", "--1"])
  func numbers(_ text: String) {
    let found = findings("k: \(text)\n") { _ = $0.mapping(["k"])?["k"]?.number(in: 0...8) }
    #expect(found.count == 1)
  }

  @Test("a flag is true or false", arguments: ["yes", "True", "\"true\"", "1", ""])
  func flags(_ text: String) {
    let found = findings("f: \(text)\n") { _ = $0.mapping(["f"])?["f"]?.flag() }
    #expect(found.count == 1)
  }

  @Test("one pass reports all unknown keys, with the nearest known one, and missing keys")
  func everything() {
    let found = findings("nmuber: 3\ntitle: [a]\n") { root in
      let map = root.mapping(["number", "title"])
      _ = map?["title"]?.text()
    }
    #expect(
      found == [
        "x.yaml:1: unknown key 'nmuber' (did you mean 'number'?): use one of number, title",
        "x.yaml:1: 'number' is missing: add a line 'number: …'",
        "x.yaml:2: 'title' must be a text, not a list: write one text",
      ])
  }

  @Test("no mutation of a real file crashes the reader")
  func mutations() throws {
    var random = SplitMix(state: 7)
    for name in ["Languages/hi.yaml", "Prompts/03-safe-here.yaml", "Hardware/boards/headless.yaml"] {
      let original = try Files.read("\(Repository.directory)/\(name)")
      for _ in 0..<80 {
        var bytes = original
        for _ in 0..<Int.random(in: 1...6, using: &random) {
          let index = Int.random(in: 0..<bytes.count, using: &random)
          switch Int.random(in: 0..<4, using: &random) {
          case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
          case 1: bytes[index] = "{}[]:-&*!|>'\"#%@`,?\n\t \\".utf8.randomElement(using: &random)!
          case 2: bytes.removeSubrange(index..<min(bytes.count, index + 9))
          default: bytes.insert(contentsOf: bytes[index..<min(bytes.count, index + 40)], at: index)
          }
        }
        let log = DiagnosticLog()
        guard let root = YAMLFile.parse(bytes, file: name, log: log) else {
          #expect(!log.diagnostics.isEmpty)
          continue
        }
        if Language(root, numbers: Language.catalogueNumbers) == nil { #expect(!log.diagnostics.isEmpty) }
        _ = Prompt(root, isLocal: false)
      }
    }
  }
}

/// A random number generator with a fixed seed: SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
/// generators, 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
