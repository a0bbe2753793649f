import Encoding
import Testing

@Suite("A JSON document")
struct DocumentsTests {
  private struct Sample: Codable, Equatable {
    struct Part: Codable, Equatable { var size: Double }
    var zeta: String
    var alpha: [Part]
  }

  @Test("has sorted keys, plain slashes and a final newline, so that equal values give equal bytes")
  func encoding() throws {
    let value = Sample(zeta: "a/b ă", alpha: [.init(size: -16.02)])
    let expected = """
      {
        "alpha" : [
          {
            "size" : -16.02
          }
        ],
        "zeta" : "a/b ă"
      }

      """
    #expect(String(decoding: try Documents.encode(value), as: UTF8.self) == expected)
    #expect(try Documents.decode(Sample.self, from: Array(expected.utf8)) == value)
  }

  @Test("with a number that JSON cannot express is not written, and the error names the key")
  func infinity() {
    do throws(DocumentError) {
      _ = try Documents.encode(Sample(zeta: "", alpha: [.init(size: 1), .init(size: -.infinity)]))
      Issue.record("no error")
    } catch { #expect(error.key == "alpha[1].size") }
  }

  @Test(
    "of the wrong shape is one line with the key",
    arguments: [
      ("{\"zeta\": \"a\"}", "alpha: missing"), ("{\"zeta\": 1, \"alpha\": []}", "zeta: is not a text"),
      ("{\"zeta\": null, \"alpha\": []}", "zeta: is null"),
      ("{\"zeta\": \"a\", \"alpha\": {}}", "alpha: is not a list"),
      ("{\"zeta\": \"a\", \"alpha\": [{\"size\": \"1\"}]}", "alpha[0].size: is not a number"),
      ("{", "is not valid JSON, or has a fraction where a whole number belongs"),
      ("", "is not valid JSON, or has a fraction where a whole number belongs"),
      ("{\"zeta\": \"\n\"}", "has a text with a broken escape or character"),
    ])
  func decoding(_ text: String, _ expected: String) {
    do throws(DocumentError) {
      _ = try Documents.decode(Sample.self, from: Array(text.utf8))
      Issue.record("no error")
    } catch { #expect(error.description == expected) }
  }

  @Test("nested a hundred thousand deep is an error, not a stack overflow")
  func deep() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: DocumentError.self) { try Documents.decode(Sample.self, from: Array(text.utf8)) }
  }

  @Test(
    "with broken strings, also in keys, is an error and never a crash",
    arguments: [
      #"{"\ud800":1}"#, #"{"\ud800\u0041":1}"#, #"{"\udc00":1}"#, #"{"\u12":1}"#, #"{"\q":1}"#, #"{"a":"\ud83d"}"#,
      "{\"a\u{1}\":1}", #"{"a"#, #"{"a\"#, #"{"\u"#, #"{"\u00zz":1}"#,
    ])
  func brokenStrings(_ text: String) {
    #expect(throws: DocumentError.self) { try Documents.decode([String: Int].self, from: Array(text.utf8)) }
  }

  @Test("that is not UTF-8 is an error")
  func noUTF8() {
    let bytes: [UInt8] = [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]
    #expect(throws: DocumentError.self) { try Documents.decode([String: Int].self, from: bytes) }
  }

  @Test(
    "with a key twice in one object is an error that names the place, however the key is escaped",
    arguments: [
      (#"{"a": 1, "a": 1}"#, "a: is there twice in its object"),
      (#"{"a": 1, "b": 2, "\u0061" : 3}"#, "a: is there twice in its object"),
      (#"{"b": [{"a": 1}, {"c": {"d": 1, "d": 1}}]}"#, "b[1].c.d: is there twice in its object"),
      (#"{"\ud83d\ude00": 1, "😀": 2}"#, "is there twice in its object"),
      (#"{"\t\"": 1, "\u0009\u0022" : 2}"#, "is there twice in its object"),
    ])
  func twice(_ text: String, _ expected: String) {
    do throws(DocumentError) {
      _ = try Documents.decode([String: Int].self, from: Array(text.utf8))
      Issue.record("no error")
    } catch { #expect(error.description == expected) }
  }

  @Test("with equal keys in different objects, and texts that look like keys, is read")
  func equalKeysElsewhere() throws {
    let text = #"[{"a": "a", "b": "\"a\": 1"}, {"a": "{\"a\": 1, \"a\": 2}"}]"#
    #expect(
      try Documents.decode([[String: String]].self, from: Array(text.utf8)) == [
        ["a": "a", "b": #""a": 1"#], ["a": #"{"a": 1, "a": 2}"#],
      ])
  }

  @Test("with a hundred thousand keys in one object, and as many objects, is checked in linear time")
  func manyKeys() throws {
    let keys = (0..<100_000).map { "\"k\($0)\": 1" }.joined(separator: ",\n        ")
    let objects = Array(repeating: #"{"k": 1}"#, count: 100_000).joined(separator: ",")
    let spaces = String(repeating: " ", count: 1_000_000)
    let start = ContinuousClock.now
    #expect(try Documents.decode([String: Int].self, from: Array("{\(keys)}".utf8)).count == 100_000)
    #expect(try Documents.decode([[String: Int]].self, from: Array("[\(objects)]".utf8)).count == 100_000)
    #expect(
      try Documents.decode([String: Int].self, from: Array("{\(spaces)\"k\"\(spaces):\(spaces)1}".utf8)).count == 1)
    // Seconds in a debug build; quadratic time would take hours.
    #expect(ContinuousClock.now - start < .seconds(60))
  }

  @Test("with complete escapes and surrogate pairs is read")
  func escapes() throws {
    let text = #"{"\u0041\ud83d\ude00\n\/":1}"#
    #expect(try Documents.decode([String: Int].self, from: Array(text.utf8)) == ["A😀\n/": 1])
  }
}
