import Encoding
import TestSupport
import Testing

@testable import Control

@Suite("A plain request")
struct PlainRequestTests {
  static let plain: [String] = [
    #"{"id":1,"do":"press","button":"safe-here"}"#,
    #"{"id": 17, "do": "press", "button": "answer-yes", "by": "listener"}"#,
    #" { "button" : "*" , "do" : "press" , "id" : -3 } "#,
    #"{"do":"status","id":0}"#,
    #"{"id":999999999999999,"do":"nonsense"}"#,
    #"{"id":1,"do":"press","button":""}"#,
    #"{"id":1,"do":"press","button":"é"}"#,
  ]

  @Test("it is read without the decoder, and means the same", arguments: plain)
  func reads(_ line: String) throws {
    let decoded = try Documents.decode(Request.self, from: Array(line.utf8))
    #expect(Request(plain: Array(line.utf8)) == decoded)
  }

  static let others: [String] = [
    "", "{", "{}", "[]", "null", #"{"id":1}"#, #"{"do":"press"}"#, #"{"id":1,"do":"press",}"#,
    #"{,"id":1,"do":"stop"}"#,
    #"{"id":1,"id":1,"do":"stop"}"#, #"{"id":1,"do":"stop","do":"stop"}"#, #"{"id":1,"do":"stop"}}"#,
    #"{"id":1,"do":"stop"} x"#, #"{"id":1 "do":"stop"}"#, #"{"id":1,"do":"press","button":"\u0073top"}"#,
    #"{"id":1,"do":"press","button":"sto"#,
    #"{"id":1,"do":"press","button":null}"#,
    #"{"id":1,"do":"press","button":7}"#, #"{"id":"1","do":"stop"}"#, #"{"id":1.0,"do":"stop"}"#,
    #"{"id":1e2,"do":"stop"}"#,
    #"{"id":01,"do":"stop"}"#, #"{"id":-0,"do":"stop"}"#, #"{"id":-,"do":"stop"}"#, #"{"id":+1,"do":"stop"}"#,
    #"{"id":99999999999999999999,"do":"stop"}"#, #"{"id":1,"do":"hello","protocol":1}"#,
    #"{"id":1,"do":"stop","ID":2}"#,
    "{\"id\":1,\"do\":\"st\u{1}op\"}", #"{"id":1,"do":true}"#, #"{'id':1,'do':'stop'}"#,
    #"{"id":1,"do":"stop","more":{}}"#,
  ]

  @Test("every other line is left to the decoder", arguments: others)
  func leaves(_ line: String) { #expect(Request(plain: Array(line.utf8)) == nil) }

  @Test("a line with any change of its bytes means the same to the decoder, or is left to it")
  func agrees() {
    for _ in 0..<20_000 {
      var line = Array(Self.plain.randomElement()!.utf8)
      for _ in 0..<Int.random(in: 1...3) { line.changeByte() }
      guard let request = Request(plain: line) else { continue }
      let decoded = try? Documents.decode(Request.self, from: line)
      #expect(request == decoded, "\(String(decoding: line, as: UTF8.self))")
    }
  }

  @Test("the reply to it has the bytes of the encoder", arguments: [0, 1, -7, Int.max])
  func replies(_ id: Int) {
    #expect(ControlServer.line(of: .done(id)) == ControlServer.line(Reply.done(id)))
    let failed = Reply.failed(id, "bad-request", "no")
    #expect(ControlServer.line(of: failed) == ControlServer.line(failed))
  }
}
