import Kit

/// One language: `Languages/ro.yaml`, its names, where it is spoken, and its wordings.
public struct Language: Equatable, Sendable {
  /// Stable for ever: 0 is English, 1...59 the catalogue's own, 60...99 a project's.
  public var number: Int
  /// BCP 47.
  public var tag: String
  /// Its name in English.
  public var english: String
  /// Its name for itself.
  public var autonym: String
  /// Its name in operators' languages, by their tags, where CLDR's will not do.
  public var names: [String: String]
  /// ISO 15924: `Latn`.
  public var script: String
  public var direction: Direction
  public var roles: Set<Role>
  /// ISO 3166 regions, the likeliest first.
  public var regions: [String]
  public var fallback: [Fallback]
  /// Name of the espeak-ng voice that speaks this very language; nil where there is none.
  public var voice: String?
  /// Characters (grapheme clusters) that a calm speaker says in a second.
  public var rate: Double
  public var drafted: Drafter
  /// By prompt id.
  public var wordings: [String: Wording]
  /// The file it was read from.
  public var file: String

  /// Numbers of the catalogue's own languages.
  public static let own = 0...59
  /// Numbers of a project's languages.
  public static let local = 60...99

  public enum Role: String, CaseIterable, Sendable {
    /// Spoken to the person whom a responder meets.
    case listener
    /// Spoken and shown to the responder.
    case `operator`
    /// The wordings that all others translate: one language has it.
    case source
  }

  public enum Drafter: String, CaseIterable, Sendable { case machine, person }

  /// A language that may stand in, announced, and what a speaker would think of it.
  public struct Fallback: Equatable, Sendable {
    public var tag: String
    public var note: String
    public var line: Int
  }
}

/// What is said for a prompt in a language.
public struct Wording: Equatable, Sendable {
  /// NFC.
  public var text: String
  /// What the drafter was unsure of; nil where nothing.
  public var note: String?
  /// An English translation made from `text` alone.
  public var back: String?
  /// Texts where grammar forces a choice; `text` is said where none fits.
  public var variants: [Variant: String]
  /// The prompt's title and caution in an operator's language.
  public var title: String?
  public var caution: String?
  public var drafted: Language.Drafter
  /// Where it stands: a project may lay its own over the catalogue's.
  public var file: String
  public var line: Int

  /// Who speaks, and to whom.
  public enum Variant: String, CaseIterable, Sendable {
    case byWoman = "by-woman"
    case byMan = "by-man"
    case toWoman = "to-woman"
    case toMan = "to-man"
  }
}

extension Language {
  /// Whether the responder reads and hears it: an operator's language, or the source.
  public var isForResponder: Bool { !roles.isDisjoint(with: [.operator, .source]) }

  /// Whether it has to have words for the prompt: a listener never hears what the device says to the responder.
  public func isDue(_ prompt: Prompt) -> Bool { prompt.module != .operator || isForResponder }

  /// Reads a language; nil after the reasons were taken down.
  init?(_ root: Field, numbers: ClosedRange<Int>) {
    let keys = [
      "number", "tag", "english", "autonym", "script", "direction", "role", "regions", "fallback", "rate", "drafted",
      "wordings",
    ]
    guard let map = root.mapping(keys, optional: ["names", "voice"]) else { return nil }
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
    guard let number, let tag, let english, let autonym, let names, let script, let direction, let roles, let regions,
      let fallback, let rate, let drafted, let wordings
    else { return nil }
    self.init(
      number: number, tag: tag, english: english, autonym: autonym, names: names, script: script,
      direction: direction, roles: roles, regions: regions, fallback: fallback, voice: voice, rate: rate,
      drafted: drafted, wordings: wordings, file: root.file)
    for (index, region) in regions.enumerated() where regions[..<index].contains(region) {
      map["regions"]?.refuse("the region '\(region)' is given twice", "keep one of them")
    }
    if roles.contains(.source) != (number == 0) {
      map["number"]?.refuse("number and role disagree", "give the source language, and no other, the number 0")
    }
  }
}

extension Language.Fallback {
  init?(_ field: Field) {
    guard let map = field.mapping(["tag", "note"]) else { return nil }
    let tag = map["tag"]?.languageTag()
    let note = map["note"]?.text(length: 1...300)
    guard let tag, let note else { return nil }
    self.init(tag: tag, note: note, line: field.line)
  }
}

extension Wording {
  /// The wordings of a language, by prompt id.
  static func all(_ field: Field, drafted: Language.Drafter, isOperator: Bool) -> [String: Wording]? {
    if field.isNull { return [:] }
    guard let entries = field.entries() else { return nil }
    var wordings: [String: Wording] = [:]
    for (key, place, value) in entries {
      wordings[key] = Wording(value, line: place.line, drafted: drafted, isOperator: isOperator)
    }
    return wordings
  }

  private init?(_ field: Field, line: Int, drafted: Language.Drafter, isOperator: Bool) {
    let optional = ["note", "back", "variants"] + (isOperator ? ["title", "caution"] : [])
    guard let map = field.mapping(["text"], optional: optional) else { return nil }
    let text = map["text"]?.text(length: 1...300, inQuotes: true)
    let note = map["note"]?.text(length: 1...300)
    let back = map["back"]?.text(length: 1...300)
    let title = map["title"]?.text(length: 1...40)
    let caution = map["caution"]?.text(length: 1...300)
    var variants: [Variant: String] = [:]
    for (key, place, value) in map["variants"]?.entries() ?? [] {
      let words = Variant.allCases.map(\.rawValue)
      guard let variant = Variant(rawValue: key) else {
        place.refuse(
          "unknown variant '\(key.shown)'\(Spelling.hint(key, words))", "use one of \(words.joined(separator: ", "))")
        continue
      }
      variants[variant] = value.text(length: 1...300, inQuotes: true)
    }
    guard let text else { return nil }
    self.init(
      text: text, note: note, back: back, variants: variants, title: title, caution: caution, drafted: drafted,
      file: field.file, line: line)
  }
}

/// A project's words laid over a language of the catalogue: its tag and wordings, and who drafted them.
struct LanguageOverlay {
  let tag: String
  let wordings: [String: Wording]
  let field: Field

  /// Whether a file holds wordings only.
  static func isOverlay(_ root: Field) -> Bool {
    guard case .mapping(let mapping) = root.node else { return false }
    return mapping.allSatisfy { ["tag", "drafted", "wordings"].contains($0.key.scalar?.string) }
  }

  init?(_ root: Field) {
    guard let map = root.mapping(["tag", "drafted", "wordings"]) else { return nil }
    let tag = map["tag"]?.fileTag()
    let drafted = map["drafted"]?.word(Language.Drafter.self)
    let wordings = map["wordings"].flatMap { Wording.all($0, drafted: drafted ?? .machine, isOperator: true) }
    guard let tag, drafted != nil, let wordings else { return nil }
    self.tag = tag
    self.wordings = wordings
    self.field = root
  }
}

extension Field {
  /// A tag that must agree with the file's name.
  fileprivate func fileTag() -> String? {
    guard let tag = languageTag() else { return nil }
    if file.split(separator: "/").last.map(String.init) != "\(tag).yaml" {
      refuse("the file's name does not agree with the tag", "rename the file to '\(tag).yaml' or correct the tag")
    }
    return tag
  }

  /// Names by the tags of those who read them.
  fileprivate func names() -> [String: String]? {
    guard let entries = entries() else { return nil }
    var names: [String: String] = [:]
    for (tag, place, value) in entries {
      if let fault = LanguageTag.fault(tag) {
        place.refuse("'\(tag.shown)' is no BCP 47 tag: \(fault)", "write the tag of an operator's language")
      } else {
        names[tag] = value.text(length: 1...40, inQuotes: true)
      }
    }
    return names
  }

  /// One role, or a list of them: some operators' languages are listeners' too.
  fileprivate func roles() -> Set<Language.Role>? {
    if case .sequence = node { return list(1...3).map { Set($0.compactMap { $0.word(Language.Role.self) }) } }
    return word(Language.Role.self).map { [$0] }
  }
}
