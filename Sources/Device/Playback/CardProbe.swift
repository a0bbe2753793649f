import Board
import CALSA
import Glibc
import Posix
import Synchronization

/// The capabilities of a PCM, for people who look for a fault. The PCM is opened in silence and closed again.
public struct CardProbe: Equatable, Sendable {
  /// The supported sample rates, in Hz.
  public var rates: ClosedRange<Int>
  /// Whether 48,000 Hz is supported without resampling.
  public var hasRate: Bool
  /// The supported numbers of channels.
  public var channels: ClosedRange<Int>
  /// The largest buffer, in frames.
  public var buffer: Int
  /// Whether the PCM is the card itself (`hw`), not a plugin or a sound server.
  public var isHardware: Bool
  /// Frames of silence that were queued for the rewind test.
  public var queued: Int
  /// Frames of these that a rewind took back.
  public var rewound: Int

  /// The reason why a PCM cannot be probed.
  public struct Failure: Error, Equatable, Sendable {
    /// A positive errno value.
    public let code: CInt
    /// The reason in words. snd_strerror(3)
    public var cause: String { ClipPlayer.cause(code) }
  }

  /// Milliseconds after which the calls of a probe count as hanging.
  private static let patience = 5000

  /// The result of the thread that makes the calls, which may never return.
  private final class Outcome: Sendable {
    let result = Mutex<Result<CardProbe, Failure>?>(nil)
    let isThere: Wake

    init() throws(SystemError) { isThere = try Wake() }
  }

  /// Opens a PCM and reads its capabilities; then queues 0.1 s of silence as the player would, and rewinds it.
  ///
  /// A driver or an ALSA plugin may hang: the calls are made on a thread of their own, which is left to itself if it has
  /// not ended after five seconds.
  public static func probe(_ sound: Board.Sound) -> Result<CardProbe, Failure> {
    do throws(SystemError) {
      let outcome = try Outcome()
      try Thread("probe") {
        let result = examine(sound)
        outcome.result.withLock { $0 = result }
        outcome.isThere.signal()
      }.detach()
      let deadline = Monotonic.now.adding(milliseconds: patience)
      while Monotonic.now < deadline {
        if let result = outcome.result.withLock({ $0 }) { return result }
        var poll = Poll()
        _ = poll.add(outcome.isThere.descriptor, events: POLLIN)
        try poll.wait(until: deadline)
      }
      return outcome.result.withLock { $0 } ?? .failure(Failure(code: PlaybackEvent.hanging))
    } catch { return .failure(Failure(code: error.code)) }
  }

  private static func examine(_ sound: Board.Sound) -> Result<CardProbe, Failure> {
    var opened: OpaquePointer?
    let code = snd_pcm_open(&opened, sound.pcm, SND_PCM_STREAM_PLAYBACK, CInt(SND_PCM_NONBLOCK))
    guard code >= 0, let opened else { return .failure(Failure(code: code < 0 ? -code : ENODEV)) }
    let capabilities = capabilities(of: opened)
    snd_pcm_close(opened)
    guard case .success(var probe) = capabilities else { return capabilities }
    switch ALSACard.open(sound) {
    case .failure(let failure): return .failure(Failure(code: failure.code))
    case .success(let card):
      defer { card.close() }
      let count = min(card.limits.queue, 4800)
      let silence = [Int16](repeating: 0, count: count * card.channels)
      probe.queued = max(0, silence.withUnsafeBufferPointer { fw_pcm_write(card.pcm, $0.baseAddress, UInt(count)) })
      // The player leaves the same reserve to the card.
      let back = fw_pcm_delay(card.pcm) - card.limits.reserve
      probe.rewound = back > 0 ? max(0, fw_pcm_rewind(card.pcm, UInt(back))) : 0
      _ = fw_pcm_drop(card.pcm)
      return .success(probe)
    }
  }

  /// Sets the mixer of a board, as each start does.
  ///
  /// - Parameters:
  ///   - mixer: the element.
  ///   - volume: in dB, at most 0.
  /// - Returns: why the mixer could not be set; nil where it was.
  public static func setMixer(_ mixer: Board.Sound.Mixer, volume: Double) -> String? {
    let code = ALSAMixer.set(mixer, hundredths: Int((volume * 100).rounded()))
    return code < 0 ? ClipPlayer.cause(-code) : nil
  }

  private static func capabilities(of pcm: OpaquePointer) -> Result<CardProbe, Failure> {
    var space: OpaquePointer?
    defer { if space != nil { snd_pcm_hw_params_free(space) } }
    var code = snd_pcm_hw_params_malloc(&space)
    if code >= 0 { code = snd_pcm_hw_params_any(pcm, space) }
    if code < 0 { return .failure(Failure(code: -code)) }
    var (lowRate, highRate, fewChannels, manyChannels) = (UInt32(0), UInt32(0), UInt32(0), UInt32(0))
    var buffer = snd_pcm_uframes_t(0)
    snd_pcm_hw_params_get_rate_min(space, &lowRate, nil)
    snd_pcm_hw_params_get_rate_max(space, &highRate, nil)
    snd_pcm_hw_params_get_channels_min(space, &fewChannels)
    snd_pcm_hw_params_get_channels_max(space, &manyChannels)
    snd_pcm_hw_params_get_buffer_size_max(space, &buffer)
    return .success(
      CardProbe(
        rates: Int(lowRate)...max(Int(lowRate), Int(highRate)),
        hasRate: snd_pcm_hw_params_test_rate(pcm, space, 48_000, 0) == 0,
        channels: Int(fewChannels)...max(Int(fewChannels), Int(manyChannels)), buffer: Int(min(buffer, 1 << 40)),
        isHardware: snd_pcm_type(pcm) == SND_PCM_TYPE_HW, queued: 0, rewound: 0))
  }
}
