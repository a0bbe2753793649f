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
  public var journal: Journal

  public init(
    name: String, use: Use, sound: Sound, presses: Presses = Presses(), lines: Lines, inputs: [Input] = [],
    leds: [LED] = [], journal: Journal = Journal()
  ) {
    self.format = Self.format
    self.name = name
    self.use = use
    self.sound = sound
    self.presses = presses
    self.lines = lines
    self.inputs = inputs
    self.leds = leds
    self.journal = journal
  }

  /// What the board is for. A field board plays released kits of a trusted signer, and knows no override.
  public enum Use: String, Codable, CaseIterable, Sendable { case trial, field }

  /// What is kept of what was played.
  public struct Journal: Codable, Equatable, Sendable {
    /// False where the force's policy wants none: then nothing is written, whatever the command line says.
    public var isKept: Bool
    /// Kilobytes of all its files; the oldest go.
    public var size: Int
    /// After which what was written is removed; nil for no limit but the size.
    public var days: Int?

    public init(isKept: Bool = true, size: Int = 20_000, days: Int? = nil) {
      self.isKept = isKept
      self.size = size
      self.days = days
    }
  }

  /// The way to the loudspeaker.
  public struct Sound: Codable, Equatable, Sendable {
    /// Name of the ALSA PCM: `default`, `hw:CARD=sndrpihifiberry`.
    public var pcm: String
    /// 1 or 2.
    public var channels: Int
    /// Which of two channels speak.
    public var map: ChannelMap
    /// Frames of 48 kHz between two wake-ups of the audio thread while it plays.
    public var period: Int
    /// Frames of 48 kHz that the card holds.
    public var buffer: Int
    /// Whether a rewind takes queued frames back for certain (`hw` does; plugins may only say so). Without it
    /// the player keeps at most two periods queued, so that a stop is still bounded.
    public var rewind: Bool
    /// What the card does between two clips.
    public var stream: Stream
    /// Minutes without a clip after which a running stream sleeps; 0: never.
    public var sleep: Int
    /// Milliseconds of silence before a clip that wakes the card.
    public var lead: Int
    /// Software gain in dB, -60...0: what the loudspeaker must never exceed.
    public var gain: Double
    public var volume: Volume
    /// The card's own volume; without it the volume is in the samples.
    public var mixer: Mixer?

    public enum ChannelMap: String, Codable, CaseIterable, Sendable { case both, left, right }

    /// `running` is for cards that eat the first syllable when they wake.
    public enum Stream: String, Codable, CaseIterable, Sendable { case prepared, running }

    /// What the responder may set, in dB, -60...0.
    public struct Volume: Codable, Equatable, Sendable {
      /// After each start.
      public var standard: Double
      /// As far down, and as far up, as the buttons go.
      public var floor: Double
      public var ceiling: Double
      /// Of the quiet mode: not within earshot of others.
      public var quiet: Double
      /// Of one press.
      public var step: Double

      public init(
        standard: Double = 0, floor: Double = -30, ceiling: Double = 0, quiet: Double = -24, step: Double = 3
      ) {
        self.standard = standard
        self.floor = floor
        self.ceiling = ceiling
        self.quiet = quiet
        self.step = step
      }
    }

    /// An element of ALSA's simple mixer (`amixer scontrols` lists them).
    public struct Mixer: Codable, Equatable, Sendable {
      /// Control device: `hw:CARD=sndrpihifiberry`.
      public var card: String
      /// `Digital`, `PCM`, `Master`.
      public var element: String

      public init(card: String, element: String) {
        self.card = card
        self.element = element
      }
    }

    public init(
      pcm: String, channels: Int, period: Int, buffer: Int, rewind: Bool, gain: Double, map: ChannelMap = .both,
      stream: Stream = .prepared, sleep: Int = 10, lead: Int = 0, volume: Volume = Volume(), mixer: Mixer? = nil
    ) {
      self.pcm = pcm
      self.channels = channels
      self.map = map
      self.period = period
      self.buffer = buffer
      self.rewind = rewind
      self.stream = stream
      self.sleep = sleep
      self.lead = lead
      self.gain = gain
      self.volume = volume
      self.mixer = mixer
    }

    /// What the samples of a clip are changed by after a start, in dB.
    public var standardGain: Double { gain + (mixer == nil ? volume.standard : 0) }
  }
}
