import Catalogue

/// The names of prompts that occur in file names: ids, titles, and the wordings in every language of a project.
struct PromptLexicon: Sendable {
  /// A prompt that words may name.
  struct Meaning: Hashable, Sendable {
    var id: String
    var number: Int
    /// The language of the words; nil if they are in no particular language.
    var language: String?
  }

  private var exact: [String: Set<Meaning>] = [:]
  /// The distinctive words of each prompt's id, title and English text.
  private var contents: [(meaning: Meaning, all: [Set<String>])] = []
  private var byNumber: [Int: String] = [:]
  private var numbers: [String: Int] = [:]
  private static let longest = 24

  /// Creates a lexicon.
  ///
  /// - Parameters:
  ///   - languages: the languages whose wordings can be file names.
  ///   - isLanguage: returns whether a word names a language.
  init(_ catalogue: Catalogue, languages: [Language], isLanguage: (String) -> Bool) {
    let source = catalogue.source
    for prompt in catalogue.items {
      if prompt.isBase { byNumber[prompt.number] = prompt.id }
      numbers[prompt.id] = prompt.number
      let meaning = Meaning(id: prompt.id, number: prompt.number, language: nil)
      let english = source?.wordings[prompt.id]?.text ?? ""
      for text in [prompt.id, prompt.title, english] { add(text, meaning, isLanguage) }
      for language in catalogue.languages where language.isForResponder {
        if let title = language.wordings[prompt.id]?.title { add(title, meaning, isLanguage) }
      }
      for language in languages where language.tag != source?.tag {
        guard let wording = language.wordings[prompt.id] else { continue }
        var said = meaning
        said.language = language.tag
        add(wording.text, said, isLanguage)
      }
      // The words of a form are those of its prompt: only its whole id or text names it.
      if !prompt.isBase { continue }
      let sets = [prompt.id, prompt.title, english].map { Self.content($0) }
      contents.append((meaning, sets.filter { !$0.isEmpty }))
    }
  }

  func id(of number: Int) -> String? { byNumber[number] }
  func number(of id: String) -> Int? { numbers[id] }

  private mutating func add(_ text: String, _ meaning: Meaning, _ isLanguage: (String) -> Bool) {
    let key = NameToken.key(text)
    // A language's name for itself names the language instead of a prompt.
    if key.isEmpty || isLanguage(key) { return }
    exact[key, default: []].insert(meaning)
  }

  /// Returns the prompts that these words name exactly.
  func prompts(named words: ArraySlice<String>) -> Set<Meaning> {
    words.count > Self.longest ? [] : exact[words.joined(), default: []]
  }

  /// Returns the prompts that have all distinctive words of a name.
  func prompts(like words: [String]) -> (certain: [Meaning], likely: [Meaning]) {
    let asked = Set(words).subtracting(Self.common)
    if asked.isEmpty { return ([], []) }
    let same = contents.filter { $0.all.contains(asked) }.map(\.meaning)
    if !same.isEmpty { return (same, []) }
    let near = contents.filter { candidate in
      candidate.all.contains { known in asked.allSatisfy { word in known.contains { Self.isNear(word, $0) } } }
    }
    // More than four candidates carry no information.
    return ([], near.count <= 4 ? near.map(\.meaning) : [])
  }

  /// Returns whether two words differ by at most one edit.
  private static func isNear(_ a: String, _ b: String) -> Bool {
    if a == b { return true }
    let (long, short) = a.count >= b.count ? (Array(a), Array(b)) : (Array(b), Array(a))
    guard short.count >= 4, long.count - short.count <= 1 else { return false }
    let start = zip(long, short).prefix { $0 == $1 }.count
    let (restLong, restShort) = (long[start...], short[start...])
    if long.count > short.count { return restLong.dropFirst().elementsEqual(restShort) }
    if restLong.dropFirst().elementsEqual(restShort.dropFirst()) { return true }
    // Two neighbours swapped.
    return restLong.count >= 2 && restLong.prefix(2).reversed().elementsEqual(restShort.prefix(2))
      && restLong.dropFirst(2).elementsEqual(restShort.dropFirst(2))
  }

  /// Returns whether a word is in the English name of a prompt.
  func isEnglish(_ word: String) -> Bool {
    Self.common.contains(word) || contents.contains { $0.all.contains { $0.contains { Self.isNear(word, $0) } } }
  }

  private static func content(_ text: String) -> Set<String> {
    Set(NameToken.all(in: text).compactMap(\.word)).subtracting(common)
  }

  /// Words that distinguish no prompt from another.
  static let common: Set<String> = [
    "a", "an", "and", "are", "at", "be", "can", "do", "for", "have", "how", "i", "if", "in", "is", "it", "now", "of",
    "on", "or", "please", "the", "there", "this", "to", "us", "we", "were", "with", "would", "you", "your",
  ]
}
