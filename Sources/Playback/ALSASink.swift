import CALSA
import Glibc

/// A PCM of libasound, non-blocking.
struct ALSASink: Sink, ~Copyable {
  private let configuration: SoundConfiguration
  private var pcm: OpaquePointer?
  /// The last try to open found no card.
  private var failed = false
  private(set) var capacity = 0
  private var channels = 1
  private var descriptors = 0
  /// poll(2)'s table: the wake descriptor, then the PCM's.
  private let table: UnsafeMutableBufferPointer<pollfd>
  /// One write's worth of interleaved frames.
  private let interleaved: UnsafeMutableBufferPointer<Int16>

  static let mostDescriptors = 8
  /// Frames that one call of `write` takes at most.
  static let mostFrames = 4096

  init(_ configuration: SoundConfiguration) {
    self.configuration = configuration
    table = .allocate(capacity: 1 + Self.mostDescriptors)
    table.initialize(repeating: pollfd())
    interleaved = .allocate(capacity: Self.mostFrames * 2)
    interleaved.initialize(repeating: 0)
  }

  deinit {
    if let pcm { snd_pcm_close(pcm) }
    table.deallocate()
    interleaved.deallocate()
  }

  /// snd_pcm_open, snd_pcm_hw_params, snd_pcm_sw_params, snd_pcm_prepare
  mutating func open() -> CInt {
    close()
    // libasound says why on standard error: once is help, twice a second is noise.
    fw_alsa_complaints(failed ? 0 : 1)
    failed = true
    var opened: OpaquePointer?
    var code = snd_pcm_open(&opened, configuration.pcm, SND_PCM_STREAM_PLAYBACK, CInt(SND_PCM_NONBLOCK))
    guard code >= 0, let opened else { return code < 0 ? code : -ENODEV }
    code = configure(opened)
    if code >= 0 { code = snd_pcm_prepare(opened) }
    if code >= 0 {
      descriptors = Int(snd_pcm_poll_descriptors_count(opened))
      if !(1...Self.mostDescriptors).contains(descriptors) { code = -EINVAL }
    }
    if code >= 0 { code = snd_pcm_poll_descriptors(opened, table.baseAddress! + 1, UInt32(descriptors)) }
    if code < 0 {
      snd_pcm_close(opened)
      return code
    }
    pcm = opened
    failed = false
    fw_alsa_complaints(1)
    return 0
  }

  private mutating func configure(_ pcm: OpaquePointer) -> CInt {
    var hardware: OpaquePointer?
    var software: OpaquePointer?
    defer {
      if hardware != nil { snd_pcm_hw_params_free(hardware) }
      if software != nil { snd_pcm_sw_params_free(software) }
    }
    var period = snd_pcm_uframes_t(configuration.period)
    // Where frames cannot be taken back, few are given.
    let most = configuration.rewind ? configuration.buffer : min(configuration.buffer, 2 * configuration.period)
    var size = snd_pcm_uframes_t(most)
    var count = UInt32(configuration.channels)
    let steps: [() -> CInt] = [
      { snd_pcm_hw_params_malloc(&hardware) },
      { snd_pcm_hw_params_any(pcm, hardware) },
      { snd_pcm_hw_params_set_access(pcm, hardware, SND_PCM_ACCESS_RW_INTERLEAVED) },
      { snd_pcm_hw_params_set_format(pcm, hardware, SND_PCM_FORMAT_S16) },
      { snd_pcm_hw_params_set_channels_near(pcm, hardware, &count) },
      { snd_pcm_hw_params_set_rate(pcm, hardware, 48_000, 0) },
      { snd_pcm_hw_params_set_period_size_near(pcm, hardware, &period, nil) },
      { snd_pcm_hw_params_set_buffer_size_near(pcm, hardware, &size) },
      { snd_pcm_hw_params(pcm, hardware) },
      { snd_pcm_sw_params_malloc(&software) },
      { snd_pcm_sw_params_current(pcm, software) },
      // The first write starts the card, and nothing is queued before it.
      { snd_pcm_sw_params_set_start_threshold(pcm, software, 1) },
      // Not above the buffer: snd-usb-audio turns its low latency off there.
      { snd_pcm_sw_params_set_stop_threshold(pcm, software, size) },
      // Ready when a period fits into what may be queued, however much more the card could hold.
      { snd_pcm_sw_params_set_avail_min(pcm, software, size - min(size, snd_pcm_uframes_t(most)) + period) },
      { snd_pcm_sw_params(pcm, software) },
    ]
    for step in steps {
      let code = step()
      if code < 0 { return code }
    }
    guard (1...2).contains(count) else { return -EINVAL }
    channels = Int(count)
    capacity = min(Int(size), most)
    return 0
  }

  mutating func close() {
    if let pcm { snd_pcm_close(pcm) }
    pcm = nil
  }

  /// snd_pcm_writei
  mutating func write(_ frames: UnsafeBufferPointer<Int16>) -> Int {
    guard let pcm else { return Int(-ENODEV) }
    let count = min(frames.count, Self.mostFrames)
    let from: UnsafePointer<Int16>
    if channels == 1 {
      from = frames.baseAddress!
    } else {
      for i in 0..<count {
        interleaved[2 * i] = frames[i]
        interleaved[2 * i + 1] = frames[i]
      }
      from = UnsafePointer(interleaved.baseAddress!)
    }
    let result = snd_pcm_writei(pcm, from, snd_pcm_uframes_t(count))
    return result == -Int(EAGAIN) ? 0 : Int(result)
  }

  /// snd_pcm_delay
  mutating func queued() -> Int {
    guard let pcm else { return Int(-ENODEV) }
    var delay: snd_pcm_sframes_t = 0
    let code = snd_pcm_delay(pcm, &delay)
    return code < 0 ? Int(code) : max(0, Int(delay))
  }

  /// snd_pcm_rewind, by the delay: snd_pcm_rewindable may answer without asking the card where it stands.
  mutating func rewind(keeping keep: Int) -> Int {
    guard configuration.rewind, let pcm else { return 0 }
    let back = queued() - keep
    return back > 0 ? max(0, Int(snd_pcm_rewind(pcm, snd_pcm_uframes_t(back)))) : 0
  }

  /// snd_pcm_drop, snd_pcm_prepare
  mutating func halt() -> CInt {
    guard let pcm else { return -ENODEV }
    let code = snd_pcm_drop(pcm)
    return code < 0 ? code : snd_pcm_prepare(pcm)
  }

  func wait(wake: CInt, forRoom: Bool, milliseconds: CInt) {
    table[0] = pollfd(fd: wake, events: Int16(POLLIN), revents: 0)
    guard forRoom, let pcm else {
      _ = poll(table.baseAddress, 1, milliseconds)
      return
    }
    // An error on the PCM ends the wait too; the next write tells which it was.
    if poll(table.baseAddress, nfds_t(1 + descriptors), milliseconds) > 0 {
      // Plugins take their wake-up back here; without it the next poll would not sleep.
      var answer: UInt16 = 0
      _ = snd_pcm_poll_descriptors_revents(pcm, table.baseAddress! + 1, UInt32(descriptors), &answer)
    }
  }
}
