/// The result of a scenario, for tables, pages and programs. Times are in seconds since the first action.
public struct ScenarioReport: Codable, Sendable {
  /// Name of the scenario.
  public var name: String
  /// Path of its file.
  public var file: String
  /// Length in seconds.
  public var seconds: Double
  /// One row for each press.
  public var rows: [TimelineRow]
  /// All expectations, in the order of the file.
  public var expectations: [Expected]
  /// Changes of the card.
  public var acts: [Done]
  /// The board's LEDs and their changes.
  public var lamps: [Lamp]
  /// Peak of each hundredth of a second, 0 to 1; not encoded.
  public var loudness: [Float] = []

  enum CodingKeys: String, CodingKey { case name, file, seconds, rows, expectations, acts, lamps }

  /// An expectation and what was found.
  public struct Expected: Codable, Sendable {
    /// Line in the scenario's file, from 1.
    public var line: Int
    /// When it was checked, or when the sound that it concerns began.
    public var seconds: Double
    /// What was expected.
    public var expected: String
    /// What was found, in one line.
    public var found: String
    /// Whether the expectation was met.
    public var met: Bool
    /// Index of the press that it concerns; `nil` for expectations that are not about sound.
    public var press: Int?
  }

  /// A change of the card.
  public struct Done: Codable, Sendable {
    /// When it was made.
    public var seconds: Double
    /// Name of the card event.
    public var what: String
  }

  /// A LED.
  public struct Lamp: Codable, Sendable {
    /// Its name, or `chip:line`.
    public var name: String
    /// Its changes, in order.
    public var changes: [Change]

    /// A change of a LED.
    public struct Change: Codable, Sendable {
      /// When it changed.
      public var seconds: Double
      /// Whether it is lit from then on.
      public var lit: Bool
    }
  }

  /// Whether all expectations were met and no sound has a fault.
  public var isGood: Bool { expectations.allSatisfy(\.met) && rows.allSatisfy(\.faults.isEmpty) }
}

/// One press in a report: the button, what played, and the faults of the sound itself.
public struct TimelineRow: Codable, Sendable {
  /// Time of the press.
  public var seconds: Double
  /// Name of the button.
  public var button: String
  /// BCP 47 tag of the language that played.
  public var language: String?
  /// The language's name in the language itself.
  public var autonym: String?
  /// Id of the prompt that played.
  public var prompt: String?
  /// The prompt's wording in the kit's source language.
  public var text: String?
  /// Milliseconds from the press to the first frame that left the card; for a stop, to the end of the sound.
  public var milliseconds: Double?
  /// Milliseconds of these that the daemon and the bench waited for a processor.
  public var waited: Double
  /// Start and end of the sound.
  public var sounded: [Double]?
  /// `completed`, `stopped after 0.6 s`, `signal error`, `silent`, `unknown sound`.
  public var outcome: String
  /// Faults of the sound itself, one line each.
  public var faults: [String]
  /// What followed without a press: the operator's voice, the next message of a sequence.
  public var then: [Then]

  /// A sound that followed without a press.
  public struct Then: Codable, Sendable {
    /// `en name-ro completed`
    public var what: String
    /// The language's name in the language itself; `nil` for a sound that is no clip.
    public var autonym: String?
    /// Id of the prompt; `nil` for a sound that is no clip.
    public var prompt: String?
    /// The prompt's wording in the kit's source language.
    public var text: String?
    /// `completed`, `stopped after 0.6 s`, `signal error`, `unknown sound`.
    public var outcome: String
    /// Start and end of the sound.
    public var sounded: [Double]
  }
}
