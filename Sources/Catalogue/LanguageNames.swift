import Foundation

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
