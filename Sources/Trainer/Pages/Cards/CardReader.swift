import Kit

/// The responder who reads a card: the words around, and the kit's own as far as it has them in this language.
struct CardReader: Sendable {
  let words: CardWords
  let tongue: Tongue
  private let texts: OperatorTexts?

  init?(_ tag: String, of kit: KitManifest) {
    guard let words = CardWords.all[tag] else { return nil }
    let texts = kit.operators.first { $0.tag == tag }
    self.words = words
    self.texts = texts
    tongue = texts.map { Tongue(tag: $0.tag, script: $0.script, direction: $0.direction) } ?? .english
  }

  /// In English where the kit has no other.
  func title(_ prompt: KitPrompt) -> HTML { text(texts?.prompts[prompt.id]?.title, prompt.title) }

  /// `nil` where there is nothing to think of.
  func caution(_ prompt: KitPrompt) -> HTML? {
    if prompt.caution.isEmpty { return nil }
    return text(texts?.prompts[prompt.id]?.caution, prompt.caution)
  }

  /// In English where this program knows the sequence in no other.
  func title(_ sequence: KitSequence) -> HTML { text(words.sequences[sequence.id], sequence.title) }

  func name(_ bundle: BundleManifest) -> HTML { text(texts?.languages[bundle.tag], bundle.english) }

  private func text(_ own: String?, _ english: String) -> HTML {
    if let own, !own.isEmpty { return "\(own)" }
    return texts == nil ? "\(english)" : .span(english, in: .english)
  }
}
