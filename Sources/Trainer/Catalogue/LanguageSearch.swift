/// Finds the language that a person names on a command line.
extension Catalogue {
  /// Returns the language with a tag, a code of ISO 639, or a name: its autonym, or its name in English or in any
  /// operator language. Case and accents do not count.
  ///
  /// - Parameters:
  ///   - text: the name.
  ///   - tags: the tags of the languages to search; nil for all.
  public func language(called text: String, among tags: [String]? = nil) throws(LanguageSearchError) -> Language {
    let languages = languages.filter { tags?.contains($0.tag) ?? true }
    if let exact = languages.first(where: { $0.tag.lowercased() == text.lowercased() }) { return exact }
    let lexicon = LanguageLexicon(self)
    let key = NameKey.of(text)
    let meant = (lexicon.code(key) ?? lexicon.name(key))?.tags ?? []
    let found = languages.filter { meant.contains($0.tag) }
    if found.count == 1 { return found[0] }
    if found.count > 1 { throw LanguageSearchError(text: text, found: found, hint: "") }
    throw LanguageSearchError(
      text: text, found: [], hint: Spelling.hint(text, languages.map(\.tag) + languages.map(\.english)))
  }
}

/// Why no language was found.
public struct LanguageSearchError: Error {
  /// The name that was given.
  public let text: String
  /// The languages that the name can mean; empty if there is none.
  public let found: [Language]
  /// ` (did you mean 'Romanian'?)`, or an empty text.
  public let hint: String

  /// Whether the name means several languages.
  public var isAmbiguous: Bool { !found.isEmpty }
}

extension LanguageSearchError: CustomStringConvertible {
  /// The name and the reason, on one line.
  public var description: String {
    if found.isEmpty { return "no language has the tag '\(text)'\(hint), nor that name" }
    let choices = found.map { "\($0.tag) (\($0.english))" }.joined(separator: " or ")
    return "the name '\(text)' is ambiguous: use the tag: \(choices)"
  }
}
