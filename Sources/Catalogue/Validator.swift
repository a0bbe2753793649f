import Kit
import Posix

/// Looks for what is missing or doubtful in words that can be read: what a careful editor would ask.
public enum Validator {
  /// The longest that a listener is asked to take in at once, seconds.
  public static let longest = 8.0

  /// Everything that is wrong with a catalogue's folder, and with a project's laid over it: what cannot be read,
  /// and, where all can be read, what is missing or doubtful. Of a project with a `kit.yaml` only its own languages
  /// and prompts are judged.
  public static func check(folder: String, project: String? = nil) -> [Finding] {
    let log = FindingLog()
    let catalogue = Catalogue.read(folder: folder, project: project, log: log)
    if log.hasErrors { return log.findings.sorted(by: Finding.comesFirst) }
    guard let project, Files.exists("\(project)/\(ProjectFile.name)") else { return findings(in: catalogue) }
    do {
      let kit = try ProjectFile.read("\(project)/\(ProjectFile.name)", catalogue: catalogue)
      return findings(in: catalogue, languages: kit.languages, prompts: kit.prompts)
    } catch {
      return error.findings
    }
  }

  /// What is missing or doubtful in the words of a catalogue, or of some of its languages and prompts; by file and
  /// line.
  public static func findings(
    in catalogue: Catalogue, languages: [String]? = nil, prompts: [String]? = nil
  ) -> [Finding] {
    let prompts = catalogue.prompts.filter { prompts?.contains($0.id) ?? true }
    var findings: [Finding] = []
    for language in catalogue.languages {
      // The source is shown to the responder of every kit.
      guard language.roles.contains(.source) || languages?.contains(language.tag) ?? true else { continue }
      findings += LanguageCheck(language, prompts: prompts, source: catalogue.source).findings()
    }
    return findings.sorted(by: Finding.comesFirst)
  }
}

/// One language's words against its own description and against the source.
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

  func findings() -> [Finding] {
    var findings: [Finding] = []
    if let script {
      if let stranger = script.stranger(in: language.autonym) {
        findings.append(.init(file: language.file, foreign: stranger, in: "autonym", script: language.script))
      }
    } else {
      findings.append(
        Finding(
          .warning, file: language.file, message: "the letters of the script \(language.script) are not known here",
          remedy: "look at the characters yourself"))
    }
    var seen: [String: String] = [:]
    for prompt in prompts where isDue(prompt) {
      guard let wording = language.wordings[prompt.id] else {
        findings.append(
          Finding(
            file: language.file, message: "no wording for '\(prompt.id)'", remedy: "add it under 'wordings'"))
        continue
      }
      findings += faults(of: wording, prompt)
      let letters = wording.text.lowercased().filter { $0.isLetter || $0.isNumber }
      if let first = seen.updateValue(prompt.id, forKey: letters) {
        findings.append(
          wording.finding("'\(prompt.id)' has the words of '\(first)'", "write what this prompt means"))
      }
    }
    return findings
  }

  /// A listener never hears what the device says to the responder.
  private func isDue(_ prompt: Prompt) -> Bool {
    prompt.module != .operator || !language.roles.isDisjoint(with: [.operator, .source])
  }

  private func faults(of wording: Wording, _ prompt: Prompt) -> [Finding] {
    var findings: [Finding] = []
    let spoken = [("text", wording.text)] + wording.variants.map { ("variants.\($0.key.rawValue)", $0.value) }
    for (key, text) in spoken.sorted(by: { $0.0 < $1.0 }) {
      let name = "\(prompt.id).\(key)"
      for (message, remedy) in faults(of: text, prompt) {
        findings.append(wording.finding("'\(name)' \(message)", remedy))
      }
      let seconds = Double(text.count) / language.rate
      if seconds > Validator.longest {
        findings.append(
          wording.finding(
            "'\(name)' takes about \(seconds.rounded1) s", "say it in fewer words: \(Validator.longest) s at most"))
      } else if seconds > 1.4 * prompt.length + 1 || seconds < 0.6 * prompt.length - 0.5 {
        findings.append(
          wording.warning(
            "'\(name)' takes about \(seconds.rounded1) s, the English \(prompt.length) s",
            "look whether it says the same, or correct 'rate' or 'length'"))
      }
    }
    if prompt.id == Self.selfName, !wording.text.lowercased().contains(language.autonym.lowercased()) {
      findings.append(
        wording.finding("'\(prompt.id)' does not say the autonym '\(language.autonym)'", "let it say its own name"))
    }
    return findings + meaningFaults(of: wording, prompt)
  }

  /// The prompt with which a language names itself.
  private static let selfName = "language-name"

  private func faults(of text: String, _ prompt: Prompt) -> [(String, String)] {
    var faults: [(String, String)] = []
    if let stranger = script?.stranger(in: text) {
      faults.append(
        ("holds \(stranger.codePoint) '\(stranger)', no letter of \(language.script)", "write it in its own script"))
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
    let original = source?.wordings[prompt.id]?.text.lowercased()
    if !isSource, text.lowercased() == original {
      faults.append(("is the English text", "translate it"))
    }
    return faults
  }

  /// What the English of a wording (the source's text, else the back-translation) gives away.
  private func meaningFaults(of wording: Wording, _ prompt: Prompt) -> [Finding] {
    guard let english = isSource ? wording.text : wording.back else {
      return [
        wording.warning(
          "'\(prompt.id)' has no back-translation",
          "add 'back': English made from this text alone, so that others see what it says")
      ]
    }
    var findings: [Finding] = []
    let words = english.lowercased().split { !$0.isLetter }.map(String.init)
    if let word = words.first(where: { ["nod", "nods", "nodding"].contains($0) })
      ?? (words.contains("shake") && words.contains("head") ? "shake" : nil)
    {
      findings.append(
        wording.finding(
          "'\(prompt.id)' speaks of the head ('\(word)')",
          "ask for a hand: nods and head-shakes mean the reverse in some places"))
    }
    if let sign = Self.answerWords[prompt.answer], !words.contains(where: { sign.contains($0) }) {
      findings.append(
        wording.warning(
          "'\(prompt.id)' does not say how to answer", "say it: \(sign.sorted().joined(separator: " or "))"))
    }
    return findings
  }

  private static let answerWords: [Answer: Set<String>] = [
    .yesNo: ["hand", "hands"], .fingers: ["finger", "fingers"], .point: ["point", "touch", "show"],
  ]

  private static func endsAsSentence(_ text: String) -> Bool {
    guard let last = text.unicodeScalars.last(where: { !"”“»\")".unicodeScalars.contains($0) }) else { return false }
    return last.properties.generalCategory == .otherPunctuation && !",;:،؛".unicodeScalars.contains(last)
  }

  /// A bracket, quotation mark or Spanish opening sign that stands alone.
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

extension Wording {
  fileprivate func finding(_ message: String, _ remedy: String) -> Finding {
    Finding(file: file, line: line, message: message, remedy: remedy)
  }

  fileprivate func warning(_ message: String, _ remedy: String) -> Finding {
    Finding(.warning, file: file, line: line, message: message, remedy: remedy)
  }
}

extension Finding {
  fileprivate init(file: String, foreign: Unicode.Scalar, in key: String, script: String) {
    self.init(
      file: file, message: "'\(key)' holds \(foreign.codePoint) '\(foreign)', no letter of \(script)",
      remedy: "write it in its own script, or correct 'script'")
  }
}

extension Double {
  /// With one decimal.
  fileprivate var rounded1: Double { (self * 10).rounded() / 10 }
}
