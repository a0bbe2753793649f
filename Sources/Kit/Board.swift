/// A hardware profile, compiled: `firstword board compile` has checked it against the catalogue and written it
/// as JSON; the daemon reads nothing else.
public struct Board: Codable, Equatable, Sendable {
  public static let format = "firstword-board/1"

  public var format: String
  public var name: String
  public var use: Use
  public var sound: Sound
  public var presses: Presses
  public var lines: Lines
  public var inputs: [Input]
  public var leds: [LED]

  public init(
    name: String, use: Use, sound: Sound, presses: Presses = Presses(), lines: Lines, inputs: [Input] = [],
    leds: [LED] = []
  ) {
    self.format = Self.format
    self.name = name
    self.use = use
    self.sound = sound
    self.presses = presses
    self.lines = lines
    self.inputs = inputs
    self.leds = leds
  }

  /// What the board is for. A field board plays released kits of a trusted signer, and knows no override.
  public enum Use: String, Codable, CaseIterable, Sendable { case trial, field }

  /// The way to the loudspeaker.
  public struct Sound: Codable, Equatable, Sendable {
    /// Name of the ALSA PCM: `default`, `hw:CARD=sndrpihifiberry`.
    public var pcm: String
    /// 1 or 2; a clip goes to all.
    public var channels: Int
    /// Frames of 48 kHz between two wake-ups of the audio thread while it plays.
    public var period: Int
    /// Frames of 48 kHz that the card holds.
    public var buffer: Int
    /// Whether a rewind takes queued frames back for certain (`hw` does; plugins may only say so). Without it
    /// the player keeps at most two periods queued, so that a stop is still bounded.
    public var rewind: Bool
    /// Software gain in dB, -60...0.
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
}
