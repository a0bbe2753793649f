import Posix

/// What the card wrote down: every frame that left it, and when. `Sources/Tester/simcard/include/simcard.h` has the format.
public struct CardRecording: Sendable {
  /// Samples a second of every timeline that this gives.
  public static let rate = 48_000

  public struct Setup: Equatable, Sendable {
    public let rate: Int
    public let channels: Int
    /// Bytes of one sample: 2 (S16_LE) or 4 (S32_LE).
    public let sampleBytes: Int
    /// Frames.
    public let period: Int
    /// Frames.
    public let buffer: Int
  }

  public enum Kind: UInt32, Sendable {
    case open = 1
    case setup, prepare, start, frames, drop, drain, drained, xrun, pause, rewind, forward, suspend, stall, unplug
    case close

    /// Whether frames stop leaving with it.
    var isEnd: Bool {
      switch self {
      case .drop, .drained, .xrun, .pause, .suspend, .stall, .unplug, .close: true
      default: false
      }
    }
  }

  /// Everything but the frames.
  public struct Event: Equatable, Sendable {
    public let kind: Kind
    /// By the card's clock, exact to the frame.
    public let time: Monotonic
    /// Frames that had left since the last `prepare`.
    public let position: UInt64
    /// Frames rewound or forwarded; the process id for `open`; why it started for `start`: 0 triggered, 1 released
    /// from a pause, 2 resumed, 3 no longer stalled.
    public let count: Int
  }

  /// Frames that left without a break, from a trigger (or the end of a pause or stall) on.
  public struct Stream: Sendable {
    /// When the first frame went on the line.
    public let start: Monotonic
    public let rate: Int
    /// Frames that had left since `prepare` before this.
    public let position: UInt64
    /// The first channel; of 32 bits the upper 16.
    public fileprivate(set) var samples: [Int16] = []
    /// What ended it; `nil` while it runs, or where the program was killed.
    public fileprivate(set) var ended: Event?
    /// Whether more may come.
    public fileprivate(set) var isRunning = true

    /// When the sample of that index went on the line, rounded down to a nanosecond.
    public func time(of index: Int) -> Monotonic {
      Monotonic(nanoseconds: start.nanoseconds + nanoseconds(of: index, at: rate))
    }

    /// When the last sample had left.
    public var end: Monotonic { time(of: samples.count) }
  }

  public private(set) var events: [Event] = []
  public private(set) var streams: [Stream] = []
  /// Each `setup`, in order.
  public private(set) var setups: [Setup] = []
  /// Bytes understood so far; what follows in the file is new, or not complete yet.
  public private(set) var length = 0

  public init() {}

  /// Reads what is complete and leaves a block that is not.
  public init(_ bytes: [UInt8]) throws(CardRecordingError) { try append(bytes[...]) }

  /// Reads a file, which may be growing.
  public init(path: String) throws {
    try self.init(Files.read(path))
  }

  /// The stream that is leaving the card, as far as is known.
  public var running: Stream? { streams.last.flatMap { $0.isRunning ? $0 : nil } }

  /// How far the card's own time is known: the last event, or the last frame that left.
  public var now: Monotonic? {
    let known = [events.last?.time, streams.last?.end].compactMap { $0 }
    return known.max()
  }

  /// When the last sample above `threshold` (in either direction) had left.
  public func lastSound(above threshold: Int = 0) -> Monotonic? {
    for stream in streams.reversed() {
      if let index = stream.samples.lastIndex(where: { abs(Int($0)) > threshold }) { return stream.time(of: index + 1) }
    }
    return nil
  }

  /// When the first sample above `threshold` at or after `moment` went on the line.
  public func firstSound(after moment: Monotonic, above threshold: Int = 0) -> Monotonic? {
    for stream in streams where stream.end > moment {
      let first = stream.firstIndex(notBefore: moment)
      if let index = stream.samples[first...].firstIndex(where: { abs(Int($0)) > threshold }) {
        return stream.time(of: index)
      }
    }
    return nil
  }

  /// What was on the line from `start` on until before `end`, at ``rate``: zero where no stream ran.
  public func samples(from start: Monotonic, to end: Monotonic) -> [Int16] {
    // One for each sampling instant before `end`; times of frames are rounded, so a nanosecond makes no frame.
    let count = max(0, floorFrames(end.since(start) - 2, at: Self.rate) + 1)
    var result = [Int16](repeating: 0, count: count)
    for stream in streams where stream.end > start && stream.start < end {
      stream.place(in: &result, from: start)
    }
    return result
  }

  /// The whole timeline as a RIFF WAVE file (48 kHz, mono, 16 bits), a gap between two streams no longer than
  /// `longestGap` milliseconds.
  public func wave(longestGap: Int = .max) -> [UInt8] {
    let most = longestGap > Int.max / Self.rate ? Int.max : longestGap * Self.rate / 1000
    var samples: [Int16] = []
    var before: Monotonic?
    for stream in streams where !stream.samples.isEmpty {
      if let before {
        let gap = max(0, floorFrames(stream.start.since(before), at: Self.rate))
        samples += repeatElement(0, count: min(gap, most))
      }
      samples += self.samples(from: stream.start, to: stream.end)
      before = stream.end
    }
    return waveFile(samples)
  }
}

extension CardRecording {
  /// The recording of a card that ran at `speed`, as if it had run at the speed of sound: all that follows `origin`
  /// takes as many times longer. Its samples stay as they are.
  public func slowed(by speed: Int, from origin: Monotonic) -> CardRecording {
    if speed == 1 { return self }
    var slow = self
    slow.events = events.map { $0.slowed(by: speed, from: origin) }
    slow.streams = streams.map { stream in
      var copy = Stream(
        start: stream.start.slowed(by: speed, from: origin), rate: stream.rate / speed, position: stream.position)
      copy.samples = stream.samples
      copy.ended = stream.ended?.slowed(by: speed, from: origin)
      copy.isRunning = stream.isRunning
      return copy
    }
    return slow
  }
}

extension CardRecording.Event {
  fileprivate func slowed(by speed: Int, from origin: Monotonic) -> CardRecording.Event {
    CardRecording.Event(
      kind: kind, time: time.slowed(by: speed, from: origin), position: position, count: count)
  }
}

extension Monotonic {
  func slowed(by speed: Int, from origin: Monotonic) -> Monotonic {
    Monotonic(nanoseconds: origin.nanoseconds + since(origin) * Int64(speed))
  }
}

// MARK: - Times

/// Nanoseconds until frame `index`, rounded down.
private func nanoseconds(of index: Int, at rate: Int) -> Int64 {
  Int64(index / rate) * 1_000_000_000 + Int64(index % rate) * 1_000_000_000 / Int64(rate)
}

/// Frames in a span, rounded down (towards the past for a negative one).
private func floorFrames(_ span: Int64, at rate: Int) -> Int {
  var seconds = span / 1_000_000_000
  var rest = span % 1_000_000_000
  if rest < 0 {
    seconds -= 1
    rest += 1_000_000_000
  }
  return Int(seconds) * rate + Int(rest * Int64(rate) / 1_000_000_000)
}

extension CardRecording.Stream {
  /// Whether these frames follow at once on those that are known.
  fileprivate func goesOn(with frames: CardRecording.Event) -> Bool {
    position &+ UInt64(samples.count) == frames.position && end == frames.time
  }

  /// The first sample that went on the line at `moment` or later; `samples.count` where there is none.
  fileprivate func firstIndex(notBefore moment: Monotonic) -> Int {
    let span = moment.since(start)
    if span <= 0 { return 0 }
    var index = floorFrames(span, at: rate)
    if time(of: index) < moment { index += 1 }
    return min(index, samples.count)
  }

  /// Lays the samples into a timeline that begins at `origin`.
  fileprivate func place(in timeline: inout [Int16], from origin: Monotonic) {
    if rate == CardRecording.rate {
      // Sample i of the timeline is frame i + shift of the stream.
      let shift = floorFrames(origin.since(start) + roundingSlack, at: rate)
      let first = max(0, -shift)
      let last = min(timeline.count, samples.count - shift)
      if first < last {
        timeline.replaceSubrange(first..<last, with: samples[(first + shift)..<(last + shift)])
      }
      return
    }
    for index in timeline.indices {
      let moment = origin.nanoseconds + nanoseconds(of: index, at: CardRecording.rate)
      let frame = floorFrames(moment - start.nanoseconds + roundingSlack, at: rate)
      if samples.indices.contains(frame) { timeline[index] = samples[frame] }
    }
  }

  /// Times are written rounded down to a nanosecond: asked for a frame's own time, its index must come back.
  private var roundingSlack: Int64 { 1 }
}

// MARK: - Blocks

extension CardRecording {
  private static let fileHead = 16
  private static let blockHead = 32
  private static let magic: [UInt8] = Array("simcard\0".utf8)
  /// No block of the card is longer than a second of frames at the highest rate that it takes.
  private static let longest = 768_000 * 8

  /// Understands the bytes that follow the first ``length`` of the file, as far as they are complete.
  public mutating func append(_ bytes: ArraySlice<UInt8>) throws(CardRecordingError) {
    var failure: CardRecordingError?
    bytes.withUnsafeBytes { buffer in
      do throws(CardRecordingError) { try understand(Bytes(buffer)) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private mutating func understand(_ bytes: Bytes) throws(CardRecordingError) {
    var rest = bytes
    if length == 0 {
      if !rest.begins(with: Self.magic) { throw CardRecordingError(offset: 0, .notARecording) }
      if rest.left < Self.fileHead { return }
      if rest.word(at: 8) != 1 || rest.word(at: 12) != Self.blockHead {
        throw CardRecordingError(offset: 8, .otherVersion(rest.word(at: 8)))
      }
      rest.skip(Self.fileHead)
      length = Self.fileHead
    }
    while rest.left >= Self.blockHead {
      if rest.word(at: 0) != 0x4b4c_4253 { throw CardRecordingError(offset: length, .noBlock) }
      guard let kind = Kind(rawValue: UInt32(rest.word(at: 4))) else {
        throw CardRecordingError(offset: length + 4, .unknownKind(rest.word(at: 4)))
      }
      let size = rest.word(at: 8)
      if size > Self.longest { throw CardRecordingError(offset: length + 8, .tooLong(size)) }
      if rest.left < Self.blockHead + size { return }
      let event = Event(
        kind: kind, time: Monotonic(nanoseconds: Int64(bitPattern: rest.long(at: 16))), position: rest.long(at: 24),
        count: rest.word(at: 12))
      try take(event, rest.payload(from: Self.blockHead, size))
      rest.skip(Self.blockHead + size)
      length += Self.blockHead + size
    }
  }

  private mutating func take(_ event: Event, _ payload: Bytes) throws(CardRecordingError) {
    switch event.kind {
    case .frames:
      try takeFrames(event, payload)
      return
    case .setup:
      guard payload.left >= 20, [2, 10].contains(payload.word(at: 8)), payload.word(at: 0) > 0,
        (1...32).contains(payload.word(at: 4))
      else { throw CardRecordingError(offset: length, .badSetup) }
      setups.append(
        Setup(
          rate: payload.word(at: 0), channels: payload.word(at: 4), sampleBytes: payload.word(at: 8) == 2 ? 2 : 4,
          period: payload.word(at: 12), buffer: payload.word(at: 16)))
    case .start:
      guard let setup = setups.last else { throw CardRecordingError(offset: length, .outOfOrder(event.kind)) }
      endStream(nil)
      streams.append(Stream(start: event.time, rate: setup.rate, position: event.position))
    case .open:
      // A program that was killed ended nothing.
      endStream(nil)
    default:
      if event.kind.isEnd { endStream(event) }
    }
    events.append(event)
  }

  private mutating func endStream(_ event: Event?) {
    guard let last = streams.indices.last, streams[last].isRunning else { return }
    streams[last].isRunning = false
    streams[last].ended = event
  }

  private mutating func takeFrames(_ event: Event, _ payload: Bytes) throws(CardRecordingError) {
    guard let setup = setups.last, let last = streams.indices.last, streams[last].isRunning else {
      throw CardRecordingError(offset: length, .outOfOrder(.frames))
    }
    let frameBytes = setup.channels * setup.sampleBytes
    if event.count * frameBytes != payload.left { throw CardRecordingError(offset: length, .badFrames) }
    if !streams[last].goesOn(with: event) { throw CardRecordingError(offset: length, .gap) }
    // In little-endian order the upper half of a 32-bit sample is its second.
    streams[last].samples.append(
      contentsOf: (0..<event.count).map { payload.sample(at: $0 * frameBytes + setup.sampleBytes - 2) })
  }
}

/// Little-endian numbers in a stretch of bytes, valid as long as those are.
private struct Bytes {
  private var bytes: UnsafeRawBufferPointer.SubSequence

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes[...] }

  private init(slice: UnsafeRawBufferPointer.SubSequence) { bytes = slice }

  var left: Int { bytes.count }

  /// Whether it begins with `other`, as far as it goes.
  func begins(with other: [UInt8]) -> Bool { other.starts(with: bytes.prefix(other.count)) }

  mutating func skip(_ count: Int) { bytes = bytes.dropFirst(count) }

  func payload(from offset: Int, _ count: Int) -> Bytes { Bytes(slice: bytes.dropFirst(offset).prefix(count)) }

  func word(at offset: Int) -> Int { Int(UInt32(littleEndian: load(offset))) }

  func long(at offset: Int) -> UInt64 { UInt64(littleEndian: load(offset)) }

  func sample(at offset: Int) -> Int16 { Int16(littleEndian: load(offset)) }

  private func load<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) -> Number {
    UnsafeRawBufferPointer(rebasing: bytes).loadUnaligned(fromByteOffset: offset, as: Number.self)
  }
}

/// Where a recording stops making sense, and why.
public struct CardRecordingError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Problem: Equatable, Sendable {
    case notARecording
    case otherVersion(Int)
    case noBlock
    case unknownKind(Int)
    case tooLong(Int)
    case badSetup
    case badFrames
    case outOfOrder(CardRecording.Kind)
    /// Frames do not follow those before them.
    case gap
    /// The file became shorter than what was read of it.
    case shrank
  }

  /// Bytes from the beginning of the file.
  public let offset: Int
  public let problem: Problem

  init(offset: Int, _ problem: Problem) {
    self.offset = offset
    self.problem = problem
  }

  public var description: String {
    let what =
      switch problem {
      case .notARecording: "this is no recording of the simulated card"
      case .otherVersion(let version): "version \(version) of the recording is not known here"
      case .noBlock: "no block begins here"
      case .unknownKind(let kind): "kind \(kind) is not known"
      case .tooLong(let size): "a block of \(size) bytes is longer than any"
      case .badSetup: "the setup makes no sense"
      case .badFrames: "frames and bytes do not agree"
      case .outOfOrder(let kind): "`\(kind)` cannot come here"
      case .gap: "frames do not follow those before them"
      case .shrank: "the file became shorter while it was read"
      }
    return "recording of the card, byte \(offset): \(what)"
  }
}

/// A RIFF WAVE file of mono 16-bit samples at 48 kHz.
private func waveFile(_ samples: [Int16]) -> [UInt8] {
  func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
  func half(_ value: Int) -> [UInt8] { [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)] }
  let size = samples.count * 2
  var bytes: [UInt8] = []
  bytes.reserveCapacity(44 + size)
  bytes += Array("RIFF".utf8) + word(36 + size) + Array("WAVEfmt ".utf8) + word(16)
  bytes += half(1) + half(1) + word(CardRecording.rate) + word(CardRecording.rate * 2) + half(2) + half(16)
  bytes += Array("data".utf8) + word(size)
  for sample in samples {
    bytes.append(UInt8(truncatingIfNeeded: sample))
    bytes.append(UInt8(truncatingIfNeeded: sample >> 8))
  }
  return bytes
}
