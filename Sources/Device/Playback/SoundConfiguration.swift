/// How to reach the loudspeaker. Frames are of 48 kHz.
public struct SoundConfiguration: Sendable {
  /// What the card does between two clips.
  public enum Stream: Equatable, Sendable {
    /// Prepared and asleep: the first frame of a clip is the first that the card sees.
    case prepared
    /// Running, in silence: for cards that eat the first syllable when they wake. Asleep after so many milliseconds
    /// without a clip; 0: never.
    case running(sleep: Int)
  }

  /// Which of two channels speak.
  public enum ChannelMap: Equatable, Sendable { case both, left, right }

  /// An element of ALSA's simple mixer that sets the volume, instead of arithmetic on the samples.
  public struct Mixer: Equatable, Sendable {
    /// Name of the control device: `hw:CARD=sndrpihifiberry`.
    public var card: String
    /// Name of the element: `Digital`.
    public var element: String

    public init(card: String, element: String) {
      self.card = card
      self.element = element
    }
  }

  /// Name of the ALSA PCM. It is looked up again each time that the card is opened.
  public var pcm: String
  /// 1 or 2.
  public var channels = 1
  public var map = ChannelMap.both
  public var period = 480
  public var buffer = 9600
  /// Whether a rewind takes frames back for certain; without it at most two periods are queued.
  public var rewind = false
  public var stream = Stream.prepared
  /// Frames of silence before a clip that wakes the card.
  public var lead = 0
  /// What the board always takes off in its samples, in dB, at most 0.
  public var gain = 0.0
  /// Volume to begin with, in dB, at most 0; `Player.setVolume` changes it.
  public var volume = 0.0
  public var mixer: Mixer?
  /// Chunks of 20 ms that are decoded at a time, every 20 ms: faster than they are heard, and never so many that on one
  /// core a press has to wait for them. A card that takes frames as fast as they come wants more.
  public var chunksAtOnce = 4

  public init(pcm: String) { self.pcm = pcm }

  /// Frames that the card is given at most: where they cannot be taken back, few.
  var mostQueued: Int { rewind ? buffer : min(buffer, 2 * period) }
}
