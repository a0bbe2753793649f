import Catalogue
import Kit

/// The texts of one language for export to a translator.
public struct Sheet: Sendable {
  /// The BCP 47 tag.
  public var language: String
  /// The tag of the source language.
  public var source: String
  /// The language's name in English.
  public var name: String
  /// The texts by the prompts' numbers.
  public var units: [Unit]

  /// One text to translate, with information for the translator.
  public struct Unit: Equatable, Sendable {
    /// The id: `safe-here.text`, `safe-here.title`, `safe-here.by-woman`, `raise-hand.hand.text`, `answer-card.text`.
    public var id: String
    /// The English text.
    public var source: String
    /// The translation; empty if there is none.
    public var text: String
    /// The back-translation; only for a prompt's text.
    public var back: String?
    /// The text from which `back` was made, if it is an earlier one; nil if `back` is up to date.
    public var backOf: String?
    /// What the drafter doubts; only for a prompt's text.
    public var note: String?
    /// The status of the prompt's text.
    public var status: Status
    /// The maximum number of characters.
    public var limit: Int
    /// The name of the prompt's file; of a form or formula, the name of its recordings without the extension.
    public var prompt: String
    /// The prompt's title in English.
    public var title: String
    /// The prompt's caution in English; may be empty.
    public var caution: String
  }

  /// Collects the texts of a language.
  ///
  /// - Parameters:
  ///   - language: the language.
  ///   - source: the language from which it is translated.
  ///   - prompts: the prompts that are spoken in the language, by number.
  ///   - titled: the prompts whose title and caution responders read in it, by number. One that has no wording yet
  ///     goes with its text: no title is kept without.
  ///   - status: returns the status of a prompt's text.
  public init(
    _ language: Language, source: Language?, prompts: [Prompt], titled: [Prompt] = [],
    status: (Wording, Prompt) -> Status
  ) {
    self.language = language.tag
    self.source = source?.tag ?? "en"
    name = language.english
    units = []
    let isTranslation = language.tag != source?.tag
    let spoken = Set(prompts.map(\.id))
    let read = Set(titled.map(\.id))
    let all = (prompts + titled.filter { !spoken.contains($0.id) }).sorted { $0.number < $1.number }
    for prompt in all {
      let wording = language.wordings[prompt.id]
      let english = prompt.translatorSource(in: source)
      let state = wording.map { status($0, prompt) } ?? .draft
      func add(_ part: WordingChange.Part, _ source: String, limit: Int) {
        let isText = part == .text
        units.append(
          Unit(
            id: "\(prompt.id).\(part.rawValue)", source: source, text: wording?[part] ?? "",
            back: isText ? wording?.back : nil,
            backOf: isText && wording?.isBackOutdated == true ? wording?.backOf : nil,
            note: isText ? wording?.note : nil, status: state, limit: limit,
            prompt: prompt.isBase ? prompt.fileName : prompt.stem, title: prompt.title, caution: prompt.caution))
      }
      if spoken.contains(prompt.id) || wording == nil {
        add(.text, english, limit: language.spokenLimit)
        for variant in Wording.Variant.allCases where wording?.variants[variant] != nil {
          add(.variant(variant), english, limit: language.spokenLimit)
        }
      }
      if isTranslation, read.contains(prompt.id), prompt.isBase {
        add(.title, prompt.title, limit: WordingChange.Part.title.limit)
        if !prompt.caution.isEmpty { add(.caution, prompt.caution, limit: WordingChange.Part.caution.limit) }
      }
    }
  }
}
