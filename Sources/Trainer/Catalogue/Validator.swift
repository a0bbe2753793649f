import Diagnostics
import Encoding
import Kit
import Posix

/// Finds what is missing or doubtful in the wordings of a catalogue that loads without errors.
public enum Validator {
  /// The maximum length of a message in seconds.
  public static let longest = 8.0

  /// Returns every finding of a catalogue's directory, by file and line. If a file cannot be read, only the errors of
  /// reading are returned.
  public static func check(directory: String) -> [Diagnostic] {
    let log = DiagnosticLog()
    let catalogue = Catalogue.read(directory: directory, project: nil, log: log)
    return log.hasErrors ? log.diagnostics.sorted() : diagnostics(in: catalogue)
  }

  /// Returns what is missing or doubtful in the wordings of a catalogue.
  ///
  /// - Parameters:
  ///   - catalogue: the catalogue.
  ///   - languages: the tags of the languages to validate; nil for all. The source is always validated.
  ///   - prompts: the ids of the prompts to validate; nil for all.
  /// - Returns: the diagnostics, errors first, by file and line.
  public static func diagnostics(
    in catalogue: Catalogue, languages: [String]? = nil, prompts: [String]? = nil
  ) -> [Diagnostic] {
    let prompts = catalogue.prompts.filter { prompts?.contains($0.id) ?? true }
    var diagnostics: [Diagnostic] = []
    for language in catalogue.languages {
      guard language.roles.contains(.source) || languages?.contains(language.tag) ?? true else { continue }
      diagnostics += LanguageCheck(language, prompts: prompts, source: catalogue.source).diagnostics()
    }
    return diagnostics.sorted()
  }
}

/// Validates the wordings of one language against its description and against the source.
private struct LanguageCheck {
  let language: Language
  let prompts: [Prompt]
  let source: Language?
  let script: Script?

  init(_ language: Language, prompts: [Prompt], source: Language?) {
    self.language = language
    self.prompts = prompts
    self.source = source
    self.script = Script(language.script)
  }

  private var isSource: Bool { language.tag == source?.tag }

  func diagnostics() -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    if let own = CLDR.autonym(language.tag), !Self.agree(own, language.autonym) {
      diagnostics.append(
        Diagnostic(
          path: language.file, message: "the autonym is '\(language.autonym)', CLDR has '\(own)'",
          remedy: "write the name that its speakers use, as collected by CLDR"))
    }
    if let script {
      if let letter = script.foreignLetter(in: language.autonym) {
        diagnostics.append(.init(path: language.file, foreign: letter, in: "autonym", script: language.script))
      }
    } else {
      diagnostics.append(
        Diagnostic(
          .warning, path: language.file, message: "the letters of the script \(language.script) are unknown",
          remedy: "check the characters yourself"))
    }
    diagnostics += lengthFaults() + answerFaults()
    var seen: [String: String] = [:]
    for prompt in prompts where language.requiresWording(for: prompt) {
      guard let wording = language.wordings[prompt.id] else {
        diagnostics.append(
          Diagnostic(
            path: language.file, message: "no wording for '\(prompt.id)'", remedy: "add it under 'wordings'"))
        continue
      }
      diagnostics += faults(of: wording, prompt)
      let letters = wording.text.lowercased().filter { $0.isLetter || $0.isNumber }
      if let first = seen.updateValue(prompt.id, forKey: letters) {
        diagnostics.append(
          wording.error("'\(prompt.id)' has the words of '\(first)'", "write what this prompt means"))
      }
    }
    return diagnostics
  }

  /// Returns whether one name contains the other: `Soomaali` and `Af-Soomaali`.
  private static func agree(_ a: String, _ b: String) -> Bool {
    let (a, b) = (a.lowercased(), b.lowercased())
    return a.contains(b) || b.contains(a)
  }

  private func faults(of wording: Wording, _ prompt: Prompt) -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    let spoken = [("text", wording.text)] + wording.variants.map { ("variants.\($0.key.rawValue)", $0.value) }
    for (key, text) in spoken.sorted(by: { $0.0 < $1.0 }) {
      let name = "\(prompt.id).\(key)"
      for (message, remedy) in faults(of: text, prompt) {
        diagnostics.append(wording.error("'\(name)' \(message)", remedy))
      }
      let seconds = Double(text.count) / language.rate
      if seconds > Validator.longest {
        diagnostics.append(
          wording.error(
            "'\(name)' takes about \(seconds.tenths) s", "say it in fewer words: \(Validator.longest) s at most"))
      }
    }
    if prompt.id == Prompt.selfName, !wording.text.lowercased().contains(language.autonym.lowercased()) {
      diagnostics.append(
        wording.error("'\(prompt.id)' does not say the autonym '\(language.autonym)'", "let it say its own name"))
    }
    return diagnostics + meaningFaults(of: wording, prompt) + operatorFaults(of: wording, prompt)
  }

  private func faults(of text: String, _ prompt: Prompt) -> [(String, String)] {
    var faults: [(String, String)] = []
    if let letter = script?.foreignLetter(in: text) {
      faults.append(
        ("holds \(letter.codePoint) '\(letter)', not a letter of \(language.script)", "write it in its own script"))
    }
    if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .decimalNumber }) {
      faults.append(("holds digits", "write numbers as words, for the speaker"))
    }
    if let sign = Self.unbalanced(text) {
      faults.append(("has '\(sign)' without its partner", "add the other one, or remove it"))
    }
    if !["Thai", "Laoo"].contains(language.script), !Self.endsAsSentence(text) {
      faults.append(("does not end as a sentence", "end it with a full stop or a question mark"))
    }
    if !isSource, let source, let original = source.wordings[prompt.id]?.text {
      let words = Self.words(of: text)
      let english = Set(Self.words(of: original))
      let same = words.filter(english.contains).count
      if text.lowercased() == original.lowercased() {
        faults.append(("is the English text", "translate it"))
      } else if same >= 3, 2 * same >= words.count {
        faults.append(("is English in part", "translate all of it"))
      }
    }
    return faults
  }

  private static func words(of text: String) -> [String] { text.lowercased().split { !$0.isLetter }.map(String.init) }

  /// Returns warnings for missing titles and cautions, for which the responder reads the English ones.
  private func operatorFaults(of wording: Wording, _ prompt: Prompt) -> [Diagnostic] {
    guard language.roles.contains(.operator), !isSource else { return [] }
    let missing = [
      (wording.title == nil, "title"), (wording.caution == nil && !prompt.caution.isEmpty, "caution"),
    ]
    return missing.filter(\.0).map { _, key in
      wording.warning("'\(prompt.id)' has no \(key)", "add it: without it the responder reads the English one")
    }
  }

  /// Returns faults of meaning, found in the English of a wording: the source's text or the back-translation.
  private func meaningFaults(of wording: Wording, _ prompt: Prompt) -> [Diagnostic] {
    if !isSource, wording.isBackOutdated {
      return [
        wording.warning(
          "'\(prompt.id)' has an outdated back-translation: it was made from an earlier text",
          "have it made again from this text, write it as 'back', and remove 'back-of'")
      ]
    }
    guard let english = isSource ? wording.text : wording.back else {
      return [
        wording.warning(
          "'\(prompt.id)' has no back-translation",
          "add 'back': English made from this text alone")
      ]
    }
    var diagnostics: [Diagnostic] = []
    let words = Self.words(of: english)
    if let word = words.first(where: { ["nod", "nods", "nodding"].contains($0) })
      ?? (words.contains("shake") && words.contains("head") ? "shake" : nil)
    {
      diagnostics.append(
        wording.error(
          "'\(prompt.id)' mentions the head ('\(word)')",
          "ask for a hand: nodding and shaking the head have opposite meanings in some regions"))
    }
    if let sign = Self.answerWords[prompt.answer], !words.contains(where: { sign.contains($0) }) {
      diagnostics.append(
        wording.warning(
          "'\(prompt.id)' does not say how to answer", "mention the \(sign.sorted().joined(separator: " or "))"))
    }
    return diagnostics
  }

  private static let answerWords: [Answer: Set<String>] = [
    .yesNo: ["hand", "hands"], .fingers: ["finger", "fingers"], .point: ["point", "touch", "show"],
  ]

  private static func endsAsSentence(_ text: String) -> Bool {
    guard let last = text.unicodeScalars.last(where: { !"”“»\")".unicodeScalars.contains($0) }) else { return false }
    return last.properties.generalCategory == .otherPunctuation && !",;:،؛".unicodeScalars.contains(last)
  }

  /// Returns the first bracket, quotation mark or Spanish opening sign without its partner.
  private static func unbalanced(_ text: String) -> Character? {
    var open: [Character] = []
    let pairs: [Character: Character] = [")": "(", "]": "[", "}": "{", "»": "«", "›": "‹", "」": "「"]
    for sign in text {
      if pairs.values.contains(sign) { open.append(sign) }
      if let partner = pairs[sign], open.popLast() != partner { return sign }
    }
    if let sign = open.first { return sign }
    if text.filter({ "“”„\"".contains($0) }).count % 2 != 0 { return text.first { "“”„\"".contains($0) } }
    for (opening, closing) in [("¿", "?"), ("¡", "!")] as [(Character, Character)] where text.contains(opening) {
      if text.filter({ $0 == opening }).count != text.filter({ $0 == closing }).count { return opening }
    }
    return nil
  }
}

// MARK: - Comparison with the other wordings of the language

extension LanguageCheck {
  private typealias Spoken = (prompt: Prompt, wording: Wording)

  private var spoken: [Spoken] {
    prompts.compactMap { prompt in language.wordings[prompt.id].map { (prompt, $0) } }
  }

  /// Returns warnings for wordings whose length, compared with the English, differs much from the language's median.
  private func lengthFaults() -> [Diagnostic] {
    guard let source, !isSource else { return [] }
    let pairs = spoken.compactMap { spoken -> (wording: Wording, prompt: Prompt, own: Double, english: Double)? in
      guard let english = source.wordings[spoken.prompt.id]?.text else { return nil }
      return (spoken.wording, spoken.prompt, Double(spoken.wording.text.count), Double(english.count))
    }
    // Too few texts for a median.
    guard pairs.count >= 6 else { return [] }
    let ratio = pairs.map { $0.own / $0.english }.sorted()[pairs.count / 2]
    var diagnostics: [Diagnostic] = []
    // Names are not translated.
    for pair in pairs where pair.prompt.id != Prompt.selfName {
      let usual = ratio * pair.english
      // Short texts vary more: allow ten English letters more.
      if pair.own > 1.5 * usual + 10 * ratio || pair.own < 0.6 * usual - 6 * ratio {
        diagnostics.append(
          pair.wording.warning(
            "'\(pair.prompt.id).text' has \(Int(pair.own)) characters; about \(Int(usual)) are usual in this language",
            "check that it says the same as the English, no more and no less"))
      }
    }
    let pace = pairs.map { $0.own / language.rate / $0.prompt.length }.sorted()[pairs.count / 2]
    if !(0.6...1.6).contains(pace) {
      diagnostics.append(
        Diagnostic(
          .warning, path: language.file,
          message: "at the rate \(language.rate) most texts take \(pace.tenths) times as long as the English",
          remedy: "count how many characters a calm speaker says in a second, and correct 'rate'"))
    }
    return diagnostics
  }

  /// Returns errors for questions that do not end with the words in which most others ask for the answer. The listener
  /// would not know such a gesture.
  private func answerFaults() -> [Diagnostic] {
    let questions = spoken.filter { $0.prompt.answer == .yesNo && $0.prompt.id != Self.firstQuestion }
    var diagnostics: [Diagnostic] = []
    for audience in [
      questions.filter { $0.prompt.audience == .child }, questions.filter { $0.prompt.audience != .child },
    ]
    where audience.count >= 4 {
      let formula = Self.usualEnd(of: audience.map { Array($0.wording.text) })
      for question in audience where !question.wording.text.hasSuffix(formula) {
        diagnostics.append(
          question.wording.error(
            "'\(question.prompt.id)' does not ask for the answer in the words of the other questions",
            "end it as they end, so that yes and no are always shown in the same way"))
      }
    }
    return diagnostics
  }

  /// Excepted, because its answer is the gesture itself.
  private static let firstQuestion = "raise-hand"

  /// Returns the words with which at least four out of five texts end.
  private static func usualEnd(of texts: [[Character]]) -> String {
    var best: ArraySlice<Character> = []
    for text in texts {
      let shared = texts.map { other in zip(text.reversed(), other.reversed()).prefix { $0 == $1 }.count }
      let length = shared.sorted(by: >)[(4 * texts.count - 1) / 5]
      if length > best.count { best = text.suffix(length) }
    }
    // Drop what the questions themselves share by chance: a mark, a particle, the end of a word.
    if let mark = best.lastIndex(where: { "?؟፧？".contains($0) }) {
      best = best[(mark + 1)...]
    } else if let gap = best.firstIndex(where: \.isWhitespace) {
      best = best[gap...]
    }
    return String(best.drop(while: \.isWhitespace))
  }
}

extension Wording {
  fileprivate func error(_ message: String, _ remedy: String) -> Diagnostic {
    Diagnostic(path: file, line: line, message: message, remedy: remedy)
  }

  fileprivate func warning(_ message: String, _ remedy: String) -> Diagnostic {
    Diagnostic(.warning, path: file, line: line, message: message, remedy: remedy)
  }
}

extension Diagnostic {
  fileprivate init(path file: String, foreign: Unicode.Scalar, in key: String, script: String) {
    self.init(
      path: file, message: "'\(key)' holds \(foreign.codePoint) '\(foreign)', not a letter of \(script)",
      remedy: "write it in its own script, or correct 'script'")
  }
}
