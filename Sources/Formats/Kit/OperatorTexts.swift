/// The responder's texts in one operator language.
public struct OperatorTexts: Codable, Equatable, Sendable {
  /// The BCP 47 tag of the language.
  public var tag: String
  /// The language's name for itself.
  public var autonym: String
  /// The ISO 15924 code of its script.
  public var script: String
  /// The direction of its script.
  public var direction: Direction
  /// Titles and cautions by prompt id; a missing one is shown in English.
  public var prompts: [String: Line]
  /// The names of the kit's languages, by tag.
  public var languages: [String: String]

  /// The texts of one prompt.
  public struct Line: Codable, Equatable, Sendable {
    /// The title on a button or a card.
    public var title: String
    /// The caution before playing it; may be empty.
    public var caution: String

    /// Creates the texts of one prompt.
    public init(title: String, caution: String) {
      self.title = title
      self.caution = caution
    }
  }

  /// Creates the texts of one language.
  public init(
    tag: String, autonym: String, script: String, direction: Direction, prompts: [String: Line],
    languages: [String: String]
  ) {
    self.tag = tag
    self.autonym = autonym
    self.script = script
    self.direction = direction
    self.prompts = prompts
    self.languages = languages
  }
}
