@testable import Playback

/// A render loop on a simulated card, with clip buffers that the test fills.
final class RenderBench {
  let card: MemorySink
  var loop: RenderLoop<MemorySink>
  let buffers: UnsafeMutablePointer<ClipBuffer>
  let events = Ring<PlaybackEvent>(capacity: 256, filler: PlaybackEvent(.found, time: 0))
  private var next = 0
  /// CLOCK_MONOTONIC of the simulated card, in nanoseconds.
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

  /// Commands the loop to play a clip of these frames.
  ///
  /// - Parameter ended: whether the clip has no further frames.
  /// - Returns: the index of its buffer.
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

  /// Commands the loop to stop.
  func stop() { turn(.stop) }

  /// Executes one turn of the loop at the present time.
  func turn(_ command: AudioCommand?) { _ = loop.turn(command, now: now, events: events) }

  /// Advances the time by the duration of `frames` frames, 1 ms at a time.
  func advance(_ frames: Int) {
    var left = frames
    while left > 0 {
      let step = min(48, left)
      card.advance(step)
      now += Int64(step) * 1_000_000 / 48
      turn(nil)
      left -= step
    }
  }

  /// Returns the events since the last call.
  func takeEvents() -> [PlaybackEvent] {
    var all: [PlaybackEvent] = []
    while let event = events.pop() { all.append(event) }
    return all
  }

  /// Returns the kinds of the events since the last call.
  func takeKinds() -> [PlaybackEvent.Kind] { takeEvents().map(\.kind) }
}

/// Returns a clip whose samples are the numbers of its frames.
func clip(_ count: Int, from first: Int = 1) -> [Int16] { (0..<count).map { Int16(first + $0 % 20_000) } }
