import Control
import Testing

@Suite("Latencies")
struct LatenciesTests {
  @Test("a percentile is at most 4 % above the measured time", arguments: [1, 40, 1000, 123_456])
  func shares(count: Int) {
    var latencies = Latencies()
    for index in 1...count { latencies.record(nanoseconds: Int64(index) * 1000) }
    #expect(latencies.count == count)
    for share in [0.5, 0.95, 0.99, 1] {
      let exact = Double(max(1, Int((share * Double(count)).rounded(.up)))) * 1000
      let told = Double(latencies.time(of: share))
      #expect(told >= exact && told <= exact * 1.04, "\(share): \(told) for \(exact)")
    }
    #expect(latencies.worst == Int64(count) * 1000)
  }

  @Test("small times are exact, an empty histogram gives 0, and longer times count as the maximum")
  func bounds() {
    var latencies = Latencies()
    #expect(latencies.time(of: 0.5) == 0)
    for time in 0..<64 { latencies.record(nanoseconds: Int64(time)) }
    #expect(latencies.time(of: 0.5) == 31)
    latencies.record(nanoseconds: -5)
    latencies.record(nanoseconds: .max)
    latencies.record(nanoseconds: .min)
    #expect(latencies.count == 67)
    #expect(latencies.time(of: 1) == (1 << 40) - 1)
  }

  @Test("percentiles of random times never decrease with the share")
  func monotone() {
    var latencies = Latencies()
    var state: UInt64 = 1
    for _ in 0..<10_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1
      latencies.record(nanoseconds: Int64(state >> 24) >> Int64(state % 40))
    }
    let times = stride(from: 0.01, through: 1, by: 0.01).map { latencies.time(of: $0) }
    #expect(times == times.sorted())
    #expect(times.last ?? 0 <= latencies.worst)
  }
}
