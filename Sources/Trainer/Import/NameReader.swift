import Catalogue
import Foundation
import KitBuilder
import Project

/// Reads language, prompt and voice from file names. An ambiguous name is reported as such and never decided.
public struct NameReader: Sendable {
  let languages: LanguageLexicon
  let prompts: PromptLexicon
  private let speakers: Speakers
  /// The existing voices by language.
  private let voices: [String: Set<String>]

  /// Creates a reader for a project.
  public init(_ workspace: Workspace) {
    let lexicon = LanguageLexicon(workspace.catalogue)
    languages = lexicon
    prompts = PromptLexicon(workspace.catalogue, languages: workspace.languages.compactMap(workspace.catalogue.language)) {
      lexicon.name($0) != nil || lexicon.code($0) != nil
    }
    speakers = workspace.speakers
    var voices: [String: Set<String>] = [:]
    for take in workspace.tree.takes { voices[take.language, default: []].insert(take.voice) }
    for speaker in workspace.speakers.all { voices[speaker.language, default: []].insert(speaker.voice) }
    self.voices = voices
  }

  /// Reads a name.
  ///
  /// - Parameter path: the file's path in the source, with directories separated by `/`.
  public func read(_ path: String) -> NameReading {
    let decoded = path.contains("%") ? path.removingPercentEncoding ?? path : path
    var names = decoded.split(separator: "/").suffix(6).map(String.init)
    let file = names.popLast() ?? ""
    var parts = names.map { part($0, isDirectory: true) }
    parts.append(part(Self.stem(of: file), isDirectory: false))

    var evidence = LanguageEvidence()
    for index in parts.indices { findNames(&parts[index], &evidence) }
    var voice = VoiceEvidence()
    for index in parts.indices { findVoices(&parts[index], &voice) }
    var said: [PromptLexicon.Meaning] = []
    for index in parts.indices { said += findPrompts(&parts[index], &evidence) }
    for index in parts.indices { findCodes(&parts[index], &evidence) }
    let language = evidence.reading(languages)
    for index in parts.indices { findKinds(&parts[index], &voice) }
    let found = prompt(parts, said)
    return NameReading(
      language: language, isLanguageWeak: evidence.isWeak, prompt: found.reading, isCounted: found.isCounted,
      isByNumber: found.isByNumber,
      voice: voice.reading(in: language.value.map { voices[$0, default: []] } ?? []))
  }

  private func part(_ name: String, isDirectory: Bool) -> NamePart {
    // A person does not write longer names.
    NamePart(String(name.prefix(300)), isDirectory: isDirectory) { languages.code($0) != nil }
  }

  /// Returns a file name without its extension, if that is one of an audio file.
  static func stem(of name: String) -> String {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    let ending = name[name.index(after: dot)...].lowercased()
    return SourceKind.sounds.contains(ending) ? String(name[..<dot]) : name
  }

  // MARK: Languages

  private func findNames(_ part: inout NamePart, _ evidence: inout LanguageEvidence) {
    var index = 0
    while index < part.tokens.count {
      var next = index + 1
      for length in stride(from: 4, through: 1, by: -1) where index + length <= part.tokens.count {
        let range = index..<index + length
        let words = part.tokens[range].compactMap(\.word)
        guard words.count == length, range.allSatisfy(part.open), let meaning = languages.name(words.joined())
        else { continue }
        evidence.add(meaning, part.text(range))
        for place in range { part.roles[place] = .language }
        next = index + length
        break
      }
      index = next
    }
  }

  private func findCodes(_ part: inout NamePart, _ evidence: inout LanguageEvidence) {
    for index in part.tokens.indices where part.open(index) {
      guard let word = part.tokens[index].word, word.utf8.count <= 3 else { continue }
      let text = part.tokens[index].text
      if let meaning = languages.code(word) {
        if isPlain(index, in: part) {
          evidence.add(meaning, part.text(index..<index + 1))
          part.roles[index] = .language
          markSubtags(after: index, &part)
        } else {
          evidence.addDoubtful(meaning, part.text(index..<index + 1))
        }
      } else if text.utf8.count == 2, text == text.uppercased(), !languages.speakers(in: text).isEmpty {
        evidence.addRegion(text, languages.speakers(in: text))
        part.roles[index] = .noise
      }
    }
  }

  /// Marks subtags: `-RO` after `ro`, `-Hans` after `cmn`.
  private func markSubtags(after index: Int, _ part: inout NamePart) {
    for place in [index + 1, index + 2] where part.open(place) {
      let token = part.tokens[place]
      let isScript = token.text.utf8.count == 4 && ["hans", "hant", "latn", "cyrl", "arab"].contains(token.word)
      let isRegion =
        token.word != nil && token.text.utf8.count == 2 && token.text == token.text.uppercased() && token.gap == .sign
        && languages.code(token.word ?? "") == nil
      if isScript || isRegion { part.roles[place] = .language } else { break }
    }
  }

  /// Returns whether a word that is a code is unambiguous in its place.
  private func isPlain(_ index: Int, in part: NamePart) -> Bool {
    let tokens = part.tokens
    guard let word = tokens[index].word else { return false }
    let isEnglish = CodeLikeWords.english.contains(word)
    if !isEnglish && !CodeLikeWords.others.contains(word) { return true }
    let words = tokens.indices.filter { tokens[$0].word != nil && part.roles[$0] != .noise && part.roles[$0] != .take }
    if words == [index] { return true }
    let last = tokens.count - 1
    let isBesideBracketed = index > 0 && tokens[index - 1].isBracketed || index < last && tokens[index + 1].isBracketed
    if tokens[index].isBracketed && !isBesideBracketed { return true }
    // It is in capitals and another word is not.
    let text = tokens[index].text
    let others = words.filter { $0 != index }
    if text == text.uppercased(), others.contains(where: { tokens[$0].text != tokens[$0].text.uppercased() }) {
      return true
    }
    // It is the first or last, and separated from the others by a number or by another sign than the others are.
    guard index == 0 || index == last else { return false }
    if tokens[index == 0 ? 1 : last - 1].number != nil { return true }
    let gap = tokens[index == 0 ? 1 : last].gap
    let rest = index == 0 ? tokens[2...] : tokens[1..<last]
    if gap == .sign && !rest.contains(where: { $0.gap == .sign }) { return true }
    // Among English words it is not a word of another language.
    return !isEnglish
      && others.allSatisfy { place in
        part.roles[place] == .prompt || VoiceEvidence.kinds[tokens[place].word ?? ""] != nil
          || prompts.isEnglish(tokens[place].word ?? "")
      }
  }

  // MARK: Voices

  private func findVoices(_ part: inout NamePart, _ evidence: inout VoiceEvidence) {
    for index in part.tokens.indices where part.open(index) {
      guard let word = part.tokens[index].word else { continue }
      if word == Take.synthetic {
        evidence.add(Take.synthetic, "'\(Take.synthetic)'")
        part.roles[index] = .voice
      } else if word == "f" || word == "m", part.tokens[index].gap != .nothing, part.open(index + 1),
        part.tokens[index + 1].gap == .nothing, let number = part.tokens[index + 1].number, (1...9).contains(number),
        part.tokens[index + 1].digits == 1, index + 2 == part.tokens.count || part.tokens[index + 2].gap != .nothing
      {
        evidence.add("\(word)\(number)", "'\(word)\(number)'")
        (part.roles[index], part.roles[index + 1]) = (.voice, .voice)
      }
    }
    for speaker in speakers.all {
      let wanted = NameToken.all(in: speaker.pseudonym).compactMap(\.word)
      guard !wanted.isEmpty, part.tokens.count >= wanted.count else { continue }
      for start in 0...part.tokens.count - wanted.count {
        let range = start..<start + wanted.count
        guard range.allSatisfy(part.open), part.tokens[range].map(\.word) == wanted else { continue }
        evidence.addSpeaker(speaker)
        for place in range { part.roles[place] = .voice }
      }
    }
  }

  /// Finds words such as `woman` and `homme`. It runs after the prompts, because some prompts mention women and men.
  private func findKinds(_ part: inout NamePart, _ evidence: inout VoiceEvidence) {
    for index in part.tokens.indices where part.open(index) {
      guard let word = part.tokens[index].word, let kind = VoiceEvidence.kinds[word] else { continue }
      evidence.addKind(kind, part.text(index..<index + 1))
      part.roles[index] = .voice
    }
  }

  // MARK: Prompts

  /// Returns the prompts that the words name exactly, and marks those words.
  private func findPrompts(_ part: inout NamePart, _ evidence: inout LanguageEvidence) -> [PromptLexicon.Meaning] {
    var all: [PromptLexicon.Meaning] = []
    while let found = nextPrompts(&part) {
      all += found
      let tongues = Set(found.map(\.language))
      if let tag = tongues.first ?? nil, tongues.count == 1 {
        evidence.add(LanguageLexicon.Meaning(tags: [tag]), "its words")
      }
    }
    return all
  }

  /// Returns the prompts of the longest run of words that names any.
  private func nextPrompts(_ part: inout NamePart) -> Set<PromptLexicon.Meaning>? {
    let open = part.tokens.indices.filter { part.open($0) && part.tokens[$0].word != nil }
    let words = open.map { part.tokens[$0].word ?? "" }
    for length in Set([words.count]).union(1...8).sorted(by: >) where length > 0 && length <= words.count {
      for start in 0...words.count - length {
        let found = prompts.prompts(named: words[start..<start + length])
        if found.isEmpty { continue }
        // A single word among others is ambiguous.
        let rest = words[..<start] + words[(start + length)...]
        if length == 1, rest.contains(where: { !PromptLexicon.common.contains($0) && languages.code($0) == nil }) {
          continue
        }
        for place in open[start..<start + length] { part.roles[place] = .prompt }
        return found
      }
    }
    return nil
  }

  private func prompt(
    _ parts: [NamePart], _ said: [PromptLexicon.Meaning]
  ) -> (reading: Reading<String>, isCounted: Bool, isByNumber: Bool) {
    let file = parts[parts.count - 1]
    var ids = Set(said.map(\.id))
    var likely: [String] = []
    if ids.isEmpty {
      for part in parts.reversed() where ids.isEmpty {
        let words = part.openWords.filter { languages.code($0) == nil }
        let found = prompts.prompts(like: words)
        ids = Set(found.certain.map(\.id))
        // Names of directories are too varied for approximate matches.
        if !part.isDirectory { likely += found.likely.map(\.id) }
      }
    }
    let numbers = Numbers(file, directories: parts.dropLast()) { prompts.id(of: $0) }
    if ids.count == 1, let id = ids.first, let number = prompts.number(of: id) {
      return (numbers.reading(with: id, number: number), false, false)
    }
    if ids.count > 1 {
      let agreed = ids.filter { id in prompts.number(of: id).map { numbers.plain.contains($0) } ?? false }
      if agreed.count == 1, let id = agreed.first, let number = prompts.number(of: id) {
        return (numbers.reading(with: id, number: number), false, false)
      }
      return (.open(ids.sorted(), reason: "its words match several prompts"), false, false)
    }
    let (reading, isCounted) = numbers.reading(likely: likely)
    return (reading, isCounted, likely.isEmpty)
  }
}
