import Catalogue
import KitBuilder
import Project

/// The evidence for the language in a file's name.
struct LanguageEvidence {
  private var certain: [(meaning: LanguageLexicon.Meaning, reason: String)] = []
  private var doubtful: [(meaning: LanguageLexicon.Meaning, reason: String)] = []
  private var regions: [(name: String, tags: [String])] = []

  mutating func add(_ meaning: LanguageLexicon.Meaning, _ reason: String) { certain.append((meaning, reason)) }

  /// Adds a code that is also a word.
  mutating func addDoubtful(_ meaning: LanguageLexicon.Meaning, _ reason: String) { doubtful.append((meaning, reason)) }

  /// Whether all evidence is ambiguous.
  var isWeak: Bool { certain.isEmpty }

  mutating func addRegion(_ name: String, _ tags: [String]) { regions.append((name, tags)) }

  func reading(_ lexicon: LanguageLexicon) -> Reading<String> {
    func names(_ tags: some Sequence<String>) -> String {
      tags.map { lexicon.english[$0] ?? $0 }.sorted().joined(separator: " or ")
    }
    if let unsupported = certain.first(where: { $0.meaning.unsupportedName != nil }) {
      return .open(
        [],
        reason:
          "\(unsupported.reason) is \(unsupported.meaning.unsupportedName ?? ""), which the catalogue does not have")
    }
    if let first = certain.first {
      let tags = certain.dropFirst().reduce(first.meaning.tags) { $0.intersection($1.meaning.tags) }
      let reasons = certain.map(\.reason).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      if tags.count == 1, let tag = tags.first { return .certain(tag, reason: reasons.joined(separator: ", ")) }
      if tags.isEmpty {
        return .open([], reason: "\(reasons.joined(separator: " and ")) are different languages")
      }
      return .open(tags.sorted(), reason: "\(reasons[0]) may be \(names(tags))")
    }
    if let first = doubtful.first {
      let tags = doubtful.flatMap(\.meaning.tags)
      return .open(tags, reason: "\(first.reason) may be a word, or \(names(first.meaning.tags))")
    }
    if let region = regions.first {
      return .open(region.tags, reason: "'\(region.name)' is a country, where \(names(region.tags)) is spoken")
    }
    return .silent
  }
}

/// The evidence for the voice in a file's name.
struct VoiceEvidence {
  private var certain: [(voice: String, reason: String)] = []
  private var speakers: [Speaker] = []
  private var kinds: [(kind: String, reason: String)] = []

  mutating func add(_ voice: String, _ reason: String) { certain.append((voice, reason)) }
  mutating func addSpeaker(_ speaker: Speaker) { speakers.append(speaker) }
  mutating func addKind(_ kind: String, _ reason: String) { kinds.append((kind, reason)) }

  /// Words for female and male voices.
  static let kinds: [String: String] = [
    "female": "f", "woman": "f", "frau": "f", "weiblich": "f", "femme": "f", "mujer": "f", "femeie": "f",
    "женщина": "f", "امرأة": "f", "male": "m", "man": "m", "mann": "m", "mannlich": "m", "homme": "m", "hombre": "m",
    "barbat": "m", "мужчина": "m", "رجل": "m",
  ]

  /// Returns the voice.
  ///
  /// - Parameter voices: the language's existing voices.
  func reading(in voices: Set<String>) -> Reading<String> {
    let all = certain + speakers.map { ($0.voice, "'\($0.pseudonym)'") }
    let found = Set(all.map(\.voice))
    let kind = Set(kinds.map(\.kind))
    if found.count > 1 || kind.count > 1 {
      return .open(
        found.sorted(), reason: "\((all.map(\.reason) + kinds.map(\.reason)).joined(separator: " and ")) disagree")
    }
    if let first = all.first {
      if let other = kinds.first, !first.voice.hasPrefix(other.kind), first.voice != Take.synthetic {
        return .open([first.voice], reason: "\(first.reason) and \(other.reason) disagree")
      }
      return .certain(first.voice, reason: first.reason)
    }
    guard let first = kinds.first else { return .silent }
    let alike = voices.filter { $0.hasPrefix(first.kind) }.sorted()
    if alike.count > 1 { return .open(alike, reason: "\(first.reason) may be \(alike.joined(separator: " or "))") }
    return .certain(alike.first ?? "\(first.kind)1", reason: first.reason)
  }
}

/// The numbers in a file's name that may be a prompt's.
struct Numbers {
  /// Numbers that are probably a prompt's.
  let plain: [Int]
  /// Numbers after `prompt` or `nr`.
  private let marked: [Int]
  /// Numbers with which a recorder counts.
  private let counted: [Int]
  /// Numbers before all words or with a leading zero, which do not count takes.
  private let leading: Set<Int>
  private let id: (Int) -> String?

  /// Collects the numbers.
  ///
  /// - Parameter directories: their numbers count only if words agree with them.
  init(_ file: NamePart, directories: some Sequence<NamePart>, id: @escaping (Int) -> String?) {
    self.id = id
    func numbers(_ part: NamePart, _ role: NamePart.Role) -> [Int] {
      part.tokens.indices.compactMap { part.roles[$0] == role ? part.tokens[$0].number : nil }
    }
    marked = numbers(file, .marked)
    plain = marked + numbers(file, .open) + directories.flatMap { numbers($0, .prompt) }
    counted = numbers(file, .counted)
    let firstWord = file.tokens.indices.first { file.roles[$0] == .prompt } ?? file.tokens.count
    leading = Set(
      file.tokens.indices.compactMap { index in
        guard file.roles[index] == .open || file.roles[index] == .marked, let number = file.tokens[index].number
        else { return nil }
        return index < firstWord || file.tokens[index].digits > 1 ? number : nil
      })
  }

  /// Returns the prompt of a name whose words name one.
  func reading(with name: String, number: Int) -> Reading<String> {
    if plain.contains(number) { return .certain(name, reason: "number \(number) and words") }
    if let other = plain.first(where: leading.contains) {
      let meant = id(other).map { "is '\($0)'" } ?? "belongs to no prompt"
      return .open(
        [name] + (id(other).map { [$0] } ?? []), reason: "number \(other) \(meant), but its words name '\(name)'")
    }
    return .certain(name, reason: "words")
  }

  /// Returns the prompt of a name whose words do not name one.
  ///
  /// - Parameter likely: the ids that the words may mean.
  /// - Returns: the prompt, and whether the only evidence is a counting number.
  func reading(likely: [String]) -> (Reading<String>, isCounted: Bool) {
    let numbers = Array(Set(marked.isEmpty ? plain : marked)).sorted()
    if numbers.count > 1 {
      let ids = numbers.compactMap(id)
      let list = numbers.map(String.init).joined(separator: " or ")
      return (.open(ids, reason: "number \(list) may be the prompt's"), false)
    }
    if let number = numbers.first {
      guard let found = id(number) else { return (.open(likely, reason: "no prompt has the number \(number)"), false) }
      if !likely.isEmpty && !likely.contains(found) {
        return (
          .open([found] + likely, reason: "number \(number) is '\(found)', but its words resemble '\(likely[0])'"),
          false
        )
      }
      return (.certain(found, reason: "number \(number)"), false)
    }
    if let number = counted.first {
      let found = id(number).map { [$0] } ?? []
      return (.open(found, reason: "number \(number) may only count the recordings"), !found.isEmpty)
    }
    if likely.isEmpty { return (.silent, false) }
    return (.open(likely, reason: "its words resemble '\(likely.joined(separator: "', '"))'"), false)
  }
}
