import Testing

@testable import Playback

@Suite("The render loop, on a running stream")
struct RenderLoopRestTests {
  @Test("a running stream never stops between clips, is no plain silence, and plays a clip at once")
  func runningStream() {
    let bench = RenderBench(rest: .max)
    bench.advance(48_000)
    #expect(bench.card.isRunning && bench.loop.state == .resting)
    #expect(bench.card.played.count == 48_000)
    #expect(bench.card.played.allSatisfy { (0...1).contains($0) } && bench.card.played.contains(1))
    _ = bench.play(clip(3_000, from: 10), token: 1)
    bench.advance(96_000)
    let reserve = CardLimits.exactReserve
    #expect(Array(bench.card.played[(48_000 + reserve)..<(51_000 + reserve)]) == clip(3_000, from: 10))
    #expect(bench.card.isRunning && !bench.card.hasUnderrun)
    #expect(bench.takeKinds() == [.found, .started, .completed])
  }

  @Test("a running stream sleeps after a long silence, and wakes for the next clip")
  func sleeps() {
    let bench = RenderBench(rest: 1_000_000_000)
    bench.advance(72_000)
    #expect(bench.loop.state == .idle && !bench.card.isRunning)
    let before = bench.card.played.count
    _ = bench.play(clip(3_000, from: 10), token: 1)
    bench.advance(24_000)
    #expect(Array(bench.card.played[before..<(before + 3_000)]) == clip(3_000, from: 10))
    #expect(bench.loop.state == .resting)
  }

  @Test("a running stream without progress is released too")
  func stallsAtRest() {
    let bench = RenderBench(rest: .max)
    bench.advance(4_800)
    bench.card.isStalled = true
    bench.advance(96_000)
    #expect(bench.takeKinds().prefix(2) == [.found, .lost])
  }

  @Test(
    "a running stream without rewind is not halted for a clip, and every frame of the clip is heard",
    arguments: [64, 480, 1024, 2048], [false, true])
  func runningWithoutRewind(_ period: Int, _ isBatch: Bool) {
    let card = MemorySink()
    (card.sound.rewind, card.period, card.isBatch) = (false, period, isBatch)
    let bench = RenderBench(card, rest: .max)
    bench.advance(48_000)
    _ = bench.play(clip(3_000, from: 10), token: 1)
    bench.advance(48_000)
    _ = bench.play(clip(9_000, from: 10), token: 2)
    bench.advance(4_800)
    _ = bench.play(clip(3_000, from: 10_000), token: 3)
    bench.advance(96_000)
    #expect(card.halts == 0)
    let start = card.played.firstIndex(of: 10)!
    #expect(start - 48_000 <= 2 * max(period, 480))
    #expect(Array(card.played[start..<(start + 3_000)]) == clip(3_000, from: 10))
    let last = card.played.firstIndex(of: 10_000)!
    #expect(Array(card.played[last..<(last + 3_000)]) == clip(3_000, from: 10_000))
    #expect(bench.takeKinds() == [.found, .started, .completed, .started, .stopped, .started, .completed])
  }

  @Test("a running stream that had to be halted for a clip gives the card its lead of silence again")
  func leadAfterHalt() {
    let card = MemorySink()
    card.canRewind = false
    let bench = RenderBench(card, rest: .max, lead: 2_400)
    bench.advance(48_000)
    _ = bench.play(clip(3_000, from: 10), token: 1)
    let before = card.played.count
    bench.advance(48_000)
    #expect(card.halts == 1)
    #expect(Array(card.played[(before + 2_400)..<(before + 5_400)]) == clip(3_000, from: 10))
    // From now on so little is queued at rest that no clip needs a halt.
    let rested = card.played.count
    _ = bench.play(clip(3_000, from: 10), token: 2)
    bench.advance(48_000)
    #expect(card.halts == 1)
    #expect(card.played[rested...].firstIndex(of: 10)! - rested <= 960)
  }
}
