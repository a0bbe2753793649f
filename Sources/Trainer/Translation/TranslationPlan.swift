import Catalogue
import Diagnostics
import Foundation

/// What the import of a translated file changes, and its faults.
public struct TranslationPlan: Sendable {
  /// The changes by the prompts' numbers.
  public private(set) var changes: [Change] = []
  /// The faults; no change is made for a text with a fault.
  public private(set) var faults: [Diagnostic] = []

  private let path: String
  private let language: Language
  private let catalogue: Catalogue
  private let lexicon: LanguageLexicon

  /// How many unknown ids are reported one by one: with more of them, the file belongs to another project.
  private static let mistypedIDs = 20

  /// A change of one part of a wording.
  public struct Change: Sendable {
    /// The prompt.
    public var prompt: Prompt
    /// The part and its new value.
    public var change: WordingChange
    /// The old value; nil if there is none.
    public var old: String?
    /// Whether the English has changed since the export.
    public var isStale: Bool
    /// Whether the text changes and its back-translation does not.
    public var leavesOldBack = false
    /// Why a person must confirm the change, as a sentence; nil if nothing is doubtful.
    public var question: String?
  }

  /// Compares a translated file with the wordings of its language.
  ///
  /// - Parameters:
  ///   - sheet: the translated file.
  ///   - path: the file's path, for diagnostics.
  ///   - language: the language as it is.
  ///   - catalogue: the source language, and the names of all languages.
  ///   - prompts: the prompts of the language by number.
  public init(
    _ sheet: TranslatedSheet, path: String, language: Language, in catalogue: Catalogue, prompts: [Prompt]
  ) {
    (self.path, self.language, self.catalogue) = (path, language, catalogue)
    lexicon = LanguageLexicon(catalogue)
    let ids = prompts.map(\.id)
    let byID = Dictionary(prompts.map { ($0.id, $0) }) { first, _ in first }
    var strangers: [TranslatedUnit] = []
    var seen: [String: Int] = [:]
    var found: [String: [Change]] = [:]
    for unit in sheet.units {
      if let first = seen.updateValue(unit.line, forKey: unit.id) {
        refuse(unit, "'\(unit.id)' is given twice, first in line \(first)", "keep one of them")
        continue
      }
      guard let dot = unit.id.lastIndex(of: "."),
        let part = WordingChange.Part(rawValue: String(unit.id[unit.id.index(after: dot)...])), Self.isUnit(part)
      else {
        refuse(unit, "'\(unit.id.prefix(60))' is not the id of a text", "keep the ids of the export")
        continue
      }
      let id = String(unit.id[..<dot])
      guard let prompt = byID[id] else {
        strangers.append(unit)
        if strangers.count <= Self.mistypedIDs {
          refuse(unit, "no prompt of this language has the id '\(id.prefix(60))'\(Spelling.hint(id, ids))", "correct it")
        }
        continue
      }
      if !language.roles.contains(.operator), part == .title || part == .caution {
        refuse(unit, "\(language.english) is not an operator language: it has no \(part.rawValue)s", "remove it")
        continue
      }
      let wording = language.wordings[id]
      let isStale = unit.source.map { isOutdated(Self.form($0), part, prompt) } ?? false
      var own: [Change] = []
      func compare(_ part: WordingChange.Part, _ value: String?) {
        let old = wording?[part]
        if value != old {
          own.append(Change(prompt: prompt, change: .init(id, part, value), old: old, isStale: isStale))
        }
      }
      let text = Self.form(unit.text)
      // An empty translation changes nothing.
      if !text.isEmpty { compare(part, text) }
      // A back-translation or note needs a text.
      if part == .text, wording != nil || !text.isEmpty {
        for (part, value) in [(WordingChange.Part.back, unit.back), (.note, unit.note)] {
          if let value { compare(part, Self.form(value).isEmpty ? nil : Self.form(value)) }
        }
      }
      // A gloss of the old text would mislead.
      if part == .text, own.contains(where: { $0.change.part == .text }), wording?.gloss != nil { compare(.gloss, nil) }
      if let fault = own.compactMap(\.change.fault).first {
        refuse(unit, "'\(unit.id)': \(fault.message)", fault.remedy)
      } else {
        if own.first?.change.part == .text, let wording, wording.back != nil,
          !own.contains(where: { $0.change.part == .back })
        {
          own[0].leavesOldBack = (wording.backOf ?? wording.text) != own[0].change.value
        }
        for index in own.indices { own[index].question = question(own[index].change, prompt) }
        found[id, default: []] += own
      }
    }
    if strangers.count > Self.mistypedIDs {
      refuse(
        strangers[Self.mistypedIDs],
        "\(counted(strangers.count - Self.mistypedIDs, "more text")), from here on, with ids that no prompt has",
        "import a file that was exported from this project")
    }
    // A title or variant needs a text.
    for prompt in prompts {
      let own = found[prompt.id, default: []]
      if own.isEmpty { continue }
      if language.wordings[prompt.id] == nil, !own.contains(where: { $0.change.part == .text }) {
        faults.append(
          Diagnostic(
            path: path, message: "'\(prompt.id)' has no text yet: its other parts were ignored",
            remedy: "translate its text"
          ))
      } else {
        changes += own
      }
    }
  }

  /// Leaves out every change of one prompt.
  public mutating func leaveOut(_ prompt: String) { changes.removeAll { $0.prompt.id == prompt } }

  /// Returns what must be written for a prompt: the changes, and the mark of an outdated back-translation.
  public func edits(of prompt: String) -> [WordingChange] {
    WordingChange.completed(
      changes.filter { $0.prompt.id == prompt }.map(\.change), of: language.wordings[prompt])
  }

  // MARK: - Doubts

  /// Returns why a change must be confirmed: the language, the script or the length is probably wrong.
  private func question(_ change: WordingChange, _ prompt: Prompt) -> String? {
    guard let value = change.value else { return nil }
    let isSpoken: Bool
    switch change.part {
    case .text, .variant: isSpoken = true
    case .title, .caution: isSpoken = false
    case .back, .backOf, .note, .gloss: return nil
    }
    if isSpoken, prompt.id == Prompt.selfName, let doubt = doubt(ofName: value) { return doubt }
    if let letter = Script(language.script)?.foreignLetter(in: value) {
      return "'\(letter)' is no letter of the script \(language.script), in which \(language.english) is written"
    }
    if isSpoken, value.count > language.spokenLimit {
      return "it has \(value.count) characters; the limit is \(language.spokenLimit), "
        + "about \(Int(Validator.longest)) s of speech"
    }
    return nil
  }

  /// Returns why a text may not be the language's own name.
  private func doubt(ofName text: String) -> String? {
    if text.lowercased().contains(language.autonym.lowercased()) { return nil }
    let words = text.split { !$0.isLetter && $0 != "-" }.map(String.init)
    let named = ([text] + words).compactMap { word -> LanguageLexicon.Meaning? in
      lexicon.name(NameKey.of(word))
    }
    if named.contains(where: { $0.tags.contains(language.tag) }) { return nil }
    if let tag = named.flatMap(\.tags).min(), let name = lexicon.english[tag] {
      return "it says the name of \(name), not of \(language.english) (\(language.autonym))"
    }
    return "it does not say the language's own name, '\(language.autonym)'"
  }

  private mutating func refuse(_ unit: TranslatedUnit, _ message: String, _ remedy: String) {
    faults.append(Diagnostic(path: path, line: unit.line, message: message, remedy: remedy))
  }

  /// Returns whether a part is a unit of its own; back-translations, glosses and notes belong to the text's unit.
  private static func isUnit(_ part: WordingChange.Part) -> Bool { ![.back, .backOf, .note, .gloss].contains(part) }

  /// Returns whether a text was translated from an English that has changed since.
  private func isOutdated(_ english: String, _ part: WordingChange.Part, _ prompt: Prompt) -> Bool {
    switch part {
    case .title: english != prompt.title
    case .caution: english != prompt.caution
    // Earlier exports gave the English wording for the name of a language, too.
    default:
      english != prompt.translatorSource(in: catalogue.source)
        && !(prompt.id == Prompt.selfName && english == catalogue.source?.wordings[prompt.id]?.text)
    }
  }

  /// Returns a text in NFC without the spaces and line breaks that programs add at its ends.
  private static func form(_ text: String) -> String {
    text.trimmingCharacters(in: CharacterSet(charactersIn: " \t\r\n")).precomposedStringWithCanonicalMapping
  }
}
