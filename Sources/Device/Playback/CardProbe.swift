import CALSA
import Glibc

/// What a PCM can do, asked once and not kept open: for people who look for a fault. Nothing is heard of it.
public struct CardProbe: Equatable, Sendable {
  /// Samples a second.
  public var rates: ClosedRange<Int>
  /// 48,000 is among them, without resampling that nobody asked for.
  public var hasRate: Bool
  public var channels: ClosedRange<Int>
  /// Frames that it holds at most.
  public var buffer: Int
  /// It is the card itself (`hw`), and no plugin or sound server before one.
  public var isHardware: Bool
  /// Frames of silence that were queued, and of these how many a rewind took back.
  public var queued: Int
  public var rewound: Int

  public struct Failure: Error, Equatable, Sendable {
    /// errno's number.
    public let code: CInt
    /// strerror's words.
    public var cause: String { Player.cause(code) }
  }

  /// Opens the PCM and asks; then plays 0.1 s of silence as the player would, and takes it back.
  public static func look(_ configuration: SoundConfiguration) -> Result<CardProbe, Failure> {
    var opened: OpaquePointer?
    let code = snd_pcm_open(&opened, configuration.pcm, SND_PCM_STREAM_PLAYBACK, CInt(SND_PCM_NONBLOCK))
    guard code >= 0, let opened else { return .failure(Failure(code: code < 0 ? -code : ENODEV)) }
    let asked = ask(opened)
    snd_pcm_close(opened)
    guard case .success(var probe) = asked else { return asked }
    switch ALSACard.open(configuration) {
    case .failure(let failure): return .failure(Failure(code: failure.code))
    case .success(let card):
      defer { card.close() }
      let count = min(card.capacity, 4800)
      let silence = [Int16](repeating: 0, count: count * card.channels)
      probe.queued = max(0, silence.withUnsafeBufferPointer { fw_pcm_write(card.pcm, $0.baseAddress, UInt(count)) })
      // As much as the player leaves to the card stays.
      let back = fw_pcm_delay(card.pcm) - RenderLoop<ALSASink>.reserve
      probe.rewound = back > 0 ? max(0, fw_pcm_rewind(card.pcm, UInt(back))) : 0
      _ = fw_pcm_drop(card.pcm)
      return .success(probe)
    }
  }

  /// Sets the mixer of a board to a volume in dB, as each start does; why it could not, or `nil`.
  public static func setMixer(_ mixer: SoundConfiguration.Mixer, volume: Double) -> String? {
    let code = ALSAMixer.set(mixer, hundredths: Int((volume * 100).rounded()))
    return code < 0 ? Player.cause(-code) : nil
  }

  private static func ask(_ pcm: OpaquePointer) -> Result<CardProbe, Failure> {
    var space: OpaquePointer?
    defer { if space != nil { snd_pcm_hw_params_free(space) } }
    var code = snd_pcm_hw_params_malloc(&space)
    if code >= 0 { code = snd_pcm_hw_params_any(pcm, space) }
    if code < 0 { return .failure(Failure(code: -code)) }
    var (low, high, fewest, most) = (UInt32(0), UInt32(0), UInt32(0), UInt32(0))
    var buffer = snd_pcm_uframes_t(0)
    snd_pcm_hw_params_get_rate_min(space, &low, nil)
    snd_pcm_hw_params_get_rate_max(space, &high, nil)
    snd_pcm_hw_params_get_channels_min(space, &fewest)
    snd_pcm_hw_params_get_channels_max(space, &most)
    snd_pcm_hw_params_get_buffer_size_max(space, &buffer)
    return .success(
      CardProbe(
        rates: Int(low)...max(Int(low), Int(high)), hasRate: snd_pcm_hw_params_test_rate(pcm, space, 48_000, 0) == 0,
        channels: Int(fewest)...max(Int(fewest), Int(most)), buffer: Int(min(buffer, 1 << 40)),
        isHardware: snd_pcm_type(pcm) == SND_PCM_TYPE_HW, queued: 0, rewound: 0))
  }
}
