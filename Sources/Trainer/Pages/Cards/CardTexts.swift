import Kit

/// The texts of a card in the responder's language: the program's words, and the kit's operator texts.
struct CardTexts: Sendable {
  /// The program's words.
  let words: CardWords
  /// The responder's language.
  let language: TextLanguage
  /// The kit's texts in that language; `nil` for English.
  private let operatorTexts: OperatorTexts?

  /// Creates the texts; `nil` where the program has no words in the language.
  ///
  /// - Parameter tag: BCP 47.
  init?(_ tag: String, of kit: KitManifest) {
    guard let words = CardWords.all[tag] else { return nil }
    let texts = kit.operators.first { $0.tag == tag }
    self.words = words
    operatorTexts = texts
    language = texts.map { TextLanguage(tag: $0.tag, script: $0.script, direction: $0.direction) } ?? .english
  }

  /// Returns the prompt's title, in English where the kit has no other.
  func title(_ prompt: KitPrompt) -> HTML { text(operatorTexts?.prompts[prompt.id]?.title, prompt.title) }

  /// Returns the prompt's caution, in English where the kit has no other; `nil` where the prompt has none.
  func caution(_ prompt: KitPrompt) -> HTML? {
    if prompt.caution.isEmpty { return nil }
    return text(operatorTexts?.prompts[prompt.id]?.caution, prompt.caution)
  }

  /// Returns the sequence's title, in English where the program has no other.
  func title(_ sequence: KitSequence) -> HTML { text(words.sequences[sequence.id], sequence.title) }

  /// Returns the language's name in the responder's language, in English where the kit has no other.
  func name(_ bundle: BundleManifest) -> HTML { text(operatorTexts?.languages[bundle.tag], bundle.english) }

  private func text(_ own: String?, _ english: String) -> HTML {
    if let own, !own.isEmpty { return "\(own)" }
    return operatorTexts == nil ? "\(english)" : .span(english, in: .english)
  }
}
