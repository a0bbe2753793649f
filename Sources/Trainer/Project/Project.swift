import Catalogue
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
  /// The answer modes that the kit offers, and the pause before a formula.
  public var answers = KitAnswers()
  /// The chosen form of each prompt that has choices: `police` of `who-we-are`. A prompt that is not here keeps its
  /// neutral base text.
  public var forms: [String: String] = [:]
  /// The tags of the languages in reserve that the project names outright; `languages` has them too.
  public var reserve: [String] = []
  /// The fallbacks that are off in the catalogue and that the project switches on.
  public var fallbacks: [FallbackChoice] = []

  /// A fallback that is off in the catalogue: `uk-ru`.
  public struct FallbackChoice: Hashable, Sendable {
    /// The tag of the replaced language.
    public var from: String
    /// The tag of the language that replaces it.
    public var to: String
  }

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

extension Project {
  /// Returns what is to be written and recorded for this project, in the order of the catalogue: its prompts in the
  /// forms of the modes that it offers and in the forms that it chooses, and the formulas of those modes.
  ///
  /// There are formulas only if a question needs them, and children's forms only if the project has a prompt for
  /// children.
  public func items(of catalogue: Catalogue) -> [Prompt] {
    let chosen = Set(prompts)
    let own = catalogue.prompts.filter { chosen.contains($0.id) }
    let hasQuestions = own.contains(where: \.isFollowedByFormula)
    let hasChildren = own.contains { $0.audience == .child }
    let modes = Set(answers.modes)
    return catalogue.items.filter { item in
      if item.form.isForChild, !hasChildren { return false }
      if item.kind == .formula { return hasQuestions && AnswerMode(formula: item.baseID).map(modes.contains) == true }
      guard chosen.contains(item.baseID) else { return false }
      switch item.forms {
      case .none: return true
      case .modes: return modes.contains { $0.form() == item.form.forAdult }
      case .choices: return item.form.name == forms[item.baseID]
      }
    }
  }

  /// Returns the form that a clip of an item has in the kit: a chosen form is the base there.
  public func kitForm(of item: Prompt) -> Form {
    if case .choices = item.forms { return Form(isForChild: item.form.isForChild) }
    return item.form
  }

  /// Returns the tags of the languages that replace a language in this project.
  public func fallbacks(of language: Language) -> [String] {
    language.fallback.filter { fallback in
      !fallback.isOff || fallbacks.contains(FallbackChoice(from: language.tag, to: fallback.tag))
    }.map(\.tag)
  }
}
