import Foundation

/// The names of languages: tags, codes of ISO 639, autonyms, and names in English and in every operator language.
package struct LanguageLexicon: Sendable {
  /// The languages that a word can mean.
  package struct Meaning: Equatable, Sendable {
    /// The tags; several if the word is ambiguous.
    package var tags: Set<String>
    /// The English name of a language that the catalogue does not have.
    package var unsupportedName: String?

    /// Creates a meaning.
    package init(tags: Set<String>, unsupportedName: String? = nil) {
      self.tags = tags
      self.unsupportedName = unsupportedName
    }
  }

  private var codes: [String: Meaning] = [:]
  private var names: [String: Meaning] = [:]
  private let regions: [String: [String]]
  /// The English names by tag.
  package let english: [String: String]

  /// Collects the names of a catalogue's languages.
  package init(_ catalogue: Catalogue) {
    let languages = catalogue.languages
    english = Dictionary(languages.map { ($0.tag, $0.english) }, uniquingKeysWith: { first, _ in first })
    var regions: [String: [String]] = [:]
    for language in languages {
      // A language in reserve is used only where it is named.
      if language.isReserve { continue }
      for region in language.regions { regions[region, default: []].append(language.tag) }
    }
    self.regions = regions
    let readers = languages.filter(\.isForResponder).map(\.tag)
    for language in languages {
      let tag = language.tag
      add(code: tag, tag)
      if let primary = tag.split(separator: "-").first.map(String.init) { add(code: primary, tag) }
      if let three = Locale.LanguageCode(tag).identifier(.alpha3) { add(code: three, tag) }
      for reader in readers { add(name: catalogue.name(of: tag, in: reader), tag) }
      add(name: language.autonym, tag)
      add(name: language.english, tag)
    }
    for (word, tags) in Self.others {
      for tag in tags where english[tag] != nil {
        if word.utf8.count <= 3 { add(code: word, tag) } else { add(name: word, tag) }
      }
    }
    for language in languages {
      if let parent = language.varietyOf { prefer(parent, to: language.tag) }
    }
    addStrangers(known: Set(codes.keys))
  }

  /// Lets a word that means a language and a variety of it mean the language: `pt` and `português` are not those of Brazil.
  private mutating func prefer(_ tag: String, to variety: String) {
    func chosen(_ meaning: Meaning) -> Meaning {
      meaning.tags.isSuperset(of: [tag, variety]) ? Meaning(tags: meaning.tags.subtracting([variety])) : meaning
    }
    codes = codes.mapValues(chosen)
    names = names.mapValues(chosen)
  }

  /// Returns the meaning of a word that is a code, by its ``NameKey``.
  package func code(_ word: String) -> Meaning? { codes[word] }

  /// Returns the meaning of a name, by its ``NameKey``.
  package func name(_ words: String) -> Meaning? { names[words] }

  /// Returns the tags of the languages of a region (ISO 3166).
  package func speakers(in region: String) -> [String] { regions[region, default: []] }

  private mutating func add(code: String, _ tag: String) {
    codes[NameKey.of(code), default: Meaning(tags: [])].tags.insert(tag)
  }

  /// Adds a name and its parts: `Edo (Bini)` is also `Edo` and `Bini`.
  private mutating func add(name: String, _ tag: String) {
    let outside = name.prefix { $0 != "(" }
    let inside = name.drop { $0 != "(" }.dropFirst().prefix { $0 != ")" }
    for part in [name[...], outside, inside] {
      let key = NameKey.of(String(part))
      if key.isEmpty { continue }
      // A name as short as a code is treated as a code.
      if key.unicodeScalars.count <= 3 && key.utf8.count <= 3 {
        codes[key, default: Meaning(tags: [])].tags.insert(tag)
      } else {
        names[key, default: Meaning(tags: [])].tags.insert(tag)
      }
    }
  }

  /// Adds the languages of CLDR that the catalogue does not have: a file that names one is in no language of the
  /// catalogue.
  private mutating func addStrangers(known: Set<String>) {
    let reader = Locale(identifier: "en")
    let others = Set(Locale.availableIdentifiers.map { String($0.prefix { $0 != "_" && $0 != "-" }) })
    for code in others where !known.contains(code) {
      guard let name = reader.localizedString(forLanguageCode: code), name.count > 3 else { continue }
      let key = NameKey.of(name)
      if names[key] == nil { names[key] = Meaning(tags: [], unsupportedName: name) }
    }
  }

  /// Names that neither the catalogue nor CLDR has, and older codes.
  private static let others: [String: [String]] = [
    "alb": ["sq"], "arb": ["ar"], "bur": ["my"], "chi": ["cmn-Hans"], "cze": ["cs"], "fre": ["fr"], "ger": ["de"],
    "may": ["ms"], "per": ["fa"], "pes": ["fa"], "rum": ["ro"], "mol": ["ro"], "als": ["sq"], "npi": ["ne"],
    "zsm": ["ms"], "pbt": ["ps"], "pbu": ["ps"], "swh": ["sw"], "zh": ["cmn-Hans"], "zho": ["cmn-Hans"],
    "fil": ["tl"], "ku": ["kmr", "ckb"], "kur": ["kmr", "ckb"],
    "amharigna": ["am"], "amarinya": ["am"], "bahasa": ["id", "ms"], "bangla": ["bn"], "bini": ["bin"],
    "castellano": ["es"], "castilian": ["es"], "chinese": ["cmn-Hans"], "mandarin": ["cmn-Hans"],
    "putonghua": ["cmn-Hans"], "zhongwen": ["cmn-Hans"], "中文": ["cmn-Hans"], "汉语": ["cmn-Hans"],
    "漢語": ["cmn-Hans"], "dari": ["prs"], "farsi": ["fa"], "filipino": ["tl"], "pilipino": ["tl"],
    "francais": ["fr"], "ganda": ["lg"], "kiganda": ["lg"], "kurdi": ["kmr", "ckb"], "kurdish": ["kmr", "ckb"],
    "kurde": ["kmr", "ckb"], "kurdisch": ["kmr", "ckb"], "كوردی": ["kmr", "ckb"], "كردي": ["kmr", "ckb"],
    "kurmanji": ["kmr"], "kurmanci": ["kmr"], "laotian": ["lo"], "melayu": ["ms"], "moldovan": ["ro"],
    "moldoveneasca": ["ro"], "myanmar": ["my"], "pashtu": ["ps"], "pukhto": ["ps"], "pushto": ["ps"],
    "roumain": ["ro"], "somali": ["so"], "sorani": ["ckb"], "tigrigna": ["ti"], "عربي": ["ar"], "عربى": ["ar"],
  ]
}
