import COpusEnc

/// How clips are encoded.
public struct EncoderSettings: Codable, Equatable, Sendable {
  /// The mean of the variable bit rate in bits per second, 6,000 to 256,000.
  public var bitrate = 24_000
  /// The encoder's complexity, 0...10.
  public var complexity = 10
  /// The length of a frame in milliseconds: 10, 20, 40 or 60.
  public var frame = 20

  /// The standard settings.
  public init() {}

  /// OPUS_FRAMESIZE_…
  fileprivate var frameSize: CInt {
    switch frame {
    case 10: OPUS_FRAMESIZE_10_MS
    case 40: OPUS_FRAMESIZE_40_MS
    case 60: OPUS_FRAMESIZE_60_MS
    default: OPUS_FRAMESIZE_20_MS
    }
  }
}

/// The Opus comments of a clip.
public struct ClipTags: Equatable, Sendable {
  /// The prompt's title.
  public var title: String
  /// The BCP 47 tag of the language.
  public var language: String
  /// The voice: `f1`, `m1`, `synthetic`.
  public var voice: String
  /// The prompt's id.
  public var prompt: String
  /// The review status: `DRAFT`, `REVIEWED`, `APPROVED`.
  public var status: String
  /// Whether it is speech synthesis.
  public var synthetic: Bool

  /// Creates the comments.
  public init(
    title: String, language: String, voice: String, prompt: String, status: String, synthetic: Bool
  ) {
    self.title = title
    self.language = language
    self.voice = voice
    self.prompt = prompt
    self.status = status
    self.synthetic = synthetic
  }

  fileprivate var comments: [(String, String)] {
    [
      ("TITLE", title), ("ARTIST", voice), ("LANGUAGE", language), ("FIRSTWORD_PROMPT", prompt),
      ("FIRSTWORD_STATUS", status),
    ] + (synthetic ? [("FIRSTWORD_SYNTHETIC", "yes")] : [])
  }
}

/// An error of libopusenc.
public struct EncoderError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The operation that failed.
  public var operation: String
  /// An error code of libopusenc, OPE_… or OPUS_….
  public var code: CInt

  /// The operation and the reason.
  public var description: String {
    "cannot encode (\(operation)): \(String(cString: ope_strerror(code)))"
  }
}

/// Encodes mono samples to an Ogg Opus stream.
public enum OpusEncoder {
  /// Encodes a clip.
  ///
  /// - Parameters:
  ///   - samples: mono; full scale is 1.
  ///   - rate: Hz; libopusenc resamples rates other than 48,000.
  ///   - tags: the Opus comments.
  ///   - serial: the serial number of the Ogg stream. The same input with the same serial gives the same bytes.
  ///   - settings: bit rate, complexity and frame.
  /// - Returns: a complete file; its header gain is 0.
  public static func encode(
    _ samples: [Float], rate: Int, tags: ClipTags, serial: Int32, settings: EncoderSettings
  ) throws(EncoderError) -> [UInt8] {
    let encoder = try Encoder(rate: rate, tags: tags)
    // AUDIO keeps the recorded sound; VOIP would filter and emphasize it after its level was set. The hint for voice
    // selects the speech coder, as `opusenc --speech` does.
    for (request, value) in [
      (OPUS_SET_APPLICATION_REQUEST, OPUS_APPLICATION_AUDIO),
      (OPUS_SET_SIGNAL_REQUEST, OPUS_SIGNAL_VOICE),
      (OPUS_SET_BITRATE_REQUEST, CInt(settings.bitrate)),
      (OPUS_SET_VBR_REQUEST, 1),
      (OPUS_SET_VBR_CONSTRAINT_REQUEST, 0),
      (OPUS_SET_COMPLEXITY_REQUEST, CInt(settings.complexity)),
      (OPUS_SET_EXPERT_FRAME_DURATION_REQUEST, settings.frameSize),
      (OPUS_SET_LSB_DEPTH_REQUEST, 24),
      (OPE_SET_HEADER_GAIN_REQUEST, 0),
      (OPE_SET_COMMENT_PADDING_REQUEST, 0),
      (OPE_SET_SERIALNO_REQUEST, serial),
    ] {
      try check("set option \(request)", fw_ope_encoder_set(encoder.raw, request, value))
    }
    try check(
      "write",
      samples.withUnsafeBufferPointer { ope_encoder_write_float(encoder.raw, $0.baseAddress, CInt($0.count)) })
    try check("drain", ope_encoder_drain(encoder.raw))
    return encoder.pages()
  }

  fileprivate static func check(_ operation: String, _ code: CInt) throws(EncoderError) {
    if code < 0 { throw EncoderError(operation: operation, code: code) }
  }
}

/// An OggOpusEnc that keeps its pages in memory.
private struct Encoder: ~Copyable {
  let raw: OpaquePointer

  /// ope_encoder_create_pull
  init(rate: Int, tags: ClipTags) throws(EncoderError) {
    guard let comments = ope_comments_create() else {
      throw EncoderError(operation: "create comments", code: OPE_ALLOC_FAIL)
    }
    defer { ope_comments_destroy(comments) }
    for (name, value) in tags.comments {
      try OpusEncoder.check("add comment \(name)", ope_comments_add(comments, name, value))
    }
    var code: CInt = 0
    guard let raw = ope_encoder_create_pull(comments, opus_int32(rate), 1, 0, &code) else {
      throw EncoderError(operation: "create", code: code)
    }
    self.raw = raw
  }

  deinit { ope_encoder_destroy(raw) }

  /// Returns the finished pages. ope_encoder_get_page: a page is valid until the next call.
  func pages() -> [UInt8] {
    var bytes: [UInt8] = []
    var page: UnsafeMutablePointer<UInt8>?
    var length: opus_int32 = 0
    while ope_encoder_get_page(raw, &page, &length, 1) == 1, let page {
      bytes += UnsafeBufferPointer(start: page, count: Int(length))
    }
    return bytes
  }
}
