import Glibc

@testable import Playback

/// A card whose time a test turns by hand: frames leave when `pass` is called, and behave as a card's do.
struct MemorySink: Sink, ~Copyable {
  final class Card {
    /// What left, in order.
    var left: [Int16] = []
    var queue: [Int16] = []
    var running = false
    var underrun = false
    var present = true
    var canRewind = true
    var opened = 0
    var size = 9600

    /// Time goes by for `frames` frames.
    func pass(_ frames: Int) {
      guard running else { return }
      let count = min(frames, queue.count)
      left += queue[..<count]
      queue.removeFirst(count)
      if count < frames {
        running = false
        underrun = true
      }
    }
  }

  let card: Card

  var capacity: Int { card.size }

  mutating func open() -> CInt {
    if !card.present { return -ENODEV }
    card.opened += 1
    card.queue = []
    card.running = false
    card.underrun = false
    return 0
  }

  mutating func close() { card.running = false }

  mutating func write(_ frames: UnsafeBufferPointer<Int16>) -> Int {
    if !card.present { return Int(-ENODEV) }
    if card.underrun { return Int(-EPIPE) }
    let count = min(frames.count, card.size - card.queue.count)
    card.queue += frames[..<count]
    if count > 0 { card.running = true }
    return count
  }

  mutating func queued() -> Int {
    card.present ? card.underrun ? Int(-EPIPE) : card.queue.count : Int(-ENODEV)
  }

  mutating func rewind(keeping keep: Int) -> Int {
    let back = card.canRewind ? max(0, card.queue.count - keep) : 0
    card.queue.removeLast(back)
    return back
  }

  mutating func halt() -> CInt {
    if !card.present { return -ENODEV }
    card.queue = []
    card.running = false
    card.underrun = false
    return 0
  }

  func wait(wake: CInt, forRoom: Bool, milliseconds: CInt) {}
}

/// A render loop on such a card, with voices that hold what the test says.
final class Desk {
  let card: MemorySink.Card
  var loop: RenderLoop<MemorySink>
  let voices: UnsafeMutablePointer<Voice>
  let events = Ring<PlaybackEvent>(capacity: 256, filler: PlaybackEvent(.found, time: 0))
  private var next = 0

  init(_ card: MemorySink.Card = .init(), gain: Double = 0) {
    self.card = card
    voices = .allocate(capacity: 4)
    for i in 0..<4 { (voices + i).initialize(to: Voice()) }
    loop = RenderLoop(sink: MemorySink(card: card), voices: voices, gainDecibels: gain)
    loop.open(now: 0, events: events)
  }

  deinit {
    voices.deinitialize(count: 4)
    voices.deallocate()
  }

  /// Presses play for a clip of these frames; more may follow with `more`.
  func play(_ frames: [Int16], token: UInt32, ended: Bool = true) -> Int {
    let index = next % 4
    next += 1
    voices[index].take()
    _ = frames.withUnsafeBufferPointer { voices[index].append($0) }
    if ended {
      voices[index].end()
      voices[index].releasedByFeeder.store(true, ordering: .relaxed)
    }
    _ = loop.turn(.play(voice: index, token: token), now: 0, events: events)
    return index
  }

  func stop() { _ = loop.turn(.stop, now: 0, events: events) }

  /// Lets `frames` frames of time go by, 1 ms at a time.
  func pass(_ frames: Int) {
    var left = frames
    while left > 0 {
      let step = min(48, left)
      card.pass(step)
      _ = loop.turn(nil, now: 0, events: events)
      left -= step
    }
  }

  func told() -> [PlaybackEvent.Kind] {
    var kinds: [PlaybackEvent.Kind] = []
    while let event = events.pop() { kinds.append(event.kind) }
    return kinds
  }
}
