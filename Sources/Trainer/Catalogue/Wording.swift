/// The text of a prompt in one language.
public struct Wording: Equatable, Sendable {
  /// The text to speak, in NFC.
  public var text: String
  /// What the drafter doubts; nil if nothing.
  public var note: String?
  /// The back-translation: English made from `text` alone.
  public var back: String?
  /// The text from which `back` was made, if the text has changed since; nil if `back` belongs to `text`.
  public var backOf: String?
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

  /// Parses the wordings of a language.
  ///
  /// - Parameters:
  ///   - drafted: the origin of all of them.
  ///   - isOperator: whether they may have titles and cautions.
  /// - Returns: the wordings by prompt id.
  static func all(_ field: Field, drafted: Language.Drafter, isOperator: Bool) -> [String: Wording]? {
    if field.isNull { return [:] }
    guard let entries = field.entries() else { return nil }
    var wordings: [String: Wording] = [:]
    for (key, place, value) in entries {
      wordings[key] = Wording(value, line: place.line, drafted: drafted, isOperator: isOperator)
    }
    return wordings
  }

  private init?(_ field: Field, line: Int, drafted: Language.Drafter, isOperator: Bool) {
    let optional = ["note", "back", "back-of", "variants"] + (isOperator ? ["title", "caution"] : [])
    guard let map = field.mapping(["text"], optional: optional) else { return nil }
    let text = map["text"]?.text(length: 1...300, inQuotes: true)
    let note = map["note"]?.text(length: 1...300)
    let back = map["back"]?.text(length: 1...300)
    let backOf = map["back-of"]?.text(length: 1...300)
    let title = map["title"]?.text(length: 1...40)
    let caution = map["caution"]?.text(length: 1...300)
    var variants: [Variant: String] = [:]
    for (key, place, value) in map["variants"]?.entries() ?? [] {
      let words = Variant.allCases.map(\.rawValue)
      guard let variant = Variant(rawValue: key) else {
        place.refuse(
          "unknown variant '\(key.shown)'\(Spelling.hint(key, words))", "use one of \(words.joined(separator: ", "))")
        continue
      }
      variants[variant] = value.text(length: 1...300, inQuotes: true)
    }
    guard let text else { return nil }
    self.init(
      text: text, note: note, back: back, backOf: backOf, variants: variants, title: title, caution: caution,
      drafted: drafted,
      file: field.file, line: line)
  }
}
