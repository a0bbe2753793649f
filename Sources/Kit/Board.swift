/// A hardware profile, compiled: `firstword board compile` has checked it against the catalogue and written it
/// as JSON; the daemon reads nothing else.
public struct Board: Codable, Equatable, Sendable {
  public static let format = "firstword-board/1"

  public var format: String
  public var name: String
  public var use: Use
  public var sound: Sound
  public var lines: Lines

  public init(name: String, use: Use, sound: Sound, lines: Lines) {
    self.format = Self.format
    self.name = name
    self.use = use
    self.sound = sound
    self.lines = lines
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

  /// The GPIO lines that are buttons.
  public struct Lines: Codable, Equatable, Sendable {
    /// Milliseconds after an edge during which a line's further edges are chatter.
    public var lockout: Int
    /// Milliseconds between two looks at a line that has no interrupts.
    public var poll: Int
    public var buttons: [Line]

    public init(lockout: Int, poll: Int, buttons: [Line]) {
      self.lockout = lockout
      self.poll = poll
      self.buttons = buttons
    }
  }

  public struct Line: Codable, Equatable, Sendable {
    /// Label of the GPIO chip: `pinctrl-bcm2711`. Numbers of chips change between kernels, labels do not.
    public var chip: String
    /// Offset of the line on its chip.
    public var line: Int
    /// The level of a pressed button.
    public var active: Level
    /// Look at it on a timer even where the kernel offers edges.
    public var timed: Bool
    public var button: Button

    public init(chip: String, line: Int, active: Level, timed: Bool, button: Button) {
      self.chip = chip
      self.line = line
      self.active = active
      self.timed = timed
      self.button = button
    }
  }

  public enum Level: String, Codable, CaseIterable, Sendable { case low, high }
}

/// What a press asks for: one of the controls, or a prompt by its id. No prompt may have a control's name.
public enum Button: Hashable, Sendable, Codable, CustomStringConvertible {
  case control(Control)
  case prompt(String)

  public enum Control: String, CaseIterable, Sendable {
    case stop
    case again = "repeat"
    case nextLanguage = "next-language"
    case previousLanguage = "previous-language"
  }

  public init(_ name: String) {
    self = Control(rawValue: name).map(Button.control) ?? .prompt(name)
  }

  /// `stop`, `next-language`, or the prompt's id.
  public var description: String {
    switch self {
    case .control(let control): control.rawValue
    case .prompt(let id): id
    }
  }

  public init(from decoder: any Decoder) throws { self.init(try decoder.singleValueContainer().decode(String.self)) }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
