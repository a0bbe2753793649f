import Testing

@testable import Playback

@Suite("The render loop, at a stop or a new clip")
struct RenderLoopStopTests {
  @Test("a stop is silence within the reserve and the fade, and the clip is reported as stopped")
  func stops() {
    let bench = RenderBench()
    _ = bench.play(clip(40_000, from: 1000), token: 7)
    bench.advance(9_600)
    let before = bench.card.played.count
    bench.stop()
    bench.advance(20_000)
    let after = bench.card.played[before...]
    let sounding = after.prefix { $0 != 0 }
    #expect(sounding.count <= CardLimits.exactReserve + RenderLoop<MemorySink>.fade)
    #expect(after.dropFirst(sounding.count).allSatisfy { $0 == 0 })
    #expect(bench.takeKinds() == [.found, .started, .stopped])
  }

  @Test("the fade continues from the last frame played, without a step")
  func fadesWithoutClick() {
    let bench = RenderBench()
    _ = bench.play([Int16](repeating: 12_000, count: 40_000), token: 1)
    bench.advance(9_600)
    bench.stop()
    bench.advance(20_000)
    let steps = zip(bench.card.played, bench.card.played.dropFirst()).map { abs(Int($0) - Int($1)) }
    #expect(steps.max()! <= 12_000 / 240 + 1)
  }

  @Test("a stop while the end of a clip is still queued silences it too")
  func stopsTheQueuedEnd() {
    let bench = RenderBench()
    _ = bench.play(clip(6_000, from: 1000), token: 1)
    bench.advance(480)
    #expect(bench.loop.state == .ending)
    let before = bench.card.played.count
    bench.stop()
    bench.advance(20_000)
    #expect(bench.card.played[(before + 432)...].allSatisfy { $0 == 0 })
    #expect(bench.takeKinds() == [.found, .started, .stopped])
  }

  @Test("a new clip ends the old one and follows its fade")
  func bargesIn() {
    let bench = RenderBench()
    _ = bench.play([Int16](repeating: 9_000, count: 40_000), token: 1)
    bench.advance(9_600)
    let before = bench.card.played.count
    let second = clip(5_000, from: 100)
    _ = bench.play(second, token: 2)
    bench.advance(30_000)
    let start = before + CardLimits.exactReserve + RenderLoop<MemorySink>.fade
    #expect(Array(bench.card.played[start..<(start + second.count)]) == second)
    #expect(bench.takeKinds() == [.found, .started, .stopped, .started, .completed])
  }

  @Test("a clip in the silence after another starts at once, without a restart of the card")
  func followsClosely() {
    let bench = RenderBench()
    _ = bench.play(clip(2_000), token: 1)
    bench.advance(2_400)
    let before = bench.card.played.count
    _ = bench.play(clip(2_000, from: 500), token: 2)
    bench.advance(20_000)
    let start = bench.card.played[before...].firstIndex(of: 500)!
    #expect(start - before <= 432)
    #expect(bench.takeKinds() == [.found, .started, .completed, .started, .completed])
  }

  @Test("where frames cannot be taken back, a stop fades the frames that follow")
  func stopsWithoutRewind() {
    let card = MemorySink()
    card.canRewind = false
    card.capacity = 960
    let bench = RenderBench(card)
    _ = bench.play([Int16](repeating: 8_000, count: 40_000), token: 1)
    bench.advance(9_600)
    let before = card.played.count
    bench.stop()
    bench.advance(20_000)
    #expect(card.played[(before + 960 + 240)...].allSatisfy { $0 == 0 })
    let steps = zip(card.played, card.played.dropFirst()).map { abs(Int($0) - Int($1)) }
    #expect(steps.max()! <= 8_000 / 240 + 1)
  }

  @Test("where a long rewind is refused, the card is halted, and the fade continues from the last frame played")
  func dropsWhereRewindIsRefused() {
    let card = MemorySink()
    card.canRewind = false
    let bench = RenderBench(card)
    _ = bench.play([Int16](repeating: 8_000, count: 40_000), token: 1)
    bench.advance(9_600)
    let before = card.played.count
    bench.stop()
    bench.advance(20_000)
    #expect(bench.loop.hasDropped == true)
    #expect(card.played[(before + 240)...].allSatisfy { $0 == 0 })
    let steps = zip(card.played, card.played.dropFirst()).map { abs(Int($0) - Int($1)) }
    #expect(steps.max()! <= 8_000 / 240 + 1)
  }

  @Test("where a long rewind is refused, a new clip plays at once all the same")
  func bargesInWhereRewindIsRefused() {
    let card = MemorySink()
    card.canRewind = false
    let bench = RenderBench(card)
    _ = bench.play([Int16](repeating: 8_000, count: 40_000), token: 1)
    bench.advance(9_600)
    let before = card.played.count
    _ = bench.play(clip(3_000), token: 2)
    bench.advance(20_000)
    #expect(Array(card.played[(before + 240)...].prefix(3_000)) == clip(3_000))
  }

  @Test(
    "a card that reports its position in whole periods underruns at no stop, at no new clip and at no end",
    arguments: [240, 480, 1024, 2400], [0, 17, 239, 463])
  func batch(_ period: Int, _ phase: Int) {
    let card = MemorySink()
    (card.isBatch, card.period) = (true, period)
    let bench = RenderBench(card)
    _ = bench.play(clip(30_000, from: 100), token: 1)
    bench.advance(9_600 + phase)
    _ = bench.play(clip(30_000, from: 200), token: 2)
    bench.advance(9_600 + phase)
    let before = card.played.count
    bench.stop()
    bench.advance(30_000)
    let sounding = card.played[before...].lastIndex { $0 != 0 }! + 1 - before
    #expect(sounding <= RenderLoop<MemorySink>.late + RenderLoop<MemorySink>.fade)
    let ended = card.played.count
    _ = bench.play(clip(3_000 + phase), token: 3)
    bench.advance(40_000)
    #expect(Array(card.played[ended...].prefix(3_000 + phase)) == clip(3_000 + phase))
    #expect(!card.hasUnderrun)
    #expect(
      bench.takeKinds() == [.found, .started, .stopped, .started, .stopped, .started, .completed])
  }

  @Test("after many presses in a row each buffer is free, and only the last clip is played to its end")
  func manyPresses() {
    let bench = RenderBench()
    for token in 1...50 as ClosedRange<UInt32> {
      _ = bench.play(clip(5_000), token: token)
      bench.advance(48)
    }
    bench.advance(30_000)
    let kinds = bench.takeKinds()
    #expect(kinds.filter { $0 == .started }.count == 50)
    #expect(kinds.filter { $0 == .stopped }.count == 49)
    #expect(kinds.filter { $0 == .completed }.count == 1)
    #expect((0..<4).allSatisfy { bench.buffers[$0].isFree })
  }
}
