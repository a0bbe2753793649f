import Posix
import Testing

@Suite struct WatchdogTests {
  private let start = Monotonic(nanoseconds: 1_000_000_000)

  @Test("a ping is due at once, and then three times within the manager's limit")
  func pings() throws {
    var watchdog = try #require(Watchdog(limit: "30000000", process: "7", own: 7, now: start))
    var pings = 0
    for second in 0..<90 { if watchdog.isDue(at: start.adding(milliseconds: second * 1000)) { pings += 1 } }
    #expect(pings == 9)
    #expect(watchdog.deadline == start.adding(milliseconds: 90_000))
  }

  @Test("a turn that comes late pings once, and the next one is counted from there")
  func late() throws {
    var watchdog = try #require(Watchdog(limit: "300000", process: nil, own: 7, now: start))
    let due = [5000, 5099, 5100].map { watchdog.isDue(at: start.adding(milliseconds: $0)) }
    #expect(due == [true, false, true])
  }

  @Test(
    "no pings without a limit, with a senseless one, and for another process",
    arguments: [(nil, nil), ("", nil), ("0", nil), ("-1", nil), ("x", nil), ("99999999999999999999", nil), ("30", "8")]
      as [(String?, String?)])
  func none(_ limit: String?, _ process: String?) {
    #expect(Watchdog(limit: limit, process: process, own: 7, now: start) == nil)
  }
}
