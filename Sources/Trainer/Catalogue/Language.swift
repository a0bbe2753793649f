import Kit

/// A language of the catalogue: `Languages/ro.yaml`.
public struct Language: Equatable, Sendable {
  /// A permanent number: 0 is English, 1...59 are the catalogue's, 60...99 a project's.
  public var number: Int
  /// The BCP 47 tag.
  public var tag: String
  /// The name in English.
  public var english: String
  /// The name in the language itself.
  public var autonym: String
  /// Names in operator languages by their tags, where CLDR's name is unsuitable.
  public var names: [String: String]
  /// The script (ISO 15924), such as `Latn`.
  public var script: String
  /// The direction of writing.
  public var direction: Direction
  /// The uses of the language.
  public var roles: Set<Role>
  /// The regions where it is spoken (ISO 3166), the likeliest first.
  public var regions: [String]
  /// The languages that can replace it, the best first.
  public var fallback: [Fallback]
  /// The name of the espeak-ng voice for this language; nil if there is none.
  public var voice: String?
  /// The characters (grapheme clusters) that a calm speaker says in a second.
  public var rate: Double
  /// The origin of the wordings.
  public var drafted: Drafter
  /// The wordings by the ids of ``Catalogue/items``: `raise-hand`, `raise-hand.hand`, `answer-card`.
  public var wordings: [String: Wording]
  /// The tag of the language of which it is a variety, and from which it takes the wordings that it lacks.
  public var varietyOf: String? = nil
  /// The tag of the language that most words of a creole come from; nil for other languages. Both share words, so
  /// words of that language in its texts are no sign of a missing translation.
  public var lexifier: String? = nil
  /// The words of the pages for speakers and reviewers, by their keys.
  public var page: [String: PageWord] = [:]
  /// The file from which it was read.
  public var file: String

  /// The numbers of the catalogue's languages.
  public static let catalogueNumbers = 0...59
  /// The numbers of a project's own languages.
  public static let projectNumbers = 60...99

  /// The uses of a language.
  public enum Role: String, CaseIterable, Sendable {
    /// Spoken to the listener.
    case listener
    /// Spoken and shown to the responder.
    case `operator`
    /// The language from which all others are translated; exactly one language has this role.
    case source
    /// Kept for a listener's language whose words are not good enough, or which is a variety of another. A kit has it
    /// only if the project names it under `reserve:`.
    case reserve
  }

  /// The origin of a draft.
  public enum Drafter: String, CaseIterable, Sendable { case machine, person }

  /// A language that can replace another one, after an announcement.
  public struct Fallback: Equatable, Sendable {
    /// The BCP 47 tag.
    public var tag: String
    /// What speakers of the replaced language think of it.
    public var note: String
    /// Whether it is used only if a project names it under `fallbacks:`; the key is `"off"`, in quotes, because some
    /// YAML readers take the bare word for a Boolean.
    public var isOff = false
    /// The line in the file, from 1.
    public var line: Int
  }
}

extension Language {
  /// Whether the responder reads and hears it: it is an operator language or the source.
  public var isForResponder: Bool { !roles.isDisjoint(with: [.operator, .source]) }

  /// Whether it is kept in reserve.
  public var isReserve: Bool { roles.contains(.reserve) }

  /// Returns whether the language must have a wording for an item.
  ///
  /// Only languages for responders need the device's own lines; only those for listeners, and the source, need formulas
  /// and further forms. No language needs a child's form: without it the adult's words are for children too. A language
  /// in reserve needs nothing.
  public func requiresWording(for item: Prompt) -> Bool {
    if isReserve { return false }
    if item.module == .operator { return isForResponder }
    return item.isBase || !item.form.isForChild && !roles.isDisjoint(with: [.listener, .source])
  }

  /// The maximum number of characters of a spoken text, so that it is not longer than ``Validator/longest``.
  public var spokenLimit: Int { min(WordingChange.Part.text.limit, Int(Validator.longest * rate)) }

  /// Parses a language; returns nil after adding the errors to the log.
  init?(_ root: Field, numbers: ClosedRange<Int>) {
    let keys = [
      "number", "tag", "english", "autonym", "script", "direction", "role", "regions", "fallback", "rate", "drafted",
      "wordings",
    ]
    guard let map = root.mapping(keys, optional: ["names", "voice", "page", "answers", "variety-of", "lexifier"])
    else { return nil }
    let number = map["number"]?.integer(in: numbers)
    let tag = map["tag"]?.fileTag()
    let english = map["english"]?.text(length: 1...40)
    let autonym = map["autonym"]?.text(length: 1...40)
    let names = map["names"].or([:]) { $0.names() }
    let script = map["script"]?.checked("an ISO 15924 code such as Latn", LanguageTag.isScript)
    let direction = map["direction"]?.word(Direction.self)
    let roles = map["role"]?.roles()
    let regions = map["regions"]?.list()?.compactMap {
      $0.checked("an ISO 3166 code such as RO", LanguageTag.isRegion)
    }
    let fallback = map["fallback"]?.list(0...10)?.compactMap(Fallback.init)
    let voice = map["voice"].flatMap { $0.isNull ? nil : $0.text(length: 1...40) }
    let rate = map["rate"]?.number(in: 2...40)
    let drafted = map["drafted"]?.word(Drafter.self)
    let isOperator = roles.map { !$0.isDisjoint(with: [.operator]) } ?? true
    let wordings = map["wordings"].flatMap {
      Wording.all($0, drafted: drafted ?? .machine, isOperator: isOperator)
    }
    let formulas = map["answers"].or([:]) { Wording.formulas($0, drafted: drafted ?? .machine) }
    let page = map["page"].or([:], PageWord.all)
    let varietyOf = map["variety-of"].or(String?.none) { $0.languageTag().map(Optional.some) }
    let lexifier = map["lexifier"].or(String?.none) { $0.languageTag().map(Optional.some) }
    guard let number, let tag, let english, let autonym, let names, let script, let direction, let roles, let regions,
      let fallback, let rate, let drafted, let wordings, let formulas, let page, let varietyOf,
      let lexifier
    else { return nil }
    self.init(
      number: number, tag: tag, english: english, autonym: autonym, names: names, script: script,
      direction: direction, roles: roles, regions: regions, fallback: fallback, voice: voice, rate: rate,
      drafted: drafted, wordings: wordings.merging(formulas) { own, _ in own }, varietyOf: varietyOf,
      lexifier: lexifier, page: page, file: root.file)
    for (index, region) in regions.enumerated() where regions[..<index].contains(region) {
      map["regions"]?.refuse("the region '\(region)' is given twice", "keep one of them")
    }
    if roles.contains(.source) != (number == 0) {
      map["number"]?.refuse("number and role disagree", "give the source language, and no other, the number 0")
    }
    if roles.contains(.reserve), roles.count > 1 {
      map["role"]?.refuse("a language in reserve has another role", "keep 'reserve' only, or remove it")
    }
    if varietyOf != nil, !roles.contains(.reserve) {
      map["variety-of"]?.refuse(
        "only a language in reserve takes words from another", "write 'role: reserve', or remove 'variety-of'")
    }
  }
}

extension Language.Fallback {
  init?(_ field: Field) {
    guard let map = field.mapping(["tag", "note"], optional: ["off"]) else { return nil }
    let tag = map["tag"]?.languageTag()
    let note = map["note"]?.text(length: 1...300)
    let isOff = map["off"].or(false) { $0.flag() }
    guard let tag, let note, let isOff else { return nil }
    self.init(tag: tag, note: note, isOff: isOff, line: field.line)
  }
}

extension Field {
  /// Returns a tag, and reports an error if it differs from the file's name.
  func fileTag() -> String? {
    guard let tag = languageTag() else { return nil }
    if file.split(separator: "/").last.map(String.init) != "\(tag).yaml" {
      refuse("the file's name differs from the tag", "rename the file to '\(tag).yaml' or correct the tag")
    }
    return tag
  }

  /// Returns the language's names by the tags of operator languages.
  fileprivate func names() -> [String: String]? {
    guard let entries = entries() else { return nil }
    var names: [String: String] = [:]
    for (tag, place, value) in entries {
      if let fault = LanguageTag.fault(tag) {
        place.refuse("'\(tag.shown)' is not a BCP 47 tag: \(fault)", "write the tag of an operator language")
      } else {
        names[tag] = value.text(length: 1...40, inQuotes: true)
      }
    }
    return names
  }

  /// Returns one role or a list of roles: some languages are for operators and for listeners.
  fileprivate func roles() -> Set<Language.Role>? {
    if case .list = node.content { return list(1...3).map { Set($0.compactMap { $0.word(Language.Role.self) }) } }
    return word(Language.Role.self).map { [$0] }
  }
}
