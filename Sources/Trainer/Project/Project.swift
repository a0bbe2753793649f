import Kit

/// The settings of a trainer's project, as its `kit.yaml` has them.
public struct Project: Equatable, Sendable {
  /// The kit's name: letters, digits and hyphens.
  public var name: String
  /// The kit's version: numbers joined by points, such as `1.0`.
  public var version: String
  /// BCP 47 tags, in the order of the responder's language buttons.
  public var languages: [String]
  /// The ids of the prompts, by number.
  public var prompts: [String]
  /// The tag of the language in which the device speaks to the responder; nil for tones.
  public var operatorLanguage: String?
  /// The language finder's settings.
  public var finder = Finder()
  /// The loudness of the clips.
  public var level: Level
  /// The encoder's settings.
  public var opus: Opus
  /// Which approvals count.
  public var approvals = ApprovalPolicy.names
  /// The check's limits that differ from the defaults.
  public var check: [CheckLimit: Double] = [:]
  /// The tags of the languages other than English in which responders read titles and cautions.
  public var operators: [String] = []
  /// The people and services that the responder can call.
  public var contacts: [KitContact] = []

  /// The order in which the languages are offered to a listener whose language is unknown.
  public struct Finder: Equatable, Sendable {
    /// The listeners' likely regions of origin (ISO 3166), the likeliest first.
    public var regions: [String] = []
    /// The time after each language in which the listener can raise a hand, in seconds.
    public var pause = 5.0
  }

  /// The loudness of the clips.
  public struct Level: Equatable, Sendable {
    /// The target loudness in LUFS.
    public var target = -16.0
    /// The maximum true peak in dBTP.
    public var peak = -1.5
  }

  /// The Opus encoder's settings.
  public struct Opus: Equatable, Sendable {
    /// The bit rate in bits per second.
    public var bitrate = 24_000
    /// The encoder's complexity, 0...10.
    public var complexity = 10
    /// The length of a frame in milliseconds: 10, 20, 40 or 60.
    public var frame = 20
  }
}
