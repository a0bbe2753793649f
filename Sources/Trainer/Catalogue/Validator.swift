import Diagnostics
import Encoding
import Kit
import Posix

/// Finds what is missing or doubtful in the wordings of a catalogue that loads without errors.
public enum Validator {
  /// The maximum length of a text in seconds: of a message, of a question without its formula, of a formula.
  public static let longest = 8.0

  /// The tags of the languages whose back-translations hide faults, and which have a gloss for each text.
  public static let glossed: Set = ["ig", "yo", "lg", "ha", "ti", "am", "km", "lo", "my", "ps", "pcm"]

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
  ///   - items: the ids of the catalogue's items to validate; nil for all.
  /// - Returns: the diagnostics, errors first, by file and line.
  public static func diagnostics(
    in catalogue: Catalogue, languages: [String]? = nil, items: [String]? = nil
  ) -> [Diagnostic] {
    let chosen = items.map(Set.init)
    let items = catalogue.items.filter { chosen?.contains($0.id) ?? true }
    var diagnostics: [Diagnostic] = []
    let checked = catalogue.languages.filter {
      $0.roles.contains(.source) || languages?.contains($0.tag) ?? true
    }
    let lengths = UsualLengths(catalogue)
    for language in checked {
      diagnostics += LanguageCheck(language, items: items, source: catalogue.source, lengths: lengths).diagnostics()
    }
    return (diagnostics + sharedTexts(of: checked, items)).sorted()
  }

  /// Returns errors for longer texts that two languages share, which somebody copied into the wrong file. The note of
  /// one that names the other language says that it is no mistake.
  private static func sharedTexts(of languages: [Language], _ items: [Prompt]) -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    var owners: [String: (language: Language, item: Prompt)] = [:]
    for language in languages where !language.roles.contains(.source) {
      for item in items where item.id != Prompt.selfName {
        guard let wording = language.wordings[item.id], wording.inherited == nil else { continue }
        let letters = wording.text.lowercased().filter { $0.isLetter || $0.isNumber }
        let words = wording.text.split { !$0.isLetter }.count
        guard words >= 4 || words == 1 && letters.count >= 16 else { continue }
        guard let owner = owners[letters], owner.language.tag != language.tag else {
          owners[letters] = (language, item)
          continue
        }
        let other = owner.language
        let relatives = [language.varietyOf, other.varietyOf].compactMap(\.self)
        let notes = "\(wording.note ?? "") \(other.wordings[owner.item.id]?.note ?? "")"
        let names = [other.tag, other.english, language.tag, language.english]
        let named = Set(notes.split { !$0.isLetter && $0 != "-" }.map(String.init))
        let isKnown =
          relatives.contains(other.tag) || relatives.contains(language.tag) || !named.isDisjoint(with: names)
        if isKnown { continue }
        diagnostics.append(
          wording.error(
            "'\(item.id)' is the text of '\(owner.item.id)' in \(other.english)",
            "write it in \(language.english); if both languages say it so, name \(other.english) in 'note'"))
      }
    }
    return diagnostics
  }
}

/// Validates the wordings of one language against its description and against the source.
struct LanguageCheck {
  let language: Language
  let items: [Prompt]
  let source: Language?
  let lengths: UsualLengths
  let script: Script?

  init(_ language: Language, items: [Prompt], source: Language?, lengths: UsualLengths) {
    self.language = language
    self.items = items
    self.source = source
    self.lengths = lengths
    self.script = Script(language.script)
  }

  var isSource: Bool { language.tag == source?.tag }

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
    diagnostics += reserveFacts() + lengthFaults() + formulaFaults() + questionFaults() + pageFaults()
    var seen: [String: Prompt] = [:]
    for item in items {
      guard let wording = language.wordings[item.id] else {
        if language.requiresWording(for: item) { diagnostics.append(missing(item)) }
        continue
      }
      // What a variety takes from another language is validated there.
      if wording.inherited != nil { continue }
      diagnostics += faults(of: wording, item)
      let letters = wording.text.lowercased().filter { $0.isLetter || $0.isNumber }
      let first = seen[letters]
      if let first, first.baseID != item.baseID {
        diagnostics.append(
          wording.error("'\(item.id)' has the words of '\(first.id)'", "write what this prompt means"))
      }
      if first == nil { seen[letters] = item }
    }
    return diagnostics + sameForms()
  }

  /// Returns what is missing in a language in reserve, in one note: it may be incomplete, and no kit has it unless a
  /// project names it.
  private func reserveFacts() -> [Diagnostic] {
    guard language.isReserve else { return [] }
    let own = language.wordings.values.filter { $0.inherited == nil }
    let unread = own.count { $0.back == nil }
    if unread == 0 { return [] }
    return [
      Diagnostic(
        .note, path: language.file,
        message: "in reserve: \(unread) of \(own.count) wordings have no back-translation",
        remedy: "have them made before a project names it under 'reserve:'")
    ]
  }

  private func missing(_ item: Prompt) -> Diagnostic {
    if item.kind == .formula {
      let mode = KitLayout.parts(ofItem: item.id).flatMap { AnswerMode(formula: $0.prompt)?.rawValue } ?? item.id
      return Diagnostic(
        path: language.file, message: "no formula '\(item.id)'",
        remedy: "add '\(mode)' with its text under 'answers': how to say yes and no in this mode")
    }
    if item.isBase {
      return Diagnostic(
        path: language.file, message: "no wording for '\(item.id)'", remedy: "add it under 'wordings'")
    }
    return Diagnostic(
      path: language.file, line: language.wordings[item.baseID]?.line,
      message: "'\(item.baseID)' has no form '\(item.form.rawValue)'",
      remedy: "add it under 'forms' of '\(item.baseID)'")
  }

  /// Returns errors for forms that repeat another form of the same prompt. A child's form with the adult's words is
  /// left out, and modes and choices differ.
  private func sameForms() -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    var seen: [String: Prompt] = [:]
    for item in items {
      guard let wording = language.wordings[item.id], wording.inherited == nil else { continue }
      let key = "\(item.baseID) \(wording.text.lowercased().filter { $0.isLetter || $0.isNumber })"
      guard let first = seen[key] else {
        seen[key] = item
        continue
      }
      diagnostics.append(
        wording.error(
          "'\(item.id)' has the words of '\(first.id)'",
          item.form.isForChild && first.form == item.form.forAdult
            ? "remove it: without a child's form, the adult's serves" : "write what this form means"))
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
      } else if language.lexifier != source.tag, same >= 3, 2 * same >= words.count {
        faults.append(("is English in part", "translate all of it"))
      }
    }
    return faults
  }

  private static func words(of text: String) -> [String] { text.lowercased().split { !$0.isLetter }.map(String.init) }

  /// Returns warnings for missing titles and cautions, for which the responder reads the English ones.
  private func operatorFaults(of wording: Wording, _ prompt: Prompt) -> [Diagnostic] {
    guard language.roles.contains(.operator), !isSource, prompt.isBase else { return [] }
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
      if language.isReserve { return [] }
      return [
        wording.warning(
          "'\(prompt.id)' has no back-translation",
          "add 'back': English made from this text alone")
      ]
    }
    if Validator.glossed.contains(language.tag), wording.gloss == nil {
      return [
        wording.warning(
          "'\(prompt.id)' has no gloss", "add 'gloss': the English of each word, in the order of the text")
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
    if prompt.kind == .formula, let word = ["yes", "no"].first(where: { !words.contains($0) }) {
      diagnostics.append(
        wording.error(
          "'\(prompt.id)' does not say '\(word)': its English is '\(english)'",
          "say how to answer yes and how to answer no, each by its word"))
    }
    if prompt.isFollowedByFormula, !english.contains("?") {
      diagnostics.append(
        wording.error(
          "'\(prompt.id)' is a question, and its English is not: '\(english)'",
          "let it ask, and translate it back again"))
    }
    if let act = Self.acts[prompt.answer], !words.contains(where: { act.words.contains($0) }) {
      diagnostics.append(
        wording.warning("'\(prompt.id)' does not ask for an act: its English is '\(english)'", "ask \(act.remedy)"))
    }
    return diagnostics
  }

  /// The English words of which one asks for the act that is the answer. A language may ask to show something, or to
  /// let the responder see it.
  private static let acts: [Answer: (words: Set<String>, remedy: String)] = [
    .fingers: (["finger", "fingers"], "for a number of fingers"),
    .point: (["point", "touch", "show", "shown", "see"], "the listener to point, to touch or to show"),
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

  /// The language's own wordings, without those that a variety takes from another language.
  private var spoken: [Spoken] {
    items.compactMap { item in
      language.wordings[item.id].flatMap { $0.inherited == nil ? (item, $0) : nil }
    }
  }

  /// Returns warnings for wordings whose length differs much from the usual one, and for a rate that does not fit.
  private func lengthFaults() -> [Diagnostic] {
    if isSource { return [] }
    var diagnostics: [Diagnostic] = []
    let adult = spoken.filter { !$0.prompt.form.isForChild }
    // Names are not translated.
    for (prompt, wording) in adult where prompt.id != Prompt.selfName {
      guard let usual = lengths.usual(of: prompt, in: language), !usual.permitted.contains(wording.text.count) else {
        continue
      }
      diagnostics.append(
        wording.warning(
          "'\(prompt.id).text' has \(wording.text.count) characters; about \(usual.count) are usual in this language",
          "check that it says the same as the English, no more and no less"))
    }
    // Only a prompt's base text has the length that its file names.
    let paces = adult.filter(\.prompt.isBase).map {
      Double($0.wording.text.count) / language.rate / $0.prompt.length
    }.sorted()
    guard paces.count >= 6 else { return diagnostics }
    let pace = paces[paces.count / 2]
    if !(0.6...1.6).contains(pace) {
      diagnostics.append(
        Diagnostic(
          .warning, path: language.file,
          message: "at the rate \(language.rate) most texts take \(pace.tenths) times as long as the English",
          remedy: "count how many characters a calm speaker says in a second, and correct 'rate'"))
    }
    return diagnostics
  }

  /// Returns errors for formulas without a word that all other formulas of the language have, among them those for yes
  /// and no. Words that are frequent in the language prove nothing.
  private func formulaFaults() -> [Diagnostic] {
    let formulas = spoken.filter { $0.prompt.kind == .formula }
    let others = spoken.filter { $0.prompt.kind == .message }.map { units(of: $0.wording.text) }
    var diagnostics: [Diagnostic] = []
    for isForChild in [false, true] {
      let group = formulas.filter { $0.prompt.form.isForChild == isForChild }
      guard group.count >= 3 else { continue }
      for formula in group {
        let own = units(of: formula.wording.text)
        let rest = group.filter { $0.prompt.id != formula.prompt.id }.map { units(of: $0.wording.text) }
        let shared = rest.dropFirst().reduce(rest[0]) { $0.intersection($1) }.subtracting(own)
        let rare = shared.filter { unit in others.count(where: { $0.contains(unit) }) * 5 <= others.count }
        guard let word = rare.sorted().first else { continue }
        diagnostics.append(
          formula.wording.error(
            "'\(formula.prompt.id)' lacks '\(word)', which the language's other formulas have",
            "say yes and no by the same words, in the same order, in every mode"))
      }
    }
    return diagnostics
  }

  /// Returns the words of a text; in a script without spaces, all pairs of neighbouring characters.
  private func units(of text: String) -> Set<String> {
    guard Self.unspaced.contains(language.script) else { return Set(Self.words(of: text)) }
    let runs = text.split { !$0.isLetter }.map(Array.init)
    if ["Hans", "Hant"].contains(language.script) { return Set(runs.joined().map { String($0) }) }
    return Set(runs.flatMap { run in zip(run, run.dropFirst()).map { String([$0, $1]) } })
  }

  /// Scripts that put no spaces between words.
  private static let unspaced: Set = ["Thai", "Laoo", "Khmr", "Mymr", "Hans", "Hant"]

  /// Returns errors for questions that neither have a question mark nor end as other questions of the language do.
  ///
  /// Where most questions have a mark, all must have one. Elsewhere a question may end with a particle, which is
  /// learned from the language's questions.
  private func questionFaults() -> [Diagnostic] {
    let questions = spoken.filter { $0.prompt.isFollowedByFormula }
    guard questions.count >= 4 else { return [] }
    let marked = questions.count { Self.hasQuestionMark($0.wording.text) }
    let endings = Dictionary(grouping: questions.map { Self.ending(of: $0.wording.text) }, by: \.self)
    let usual = Set(endings.filter { $0.value.count >= 3 }.keys)
    return questions.compactMap { question in
      let text = question.wording.text
      if Self.hasQuestionMark(text) { return nil }
      if 5 * marked < 4 * questions.count, usual.contains(Self.ending(of: text)) { return nil }
      return question.wording.error(
        "'\(question.prompt.id)' has neither a question mark nor the ending of the language's other questions",
        "write it as a question, so that the speaker asks it")
    }
  }

  private static func hasQuestionMark(_ text: String) -> Bool { text.contains { "?？؟፧՞".contains($0) } }

  /// The last two characters of a text, without signs.
  private static func ending(of text: String) -> String { String(text.filter(\.isLetter).suffix(2)) }
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
