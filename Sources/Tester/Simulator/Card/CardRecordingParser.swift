import CSimcard
import Posix

extension CardRecording {
  private static let fileHead = MemoryLayout<simcard_file>.size
  private static let blockHead = MemoryLayout<simcard_block>.size
  private static let magic = Array(SIMCARD_FILE_MAGIC.utf8) + [0]
  /// Maximum payload of a block in bytes: a second of frames at the highest rate that the card supports.
  private static let longest = 768_000 * 8
  /// Times that a block may have, in nanoseconds: three years of one boot. A slowed recording multiplies them.
  private static let times: ClosedRange<Int64> = 0...100_000_000_000_000_000

  /// Parses the complete blocks of `bytes`, which follow the first ``length`` bytes of the file.
  public mutating func append(_ bytes: ArraySlice<UInt8>) throws(CardRecordingError) {
    var failure: CardRecordingError?
    bytes.withUnsafeBytes { buffer in
      do throws(CardRecordingError) { try parse(Bytes(buffer)) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private mutating func parse(_ bytes: Bytes) throws(CardRecordingError) {
    var rest = bytes
    if length == 0 {
      if !rest.isPrefixed(by: Self.magic) { throw CardRecordingError(offset: 0, .notARecording) }
      if rest.count < Self.fileHead { return }
      let file = rest.load(as: simcard_file())
      let version = UInt32(littleEndian: file.version)
      if version != SIMCARD_VERSION || UInt32(littleEndian: file.head) != UInt32(Self.blockHead) {
        throw CardRecordingError(offset: 8, .otherVersion(Int(version)))
      }
      rest.skip(Self.fileHead)
      length = Self.fileHead
    }
    while rest.count >= Self.blockHead {
      let block = rest.load(as: simcard_block())
      if UInt32(littleEndian: block.magic) != SIMCARD_BLOCK_MAGIC { throw CardRecordingError(offset: length, .noBlock) }
      let code = UInt32(littleEndian: block.kind)
      guard let kind = Kind(code: code) else { throw CardRecordingError(offset: length + 4, .unknownKind(Int(code))) }
      let size = Int(UInt32(littleEndian: block.bytes))
      if size > Self.longest { throw CardRecordingError(offset: length + 8, .tooLong(size)) }
      let time = Int64(littleEndian: block.time)
      if !Self.times.contains(time) { throw CardRecordingError(offset: length, .badTime) }
      if rest.count < Self.blockHead + size { return }
      let event = Event(
        kind: kind, time: Monotonic(nanoseconds: time),
        position: UInt64(littleEndian: block.position), count: Int(UInt32(littleEndian: block.count)))
      try append(event, rest.part(from: Self.blockHead, size))
      rest.skip(Self.blockHead + size)
      length += Self.blockHead + size
    }
  }

  private mutating func append(_ event: Event, _ payload: Bytes) throws(CardRecordingError) {
    switch event.kind {
    case .frames:
      try appendFrames(event, payload)
      return
    case .setup:
      guard let setup = Setup(payload) else { throw CardRecordingError(offset: length, .badSetup) }
      setups.append(setup)
    case .start:
      guard let setup = setups.last else { throw CardRecordingError(offset: length, .outOfOrder(event.kind)) }
      endStream(nil)
      streams.append(Stream(start: event.time, rate: setup.rate, position: event.position))
    case .open:
      // A killed program writes no end of its stream.
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

  private mutating func appendFrames(_ event: Event, _ payload: Bytes) throws(CardRecordingError) {
    guard let setup = setups.last, let last = streams.indices.last, streams[last].isRunning else {
      throw CardRecordingError(offset: length, .outOfOrder(.frames))
    }
    let frameBytes = setup.channels * setup.sampleBytes
    if event.count * frameBytes != payload.count { throw CardRecordingError(offset: length, .badFrames) }
    if !streams[last].isContinued(by: event) { throw CardRecordingError(offset: length, .gap) }
    // In little-endian order the upper half of a 32-bit sample comes second.
    streams[last].samples.append(
      contentsOf: (0..<event.count).map { payload.sample(at: $0 * frameBytes + setup.sampleBytes - 2) })
  }
}

extension CardRecording.Setup {
  /// Parses `struct simcard_setup`; `nil` if its values are out of range.
  fileprivate init?(_ payload: Bytes) {
    guard payload.count >= MemoryLayout<simcard_setup>.size else { return nil }
    let setup = payload.load(as: simcard_setup())
    let format = UInt32(littleEndian: setup.format)
    let (rate, channels) = (UInt32(littleEndian: setup.rate), UInt32(littleEndian: setup.channels))
    guard [SIMCARD_S16_LE.rawValue, SIMCARD_S32_LE.rawValue].contains(format), (1...768_000).contains(rate),
      (1...32).contains(channels)
    else { return nil }
    self.init(
      rate: Int(rate), channels: Int(channels), sampleBytes: format == SIMCARD_S16_LE.rawValue ? 2 : 4,
      period: Int(UInt32(littleEndian: setup.period)), buffer: Int(UInt32(littleEndian: setup.buffer)))
  }
}

/// Part of the record in memory. Valid as long as the buffer that it was made of.
private struct Bytes {
  private var bytes: UnsafeRawBufferPointer.SubSequence

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes[...] }

  private init(slice: UnsafeRawBufferPointer.SubSequence) { bytes = slice }

  var count: Int { bytes.count }

  /// Returns whether the bytes begin with `other`, or are the beginning of it.
  func isPrefixed(by other: [UInt8]) -> Bool { other.starts(with: bytes.prefix(other.count)) }

  mutating func skip(_ count: Int) { bytes = bytes.dropFirst(count) }

  func part(from offset: Int, _ count: Int) -> Bytes { Bytes(slice: bytes.dropFirst(offset).prefix(count)) }

  /// Copies a C structure from the start of the bytes, which must hold all of it; `empty` gives its type.
  func load<Structure>(as empty: Structure) -> Structure {
    var structure = empty
    withUnsafeMutableBytes(of: &structure) { $0.copyBytes(from: bytes.prefix($0.count)) }
    return structure
  }

  func sample(at offset: Int) -> Int16 {
    let bytes = UnsafeRawBufferPointer(rebasing: bytes)
    return Int16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int16.self))
  }
}
