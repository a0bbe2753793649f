import Encoding
import Journal
import Posix
import TestSupport
import Testing

@Suite("The plain form of a journal's line")
struct PlainEntryTests {
  /// Events with every key that an event can have.
  private static let events: [JournalEvent] = {
    let hash = String(repeating: "0a", count: 32)
    var question = JournalMessage(
      language: "ro", prompt: "need-doctor", form: "hand", formula: "answer-card", voice: "f1", clip: hash,
      formulaClip: hash, audience: .listener)
    let begun = question
    question.part = JournalPart(.pause, heard: 120)
    let kit = JournalKit("shelter 1.0 \(hash)", signer: "79F9E4B4FF91325D")
    let changes = DeviceEvent.allCases.map {
      JournalEvent.device($0, detail: #"hw:0: "gone", \ — în afara plăcii"#)
    }
    return changes + [
      .ready(kit), .kit(kit), .continued(kit), .continued(nil), .kitRefused("a.kit: not trusted"), .terminated,
      .language("ro"), .finder(.began), .found("ro", by: .listener), .found("ro", by: .responder), .noneFound,
      .voice("m1", language: "ro"), .children(true), .answerMode(.hand), .sequence("first", .left, language: "ro"),
      .started(begun), .markedWrong(begun), .replaced(begun, request: "vi/m1"), .damaged(begun, cause: "SHA-256"),
      .ended(question, .stopped, heard: 2120, lost: 7), .ended(begun, .completed, heard: 0),
      .signal(.notAvailable, language: "ro", prompt: "safe-here", reason: .recording),
      .answer(.yes, language: "ro", prompt: "need-doctor", about: "police-come", by: .listener),
      .early(.no, language: "ro", prompt: "need-doctor", by: .responder), .torn("13 bytes"), .gap("2 lines"),
    ]
  }()

  /// Lines of these events; the device has run for more than a year.
  private static let lines: [[UInt8]] = events.enumerated().compactMap { index, event in
    try? JournalEntry(
      number: 9_999_999_990 - index, previous: Digest.sha256("\(index)"),
      at: JournalMoment(
        wall: WallTime("2026-03-01T10:00:00.000Z")!, monotonic: Monotonic(nanoseconds: 34_567_890_123_456_789),
        boot: "04da7777-fea5-407a-9f9a-5d6388c6157d"), event
    ).line()
  }

  private static func plain(_ line: [UInt8]) -> JournalEntry? {
    line.withUnsafeBufferPointer { JournalEntry(plain: $0) }
  }

  @Test("what a device writes is read in one pass, and means the same to the decoder")
  func reads() throws {
    #expect(Self.lines.count == Self.events.count)
    for (line, event) in zip(Self.lines, Self.events) {
      let decoded = try Documents.decode(JournalEntry.self, from: line)
      #expect(decoded.event == event)
      #expect(Self.plain(line) == decoded, "\(String(decoding: line, as: UTF8.self))")
    }
  }

  @Test(
    "a line that is not plain is left to the decoder",
    arguments: [
      [#""language":"ro""#, #""language":"r\u006f""#],
      [#""language":"ro""#, #""language":"ro","language":"ro""#],
      [#""language":"ro""#, #""language":null"#],
      [#""language":"ro""#, #""language":"ro","tilt":30"#],
      [#""event":"stopped""#, #""event":"tilted""#],
      [#""event":"stopped","#, ""],
      [#""heard":2120"#, #""heard":2120.0"#],
      [#""heard":2120"#, #""heard":-1"#],
      [#""part":"pause""#, #""part":"answer""#],
      [#""monotonic":34567890123456789"#, #""monotonic":-1"#],
      [#""monotonic":34567890123456789"#, #""monotonic":9223372036854775808"#],
      [#""boot":"#, #""boots":"#],
    ])
  func leaves(_ change: [String]) throws {
    let line = try #require(Self.lines.first { String(decoding: $0, as: UTF8.self).contains(#""stopped""#) })
    var text = String(decoding: line, as: UTF8.self)
    let range = try #require(text.firstRange(of: change[0]), "or this test shows nothing")
    text.replaceSubrange(range, with: change[1])
    #expect(Self.plain(Array(text.utf8)) == nil)
  }

  @Test("the lines that a device removed are left to the decoder")
  func removed() throws {
    let event = JournalEvent.removed(JournalRemoval(through: 7, hash: Digest.sha256("7"), reason: .days))
    let line = try JournalEntry(number: 8, previous: Digest.sha256("7"), at: .now, event).line()
    #expect(Self.plain(line) == nil)
    #expect(try Documents.decode(JournalEntry.self, from: line).event == event)
  }

  @Test("a line with any change of its bytes means the same to the decoder, or is left to it")
  func agrees() {
    var read = 0
    for _ in 0..<4000 {
      guard var line = Self.lines.randomElement() else { continue }
      let place = line.changeByte()
      guard let entry = Self.plain(line) else { continue }
      read += 1
      let decoded = try? Documents.decode(JournalEntry.self, from: line)
      #expect(entry == decoded, "byte \(place): \(String(decoding: line, as: UTF8.self))")
    }
    #expect(read > 400, "or this test shows little")
  }
}
