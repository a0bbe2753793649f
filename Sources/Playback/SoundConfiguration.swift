/// How to reach the loudspeaker. Frames are of 48 kHz.
public struct SoundConfiguration: Sendable {
  /// Name of the ALSA PCM.
  public var pcm: String
  /// 1 or 2.
  public var channels: Int
  public var period: Int
  public var buffer: Int
  /// Whether a rewind takes frames back for certain; without it at most two periods are queued.
  public var rewind: Bool
  /// In dB, at most 0.
  public var gain: Double

  public init(pcm: String, channels: Int, period: Int, buffer: Int, rewind: Bool, gain: Double) {
    self.pcm = pcm
    self.channels = channels
    self.period = period
    self.buffer = buffer
    self.rewind = rewind
    self.gain = gain
  }
}
