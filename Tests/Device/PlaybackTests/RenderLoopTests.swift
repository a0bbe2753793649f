import Glibc
import Testing

@testable import Playback

/// A clip whose every frame tells its place.
private func clip(_ count: Int, from first: Int = 1) -> [Int16] { (0..<count).map { Int16(first + $0 % 20_000) } }

@Suite("The render loop")
struct RenderLoopTests {
  @Test("plays every frame of a clip, in order, and silence behind it")
  func playsAll() {
    let desk = Desk()
    let frames = clip(12_345)
    _ = desk.play(frames, token: 1)
    desk.pass(30_000)
    #expect(Array(desk.card.left.prefix(frames.count)) == frames)
    #expect(desk.card.left.dropFirst(frames.count).allSatisfy { $0 == 0 })
    #expect(desk.told() == [.found, .started, .completed])
    #expect(desk.loop.state == .idle)
  }

  @Test("gives the first frames to the card in the same turn as the command")
  func startsAtOnce() {
    let desk = Desk()
    _ = desk.play(clip(4800), token: 1)
    #expect(desk.card.running)
    desk.card.pass(1)
    #expect(desk.card.left == [1])
  }

  @Test("a card that takes less than it has room for gets every frame all the same")
  func playsInMouthfuls() {
    let card = MemorySink()
    card.mouthful = 77
    let desk = Desk(card)
    let frames = clip(9_000)
    _ = desk.play(frames, token: 1)
    desk.pass(30_000)
    #expect(Array(card.left.prefix(frames.count)) == frames)
    #expect(desk.told() == [.found, .started, .completed])
  }

  @Test("does not let the card run dry at the end of a clip")
  func endsInSilence() {
    let desk = Desk()
    _ = desk.play(clip(1000), token: 1)
    desk.pass(20_000)
    #expect(!desk.card.underrun)
    #expect(desk.card.left.count >= 1000 + 4800 * 3 / 4)
  }

  @Test("a stop is silence within the reserve and the fade, and the clip is told as stopped")
  func stops() {
    let desk = Desk()
    _ = desk.play(clip(40_000, from: 1000), token: 7)
    desk.pass(9_600)
    let before = desk.card.left.count
    desk.stop()
    desk.pass(20_000)
    let after = desk.card.left[before...]
    let sounding = after.prefix { $0 != 0 }
    #expect(sounding.count <= CardLimits.exactReserve + RenderLoop<MemorySink>.fade)
    #expect(after.dropFirst(sounding.count).allSatisfy { $0 == 0 })
    #expect(desk.told() == [.found, .started, .stopped])
  }

  @Test("the fade goes on from the frame that sounded last, without a jump")
  func fadesWithoutClick() {
    let desk = Desk()
    _ = desk.play([Int16](repeating: 12_000, count: 40_000), token: 1)
    desk.pass(9_600)
    desk.stop()
    desk.pass(20_000)
    let steps = zip(desk.card.left, desk.card.left.dropFirst()).map { abs(Int($0) - Int($1)) }
    #expect(steps.max()! <= 12_000 / 240 + 1)
  }

  @Test("a stop while the end of a clip is still queued silences it too")
  func stopsTheQueuedEnd() {
    let desk = Desk()
    _ = desk.play(clip(6_000, from: 1000), token: 1)
    desk.pass(480)
    #expect(desk.loop.state == .ending)
    let before = desk.card.left.count
    desk.stop()
    desk.pass(20_000)
    #expect(desk.card.left[(before + 432)...].allSatisfy { $0 == 0 })
    #expect(desk.told() == [.found, .started, .stopped])
  }

  @Test("a new clip ends the old one and follows its fade")
  func bargesIn() {
    let desk = Desk()
    _ = desk.play([Int16](repeating: 9_000, count: 40_000), token: 1)
    desk.pass(9_600)
    let before = desk.card.left.count
    let second = clip(5_000, from: 100)
    _ = desk.play(second, token: 2)
    desk.pass(30_000)
    let start = before + CardLimits.exactReserve + RenderLoop<MemorySink>.fade
    #expect(Array(desk.card.left[start..<(start + second.count)]) == second)
    #expect(desk.told() == [.found, .started, .stopped, .started, .completed])
  }

  @Test("a clip in the silence behind another starts at once, without a restart of the card")
  func followsClosely() {
    let desk = Desk()
    _ = desk.play(clip(2_000), token: 1)
    desk.pass(2_400)
    let before = desk.card.left.count
    _ = desk.play(clip(2_000, from: 500), token: 2)
    desk.pass(20_000)
    let start = desk.card.left[before...].firstIndex(of: 500)!
    #expect(start - before <= 432)
    #expect(desk.told() == [.found, .started, .completed, .started, .completed])
  }

  @Test("where frames cannot be taken back, a stop fades what comes next")
  func stopsWithoutRewind() {
    let card = MemorySink()
    card.canRewind = false
    card.capacity = 960
    let desk = Desk(card)
    _ = desk.play([Int16](repeating: 8_000, count: 40_000), token: 1)
    desk.pass(9_600)
    let before = card.left.count
    desk.stop()
    desk.pass(20_000)
    #expect(card.left[(before + 960 + 240)...].allSatisfy { $0 == 0 })
    let steps = zip(card.left, card.left.dropFirst()).map { abs(Int($0) - Int($1)) }
    #expect(steps.max()! <= 8_000 / 240 + 1)
  }

  @Test("refused rewind: the card is halted, and the fade goes on from what sounded last")
  func dropsWhereRewindIsRefused() {
    let card = MemorySink()
    card.canRewind = false
    let desk = Desk(card)
    _ = desk.play([Int16](repeating: 8_000, count: 40_000), token: 1)
    desk.pass(9_600)
    let before = card.left.count
    desk.stop()
    desk.pass(20_000)
    #expect(desk.loop.hasDropped == true)
    #expect(card.left[(before + 240)...].allSatisfy { $0 == 0 })
    let steps = zip(card.left, card.left.dropFirst()).map { abs(Int($0) - Int($1)) }
    #expect(steps.max()! <= 8_000 / 240 + 1)
  }

  @Test("refused rewind: a new clip is heard at once all the same")
  func bargesInWhereRewindIsRefused() {
    let card = MemorySink()
    card.canRewind = false
    let desk = Desk(card)
    _ = desk.play([Int16](repeating: 8_000, count: 40_000), token: 1)
    desk.pass(9_600)
    let before = card.left.count
    _ = desk.play(clip(3_000), token: 2)
    desk.pass(20_000)
    #expect(Array(card.left[(before + 240)...].prefix(3_000)) == clip(3_000))
  }

  @Test("stalled: a card that stands still for a second is given up, with what had sounded")
  func stalled() {
    let desk = Desk()
    _ = desk.play(clip(40_000), token: 1)
    desk.pass(4_800)
    desk.card.stalled = true
    desk.pass(60_000)
    var last: [PlaybackEvent] = []
    while let event = desk.events.pop() { last.append(event) }
    #expect(last.map(\.kind).suffix(3) == [.interrupted, .lost, .found])
    #expect(last.suffix(3).first?.frames == 4_800)
    #expect(last.suffix(2).first?.code == ETIMEDOUT)
  }

  @Test("suspended: the clip goes on, and it is told")
  func suspended() {
    let desk = Desk()
    _ = desk.play(clip(20_000), token: 1)
    desk.pass(1_000)
    desk.card.suspended = true
    desk.pass(40_000)
    #expect(desk.told() == [.found, .started, .underrun, .completed])
  }

  @Test("an idle card that was suspended is prepared again, and one that was unplugged is let go")
  func looks() {
    let desk = Desk()
    desk.card.suspended = true
    desk.turn(.inspect)
    #expect(desk.loop.state == .idle && !desk.card.suspended)
    desk.card.present = false
    desk.turn(.inspect)
    #expect(desk.loop.state == .absent)
    #expect(desk.told() == [.found, .lost])
  }

  @Test("underrun: the clip goes on where it was, and it is told")
  func underrun() {
    let desk = Desk()
    let frames = clip(20_000)
    _ = desk.play(frames, token: 1)
    desk.card.pass(12_000)
    #expect(desk.card.underrun)
    desk.pass(30_000)
    #expect(desk.told() == [.found, .started, .underrun, .completed])
    #expect(desk.card.left.prefix(20_000) == frames[...])
  }

  @Test("what a suspend takes with it is reported as lost, and not as heard")
  func reportsLoss() {
    let desk = Desk()
    let frames = clip(20_000)
    _ = desk.play(frames, token: 1)
    desk.pass(1_000)
    let before = desk.card.left.count
    desk.card.suspended = true
    desk.pass(40_000)
    let end = desk.reports().last
    #expect(end?.kind == .completed)
    #expect(end?.lost == 9_600, "a full buffer")
    #expect(end?.frames == 20_000 - 9_600)
    let next = Array(desk.card.left[before..<(before + 1_000)])
    let expected = Array(frames[(before + 9_600)..<(before + 10_600)])
    let isNext = next == expected
    #expect(isNext)
  }

  @Test("a clip whose end the card lost is interrupted, and a stop after a loss counts what was heard")
  func reportsLostEnd() {
    let desk = Desk()
    _ = desk.play(clip(6_000), token: 1)
    desk.pass(2_400)
    #expect(desk.loop.state == .ending)
    desk.card.suspended = true
    desk.pass(20_000)
    var end = desk.reports().last
    #expect(end?.kind == .interrupted && end?.frames == 2_400 && end?.lost == 3_600)
    #expect(desk.loop.state == .idle)
    _ = desk.play(clip(40_000), token: 2)
    desk.pass(2_400)
    desk.card.suspended = true
    desk.pass(2_400)
    desk.stop()
    desk.pass(20_000)
    end = desk.reports().last
    #expect(end?.kind == .stopped && end?.lost == 9_600)
    #expect((2_400...5_100).contains(end?.frames ?? 0), "\(end?.frames ?? 0)")
  }

  @Test("the end of a clip that is lost after all silence was written is not reported as heard")
  func reportsLateLoss() {
    let card = MemorySink()
    card.capacity = 19_200
    card.sound.buffer = 19_200
    let desk = Desk(card)
    _ = desk.play(clip(6_000), token: 1)
    desk.pass(480)
    card.suspended = true
    desk.pass(20_000)
    let end = desk.reports().last
    #expect(end?.kind == .interrupted && end?.frames == 480 && end?.lost == 5_520)
  }

  @Test("a clip whose rest could not be decoded is truncated")
  func truncates() {
    let desk = Desk()
    let index = desk.play(clip(6_000), token: 1, ended: false)
    desk.buffers[index].end(isTruncated: true)
    desk.pass(20_000)
    let end = desk.reports().last
    #expect(end?.kind == .truncated && end?.frames == 6_000 && end?.lost == 0)
  }

  @Test("a buffer is released only after its decoding was ended: it may belong to the next clip at once")
  func releasesLast() {
    let card = MemorySink()
    card.present = false
    let desk = Desk(card)
    for token in 1...4 as ClosedRange<UInt32> {
      let index = desk.play(clip(100), token: token)
      let isAbandoned = desk.buffers[index].isAbandoned.load(ordering: .relaxed)
      #expect(isAbandoned && desk.buffers[index].isFree)
    }
  }

  @Test("a feeder that is late is waited for")
  func starved() {
    let desk = Desk()
    let index = desk.play(clip(1_000), token: 1, ended: false)
    desk.pass(480)
    #expect(desk.loop.state == .playing)
    _ = clip(1_000, from: 1001).withUnsafeBufferPointer { desk.buffers[index].append($0) }
    desk.buffers[index].end()
    desk.pass(10_000)
    #expect(Array(desk.card.left.prefix(2_000)) == clip(2_000))
  }

  @Test("unplugged: the clip is told as interrupted, the card as lost, and it is found again")
  func unplugged() {
    let desk = Desk()
    _ = desk.play(clip(20_000), token: 1)
    desk.pass(1_000)
    desk.card.present = false
    desk.pass(480)
    #expect(desk.told() == [.found, .started, .interrupted, .lost])
    #expect(desk.loop.state == .absent)
    _ = desk.play(clip(100), token: 2)
    #expect(desk.told() == [.failed])
    desk.card.present = true
    desk.pass(48)
    #expect(desk.told() == [.found])
    let before = desk.card.left.count
    _ = desk.play(clip(100), token: 3)
    desk.pass(10_000)
    #expect(desk.told() == [.started, .completed])
    #expect(Array(desk.card.left[before..<(before + 100)]) == clip(100))
  }

  @Test("volume: the gain is applied to the clip and to its fade")
  func gain() {
    let desk = Desk(gain: -6.0206)
    _ = desk.play([Int16](repeating: 10_000, count: 20_000), token: 1)
    desk.pass(9_600)
    desk.stop()
    desk.pass(10_000)
    #expect(desk.card.left.max()! == 5_000)
    #expect(desk.card.left.prefix(9_600).allSatisfy { $0 == 5_000 })
  }

  @Test("volume: a change while a clip sounds is a slope and no step")
  func volume() {
    let desk = Desk()
    _ = desk.play([Int16](repeating: 10_000, count: 40_000), token: 1)
    desk.pass(4_800)
    desk.turn(.gain(Gain.factor(decibels: -20)))
    desk.pass(50_000)
    let left = desk.card.left
    #expect(left[39_999] == 1_000)
    let steps = zip(left.prefix(40_000), left.prefix(40_000).dropFirst()).map { abs(Int($0) - Int($1)) }
    #expect(steps.max()! <= 10_000 / 960 + 1)
    // What is queued sounds as it was.
    #expect(left.prefix(4_800 + 9_600).allSatisfy { $0 == 10_000 })
  }

  @Test("volume: a change in silence is there with the first frame")
  func volumeInSilence() {
    let desk = Desk()
    desk.turn(.gain(Gain.factor(decibels: -20)))
    _ = desk.play([Int16](repeating: 10_000, count: 4_000), token: 1)
    desk.pass(480)
    #expect(desk.card.left.first == 1_000)
  }

  @Test("a clip that wakes the card comes behind its lead of silence, and no other does")
  func lead() {
    let desk = Desk(lead: 2_400)
    _ = desk.play(clip(3_000), token: 1)
    desk.pass(4_000)
    #expect(desk.card.left.prefix(2_400).allSatisfy { $0 == 0 })
    #expect(Array(desk.card.left[2_400..<4_000]) == Array(clip(3_000).prefix(1_600)))
    let before = desk.card.left.count
    _ = desk.play(clip(3_000), token: 2)
    desk.pass(20_000)
    let start = before + CardLimits.exactReserve + RenderLoop<MemorySink>.fade
    #expect(Array(desk.card.left[start..<(start + 3_000)]) == clip(3_000))
  }

  @Test("a running stream never stops between clips, is no plain silence, and hears a clip at once")
  func runningStream() {
    let desk = Desk(rest: .max)
    desk.pass(48_000)
    #expect(desk.card.running && desk.loop.state == .resting)
    #expect(desk.card.left.count == 48_000)
    #expect(desk.card.left.allSatisfy { (0...1).contains($0) } && desk.card.left.contains(1))
    _ = desk.play(clip(3_000, from: 10), token: 1)
    desk.pass(96_000)
    let reserve = CardLimits.exactReserve
    #expect(Array(desk.card.left[(48_000 + reserve)..<(51_000 + reserve)]) == clip(3_000, from: 10))
    #expect(desk.card.running && !desk.card.underrun)
    #expect(desk.told() == [.found, .started, .completed])
  }

  @Test("a running stream sleeps when nothing was said for long, and wakes for the next clip")
  func sleeps() {
    let desk = Desk(rest: 1_000_000_000)
    desk.pass(72_000)
    #expect(desk.loop.state == .idle && !desk.card.running)
    let before = desk.card.left.count
    _ = desk.play(clip(3_000, from: 10), token: 1)
    desk.pass(24_000)
    #expect(Array(desk.card.left[before..<(before + 3_000)]) == clip(3_000, from: 10))
    #expect(desk.loop.state == .resting)
  }

  @Test("a running stream that stalls is given up too")
  func stallsAtRest() {
    let desk = Desk(rest: .max)
    desk.pass(4_800)
    desk.card.stalled = true
    desk.pass(96_000)
    #expect(desk.told().prefix(2) == [.found, .lost])
  }

  @Test(
    "a running stream without rewind is not halted for a clip, and every frame of the clip is heard",
    arguments: [64, 480, 1024, 2048], [false, true])
  func runningWithoutRewind(_ period: Int, _ isBatch: Bool) {
    let card = MemorySink()
    (card.sound.rewind, card.period, card.isBatch) = (false, period, isBatch)
    let desk = Desk(card, rest: .max)
    desk.pass(48_000)
    _ = desk.play(clip(3_000, from: 10), token: 1)
    desk.pass(48_000)
    _ = desk.play(clip(9_000, from: 10), token: 2)
    desk.pass(4_800)
    _ = desk.play(clip(3_000, from: 10_000), token: 3)
    desk.pass(96_000)
    #expect(card.halts == 0)
    let start = card.left.firstIndex(of: 10)!
    #expect(start - 48_000 <= 2 * max(period, 480))
    #expect(Array(card.left[start..<(start + 3_000)]) == clip(3_000, from: 10))
    let last = card.left.firstIndex(of: 10_000)!
    #expect(Array(card.left[last..<(last + 3_000)]) == clip(3_000, from: 10_000))
    #expect(desk.told() == [.found, .started, .completed, .started, .stopped, .started, .completed])
  }

  @Test("a running stream that had to be halted for a clip gives the card its lead of silence again")
  func leadAfterHalt() {
    let card = MemorySink()
    card.canRewind = false
    let desk = Desk(card, rest: .max, lead: 2_400)
    desk.pass(48_000)
    _ = desk.play(clip(3_000, from: 10), token: 1)
    let before = card.left.count
    desk.pass(48_000)
    #expect(card.halts == 1)
    #expect(Array(card.left[(before + 2_400)..<(before + 5_400)]) == clip(3_000, from: 10))
    // From now on so little is queued at rest that no clip needs a halt.
    let rested = card.left.count
    _ = desk.play(clip(3_000, from: 10), token: 2)
    desk.pass(48_000)
    #expect(card.halts == 1)
    #expect(card.left[rested...].firstIndex(of: 10)! - rested <= 960)
  }

  @Test(
    "a card that reports its position in whole periods underruns at no stop, at no new clip and at no end",
    arguments: [240, 480, 1024, 2400], [0, 17, 239, 463])
  func batch(_ period: Int, _ phase: Int) {
    let card = MemorySink()
    (card.isBatch, card.period) = (true, period)
    let desk = Desk(card)
    _ = desk.play(clip(30_000, from: 100), token: 1)
    desk.pass(9_600 + phase)
    _ = desk.play(clip(30_000, from: 200), token: 2)
    desk.pass(9_600 + phase)
    let before = card.left.count
    desk.stop()
    desk.pass(30_000)
    let sounding = card.left[before...].lastIndex { $0 != 0 }! + 1 - before
    #expect(sounding <= RenderLoop<MemorySink>.late + RenderLoop<MemorySink>.fade)
    let ended = card.left.count
    _ = desk.play(clip(3_000 + phase), token: 3)
    desk.pass(40_000)
    #expect(Array(card.left[ended...].prefix(3_000 + phase)) == clip(3_000 + phase))
    #expect(!card.underrun)
    #expect(
      desk.told() == [.found, .started, .stopped, .started, .stopped, .started, .completed])
  }

  @Test("a clip on a short queue ends without an underrun", arguments: [64, 100, 480, 4800])
  func shortQueue(_ period: Int) {
    let card = MemorySink()
    (card.sound.rewind, card.sound.period, card.sound.buffer) = (false, period, 2 * period)
    (card.period, card.capacity) = (period, 2 * period)
    let desk = Desk(card)
    _ = desk.play(clip(5_000), token: 1)
    desk.pass(40_000)
    #expect(Array(card.left.prefix(5_000)) == clip(5_000))
    #expect(desk.told() == [.found, .started, .completed])
    #expect(!card.underrun)
  }

  @Test("many presses in a row: each voice comes back, and only the last clip is heard to its end")
  func manyPresses() {
    let desk = Desk()
    for token in 1...50 as ClosedRange<UInt32> {
      _ = desk.play(clip(5_000), token: token)
      desk.pass(48)
    }
    desk.pass(30_000)
    let told = desk.told()
    #expect(told.filter { $0 == .started }.count == 50)
    #expect(told.filter { $0 == .stopped }.count == 49)
    #expect(told.filter { $0 == .completed }.count == 1)
    #expect((0..<4).allSatisfy { desk.buffers[$0].isFree })
  }
}
