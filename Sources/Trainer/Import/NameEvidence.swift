import Catalogue
import KitBuilder
import Project

/// The evidence for the language in a file's name.
struct LanguageEvidence {
  private var certain: [(meaning: LanguageLexicon.Meaning, why: String)] = []
  private var doubtful: [(meaning: LanguageLexicon.Meaning, why: String)] = []
  private var regions: [(name: String, tags: [String])] = []

  mutating func add(_ meaning: LanguageLexicon.Meaning, _ why: String) { certain.append((meaning, why)) }

  /// Adds a code that is also a word.
  mutating func addDoubtful(_ meaning: LanguageLexicon.Meaning, _ why: String) { doubtful.append((meaning, why)) }

  /// Whether all evidence is ambiguous.
  var isWeak: Bool { certain.isEmpty }

  mutating func addRegion(_ name: String, _ tags: [String]) { regions.append((name, tags)) }

  func reading(_ lexicon: LanguageLexicon) -> Reading<String> {
    func names(_ tags: some Sequence<String>) -> String {
      tags.map { lexicon.english[$0] ?? $0 }.sorted().joined(separator: " or ")
    }
    if let stranger = certain.first(where: { $0.meaning.stranger != nil }) {
      return .open([], why: "\(stranger.why) is \(stranger.meaning.stranger ?? ""), which the catalogue does not have")
    }
    if let first = certain.first {
      let tags = certain.dropFirst().reduce(first.meaning.tags) { $0.intersection($1.meaning.tags) }
      let whys = certain.map(\.why).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      if tags.count == 1, let tag = tags.first { return .certain(tag, why: whys.joined(separator: ", ")) }
      if tags.isEmpty {
        return .open([], why: "\(whys.joined(separator: " and ")) are different languages")
      }
      return .open(tags.sorted(), why: "\(whys[0]) may be \(names(tags))")
    }
    if let first = doubtful.first {
      let tags = doubtful.flatMap(\.meaning.tags)
      return .open(tags, why: "\(first.why) may be a word, or \(names(first.meaning.tags))")
    }
    if let region = regions.first {
      return .open(region.tags, why: "'\(region.name)' is a country, where \(names(region.tags)) is spoken")
    }
    return .silent
  }
}

/// The evidence for the voice in a file's name.
struct VoiceEvidence {
  private var certain: [(voice: String, why: String)] = []
  private var speakers: [Speaker] = []
  private var kinds: [(kind: String, why: String)] = []

  mutating func add(_ voice: String, _ why: String) { certain.append((voice, why)) }
  mutating func addSpeaker(_ speaker: Speaker) { speakers.append(speaker) }
  mutating func addKind(_ kind: String, _ why: String) { kinds.append((kind, why)) }

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
      return .open(found.sorted(), why: "\((all.map(\.why) + kinds.map(\.why)).joined(separator: " and ")) disagree")
    }
    if let first = all.first {
      if let other = kinds.first, !first.voice.hasPrefix(other.kind), first.voice != Take.synthetic {
        return .open([first.voice], why: "\(first.why) and \(other.why) disagree")
      }
      return .certain(first.voice, why: first.why)
    }
    guard let first = kinds.first else { return .silent }
    let alike = voices.filter { $0.hasPrefix(first.kind) }.sorted()
    if alike.count > 1 { return .open(alike, why: "\(first.why) may be \(alike.joined(separator: " or "))") }
    return .certain(alike.first ?? "\(first.kind)1", why: first.why)
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
    if plain.contains(number) { return .certain(name, why: "number \(number) and words") }
    if let other = plain.first(where: leading.contains) {
      let meant = id(other).map { "is '\($0)'" } ?? "is no prompt's"
      return .open(
        [name] + (id(other).map { [$0] } ?? []), why: "number \(other) \(meant), its words say '\(name)'")
    }
    return .certain(name, why: "words")
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
      return (.open(ids, why: "number \(list): which is the prompt's?"), false)
    }
    if let number = numbers.first {
      guard let found = id(number) else { return (.open(likely, why: "no prompt has the number \(number)"), false) }
      if !likely.isEmpty && !likely.contains(found) {
        return (
          .open([found] + likely, why: "number \(number) is '\(found)', its words are like those of '\(likely[0])'"),
          false
        )
      }
      return (.certain(found, why: "number \(number)"), false)
    }
    if let number = counted.first {
      let found = id(number).map { [$0] } ?? []
      return (.open(found, why: "number \(number) may only count the recordings"), !found.isEmpty)
    }
    if likely.isEmpty { return (.silent, false) }
    return (.open(likely, why: "its words are like those of '\(likely.joined(separator: "', '"))'"), false)
  }
}
