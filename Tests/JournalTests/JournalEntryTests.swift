import Console
import Testing

@Suite("A line of the journal")
struct JournalEntryTests {
  @Test("is one line of JSON with sorted keys, and leaves out what it has not")
  func line() throws {
    let entry = JournalEntry(
      number: 1, previous: JournalEntry.firstPrevious, time: "2026-01-02T03:04:05.678Z", monotonic: 9, boot: "b",
      event: "started", language: "ro", prompt: "safe-here")
    let text = String(decoding: try entry.line(), as: UTF8.self)
    #expect(
      text == #"{"boot":"b","event":"started","language":"ro","monotonic":9,"number":1,"previous":""#
        + JournalEntry.firstPrevious + #"","prompt":"safe-here","time":"2026-01-02T03:04:05.678Z"}"#)
  }
}
