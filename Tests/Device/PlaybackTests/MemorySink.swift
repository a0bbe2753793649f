import Board
import Glibc

@testable import Playback

/// A card whose time a test turns by hand: frames leave when `pass` is called, and behave as a card's do.
final class MemorySink: Sink {
  /// What left, in order.
  var left: [Int16] = []
  var running = false
  var underrun = false
  var present = true
  var canRewind = true
  /// Its DMA stands still.
  var stalled = false
  var suspended = false
  /// Frames of its buffer.
  var capacity = 9600
  /// Frames of its period, whatever the board asks for.
  var period = 480
  /// Whether it reports its position in whole periods.
  var isBatch = false
  /// The settings of the board.
  var sound = Board.Sound(pcm: "memory", buffer: 9600, rewind: true)
  /// How often it was halted.
  var halts = 0
  /// Frames that left since it was halted.
  private var gone = 0
  /// Frames that it takes at most until time goes by.
  var mouthful = Int.max
  private var queue: [Int16] = []
  private var meal = 0

  /// Time goes by for `frames` frames.
  func pass(_ frames: Int) {
    meal = 0
    guard running, !stalled, !suspended else { return }
    let count = min(frames, queue.count)
    left += queue[..<count]
    queue.removeFirst(count)
    gone += count
    if count < frames {
      running = false
      underrun = true
    }
  }

  var limits: CardLimits { CardLimits(sound, period: period, buffer: capacity, isBatch: isBatch) }

  /// Frames that have left and are not reported yet.
  private var unreported: Int { isBatch ? gone % period : 0 }

  func attach() -> Bool {
    defer { halts = 0 }
    return halt() == 0
  }

  func room() -> Int {
    let queued = queued()
    return queued < 0 ? 1 : max(0, limits.queue - queued)
  }

  func detach() { running = false }

  func write(_ frames: UnsafeBufferPointer<Int16>) -> Int {
    if !present { return Int(-ENODEV) }
    if underrun { return Int(-EPIPE) }
    if suspended { return Int(-ESTRPIPE) }
    if meal >= mouthful { return 0 }
    let count = min(frames.count, capacity - queue.count, mouthful - meal)
    meal += count
    queue += frames[..<count]
    if count > 0 { running = true }
    return count
  }

  func queued() -> Int {
    if !present { return Int(-ENODEV) }
    return underrun ? Int(-EPIPE) : suspended ? Int(-ESTRPIPE) : queue.count + unreported
  }

  func stranded() -> Int { queue.count }

  func rewind(keeping keep: Int) -> Int {
    let back = canRewind && sound.rewind ? max(0, queue.count + unreported - keep) : 0
    // It takes back frames that have left, and then plays what is no longer written.
    if back > queue.count { underrun = true }
    queue.removeLast(min(back, queue.count))
    return back
  }

  func halt() -> CInt {
    if !present { return -ENODEV }
    queue = []
    halts += 1
    gone = 0
    running = false
    underrun = false
    suspended = false
    return 0
  }

  func wait(wake: CInt, forRoom: Bool, milliseconds: CInt) {}
}

/// A render loop on such a card, with buffers that hold what the test says.
final class Desk {
  let card: MemorySink
  var loop: RenderLoop<MemorySink>
  let buffers: UnsafeMutablePointer<ClipBuffer>
  let events = Ring<PlaybackEvent>(capacity: 256, filler: PlaybackEvent(.found, time: 0))
  private var next = 0
  /// CLOCK_MONOTONIC of this card's world.
  private(set) var now: Int64 = 0

  init(_ card: MemorySink = MemorySink(), gain: Double = 0, rest: Int64 = 0, lead: Int = 0) {
    self.card = card
    buffers = .allocate(capacity: 4)
    for i in 0..<4 { (buffers + i).initialize(to: ClipBuffer()) }
    loop = RenderLoop(sink: card, buffers: buffers, gain: Gain.factor(decibels: gain), rest: rest, lead: lead)
    _ = loop.turn(nil, now: now, events: events)
  }

  deinit {
    buffers.deinitialize(count: 4)
    buffers.deallocate()
  }

  /// Presses play for a clip of these frames; more may follow with `more`.
  func play(_ frames: [Int16], token: UInt32, ended: Bool = true) -> Int {
    let index = next % 4
    next += 1
    buffers[index].take()
    _ = frames.withUnsafeBufferPointer { buffers[index].append($0) }
    if ended {
      buffers[index].end()
      buffers[index].releasedByDecoder.store(true, ordering: .relaxed)
    }
    turn(.play(buffer: index, token: token))
    return index
  }

  func stop() { turn(.stop) }

  func turn(_ command: AudioCommand?) { _ = loop.turn(command, now: now, events: events) }

  /// Lets `frames` frames of time go by, 1 ms at a time.
  func pass(_ frames: Int) {
    var left = frames
    while left > 0 {
      let step = min(48, left)
      card.pass(step)
      now += Int64(step) * 1_000_000 / 48
      turn(nil)
      left -= step
    }
  }

  /// The events since the last call.
  func reports() -> [PlaybackEvent] {
    var all: [PlaybackEvent] = []
    while let event = events.pop() { all.append(event) }
    return all
  }

  func told() -> [PlaybackEvent.Kind] {
    var kinds: [PlaybackEvent.Kind] = []
    while let event = events.pop() { kinds.append(event.kind) }
    return kinds
  }
}
