extension Board {
  /// The path to the loudspeaker. Frames are mono, at 48 kHz.
  public struct Sound: Codable, Equatable, Sendable {
    /// Name of the ALSA PCM: `default`, `hw:CARD=sndrpihifiberry`. It is looked up each time the card is opened.
    public var pcm: String
    /// Number of channels, 1 or 2.
    public var channels: Int
    /// The channels that play, of two.
    public var map: ChannelMap
    /// Frames between two wake-ups of the audio thread during playback.
    public var period: Int
    /// Frames that the card buffers.
    public var buffer: Int
    /// Whether a rewind reliably takes queued frames back. `hw` devices do; a plugin may only claim to. Without it
    /// the player queues two periods of the card, and at least 20 ms, so that the time to silence stays bounded.
    public var rewind: Bool
    /// What the card does between two clips.
    public var stream: Stream
    /// Minutes without a clip after which a running stream is halted; 0 never halts it.
    public var sleep: Int
    /// Milliseconds of silence before a clip that wakes the card.
    public var lead: Int
    /// Software gain in dB, -60...0. It caps the level of the loudspeaker.
    public var gain: Double
    /// The volumes that the responder can choose.
    public var volume: Volume
    /// The card's mixer element that sets the volume; nil applies the volume to the samples.
    public var mixer: Mixer?
    /// The line that switches the amplifier; nil for one that is always on.
    public var amplifier: Amplifier?

    /// The channels that play.
    public enum ChannelMap: String, Codable, CaseIterable, Sendable {
      /// Both channels, or the only one.
      case both
      /// The left channel; the right one is silent.
      case left
      /// The right channel; the left one is silent.
      case right
    }

    /// The state of the card between two clips.
    public enum Stream: String, Codable, CaseIterable, Sendable {
      /// Prepared and halted: the first frame of a clip is the first that the card receives.
      case prepared
      /// Running on silence, for cards that lose the first syllable when they wake.
      case running
    }

    /// Volumes in dB, -60...0, on top of `gain`.
    public struct Volume: Codable, Equatable, Sendable {
      /// The volume after each start.
      public var standard: Double
      /// The lowest volume that the buttons reach.
      public var floor: Double
      /// The highest volume that the buttons reach.
      public var ceiling: Double
      /// The volume of the quiet mode, for use within earshot of others.
      public var quiet: Double
      /// The change for one press of a volume button.
      public var step: Double

      /// Creates a set of volumes.
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
      /// The control device: `hw:CARD=sndrpihifiberry`.
      public var card: String
      /// The name of the element: `Digital`, `PCM`, `Master`.
      public var element: String

      /// Creates a reference to a mixer element.
      public init(card: String, element: String) {
        self.card = card
        self.element = element
      }
    }

    /// An amplifier that is switched: on for `lead` milliseconds before the first sound, off when it is quiet again.
    public struct Amplifier: Codable, Equatable, Sendable {
      /// The line; its active level switches the amplifier on.
      public var output: Output
      /// Seconds of silence after which the amplifier is switched off. A running stream keeps it on.
      public var rest: Int

      /// Creates a switched amplifier.
      public init(_ output: Output, rest: Int = 5) {
        self.output = output
        self.rest = rest
      }
    }

    /// Creates sound settings. The defaults are those of a board file that leaves the key out.
    public init(
      pcm: String, channels: Int = 1, period: Int = 480, buffer: Int = 9600, rewind: Bool = false, gain: Double = 0,
      map: ChannelMap = .both, stream: Stream = .prepared, sleep: Int = 10, lead: Int = 0, volume: Volume = Volume(),
      mixer: Mixer? = nil, amplifier: Amplifier? = nil
    ) {
      self.amplifier = amplifier
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

    /// The gain that is applied to the samples after a start, in dB. A mixer's volume is not part of it.
    public var standardGain: Double { gain + (mixer == nil ? volume.standard : 0) }
  }
}
