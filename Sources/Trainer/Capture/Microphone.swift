import CALSA
import Glibc
import Posix

/// An open capture PCM at 48 kHz, mixed to one channel. Use it from one thread.
public final class Microphone {
  /// Sample rate in Hz.
  public static let rate = 48_000
  /// Buffer size in frames: four seconds, which a slow terminal or disk may take.
  private static let buffer = 4 * rate
  /// Period size in frames: 20 ms.
  private static let period = rate / 50

  /// The PCM's name.
  public let device: String
  /// Significant bits of a sample: 16 or 24.
  public let bits: Int

  private let pcm: OpaquePointer
  private let channels: Int
  private let width: Width
  private var table: [pollfd]
  /// Index of the first descriptor in the caller's poll.
  private var place: Int?

  /// The layout of a sample in memory, little-endian.
  private enum Width: Int {
    case two = 2
    case three = 3
    case four = 4
    /// 24 bits in the lower three of four bytes.
    case low = 5

    var bytes: Int { self == .low ? 4 : rawValue }
  }

  /// The audio since the last read.
  public struct Sound: Equatable, Sendable {
    /// Samples at a full scale of 32 bits.
    public var samples: [Int32] = []
    /// Whether audio was lost before these samples, by an overrun or a suspend.
    public var isTorn = false
  }

  /// Opens a PCM and starts the capture. snd_pcm_open, snd_pcm_hw_params, snd_pcm_start
  ///
  /// - Parameter device: the PCM's name; `default` is the desktop's.
  /// - Throws: EBUSY where another program has it; ENOENT, ENODEV or ENXIO where it is absent.
  public convenience init(device: String) throws(CaptureError) {
    let handler = fw_alsa_discard_errors()
    defer { fw_alsa_restore_errors(handler) }
    var opened: OpaquePointer?
    // Non-blocking: snd_pcm_open returns EBUSY instead of waiting for another program.
    let code = snd_pcm_open(&opened, device, SND_PCM_STREAM_CAPTURE, CInt(SND_PCM_NONBLOCK))
    guard code >= 0, let opened else {
      throw CaptureError("snd_pcm_open", device: device, code: code < 0 ? -code : ENODEV)
    }
    try self.init(owning: opened, device: device)
  }

  /// Takes ownership of an open PCM, and closes it on failure.
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

  /// Adds the PCM's descriptors to a poll. Call `read(after:)` when the poll has returned.
  public func add(to poll: inout Poll) {
    place = nil
    for descriptor in table {
      let number = poll.add(descriptor.fd, events: Int32(descriptor.events))
      place = place ?? number
    }
  }

  /// Reads the available audio, and recovers from overrun and suspend. snd_pcm_readi
  ///
  /// - Parameter poll: the poll that the descriptors were added to, after its wait.
  /// - Returns: the audio, empty where none is available.
  /// - Throws: ENODEV where the microphone was unplugged; open a new one then.
  public func read(after poll: Poll) throws(CaptureError) -> Sound {
    if let place {
      // Plugins clear their wake-up here; without it the next poll would not sleep.
      for index in table.indices { table[index].revents = Int16(truncatingIfNeeded: poll.answer(place + index)) }
      fw_pcm_answer(pcm, &table, UInt32(table.count))
    }
    var sound = Sound()
    let frame = channels * width.bytes
    var bytes = [UInt8](repeating: 0, count: Self.rate / 4 * frame)
    // A device without a clock never runs empty, so one read is limited to a second.
    while sound.samples.count < Self.rate {
      let count = snd_pcm_readi(pcm, &bytes, UInt(Self.rate / 4))
      if count > 0 {
        append(bytes[..<(count * frame)], to: &sound.samples)
        continue
      }
      if count == 0 || count == -Int(EAGAIN) { break }
      if count == -Int(EPIPE) || count == -Int(ESTRPIPE) {
        // Audio before the gap does not continue after it.
        sound = Sound(isTorn: true)
        try Self.check("snd_pcm_prepare", device, snd_pcm_prepare(pcm))
        try Self.check("snd_pcm_start", device, snd_pcm_start(pcm))
        continue
      }
      throw CaptureError("snd_pcm_readi", device: device, code: CInt(-count))
    }
    return sound
  }

  /// Appends the mean of the channels of each frame.
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
    // Bits below the 24th are noise in any microphone; a 16-bit converter pads with zeros.
    let significant = snd_pcm_hw_params_get_sbits(hardware)
    return (Int(channels), width, width == .two || (1...16).contains(significant) ? 16 : 24)
  }
}
