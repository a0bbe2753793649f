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
  }

  /// Compares a translated file with the wordings of its language.
  ///
  /// - Parameters:
  ///   - sheet: the translated file.
  ///   - path: the file's path, for diagnostics.
  ///   - language: the language as it is.
  ///   - source: the language from which it is translated.
  ///   - prompts: the prompts of the language by number.
  public init(_ sheet: TranslatedSheet, path: String, language: Language, source: Language?, prompts: [Prompt]) {
    self.path = path
    let ids = prompts.map(\.id)
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
      guard let prompt = prompts.first(where: { $0.id == id }) else {
        refuse(unit, "no prompt of this language has the id '\(id.prefix(60))'\(Spelling.hint(id, ids))", "correct it")
        continue
      }
      if !language.roles.contains(.operator), part == .title || part == .caution {
        refuse(unit, "\(language.english) is not an operator language: it has no \(part.rawValue)s", "remove it")
        continue
      }
      let wording = language.wordings[id]
      let english = Self.english(part, prompt, source)
      let isStale = unit.source.map { Self.form($0) != english } ?? false
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
      if let fault = own.compactMap(\.change.fault).first {
        refuse(unit, "'\(unit.id)': \(fault.message)", fault.remedy)
      } else {
        if own.first?.change.part == .text, wording?.back != nil, !own.contains(where: { $0.change.part == .back }) {
          own[0].leavesOldBack = true
        }
        found[id, default: []] += own
      }
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

  private mutating func refuse(_ unit: TranslatedUnit, _ message: String, _ remedy: String) {
    faults.append(Diagnostic(path: path, line: unit.line, message: message, remedy: remedy))
  }

  /// Returns whether a part is a unit of its own; back-translations and notes belong to the text's unit.
  private static func isUnit(_ part: WordingChange.Part) -> Bool { part != .back && part != .note }

  private static func english(_ part: WordingChange.Part, _ prompt: Prompt, _ source: Language?) -> String {
    switch part {
    case .title: prompt.title
    case .caution: prompt.caution
    default: source?.wordings[prompt.id]?.text ?? prompt.title
    }
  }

  /// Returns a text in NFC without the spaces and line breaks that programs add at its ends.
  private static func form(_ text: String) -> String {
    text.trimmingCharacters(in: CharacterSet(charactersIn: " \t\r\n")).precomposedStringWithCanonicalMapping
  }
}
