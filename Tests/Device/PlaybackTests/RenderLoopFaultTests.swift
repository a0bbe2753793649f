import Glibc
import Testing

@testable import Playback

@Suite("The render loop, on a card with a fault")
struct RenderLoopFaultTests {
  @Test("a card without progress for a second is released, and the played part of the clip is reported")
  func stalled() {
    let bench = RenderBench()
    _ = bench.play(clip(40_000), token: 1)
    bench.advance(4_800)
    bench.card.isStalled = true
    bench.advance(60_000)
    var last: [PlaybackEvent] = []
    while let event = bench.events.pop() { last.append(event) }
    #expect(last.map(\.kind).suffix(3) == [.interrupted, .lost, .found])
    #expect(last.suffix(3).first?.frames == 4_800)
    #expect(last.suffix(2).first?.code == ETIMEDOUT)
  }

  @Test("after a suspend the clip continues, and an underrun is reported")
  func suspended() {
    let bench = RenderBench()
    _ = bench.play(clip(20_000), token: 1)
    bench.advance(1_000)
    bench.card.isSuspended = true
    bench.advance(40_000)
    #expect(bench.takeKinds() == [.found, .started, .underrun, .completed])
  }

  @Test("an idle card that was suspended is prepared again, and one that was unplugged is released")
  func inspects() {
    let bench = RenderBench()
    bench.card.isSuspended = true
    bench.turn(.inspect)
    #expect(bench.loop.state == .idle && !bench.card.isSuspended)
    bench.card.isPresent = false
    bench.turn(.inspect)
    #expect(bench.loop.state == .absent)
    #expect(bench.takeKinds() == [.found, .lost])
  }

  @Test("after an underrun the clip continues where it was, and the underrun is reported")
  func underrun() {
    let bench = RenderBench()
    let frames = clip(20_000)
    _ = bench.play(frames, token: 1)
    bench.card.advance(12_000)
    #expect(bench.card.hasUnderrun)
    bench.advance(30_000)
    #expect(bench.takeKinds() == [.found, .started, .underrun, .completed])
    #expect(bench.card.played.prefix(20_000) == frames[...])
  }

  @Test("frames that a suspend discards are reported as lost, and not as heard")
  func reportsLoss() {
    let bench = RenderBench()
    let frames = clip(20_000)
    _ = bench.play(frames, token: 1)
    bench.advance(1_000)
    let before = bench.card.played.count
    bench.card.isSuspended = true
    bench.advance(40_000)
    let end = bench.takeEvents().last
    #expect(end?.kind == .completed)
    #expect(end?.lost == 9_600, "a full buffer")
    #expect(end?.frames == 20_000 - 9_600)
    let next = Array(bench.card.played[before..<(before + 1_000)])
    let expected = Array(frames[(before + 9_600)..<(before + 10_600)])
    let isNext = next == expected
    #expect(isNext)
  }

  @Test("a clip whose end the card lost is interrupted, and a stop after a loss counts what was heard")
  func reportsLostEnd() {
    let bench = RenderBench()
    _ = bench.play(clip(6_000), token: 1)
    bench.advance(2_400)
    #expect(bench.loop.state == .ending)
    bench.card.isSuspended = true
    bench.advance(20_000)
    var end = bench.takeEvents().last
    #expect(end?.kind == .interrupted && end?.frames == 2_400 && end?.lost == 3_600)
    #expect(bench.loop.state == .idle)
    _ = bench.play(clip(40_000), token: 2)
    bench.advance(2_400)
    bench.card.isSuspended = true
    bench.advance(2_400)
    bench.stop()
    bench.advance(20_000)
    end = bench.takeEvents().last
    #expect(end?.kind == .stopped && end?.lost == 9_600)
    #expect((2_400...5_100).contains(end?.frames ?? 0), "\(end?.frames ?? 0)")
  }

  @Test("the end of a clip that is lost after all silence was written is not reported as heard")
  func reportsLateLoss() {
    let card = MemorySink()
    card.capacity = 19_200
    card.sound.buffer = 19_200
    let bench = RenderBench(card)
    _ = bench.play(clip(6_000), token: 1)
    bench.advance(480)
    card.isSuspended = true
    bench.advance(20_000)
    let end = bench.takeEvents().last
    #expect(end?.kind == .interrupted && end?.frames == 480 && end?.lost == 5_520)
  }

  @Test("an unplugged card is reported as lost and its clip as interrupted, and the card is found again")
  func unplugged() {
    let bench = RenderBench()
    _ = bench.play(clip(20_000), token: 1)
    bench.advance(1_000)
    bench.card.isPresent = false
    bench.advance(480)
    #expect(bench.takeKinds() == [.found, .started, .interrupted, .lost])
    #expect(bench.loop.state == .absent)
    _ = bench.play(clip(100), token: 2)
    #expect(bench.takeKinds() == [.failed])
    bench.card.isPresent = true
    bench.advance(48)
    #expect(bench.takeKinds() == [.found])
    let before = bench.card.played.count
    _ = bench.play(clip(100), token: 3)
    bench.advance(10_000)
    #expect(bench.takeKinds() == [.started, .completed])
    #expect(Array(bench.card.played[before..<(before + 100)]) == clip(100))
  }

  @Test("a card that is unplugged when all is written interrupts the clip: its end was not heard")
  func unpluggedAtTheEnd() {
    let card = MemorySink()
    card.capacity = 19_200
    card.sound.buffer = 19_200
    let bench = RenderBench(card)
    _ = bench.play(clip(6_000), token: 1)
    bench.advance(480)
    #expect(bench.loop.state == .ending)
    card.isPresent = false
    bench.advance(48)
    let events = bench.takeEvents()
    #expect(events.map(\.kind) == [.found, .started, .interrupted, .lost])
    #expect(events.first { $0.kind == .interrupted }?.frames == 480)
    #expect(events.last?.code == ENODEV)
  }

  @Test("a card that is unplugged while the decode thread is late is reported as lost at once")
  func unpluggedWhileLate() {
    let bench = RenderBench()
    _ = bench.play(clip(2_000), token: 1, ended: false)
    bench.advance(480)
    bench.card.isPresent = false
    bench.advance(48)
    #expect(bench.takeKinds() == [.found, .started, .interrupted, .lost])
  }
}
