import Encoding
import Testing

@testable import Channel

@Suite("JSON of metadata")
struct JSONValueTests {
  private func parse(_ text: String) throws(DocumentError) -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

  @Test("the canonical form has sorted keys, no spaces, and escapes quotes and backslashes alone")
  func canonical() throws {
    let value = try parse(#" { "b" : [ 1 , -20 , true , null ] , "a" : "q\"\\\n\u00e9\ud83d\ude00" , "B" : {} } "#)
    let canonical = String(decoding: value.canonical, as: UTF8.self)
    #expect(canonical == "{\"B\":{},\"a\":\"q\\\"\\\\\n\u{e9}\u{1F600}\",\"b\":[1,-20,true,null]}")
  }

  @Test("what is written parses to the same value")
  func roundTrip() throws {
    let value = try parse(#"{"z":{"y":[[],{},"\u0001\t"]},"a":-9223372036854775808,"é":false}"#)
    let again = try JSONValue(parsing: value.file)
    #expect(again == value)
    #expect(again.canonical == value.canonical)
  }

  static let refused: [String] = [
    "", " ", "{", "[1", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "\"a", "\"\\x\"", "\"\\ud800\"", "\"\\udc00\"",
    "\"\\ud800\\u0041\"", "\"\u{1}\"", "01", "-", "+1", "1.0", "1e3", "1E3", "-01", "9223372036854775808", "tru", "nul",
    "NaN", "[1] 2", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"\u{e9}\":1,\"e\u{301}\":2}", "\u{FEFF}1",
  ]

  @Test("fractions, duplicate keys, broken texts and trailing bytes are refused", arguments: refused)
  func strict(_ text: String) {
    #expect(throws: DocumentError.self) { try parse(text) }
  }

  @Test("bytes that are no UTF-8 are refused")
  func encoding() {
    #expect(throws: DocumentError.self) { try JSONValue(parsing: [0x22, 0xC3, 0x22]) }
    #expect(throws: DocumentError.self) { try JSONValue(parsing: [0x22, 0xED, 0xA0, 0x80, 0x22]) }
  }

  @Test("depth and count are bounded")
  func bounds() throws {
    let deepest = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
    #expect(throws: Never.self) { try parse(deepest) }
    #expect(throws: DocumentError.self) { try parse("[\(deepest)]") }
    let many = "[" + String(repeating: "1,", count: JSONParser.countLimit) + "1]"
    #expect(throws: DocumentError.self) { try parse(many) }
  }
}
