/// A hardware profile: how a device reaches its loudspeaker, its buttons and its LEDs.
///
/// People write it in YAML; `firstword board compile` validates it against the catalogue and writes it as JSON, which
/// is all that the daemon reads. This module holds values only: the module `BoardJSON` reads and writes the JSON.
public struct Board: Codable, Equatable, Sendable {
  /// The value of the key `format` in files of this version.
  public static let format = "firstword-board/1"

  /// The format of the file; `Board.format` in a valid board.
  public var format: String
  /// The name of the board, an identifier such as `raspberry-pi`.
  public var name: String
  /// Whether the board is for trials or for the field.
  public var use: Use
  /// The path to the loudspeaker.
  public var sound: Sound
  /// How presses are told apart, for all buttons.
  public var presses: Presses
  /// The GPIO lines that are buttons.
  public var lines: Lines
  /// The input devices whose keys are buttons.
  public var inputs: [Input]
  /// The LEDs that show the state of the device.
  public var leds: [LED]
  /// How much of the journal is kept.
  public var journal: Journal

  /// Creates a board of the current format. The values are not validated; `BoardJSON` validates on writing.
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

  /// The purpose of a board.
  public enum Use: String, Codable, CaseIterable, Sendable {
    /// Plays drafts and kits of unknown signers where the command line allows it.
    case trial
    /// Plays only released kits signed by a trusted key; the command line cannot override that.
    case field
  }

  /// The retention of the journal.
  public struct Journal: Codable, Equatable, Sendable {
    /// Whether a journal is written. False forbids it, whatever the command line says.
    public var isKept: Bool
    /// Maximum size of all journal files together, in kilobytes; the oldest files are deleted first.
    public var size: Int
    /// Days after which entries are deleted; nil keeps them until `size` is reached.
    public var days: Int?
    /// What `journal-to-stick` writes; nil in boards of earlier versions, for `redacted`.
    public var stick: StickCopy?

    /// What is written to a stick.
    public enum StickCopy: String, Codable, CaseIterable, Sendable {
      /// A sheet without answers, times and hashes.
      case redacted
      /// The journal as it is.
      case whole
      /// Nothing.
      case nothing
    }

    /// Creates a retention policy.
    public init(isKept: Bool = true, size: Int = 20_000, days: Int? = nil, stick: StickCopy? = nil) {
      self.isKept = isKept
      self.size = size
      self.days = days
      self.stick = stick
    }

    /// What `journal-to-stick` writes on this board.
    public var stickCopy: StickCopy { isKept ? stick ?? .redacted : .nothing }
  }
}
