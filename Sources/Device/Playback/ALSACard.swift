import Board
import CALSA
import Glibc
import Synchronization

/// A PCM of libasound that is open, configured and prepared. The device monitor opens and closes it; the audio thread
/// plays to it.
struct ALSACard {
  /// Maximum number of descriptors of a PCM.
  static let maximumDescriptors = 8

  /// The handle of snd_pcm_open.
  let pcm: OpaquePointer
  /// What may be queued, taken back and waited for.
  let limits: CardLimits
  /// Number of channels, 1 or 2.
  let channels: Int
  /// The descriptors for poll(2). `close` frees them.
  let descriptors: UnsafeMutableBufferPointer<pollfd>

  /// Opens, configures and prepares a PCM. snd_pcm_open, snd_pcm_hw_params, snd_pcm_sw_params, snd_pcm_prepare
  static func open(_ sound: Board.Sound) -> Result<ALSACard, Failure> {
    var opened: OpaquePointer?
    // Non-blocking from the start: a card that another program uses is EBUSY at once.
    let code = snd_pcm_open(&opened, sound.pcm, SND_PCM_STREAM_PLAYBACK, CInt(SND_PCM_NONBLOCK))
    guard code >= 0, let opened else { return .failure(Failure(code: code < 0 ? -code : ENODEV)) }
    do throws(Failure) {
      let (limits, channels) = try configure(opened, sound)
      try check(snd_pcm_prepare(opened))
      let count = Int(snd_pcm_poll_descriptors_count(opened))
      guard (1...maximumDescriptors).contains(count) else { throw Failure(code: EINVAL) }
      let descriptors = UnsafeMutableBufferPointer<pollfd>.allocate(capacity: count)
      descriptors.initialize(repeating: pollfd())
      _ = snd_pcm_poll_descriptors(opened, descriptors.baseAddress, UInt32(count))
      return .success(ALSACard(pcm: opened, limits: limits, channels: channels, descriptors: descriptors))
    } catch {
      snd_pcm_close(opened)
      return .failure(error)
    }
  }

  /// Closes the PCM and frees the descriptors. snd_pcm_close
  func close() {
    snd_pcm_close(pcm)
    descriptors.deallocate()
  }

  /// The reason why a card cannot be opened.
  struct Failure: Error {
    /// A positive errno value.
    let code: CInt
  }

  private static func check(_ code: CInt) throws(Failure) {
    if code < 0 { throw Failure(code: -code) }
  }

  private static func configure(
    _ pcm: OpaquePointer, _ sound: Board.Sound
  ) throws(Failure) -> (limits: CardLimits, channels: Int) {
    var hardware: OpaquePointer?
    var software: OpaquePointer?
    defer {
      if hardware != nil { snd_pcm_hw_params_free(hardware) }
      if software != nil { snd_pcm_sw_params_free(software) }
    }
    var period = snd_pcm_uframes_t(sound.period)
    var size = snd_pcm_uframes_t(0)
    var channels = UInt32(sound.channels)
    try check(snd_pcm_hw_params_malloc(&hardware))
    try check(snd_pcm_hw_params_any(pcm, hardware))
    try check(snd_pcm_hw_params_set_access(pcm, hardware, SND_PCM_ACCESS_RW_INTERLEAVED))
    try check(snd_pcm_hw_params_set_format(pcm, hardware, SND_PCM_FORMAT_S16))
    try check(snd_pcm_hw_params_set_channels_near(pcm, hardware, &channels))
    try check(snd_pcm_hw_params_set_rate(pcm, hardware, 48_000, 0))
    try check(snd_pcm_hw_params_set_period_size_near(pcm, hardware, &period, nil))
    // The period that the card gives decides how much it must hold.
    size = snd_pcm_uframes_t(CardLimits.request(sound, period: Int(period)))
    try check(snd_pcm_hw_params_set_buffer_size_near(pcm, hardware, &size))
    try check(snd_pcm_hw_params(pcm, hardware))
    try check(snd_pcm_hw_params_get_period_size(hardware, &period, nil))
    try check(snd_pcm_hw_params_get_buffer_size(hardware, &size))
    let limits = CardLimits(
      sound, period: Int(period), buffer: Int(size), isBatch: snd_pcm_hw_params_is_batch(hardware) != 0)
    try check(snd_pcm_sw_params_malloc(&software))
    try check(snd_pcm_sw_params_current(pcm, software))
    try check(
      snd_pcm_sw_params_set_start_threshold(pcm, software, snd_pcm_uframes_t(limits.startThreshold)))
    // Not above the buffer size: there snd-usb-audio disables its low-latency mode.
    try check(snd_pcm_sw_params_set_stop_threshold(pcm, software, size))
    // Wake up when a period fits into what may be queued, even where the card could buffer more.
    try check(snd_pcm_sw_params_set_avail_min(pcm, software, snd_pcm_uframes_t(limits.availMin)))
    try check(snd_pcm_sw_params(pcm, software))
    guard (1...2).contains(channels) else { throw Failure(code: EINVAL) }
    return (limits, Int(channels))
  }
}

/// The hand-over of an open card between the device monitor and the audio thread. At most one card exists at a time.
struct CardExchange: ~Copyable {
  /// A card from the device monitor for the audio thread.
  let offered = Atomic<UnsafeMutablePointer<ALSACard>?>(nil)
  /// A card that the audio thread has finished with, for the device monitor to close.
  let returned = Atomic<UnsafeMutablePointer<ALSACard>?>(nil)
}
