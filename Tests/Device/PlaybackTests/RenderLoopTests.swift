import Testing

@testable import Playback

@Suite("The render loop")
struct RenderLoopTests {
  @Test("plays every frame of a clip, in order, and silence after it")
  func playsAll() {
    let bench = RenderBench()
    let frames = clip(12_345)
    _ = bench.play(frames, token: 1)
    bench.advance(30_000)
    #expect(Array(bench.card.played.prefix(frames.count)) == frames)
    #expect(bench.card.played.dropFirst(frames.count).allSatisfy { $0 == 0 })
    #expect(bench.takeKinds() == [.found, .started, .completed])
    #expect(bench.loop.state == .idle)
  }

  @Test("gives the first frames to the card in the same turn as the command")
  func startsAtOnce() {
    let bench = RenderBench()
    _ = bench.play(clip(4800), token: 1)
    #expect(bench.card.isRunning)
    bench.card.advance(1)
    #expect(bench.card.played == [1])
  }

  @Test("a card that accepts less than its room plays every frame all the same")
  func acceptsLittle() {
    let card = MemorySink()
    card.maximumWrite = 77
    let bench = RenderBench(card)
    let frames = clip(9_000)
    _ = bench.play(frames, token: 1)
    bench.advance(30_000)
    #expect(Array(card.played.prefix(frames.count)) == frames)
    #expect(bench.takeKinds() == [.found, .started, .completed])
  }

  @Test("does not let the card run dry at the end of a clip")
  func endsInSilence() {
    let bench = RenderBench()
    _ = bench.play(clip(1000), token: 1)
    bench.advance(20_000)
    #expect(!bench.card.hasUnderrun)
    #expect(bench.card.played.count >= 1000 + 4800 * 3 / 4)
  }

  @Test("a clip whose rest could not be decoded is truncated")
  func truncates() {
    let bench = RenderBench()
    let index = bench.play(clip(6_000), token: 1, ended: false)
    bench.buffers[index].end(isTruncated: true)
    bench.advance(20_000)
    let end = bench.takeEvents().last
    #expect(end?.kind == .truncated && end?.frames == 6_000 && end?.lost == 0)
  }

  @Test("a buffer is released only after its decoding was ended: it may belong to the next clip at once")
  func releasesLast() {
    let card = MemorySink()
    card.isPresent = false
    let bench = RenderBench(card)
    for token in 1...4 as ClosedRange<UInt32> {
      let index = bench.play(clip(100), token: token)
      let isAbandoned = bench.buffers[index].isAbandoned.load(ordering: .relaxed)
      #expect(isAbandoned && bench.buffers[index].isFree)
    }
  }

  @Test("a decode thread that is late is waited for")
  func starved() {
    let bench = RenderBench()
    let index = bench.play(clip(1_000), token: 1, ended: false)
    bench.advance(480)
    #expect(bench.loop.state == .playing)
    _ = clip(1_000, from: 1001).withUnsafeBufferPointer { bench.buffers[index].append($0) }
    bench.buffers[index].end()
    bench.advance(10_000)
    #expect(Array(bench.card.played.prefix(2_000)) == clip(2_000))
  }

  @Test("volume: the gain is applied to the clip and to its fade")
  func gain() {
    let bench = RenderBench(gain: -6.0206)
    _ = bench.play([Int16](repeating: 10_000, count: 20_000), token: 1)
    bench.advance(9_600)
    bench.stop()
    bench.advance(10_000)
    #expect(bench.card.played.max()! == 5_000)
    #expect(bench.card.played.prefix(9_600).allSatisfy { $0 == 5_000 })
  }

  @Test("volume: a change during a clip is a ramp and no step")
  func volume() {
    let bench = RenderBench()
    _ = bench.play([Int16](repeating: 10_000, count: 40_000), token: 1)
    bench.advance(4_800)
    bench.turn(.gain(Gain.factor(decibels: -20)))
    bench.advance(50_000)
    let played = bench.card.played
    #expect(played[39_999] == 1_000)
    let steps = zip(played.prefix(40_000), played.prefix(40_000).dropFirst()).map { abs(Int($0) - Int($1)) }
    #expect(steps.max()! <= 10_000 / 960 + 1)
    // Frames that were queued keep their level.
    #expect(played.prefix(4_800 + 9_600).allSatisfy { $0 == 10_000 })
  }

  @Test("volume: a change in silence holds from the first frame")
  func volumeInSilence() {
    let bench = RenderBench()
    bench.turn(.gain(Gain.factor(decibels: -20)))
    _ = bench.play([Int16](repeating: 10_000, count: 4_000), token: 1)
    bench.advance(480)
    #expect(bench.card.played.first == 1_000)
  }

  @Test("a clip that wakes the card plays after its lead of silence, and no other does")
  func lead() {
    let bench = RenderBench(lead: 2_400)
    _ = bench.play(clip(3_000), token: 1)
    bench.advance(4_000)
    #expect(bench.card.played.prefix(2_400).allSatisfy { $0 == 0 })
    #expect(Array(bench.card.played[2_400..<4_000]) == Array(clip(3_000).prefix(1_600)))
    let before = bench.card.played.count
    _ = bench.play(clip(3_000), token: 2)
    bench.advance(20_000)
    let start = before + CardLimits.exactReserve + RenderLoop<MemorySink>.fade
    #expect(Array(bench.card.played[start..<(start + 3_000)]) == clip(3_000))
  }

  @Test("a clip on a short queue ends without an underrun", arguments: [64, 100, 480, 4800])
  func shortQueue(_ period: Int) {
    let card = MemorySink()
    (card.sound.rewind, card.sound.period, card.sound.buffer) = (false, period, 2 * period)
    (card.period, card.capacity) = (period, 2 * period)
    let bench = RenderBench(card)
    _ = bench.play(clip(5_000), token: 1)
    bench.advance(40_000)
    #expect(Array(card.played.prefix(5_000)) == clip(5_000))
    #expect(bench.takeKinds() == [.found, .started, .completed])
    #expect(!card.hasUnderrun)
  }
}
