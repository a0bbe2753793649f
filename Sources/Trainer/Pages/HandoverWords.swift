import Journal
import Kit

/// Names and words of a hand-over sheet, as markup: each text of a kit in its own language and direction.
struct HandoverWords {
  /// The kit; nil if it is not available.
  let kit: HandoverKit?

  /// Returns a language's name, `Română (Romanian)`; its tag without the kit.
  func language(_ tag: String?) -> HTML {
    guard let bundle = kit?.bundle(tag) else { return "\(Self.isolated(tag ?? ""))" }
    let autonym: HTML = .span(bundle.autonym, in: TextLanguage(bundle))
    return "\(autonym) (\(bundle.english))"
  }

  /// Returns a list of languages.
  func languages(_ tags: [String]) -> HTML {
    let names = tags.map { language($0) }
    return names.dropFirst().reduce(names.first ?? "none") { "\($0), \($1)" }
  }

  /// Returns a prompt's title; its id without the kit.
  func title(_ id: String?) -> HTML { Self.isolated(prompt(id)?.title ?? id ?? "") }

  /// Returns the number that is dialled for a prompt, and its title; its id without the kit.
  func numberedTitle(_ id: String?) -> HTML {
    prompt(id).map { Self.isolated("\(KitLayout.dialled($0.number)) \($0.title)") } ?? title(id)
  }

  private func prompt(_ id: String?) -> KitPrompt? { id.flatMap { kit?.manifest.prompt($0) } }

  /// Returns a sequence's title; its id without the kit.
  func sequence(_ id: String?) -> HTML {
    Self.isolated(kit?.manifest.sequences.first { $0.id == id }?.title ?? id ?? "")
  }

  /// Returns a text of unknown direction that does not reorder the text around it.
  static func isolated(_ text: String) -> HTML { "<bdi>\(text)</bdi>" }
}
