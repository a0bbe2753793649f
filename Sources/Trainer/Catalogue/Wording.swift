import Kit

/// The text of a prompt or formula in one language and one form.
public struct Wording: Equatable, Sendable {
  /// The text to speak, in NFC.
  public var text: String
  /// What the drafter doubts; nil if nothing.
  public var note: String?
  /// The back-translation: English made from `text` alone.
  public var back: String?
  /// The text from which `back` was made, if the text has changed since; nil if `back` belongs to `text`.
  public var backOf: String?
  /// The English of each word in the order of `text`, for languages whose back-translations hide faults.
  public var gloss: String? = nil
  /// The texts where grammar depends on the speaker's or listener's sex; `text` is used if no variant applies.
  public var variants: [Variant: String]
  /// The prompt's title in an operator language.
  public var title: String?
  /// The prompt's caution in an operator language.
  public var caution: String?
  /// The origin of the draft.
  public var drafted: Language.Drafter
  /// The file from which it was read: the catalogue's or a project's.
  public var file: String
  /// The line in the file, from 1.
  public var line: Int
  /// The tag of the language from which a variety takes it; nil for a language's own wording.
  public var inherited: String? = nil

  /// The sex of the speaker or of the listener.
  public enum Variant: String, CaseIterable, Sendable {
    /// Spoken by a woman.
    case byWoman = "by-woman"
    /// Spoken by a man.
    case byMan = "by-man"
    /// Spoken to a woman.
    case toWoman = "to-woman"
    /// Spoken to a man.
    case toMan = "to-man"
  }
}

extension Wording {
  /// Whether the back-translation is of an earlier text.
  public var isBackOutdated: Bool { back != nil && backOf.map { $0 != text } ?? false }

  /// The back-translation of this text; nil if there is none or if it is of an earlier text.
  public var currentBack: String? { isBackOutdated ? nil : back }

  /// The back-translation for people: one of an earlier text is marked.
  public var shownBack: String? { back.map { isBackOutdated ? "\($0) (\(Self.outdated))" : $0 } }

  /// Marks a back-translation of an earlier text.
  public static let outdated = "OUTDATED: made from an earlier text"

  /// Parses `wordings` of a language.
  ///
  /// - Parameters:
  ///   - drafted: the origin of all of them.
  ///   - isOperator: whether they may have titles and cautions.
  ///   - isOverlay: whether a wording may have forms only, because the catalogue has its base text.
  /// - Returns: the wordings by the ids of ``Catalogue/items``; which forms a prompt has is not checked here.
  static func all(
    _ field: Field, drafted: Language.Drafter, isOperator: Bool, isOverlay: Bool = false
  ) -> [String: Wording]? {
    if field.isNull { return [:] }
    guard let entries = field.entries() else { return nil }
    var wordings: [String: Wording] = [:]
    for (key, place, value) in entries {
      if let (prompt, form) = KitLayout.parts(ofItem: key), AnswerMode(formula: prompt) != nil || !form.isBase {
        let isFormula = AnswerMode(formula: prompt) != nil
        place.refuse(
          "'\(key)' is \(isFormula ? "a formula" : "a form of '\(prompt)'")",
          isFormula ? "write it under 'answers'" : "write it as '\(form.rawValue)' under 'forms' of '\(prompt)'")
        continue
      }
      let optional = isOperator ? ["title", "caution", "forms"] : ["forms"]
      let entry = Entry(
        value, line: place.line, drafted: drafted, optional: optional,
        needsText: !(isOverlay && value.keys.contains("forms")))
      guard let entry else { continue }
      wordings[key] = entry.wording
      for (name, place, value) in entry.map["forms"]?.entries() ?? [] {
        guard let form = Form(rawValue: name), !form.isBase else {
          place.refuse("'\(name.shown)' cannot name a form", "write a name such as 'hand', 'child' or 'hand-child'")
          continue
        }
        wordings[KitLayout.item(key, form)] =
          Entry(value, line: place.line, drafted: drafted, optional: [])?.wording
      }
    }
    return wordings
  }

  /// Parses `answers` of a language: the formulas by the ids of ``Catalogue/items``.
  static func formulas(_ field: Field, drafted: Language.Drafter) -> [String: Wording]? {
    if field.isNull { return [:] }
    guard let entries = field.entries() else { return nil }
    var wordings: [String: Wording] = [:]
    for (key, place, value) in entries {
      guard let mode = AnswerMode(rawValue: key) else {
        let modes = AnswerMode.allCases.map(\.rawValue)
        place.refuse(
          "unknown answer mode '\(key.shown)'\(Spelling.hint(key, modes))",
          "use one of \(modes.joined(separator: ", "))")
        continue
      }
      guard let entry = Entry(value, line: place.line, drafted: drafted, optional: ["child"]) else { continue }
      wordings[mode.formula] = entry.wording
      if let child = entry.map["child"] {
        wordings[KitLayout.item(mode.formula, .child)] =
          Entry(child, line: child.line, drafted: drafted, optional: [])?.wording
      }
    }
    return wordings
  }

  /// One wording with the mapping from which it was read.
  private struct Entry {
    let map: Mapping
    let wording: Wording?

    /// Parses a wording; nil after adding the errors to the log.
    init?(_ field: Field, line: Int, drafted: Language.Drafter, optional: [String], needsText: Bool = true) {
      let keys = ["note", "back", "back-of", "gloss", "variants"] + optional
      guard let map = field.mapping(needsText ? ["text"] : [], optional: (needsText ? [] : ["text"]) + keys) else {
        return nil
      }
      let text = map["text"]?.text(length: 1...300, inQuotes: true)
      let note = map["note"]?.text(length: 1...300)
      let back = map["back"]?.text(length: 1...300)
      let backOf = map["back-of"]?.text(length: 1...300)
      let gloss = map["gloss"]?.text(length: 1...600)
      let title = map["title"]?.text(length: 1...40)
      let caution = map["caution"]?.text(length: 1...300)
      self.map = map
      let variants = map["variants"]?.variants() ?? [:]
      wording = text.map {
        Wording(
          text: $0, note: note, back: back, backOf: backOf, gloss: gloss, variants: variants, title: title,
          caution: caution, drafted: drafted, file: field.file, line: line)
      }
    }
  }
}

extension Field {
  /// Returns the texts for the sexes of speaker and listener.
  fileprivate func variants() -> [Wording.Variant: String] {
    var variants: [Wording.Variant: String] = [:]
    for (key, place, value) in entries() ?? [] {
      let words = Wording.Variant.allCases.map(\.rawValue)
      guard let variant = Wording.Variant(rawValue: key) else {
        place.refuse(
          "unknown variant '\(key.shown)'\(Spelling.hint(key, words))", "use one of \(words.joined(separator: ", "))")
        continue
      }
      variants[variant] = value.text(length: 1...300, inQuotes: true)
    }
    return variants
  }
}
