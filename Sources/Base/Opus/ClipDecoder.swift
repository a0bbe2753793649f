import COpusFile

/// Decodes one clip, an Ogg Opus stream in memory, to 16-bit mono frames of 48 kHz.
///
/// Pre-skip and the end granule are honoured, so exactly the frames that were encoded come out. Opening allocates;
/// `read` does not block, but it allocates inside libopusfile: it belongs on a decode thread, never on the audio
/// thread.
public struct ClipDecoder: ~Copyable {
  /// Length in frames of 48 kHz.
  public let frames: Int
  private let file: OpaquePointer
  /// In opusfile's place; `nil` where it decodes by itself.
  private let plain: OpaquePointer?
  private let bytes: UnsafeMutablePointer<UInt8>

  /// Copies the bytes; they stay in memory as long as this value. op_open_memory(3)
  ///
  /// - Throws: what is wrong with the bytes: no Ogg Opus, damaged, more than one channel or stream, a gain in the header, no end.
  public init(_ clip: [UInt8]) throws(ClipError) {
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, clip.count))
    copy.initialize(from: clip, count: clip.count)
    var code: CInt = 0
    guard let file = op_open_memory(copy, clip.count, &code) else {
      copy.deallocate()
      throw ClipError.unreadable(code)
    }
    let total = op_pcm_total(file, -1)
    let problem: ClipError? =
      if op_link_count(file) != 1 { .chained } else if op_channel_count(file, 0) != 1 { .notMono } else if total < 0 {
        .unreadable(CInt(total))
      } else if let head = op_head(file, 0), head.pointee.output_gain != 0 { .gain } else { nil }
    if let problem {
      op_free(file)
      copy.deallocate()
      throw problem
    }
    // Rounding is enough for 16 bits of speech, and the same on every run.
    op_set_dither_enabled(file, 0)
    self.file = file
    plain = Self.decodePlainly(file)
    bytes = copy
    frames = Int(total)
  }

  /// One stream of one channel is for the plain decoder. opusfile's own way leads through the one for many streams,
  /// which in libopus 1.3 asks the processor eight times for each packet what it is: in a virtual machine that takes
  /// longer than half the decoding. opus_decode_float(3)
  private static func decodePlainly(_ file: OpaquePointer) -> OpaquePointer? {
    guard let head = op_head(file, 0), head.pointee.mapping_family == 0, let plain = opus_decoder_create(48_000, 1, nil)
    else { return nil }
    op_set_decode_callback(
      file,
      { plain, _, frames, packet, count, _, format, _ in
        guard format == OP_DEC_FORMAT_FLOAT, let plain, let frames, let packet = packet?.pointee else {
          return OP_DEC_USE_DEFAULT
        }
        let decoded = opus_decode_float(
          OpaquePointer(plain), packet.packet, opus_int32(packet.bytes),
          frames.assumingMemoryBound(to: Float.self), count, 0)
        return decoded < 0 ? decoded : decoded == count ? 0 : OPUS_INVALID_PACKET
      }, UnsafeMutableRawPointer(plain))
    return plain
  }

  deinit {
    op_free(file)
    if let plain { opus_decoder_destroy(plain) }
    bytes.deallocate()
  }

  /// Fills at most `buffer.count` frames and returns how many: about 20 ms at a call, 0 at the end. op_read(3)
  public mutating func read(into buffer: UnsafeMutableBufferPointer<Int16>) throws(ClipError) -> Int {
    if buffer.isEmpty { return 0 }
    let count = op_read(file, buffer.baseAddress, CInt(buffer.count), nil)
    // OP_HOLE: pages are missing. A clip is either whole or refused.
    if count < 0 { throw ClipError.unreadable(count) }
    return Int(count)
  }

  /// All frames of a clip.
  public static func decode(_ clip: [UInt8]) throws(ClipError) -> [Int16] {
    var decoder = try ClipDecoder(clip)
    var samples: [Int16] = []
    samples.reserveCapacity(decoder.frames)
    // 120 ms, the longest Opus packet.
    let buffer = UnsafeMutableBufferPointer<Int16>.allocate(capacity: 5760)
    defer { buffer.deallocate() }
    while true {
      let count = try decoder.read(into: buffer)
      if count == 0 { return samples }
      samples += buffer[..<count]
    }
  }
}
