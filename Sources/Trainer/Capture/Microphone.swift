import CALSA
import Glibc
import Posix

/// A microphone that is open and heard: a capture PCM of libasound at 48 kHz, made one channel. One thread uses it.
public final class Microphone {
  /// Frames a second.
  public static let rate = 48_000
  /// Frames that the card keeps while nobody reads: a terminal or a disk may be slow for so long.
  private static let buffer = 4 * rate
  /// 20 ms.
  private static let period = rate / 50

  public let device: String
  /// Significant bits of a sample: 16 or 24.
  public let bits: Int

  private let pcm: OpaquePointer
  private let channels: Int
  private let width: Width
  private var table: [pollfd]
  /// The first place of the table in the poll that waits.
  private var place: Int?

  /// How a sample lies in memory, little-endian.
  private enum Width: Int {
    case two = 2
    case three = 3
    case four = 4
    /// 24 bits in the lower part of four bytes.
    case low = 5

    var bytes: Int { self == .low ? 4 : rawValue }
  }

  /// What was heard since the last look.
  public struct Sound: Equatable, Sendable {
    /// Full scale is 32 bits, the highest bit first.
    public var samples: [Int32] = []
    /// Sound was lost before these: it was read too late, or the machine slept.
    public var isTorn = false
  }

  /// Opens it and begins to hear. snd_pcm_open, snd_pcm_hw_params, snd_pcm_start
  ///
  /// - Parameter device: a PCM's name; `default` is the desktop's.
  public convenience init(device: String) throws(CaptureError) {
    fw_alsa_complaints(0)
    defer { fw_alsa_complaints(1) }
    var opened: OpaquePointer?
    // Non-blocking from the start: a microphone that somebody else has is EBUSY, not a wait.
    let code = snd_pcm_open(&opened, device, SND_PCM_STREAM_CAPTURE, CInt(SND_PCM_NONBLOCK))
    guard code >= 0, let opened else {
      throw CaptureError("snd_pcm_open", device: device, code: code < 0 ? -code : ENODEV)
    }
    try self.init(owning: opened, device: device)
  }

  /// Takes ownership of an open PCM; where it cannot be used, it is closed.
  init(owning opened: OpaquePointer, device: String) throws(CaptureError) {
    self.device = device
    do throws(CaptureError) {
      (channels, width, bits) = try Self.configure(opened, device)
      table = Array(repeating: pollfd(), count: max(0, Int(snd_pcm_poll_descriptors_count(opened))))
      _ = snd_pcm_poll_descriptors(opened, &table, UInt32(table.count))
      try Self.check("snd_pcm_start", device, snd_pcm_start(opened))
    } catch {
      snd_pcm_close(opened)
      throw error
    }
    pcm = opened
  }

  deinit { snd_pcm_close(pcm) }

  /// Puts what it waits on into a poll; `read` after that.
  public func add(to poll: inout Poll) {
    place = nil
    for descriptor in table {
      let number = poll.add(descriptor.fd, events: Int32(descriptor.events))
      place = place ?? number
    }
  }

  /// What there is; nothing where nothing is due. snd_pcm_readi
  ///
  /// An overrun and a suspend are ordinary: it goes on behind them.
  ///
  /// - Parameter poll: that it was added to and that has waited.
  /// - Throws: ENODEV where it was unplugged; open another one then.
  public func read(after poll: Poll) throws(CaptureError) -> Sound {
    if let place {
      // Plugins take their wake-up back here; without it the next poll would not sleep.
      for index in table.indices { table[index].revents = Int16(truncatingIfNeeded: poll.answer(place + index)) }
      fw_pcm_answer(pcm, &table, UInt32(table.count))
    }
    var sound = Sound()
    let frame = channels * width.bytes
    var bytes = [UInt8](repeating: 0, count: Self.rate / 4 * frame)
    // A device without a clock of its own would give for ever.
    while sound.samples.count < Self.rate {
      let count = snd_pcm_readi(pcm, &bytes, UInt(Self.rate / 4))
      if count > 0 {
        append(bytes[..<(count * frame)], to: &sound.samples)
        continue
      }
      if count == 0 || count == -Int(EAGAIN) { break }
      if count == -Int(EPIPE) || count == -Int(ESTRPIPE) {
        // What was heard before the gap belongs to nothing that goes on.
        sound = Sound(isTorn: true)
        try Self.check("snd_pcm_prepare", device, snd_pcm_prepare(pcm))
        try Self.check("snd_pcm_start", device, snd_pcm_start(pcm))
        continue
      }
      throw CaptureError("snd_pcm_readi", device: device, code: CInt(-count))
    }
    return sound
  }

  /// The mean of the channels of each frame.
  private func append(_ bytes: ArraySlice<UInt8>, to samples: inout [Int32]) {
    let (size, channels, width) = (width.bytes, channels, width)
    samples.reserveCapacity(samples.count + bytes.count / (size * channels))
    bytes.withUnsafeBytes { bytes in
      for start in stride(from: 0, to: bytes.count, by: size * channels) {
        var sum = 0
        for channel in 0..<channels {
          var value: UInt32 = 0
          for index in 0..<size {
            value |= UInt32(bytes[start + channel * size + index]) << UInt32(8 * (4 - size + index))
          }
          sum += Int(Int32(bitPattern: width == .low ? value << 8 : value))
        }
        samples.append(Int32(sum / channels))
      }
    }
  }

  private static func check(_ operation: String, _ device: String, _ code: CInt) throws(CaptureError) {
    if code < 0 { throw CaptureError(operation, device: device, code: -code) }
  }

  private static func configure(
    _ pcm: OpaquePointer, _ device: String
  ) throws(CaptureError) -> (channels: Int, width: Width, bits: Int) {
    func check(_ operation: String, _ code: CInt) throws(CaptureError) { try Self.check(operation, device, code) }
    var hardware: OpaquePointer?
    var software: OpaquePointer?
    defer {
      if hardware != nil { snd_pcm_hw_params_free(hardware) }
      if software != nil { snd_pcm_sw_params_free(software) }
    }
    var channels: UInt32 = 1
    var period = snd_pcm_uframes_t(Self.period)
    var size = snd_pcm_uframes_t(Self.buffer)
    try check("snd_pcm_hw_params_malloc", snd_pcm_hw_params_malloc(&hardware))
    try check("snd_pcm_hw_params_any", snd_pcm_hw_params_any(pcm, hardware))
    try check(
      "snd_pcm_hw_params_set_access", snd_pcm_hw_params_set_access(pcm, hardware, SND_PCM_ACCESS_RW_INTERLEAVED))
    let formats: [(snd_pcm_format_t, Width)] = [
      (SND_PCM_FORMAT_S32_LE, .four), (SND_PCM_FORMAT_S24_3LE, .three), (SND_PCM_FORMAT_S24_LE, .low),
      (SND_PCM_FORMAT_S16_LE, .two),
    ]
    let chosen = formats.first { snd_pcm_hw_params_test_format(pcm, hardware, $0.0) == 0 }
    guard let (format, width) = chosen else {
      throw CaptureError("snd_pcm_hw_params_set_format", device: device, code: EINVAL)
    }
    try check("snd_pcm_hw_params_set_format", snd_pcm_hw_params_set_format(pcm, hardware, format))
    try check("snd_pcm_hw_params_set_channels", snd_pcm_hw_params_set_channels_near(pcm, hardware, &channels))
    if channels > 2 { throw CaptureError("snd_pcm_hw_params_set_channels", device: device, code: EINVAL) }
    try check("snd_pcm_hw_params_set_rate", snd_pcm_hw_params_set_rate(pcm, hardware, UInt32(Self.rate), 0))
    try check(
      "snd_pcm_hw_params_set_period_size", snd_pcm_hw_params_set_period_size_near(pcm, hardware, &period, nil))
    try check("snd_pcm_hw_params_set_buffer_size", snd_pcm_hw_params_set_buffer_size_near(pcm, hardware, &size))
    try check("snd_pcm_hw_params", snd_pcm_hw_params(pcm, hardware))
    try check("snd_pcm_sw_params_malloc", snd_pcm_sw_params_malloc(&software))
    try check("snd_pcm_sw_params_current", snd_pcm_sw_params_current(pcm, software))
    try check("snd_pcm_sw_params_set_avail_min", snd_pcm_sw_params_set_avail_min(pcm, software, period))
    try check("snd_pcm_sw_params", snd_pcm_sw_params(pcm, software))
    // What stands below 24 bits is noise of any microphone; a converter of 16 bits fills up with zeros.
    let significant = snd_pcm_hw_params_get_sbits(hardware)
    return (Int(channels), width, width == .two || (1...16).contains(significant) ? 16 : 24)
  }
}
