import CSimcard
import KitBuilder
import Posix

/// The record of a simulated card: every frame that left it, with times. `simcard.h` describes the file format.
public struct CardRecording: Sendable {
  /// Samples per second of every timeline that this type returns.
  public static let rate = 48_000

  /// The parameters with which a program opened the card, from a `setup` block.
  public struct Setup: Equatable, Sendable {
    /// Frames that leave the card in a second of CLOCK_MONOTONIC.
    public let rate: Int
    /// Channels, 1 to 32.
    public let channels: Int
    /// Bytes per sample: 2 (S16_LE) or 4 (S32_LE).
    public let sampleBytes: Int
    /// Period size in frames.
    public let period: Int
    /// Buffer size in frames.
    public let buffer: Int
  }

  /// The kind of a block, `enum simcard_kind`.
  public enum Kind: CaseIterable, Sendable {
    case open, setup, prepare, start, frames, drop, drain, drained, xrun, pause, rewind, forward, suspend, stall
    case unplug, close

    /// The value in the file.
    var code: UInt32 {
      let kind =
        switch self {
        case .open: SIMCARD_OPEN
        case .setup: SIMCARD_SETUP
        case .prepare: SIMCARD_PREPARE
        case .start: SIMCARD_START
        case .frames: SIMCARD_FRAMES
        case .drop: SIMCARD_DROP
        case .drain: SIMCARD_DRAIN
        case .drained: SIMCARD_DRAINED
        case .xrun: SIMCARD_XRUN
        case .pause: SIMCARD_PAUSE
        case .rewind: SIMCARD_REWIND
        case .forward: SIMCARD_FORWARD
        case .suspend: SIMCARD_SUSPEND
        case .stall: SIMCARD_STALL
        case .unplug: SIMCARD_UNPLUG
        case .close: SIMCARD_CLOSE
        }
      return kind.rawValue
    }

    private static let byCode = Dictionary(uniqueKeysWithValues: allCases.map { ($0.code, $0) })

    /// The kind with this value in the file; `nil` if there is none.
    init?(code: UInt32) {
      guard let kind = Self.byCode[code] else { return nil }
      self = kind
    }

    /// Whether frames stop leaving the card with this event.
    var isEnd: Bool {
      switch self {
      case .drop, .drained, .xrun, .pause, .suspend, .stall, .unplug, .close: true
      default: false
      }
    }
  }

  /// One block of the record, other than frames.
  public struct Event: Equatable, Sendable {
    /// The kind of event.
    public let kind: Kind
    /// Time on the card's clock, exact to the frame.
    public let time: Monotonic
    /// Frames that had left since the last `prepare`.
    public let position: UInt64
    /// Frames rewound or forwarded; the process id for `open`; the cause (`enum simcard_cause`) for `start`.
    public let count: Int
  }

  /// All events, in order.
  public internal(set) var events: [Event] = []
  /// All streams, in order.
  public internal(set) var streams: [Stream] = []
  /// The parameters of each `setup`, in order.
  public internal(set) var setups: [Setup] = []
  /// Bytes of the file parsed so far. Bytes after them are new, or the start of an incomplete block.
  public internal(set) var length = 0
  /// Whether samples of the first stream were removed.
  private var isContinued = false

  /// Creates an empty recording, for ``append(_:)``.
  public init() {}

  /// Parses the complete blocks of a record and ignores an incomplete one at the end.
  public init(_ bytes: [UInt8]) throws(CardRecordingError) { try append(bytes[...]) }

  /// Parses a file, which may be growing.
  ///
  /// - Throws: `SystemError` if the file cannot be read; ``CardRecordingError`` if it cannot be parsed.
  public init(path: String) throws {
    try self.init(Files.read(path))
  }

  /// The stream whose frames are leaving the card, as far as the record goes.
  public var running: Stream? { streams.last.flatMap { $0.isRunning ? $0 : nil } }

  /// The latest time on the card's clock that the record knows: the last event, or the last frame that left.
  public var now: Monotonic? {
    let known = [events.last?.time, streams.last?.end].compactMap { $0 }
    return known.max()
  }

  /// Returns when the last sample louder than `threshold` (in either direction) had left.
  public func lastSound(above threshold: Int = 0) -> Monotonic? {
    for stream in streams.reversed() {
      if let index = stream.samples.lastIndex(where: { abs(Int($0)) > threshold }) { return stream.time(of: index + 1) }
    }
    return nil
  }

  /// Returns when the first sample louder than `threshold` at or after `moment` began to leave.
  public func firstSound(after moment: Monotonic, above threshold: Int = 0) -> Monotonic? {
    for stream in streams where stream.end > moment {
      let first = stream.firstIndex(notBefore: moment)
      if let index = stream.samples[first...].firstIndex(where: { abs(Int($0)) > threshold }) {
        return stream.time(of: index)
      }
    }
    return nil
  }

  /// Returns the samples from `start` until before `end` at ``rate``, with zeros where no stream ran.
  public func samples(from start: Monotonic, to end: Monotonic) -> [Int16] {
    // One for each sampling instant before `end`. Frame times are rounded, so one nanosecond holds no frame.
    let count = max(0, Frames.floor(end.since(start) - 2, at: Self.rate) + 1)
    var result = [Int16](repeating: 0, count: count)
    for stream in streams where stream.end > start && stream.start < end {
      stream.place(in: &result, from: start)
    }
    return result
  }

  /// Removes all events and all samples but the last few of a running stream, and returns the samples by stream, in
  /// order. For those who follow a long record: only what is new stays in memory.
  ///
  /// - Returns: for each stream with new samples, whether they are its first, the samples, and whether it runs on.
  public mutating func takeSamples() -> [Taken] {
    var taken: [Taken] = []
    var rest: [Stream] = []
    for (index, stream) in streams.enumerated() {
      let wasContinued = index == 0 && isContinued
      let count = stream.isRunning ? stream.droppable : stream.samples.count
      if count > 0 || !stream.isRunning {
        taken.append(
          Taken(isFirst: !wasContinued, samples: Array(stream.samples[..<count]), runsOn: stream.isRunning))
      }
      if stream.isRunning { rest = [stream.dropping(count)] }
      isContinued = stream.isRunning && (wasContinued || count > 0)
    }
    streams = rest
    events = []
    setups = setups.suffix(1)
    return taken
  }

  /// Samples that were removed from the recording.
  public struct Taken: Equatable, Sendable {
    /// Whether the first sample is the first of its stream.
    public let isFirst: Bool
    /// The samples of the first channel.
    public let samples: [Int16]
    /// Whether more samples of the stream may follow.
    public let runsOn: Bool

    /// Creates a part of a stream.
    public init(isFirst: Bool, samples: [Int16], runsOn: Bool) {
      self.isFirst = isFirst
      self.samples = samples
      self.runsOn = runsOn
    }
  }

  /// Returns the whole timeline as a RIFF WAVE file (48 kHz, mono, 16 bits).
  ///
  /// - Parameter longestGap: the maximum silence between two streams in milliseconds; longer gaps are shortened to it.
  public func wave(longestGap: Int = .max) -> [UInt8] {
    let maximum = longestGap > Int.max / Self.rate ? Int.max : longestGap * Self.rate / 1000
    var samples: [Int16] = []
    var before: Monotonic?
    for stream in streams where !stream.samples.isEmpty {
      if let before {
        let gap = max(0, Frames.floor(stream.start.since(before), at: Self.rate))
        samples += repeatElement(0, count: min(gap, maximum))
      }
      samples += self.samples(from: stream.start, to: stream.end)
      before = stream.end
    }
    return WaveFile.bytes(samples.map { Int32($0) << 16 }, rate: Self.rate, bits: 16)
  }
}

extension CardRecording {
  /// Returns the recording of a card that ran at `speed` as if it had run in real time: times after `origin` are
  /// stretched by `speed`, and samples stay the same.
  public func slowed(by speed: Int, from origin: Monotonic) -> CardRecording {
    if speed == 1 { return self }
    var slow = self
    slow.events = events.map { $0.slowed(by: speed, from: origin) }
    slow.streams = streams.map { $0.slowed(by: speed, from: origin) }
    return slow
  }
}

extension CardRecording.Event {
  func slowed(by speed: Int, from origin: Monotonic) -> CardRecording.Event {
    CardRecording.Event(kind: kind, time: time.slowed(by: speed, from: origin), position: position, count: count)
  }
}

extension Monotonic {
  /// Returns the time that is `speed` times as long after `origin`.
  func slowed(by speed: Int, from origin: Monotonic) -> Monotonic {
    Monotonic(nanoseconds: origin.nanoseconds + since(origin) * Int64(speed))
  }
}
