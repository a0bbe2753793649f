import Foundation
import Kit

/// Names of languages: from the catalogue's files, else from CLDR.
extension Catalogue {
  /// Returns a language's name in an operator language: from `names` in the language's file, else from CLDR, else in
  /// English.
  ///
  /// - Parameters:
  ///   - tag: the named language.
  ///   - reader: the tag of the operator language.
  public func name(of tag: String, in reader: String) -> String {
    guard let language = language(tag) else { return tag }
    if tag == reader { return language.autonym }
    if reader == source?.tag { return language.english }
    return language.names[reader] ?? CLDR.name(of: tag, in: reader) ?? language.english
  }

  /// Returns the catalogue with a prompt for the name of each language (`200-name-en`), for the operator's voice.
  /// The wordings are the names in `reader`; no file has them.
  ///
  /// - Parameters:
  ///   - tags: the languages to name.
  ///   - reader: the tag of the operator language.
  public func naming(_ tags: [String], in reader: String) -> Catalogue {
    guard let index = languages.firstIndex(where: { $0.tag == reader }) else { return self }
    var (languages, prompts) = (languages, prompts)
    for language in tags.compactMap(language) {
      let prompt = Prompt(
        number: Prompt.nameNumbers.lowerBound + language.number, id: KitPrompt.name(of: language.tag),
        module: .operator,
        audience: .all, answer: .none, jurisdiction: false, title: language.english, caution: "", length: 1,
        file: language.file)
      prompts.append(prompt)
      let name = name(of: language.tag, in: reader)
      languages[index].wordings[prompt.id] = Wording(
        text: name.prefix(1).uppercased() + name.dropFirst(), note: nil, back: language.english, variants: [:],
        title: nil, caution: nil, drafted: languages[index].drafted, file: language.file, line: 1)
    }
    prompts.sort { $0.number < $1.number }
    return Catalogue(
      directory: directory, prompts: prompts, sequences: sequences, languages: languages, retired: retired)
  }
}

/// The Unicode Common Locale Data Repository, as contained in Foundation's ICU.
enum CLDR {
  /// Returns a language's name in another language: `albanais` for `sq` in `fr`; nil if CLDR does not have it.
  static func name(of tag: String, in reader: String) -> String? {
    guard isKnown(reader), let name = Locale(identifier: locale(reader)).localizedString(forIdentifier: locale(tag))
    else { return nil }
    return name == tag || name.isEmpty ? nil : name
  }

  /// Returns a language's name in itself; nil if CLDR does not have it.
  static func autonym(_ tag: String) -> String? {
    known.contains(tag) ? Locale(identifier: tag).localizedString(forIdentifier: tag) : nil
  }

  private static func isKnown(_ tag: String) -> Bool { known.contains(locale(tag)) }

  /// Returns the locale of a tag: CLDR has Mandarin under the macrolanguage's code, `zh`.
  private static func locale(_ tag: String) -> String {
    tag == "cmn" || tag.hasPrefix("cmn-") ? "zh" : tag
  }

  private static let known = Set(Locale.availableIdentifiers)
}
