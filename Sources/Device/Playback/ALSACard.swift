import CALSA
import Glibc
import Synchronization

/// A PCM of libasound, opened, set up and prepared. The keeper makes and closes it, the audio thread plays to it.
struct ALSACard {
  static let mostDescriptors = 8
  /// Frames that start the card, 40 ms; fewer where it holds little. Any clip has as many in memory, and silence behind it.
  static let mostToStart = 1920

  let pcm: OpaquePointer
  /// Frames that may be queued.
  let capacity: Int
  /// 1 or 2.
  let channels: Int
  /// What poll(2) waits on.
  let descriptors: UnsafeMutableBufferPointer<pollfd>

  /// snd_pcm_open, snd_pcm_hw_params, snd_pcm_sw_params, snd_pcm_prepare. A negative errno where that fails.
  static func open(_ configuration: SoundConfiguration) -> Result<ALSACard, Failure> {
    var opened: OpaquePointer?
    // Non-blocking from the start: a card that somebody else plays to is EBUSY, not a wait.
    let code = snd_pcm_open(&opened, configuration.pcm, SND_PCM_STREAM_PLAYBACK, CInt(SND_PCM_NONBLOCK))
    guard code >= 0, let opened else { return .failure(Failure(code: code < 0 ? -code : ENODEV)) }
    do throws(Failure) {
      let (capacity, channels) = try configure(opened, configuration)
      try check(snd_pcm_prepare(opened))
      let count = Int(snd_pcm_poll_descriptors_count(opened))
      guard (1...mostDescriptors).contains(count) else { throw Failure(code: EINVAL) }
      let descriptors = UnsafeMutableBufferPointer<pollfd>.allocate(capacity: count)
      descriptors.initialize(repeating: pollfd())
      _ = snd_pcm_poll_descriptors(opened, descriptors.baseAddress, UInt32(count))
      return .success(ALSACard(pcm: opened, capacity: capacity, channels: channels, descriptors: descriptors))
    } catch {
      snd_pcm_close(opened)
      return .failure(error)
    }
  }

  /// snd_pcm_close
  func close() {
    snd_pcm_close(pcm)
    descriptors.deallocate()
  }

  /// errno's number for why there is no card.
  struct Failure: Error {
    let code: CInt
  }

  private static func check(_ code: CInt) throws(Failure) {
    if code < 0 { throw Failure(code: -code) }
  }

  private static func configure(
    _ pcm: OpaquePointer, _ configuration: SoundConfiguration
  ) throws(Failure) -> (capacity: Int, channels: Int) {
    var hardware: OpaquePointer?
    var software: OpaquePointer?
    defer {
      if hardware != nil { snd_pcm_hw_params_free(hardware) }
      if software != nil { snd_pcm_sw_params_free(software) }
    }
    let most = configuration.mostQueued
    var period = snd_pcm_uframes_t(configuration.period)
    var size = snd_pcm_uframes_t(most)
    var channels = UInt32(configuration.channels)
    try check(snd_pcm_hw_params_malloc(&hardware))
    try check(snd_pcm_hw_params_any(pcm, hardware))
    try check(snd_pcm_hw_params_set_access(pcm, hardware, SND_PCM_ACCESS_RW_INTERLEAVED))
    try check(snd_pcm_hw_params_set_format(pcm, hardware, SND_PCM_FORMAT_S16))
    try check(snd_pcm_hw_params_set_channels_near(pcm, hardware, &channels))
    try check(snd_pcm_hw_params_set_rate(pcm, hardware, 48_000, 0))
    try check(snd_pcm_hw_params_set_period_size_near(pcm, hardware, &period, nil))
    try check(snd_pcm_hw_params_set_buffer_size_near(pcm, hardware, &size))
    try check(snd_pcm_hw_params(pcm, hardware))
    try check(snd_pcm_sw_params_malloc(&software))
    try check(snd_pcm_sw_params_current(pcm, software))
    // What a card fetches at once when it starts is there by then: some take 20 ms.
    let ready = min(snd_pcm_uframes_t(mostToStart), min(size, snd_pcm_uframes_t(most)) / 2)
    try check(snd_pcm_sw_params_set_start_threshold(pcm, software, max(1, ready)))
    // Not above the buffer: snd-usb-audio turns its low latency off there.
    try check(snd_pcm_sw_params_set_stop_threshold(pcm, software, size))
    // Ready when a period fits into what may be queued, however much more the card could hold.
    let spare = size - min(size, snd_pcm_uframes_t(most))
    try check(snd_pcm_sw_params_set_avail_min(pcm, software, spare + period))
    try check(snd_pcm_sw_params(pcm, software))
    guard (1...2).contains(channels) else { throw Failure(code: EINVAL) }
    return (min(Int(size), most), Int(channels))
  }
}

/// Where an open card passes between the keeper and the audio thread: one way in, one way out, never two cards.
struct CardDoor: ~Copyable {
  /// Put there by the keeper, taken by the audio thread.
  let offered = Atomic<UnsafeMutablePointer<ALSACard>?>(nil)
  /// Put there by the audio thread, which is done with it; closed by the keeper.
  let returned = Atomic<UnsafeMutablePointer<ALSACard>?>(nil)
}
