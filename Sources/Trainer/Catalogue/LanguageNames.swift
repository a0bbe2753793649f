import Foundation
import Kit

/// What a language is called: by the files of this catalogue, and where they are silent by CLDR, through ICU.
extension Catalogue {
  /// The name of the language `tag` in the operator's language `reader`: as the language's file has it under
  /// `names`, else as CLDR has it, else in English.
  public func name(of tag: String, in reader: String) -> String {
    guard let language = language(tag) else { return tag }
    if tag == reader { return language.autonym }
    if reader == source?.tag { return language.english }
    return language.names[reader] ?? CLDR.name(of: tag, in: reader) ?? language.english
  }

  /// With a prompt for the name of each of these languages, for the operator's voice: `200-name-en`, and so on. Its
  /// words stand in no file: they are the names in `reader`.
  public func naming(_ tags: [String], in reader: String) -> Catalogue {
    guard let index = languages.firstIndex(where: { $0.tag == reader }) else { return self }
    var (languages, prompts) = (languages, prompts)
    for language in tags.compactMap(language) {
      let prompt = Prompt(
        number: Prompt.names.lowerBound + language.number, id: KitPrompt.name(of: language.tag), module: .operator,
        audience: .all, answer: .none, jurisdiction: false, title: language.english, caution: "", length: 1,
        file: language.file)
      prompts.append(prompt)
      let name = name(of: language.tag, in: reader)
      languages[index].wordings[prompt.id] = Wording(
        text: name.prefix(1).uppercased() + name.dropFirst(), note: nil, back: language.english, variants: [:],
        title: nil, caution: nil, drafted: languages[index].drafted, file: language.file, line: 1)
    }
    prompts.sort { $0.number < $1.number }
    return Catalogue(directory: directory, prompts: prompts, sequences: sequences, languages: languages)
  }
}

/// The Unicode Common Locale Data Repository, as the ICU inside Foundation holds it.
enum CLDR {
  /// `albanais` for `sq` in `fr`; nil where one of the two is not in CLDR.
  static func name(of tag: String, in reader: String) -> String? {
    guard isKnown(reader), let name = Locale(identifier: locale(reader)).localizedString(forIdentifier: locale(tag))
    else { return nil }
    return name == tag || name.isEmpty ? nil : name
  }

  /// The name of a language for itself; nil where CLDR has no words of that language.
  static func autonym(_ tag: String) -> String? {
    known.contains(tag) ? Locale(identifier: tag).localizedString(forIdentifier: tag) : nil
  }

  private static func isKnown(_ tag: String) -> Bool { known.contains(locale(tag)) }

  /// CLDR keeps Mandarin under the macrolanguage's code; the script is another matter.
  private static func locale(_ tag: String) -> String {
    tag == "cmn" || tag.hasPrefix("cmn-") ? "zh" : tag
  }

  private static let known = Set(Locale.availableIdentifiers)
}
