import Encoding
import Journal
import Posix
import Testing

@Suite("A line of the journal")
struct JournalEntryTests {
  private let moment = JournalMoment(
    wall: WallTime("2026-01-02T03:04:05.678Z")!, monotonic: Monotonic(nanoseconds: 9), boot: "b")

  @Test("is one line of JSON with sorted keys and its own hash behind them, and leaves out what it has not")
  func line() throws {
    let entry = JournalEntry(
      number: 1, previous: JournalEntry.firstPrevious, at: moment,
      .started(JournalMessage(language: "ro", prompt: "safe-here")))
    let line = try entry.line()
    let object =
      #"{"boot":"b","event":"started","format":2,"language":"ro","monotonic":9,"number":1,"previous":""#
      + JournalEntry.firstPrevious + #"","prompt":"safe-here","time":"2026-01-02T03:04:05.678Z"}"#
    #expect(
      String(decoding: line, as: UTF8.self) == object.dropLast() + #","whole":""# + Digest.sha256(object) + "\"}")
    #expect(JournalEntry.isWhole(line))
    #expect(try Documents.decode(JournalEntry.self, from: line) == entry)
  }

  @Test("shows each byte that is changed, and each that is missing")
  func changed() throws {
    let line = try JournalEntry(
      number: 7, previous: Digest.sha256("x"), at: moment, Diary.answer("need-doctor", .yes)
    ).line()
    for index in line.indices {
      var other = line
      other[index] ^= 1
      #expect(!JournalEntry.isWhole(other), "byte \(index)")
      #expect(!JournalEntry.isWhole(Array(line[..<index])), "cut at \(index)")
    }
  }
}

@Suite("A moment of the wall clock")
struct WallTimeTests {
  @Test(
    "is written and read in UTC with milliseconds",
    arguments: [
      ("1970-01-01T00:00:00.000Z", 0), ("1970-01-01T00:00:01.234Z", 1234), ("1969-12-31T23:59:59.999Z", -1),
      ("2024-02-29T12:00:00.007Z", 1_709_208_000_007), ("2038-01-19T03:14:08.000Z", 2_147_483_648_000),
    ] as [(String, Int64)])
  func form(_ text: String, _ milliseconds: Int64) {
    #expect(WallTime(milliseconds: milliseconds).description == text)
    #expect(WallTime(text)?.milliseconds == milliseconds)
  }

  @Test(
    "is nothing else",
    arguments: [
      "", "2026", "2026-01-02T03:04:05Z", "2026-01-02 03:04:05.678Z", "2026-13-02T03:04:05.678Z",
      "2026-01-02T24:04:05.678Z", "2026-01-02T03:04:05.678+", "２026-01-02T03:04:05.67Z",
    ])
  func wrong(_ text: String) { #expect(WallTime(text) == nil) }
}

@Suite("Times of both clocks")
struct ClockTests {
  private static let extremes: [Int64] = [.min, .min + 1, -1, 0, 1, .max - 1, .max]

  @Test("differences and sums of any times are exact, or the nearest number", arguments: extremes, extremes)
  func saturate(_ a: Int64, _ b: Int64) {
    let (difference, isOutOfRange) = a.subtractingReportingOverflow(b)
    let expected = isOutOfRange ? (a < b ? Int64.min : .max) : difference
    #expect(Monotonic(nanoseconds: a).since(Monotonic(nanoseconds: b)) == expected)
    #expect(WallTime(milliseconds: a).since(WallTime(milliseconds: b)) == expected)
    let later = Monotonic(nanoseconds: a).adding(milliseconds: Int(b))
    #expect(b >= 0 ? later >= Monotonic(nanoseconds: a) : later <= Monotonic(nanoseconds: a))
  }
}
