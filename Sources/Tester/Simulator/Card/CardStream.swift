import Posix

extension CardRecording {
  /// Frames that left without a gap, from a trigger (or the end of a pause or stall) on.
  public struct Stream: Sendable {
    /// When the first frame began to leave.
    public let start: Monotonic
    /// Frames per second of CLOCK_MONOTONIC.
    public let rate: Int
    /// Frames that had left since `prepare` before this stream.
    public let position: UInt64
    /// Samples of the first channel; of 32-bit samples the upper 16 bits.
    public internal(set) var samples: [Int16] = []
    /// The event that ended the stream; `nil` while it runs, and where the program was killed.
    public internal(set) var ended: Event?
    /// Whether more frames may follow.
    public internal(set) var isRunning = true

    init(start: Monotonic, rate: Int, position: UInt64) {
      self.start = start
      self.rate = rate
      self.position = position
    }

    /// Returns when the sample at `index` began to leave, rounded down to a nanosecond.
    public func time(of index: Int) -> Monotonic {
      Monotonic(nanoseconds: start.nanoseconds + Frames.nanoseconds(index, at: rate))
    }

    /// When the last sample had left.
    public var end: Monotonic { time(of: samples.count) }
  }
}

extension CardRecording.Stream {
  /// Returns whether a block of frames continues this stream without a gap.
  func isContinued(by frames: CardRecording.Event) -> Bool {
    position &+ UInt64(samples.count) == frames.position && end == frames.time
  }

  /// Returns the index of the first sample that began to leave at `moment` or later; `samples.count` if there is none.
  func firstIndex(notBefore moment: Monotonic) -> Int {
    let span = moment.since(start)
    if span <= 0 { return 0 }
    var index = Frames.floor(span, at: rate)
    if time(of: index) < moment { index += 1 }
    return min(index, samples.count)
  }

  /// Copies the samples into a timeline at ``CardRecording/rate`` that begins at `origin`.
  func place(in timeline: inout [Int16], from origin: Monotonic) {
    if rate == CardRecording.rate {
      // Sample i of the timeline is frame i + shift of the stream.
      let shift = Frames.floor(origin.since(start) + roundingSlack, at: rate)
      let first = max(0, -shift)
      let last = min(timeline.count, samples.count - shift)
      if first < last {
        timeline.replaceSubrange(first..<last, with: samples[(first + shift)..<(last + shift)])
      }
      return
    }
    for index in timeline.indices {
      let moment = origin.nanoseconds + Frames.nanoseconds(index, at: CardRecording.rate)
      let frame = Frames.floor(moment - start.nanoseconds + roundingSlack, at: rate)
      if samples.indices.contains(frame) { timeline[index] = samples[frame] }
    }
  }

  /// Nanoseconds added before a time is converted to an index: times are rounded down, and a frame's own time must give
  /// its own index.
  private var roundingSlack: Int64 { 1 }

  /// Returns the rest of a stream whose first samples are forgotten. The rest begins where times need no rounding, so
  /// that later frames still follow without a gap.
  func dropping(_ count: Int) -> CardRecording.Stream {
    var rest = CardRecording.Stream(start: time(of: count), rate: rate, position: position &+ UInt64(count))
    rest.samples = Array(samples[count...])
    rest.ended = ended
    rest.isRunning = isRunning
    return rest
  }

  /// How many of the samples can be dropped.
  var droppable: Int {
    var (a, b) = (rate, 1_000_000_000)
    while b != 0 { (a, b) = (b, a % b) }
    let step = rate / a
    return samples.count / step * step
  }

  func slowed(by speed: Int, from origin: Monotonic) -> CardRecording.Stream {
    var copy = CardRecording.Stream(
      start: start.slowed(by: speed, from: origin), rate: rate / speed, position: position)
    copy.samples = samples
    copy.ended = ended?.slowed(by: speed, from: origin)
    copy.isRunning = isRunning
    return copy
  }
}

/// Conversions between frames and nanoseconds.
enum Frames {
  /// Returns the nanoseconds that `count` frames take, rounded down.
  static func nanoseconds(_ count: Int, at rate: Int) -> Int64 {
    Int64(count / rate) * 1_000_000_000 + Int64(count % rate) * 1_000_000_000 / Int64(rate)
  }

  /// Returns the frames in `span` nanoseconds, rounded down (towards negative infinity).
  static func floor(_ span: Int64, at rate: Int) -> Int {
    var seconds = span / 1_000_000_000
    var rest = span % 1_000_000_000
    if rest < 0 {
      seconds -= 1
      rest += 1_000_000_000
    }
    return Int(seconds) * rate + Int(rest * Int64(rate) / 1_000_000_000)
  }
}
