import Catalogue
import Kit

/// One language's words on their way to translators and back.
public struct Sheet: Sendable {
  /// BCP 47.
  public var language: String
  /// Of the language that is translated.
  public var source: String
  /// In English.
  public var name: String
  /// By the numbers of the prompts.
  public var units: [Unit]

  /// One text to translate, and what a translator should know of it.
  public struct Unit: Equatable, Sendable {
    /// `safe-here.text`, `safe-here.title`, `safe-here.by-woman`.
    public var id: String
    /// English.
    public var source: String
    /// Empty where it is not written yet.
    public var text: String
    /// English made from the text alone; only beside a prompt's text.
    public var back: String?
    /// What the drafter was unsure of; only beside a prompt's text.
    public var note: String?
    public var status: Status
    /// The most characters that are asked for.
    public var limit: Int
    /// The file of the prompt, without its directory.
    public var prompt: String
    /// What the responder reads and must think of.
    public var title: String
    public var caution: String
  }

  /// - Parameters:
  ///   - prompts: by number.
  ///   - status: of a prompt's text.
  public init(
    _ language: Language, source: Language?, prompts: [Prompt], status: (Wording, Prompt) -> Status
  ) {
    self.language = language.tag
    self.source = source?.tag ?? "en"
    name = language.english
    units = []
    let isTranslation = language.tag != source?.tag
    for prompt in prompts {
      let wording = language.wordings[prompt.id]
      let english = source?.wordings[prompt.id]?.text ?? prompt.title
      let state = wording.map { status($0, prompt) } ?? .draft
      func add(_ part: WordingChange.Part, _ source: String, limit: Int) {
        let isText = part == .text
        units.append(
          Unit(
            id: "\(prompt.id).\(part.rawValue)", source: source, text: wording?[part] ?? "",
            back: isText ? wording?.back : nil, note: isText ? wording?.note : nil, status: state, limit: limit,
            prompt: prompt.fileName, title: prompt.title, caution: prompt.caution))
      }
      let spoken = min(WordingChange.Part.text.limit, Int(Validator.longest * language.rate))
      add(.text, english, limit: spoken)
      for variant in Wording.Variant.allCases where wording?.variants[variant] != nil {
        add(.variant(variant), english, limit: spoken)
      }
      if isTranslation, language.roles.contains(.operator) {
        add(.title, prompt.title, limit: WordingChange.Part.title.limit)
        if !prompt.caution.isEmpty { add(.caution, prompt.caution, limit: WordingChange.Part.caution.limit) }
      }
    }
  }
}
