import Control
import Foundation
import TestSupport
import Testing

@Suite("The schema of the control socket")
struct SchemaTests {
  private let schema: Schema

  init() throws { schema = try Schema(ControlSchema.text) }

  private func line(_ value: some Encodable) throws -> String {
    String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
  }

  @Test("the schema knows every verb, and no other", arguments: Request.Verb.allCases)
  func verbs(_ verb: Request.Verb) throws {
    #expect(schema.faults(try line(Request(id: 1, verb)), as: "request").isEmpty)
    #expect(schema.faults(try line(Request(id: 1, verb, button: "stop", version: 1)), as: "request").isEmpty)
    #expect(!schema.faults(#"{"id":1,"do":"explode"}"#, as: "request").isEmpty)
    #expect(!schema.faults(#"{"id":1.5,"do":"stop"}"#, as: "request").isEmpty)
    #expect(!schema.faults(#"{"do":"stop"}"#, as: "request").isEmpty)
  }

  @Test("replies match the schema, with every optional field")
  func replies() throws {
    let state = ConsoleState(
      language: "ro", voice: "f1", playing: "safe-here", playingLanguage: "ro", activity: "finder", step: 1, steps: 2,
      candidate: "cmn-Hans", children: true, led: "waiting", volume: -3, quiet: true)
    for reply in [
      Reply.done(1), .failed(2, "too-long", "why"), Reply(id: 3, ok: true, hello: Hello(program: "x")),
      Reply(id: 4, ok: true, state: state),
    ] {
      #expect(schema.faults(try line(reply), as: "reply").isEmpty, "\(reply)")
    }
    #expect(!schema.faults(try line(Reply.failed(2, "no-code", "why")), as: "reply").isEmpty)
  }

  @Test("events match the schema, with every optional field")
  func events() throws {
    let event = ControlEvent(
      "answer", number: 1, monotonic: 2, button: "x", language: "ro", prompt: "p", voice: "f1", heard: 3, detail: "yes",
      about: "a", state: ConsoleState())
    #expect(schema.faults(try line(event), as: "event").isEmpty)
    #expect(!schema.faults(try line(ControlEvent("gossip", number: 1)), as: "event").isEmpty)
  }

  @Test("the limits in the schema are the real ones")
  func limits() {
    #expect(ControlSchema.text.contains("at most \(ControlProtocol.longestLine) bytes"))
    #expect(ControlSchema.text.contains("Requests above \(ControlProtocol.perClient) a second wait"))
    #expect(ControlSchema.text.contains("\"const\": \(ControlProtocol.version)"))
  }
}
