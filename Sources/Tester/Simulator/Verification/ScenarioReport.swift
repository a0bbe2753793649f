/// What became of a scenario: for people, pages and programs. Times are in seconds since the first thing that was done.
public struct ScenarioReport: Codable, Sendable {
  public var name: String
  public var file: String
  /// Length of it all.
  public var seconds: Double
  public var rows: [TimelineRow]
  public var expectations: [Expected]
  /// What was done to the card.
  public var acts: [Done]
  public var lamps: [Lamp]
  /// The loudest sample of each hundredth of a second, 0 to 1; not for programs.
  public var loudness: [Float] = []

  enum CodingKeys: String, CodingKey { case name, file, seconds, rows, expectations, acts, lamps }

  /// Something that was expected.
  public struct Expected: Codable, Sendable {
    /// Where it stands in the scenario's file.
    public var line: Int
    /// When it was looked at, or what it speaks of sounded.
    public var seconds: Double
    public var expected: String
    /// What was found instead, or beside; one line.
    public var found: String
    public var met: Bool
    /// Number of the press that it speaks of, from 0; absent for what is no sound.
    public var press: Int?
  }

  public struct Done: Codable, Sendable {
    public var seconds: Double
    public var what: String
  }

  public struct Lamp: Codable, Sendable {
    public var name: String
    public var changes: [Change]

    public struct Change: Codable, Sendable {
      public var seconds: Double
      public var lit: Bool
    }
  }

  public var isGood: Bool { expectations.allSatisfy(\.met) && rows.allSatisfy(\.faults.isEmpty) }
}

/// One press in the report: what was done, what sounded, and what is wrong with the sound itself.
public struct TimelineRow: Codable, Sendable {
  public var seconds: Double
  public var button: String
  /// BCP 47, and the language's own name.
  public var language: String?
  public var autonym: String?
  public var prompt: String?
  /// The prompt's wording in the kit's source language.
  public var text: String?
  /// From the press to the first frame on the line, by the card's frames; for a stop, to the end of the sound.
  public var milliseconds: Double?
  /// Of these, for how many a busy machine kept daemon and tester from running.
  public var waited: Double
  /// When it sounded: from and to.
  public var sounded: [Double]?
  /// `completed`, `stopped after 0.6 s`, `signal error`, `silent`, `unknown sound`.
  public var outcome: String
  public var faults: [String]
  /// What followed by itself: the operator's voice, the next message of a sequence.
  public var then: [Then]

  public struct Then: Codable, Sendable {
    /// `en name-ro completed`
    public var what: String
    public var sounded: [Double]
  }
}
