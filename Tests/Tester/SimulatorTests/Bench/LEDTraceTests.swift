import Board
import Posix
import Testing

@testable import Simulator

@Suite struct LEDTraceTests {
  private static let patterns: [(name: String, Board.LED.Pattern)] = [
    ("dark", .dark), ("steady", .steady), ("wink", .wink), ("blink", .blink), ("double", .double),
    ("flicker", .flicker),
  ]

  /// Returns eight seconds of a pattern, with every interval `late` milliseconds too long.
  private func trace(_ pattern: Board.LED.Pattern, late: Int = 0) -> LEDTrace {
    var changes: [(time: Monotonic, isLit: Bool)] = []
    var moment = 100
    changes.append((Monotonic(nanoseconds: 0).adding(milliseconds: moment), !pattern.times.isEmpty))
    var index = 0
    while pattern.times.count > 1, moment < 8000 {
      moment += pattern.times[index % pattern.times.count] + late
      index += 1
      changes.append((Monotonic(nanoseconds: 0).adding(milliseconds: moment), index % 2 == 0))
    }
    return LEDTrace(changes, since: Monotonic(nanoseconds: 0), until: Monotonic(nanoseconds: 8_000_000_000))
  }

  @Test("each pattern is recognised and distinguished from the others, also on a slow machine", arguments: [0, 25])
  func patterns(_ late: Int) {
    for (name, pattern) in Self.patterns {
      let trace = trace(pattern, late: late)
      #expect(Self.patterns.filter { trace.shows($0.1) }.map(\.name) == [name], "\(name): \(trace)")
    }
  }

  @Test("changes before the start do not count")
  func before() {
    let blinked: [(time: Monotonic, isLit: Bool)] = (0..<10).map {
      (Monotonic(nanoseconds: 0).adding(milliseconds: 500 * $0), $0 % 2 == 0)
    }
    let trace = LEDTrace(
      blinked, since: Monotonic(nanoseconds: 4_600_000_000), until: Monotonic(nanoseconds: 5_000_000_000))
    #expect(!trace.shows(.blink))
    #expect("\(trace)" == "now dark for 400 ms")
  }
}
