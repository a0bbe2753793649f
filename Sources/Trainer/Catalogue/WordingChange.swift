/// A change of one part of a wording.
public struct WordingChange: Equatable, Sendable {
  /// The id of an item of the catalogue: `raise-hand`, `raise-hand.hand`, `answer-card`.
  public var prompt: String
  /// The part that changes.
  public var part: Part
  /// The new value; nil to remove the part. The text itself cannot be removed.
  public var value: String?

  /// Creates a change.
  public init(_ prompt: String, _ part: Part, _ value: String?) {
    self.prompt = prompt
    self.part = part
    self.value = value
  }

  /// The parts of a wording, in the order of the files.
  public enum Part: Hashable, Sendable {
    /// The text to speak.
    case text
    /// The back-translation.
    case back
    /// The text from which the back-translation was made, if it is not the present one.
    case backOf
    /// The English of each word.
    case gloss
    /// A variant of the text.
    case variant(Wording.Variant)
    /// The prompt's title for the responder.
    case title
    /// The prompt's caution for the responder.
    case caution
    /// The drafter's doubt.
    case note
  }

  /// Why the new value is not valid in a file; nil if it is valid.
  public var fault: (message: String, remedy: String)? {
    guard let value else { return part == .text ? ("a text cannot be removed", "write one") : nil }
    if let fault = TextFault(in: value) { return (fault.message, fault.remedy) }
    if value.isEmpty { return ("it is empty", "write a text, or leave it out") }
    if value.count > part.limit {
      return ("it has \(value.count) characters", "write at most \(part.limit)")
    }
    return nil
  }
}

extension WordingChange.Part: RawRepresentable, CaseIterable {
  /// The key in the file: `text`, `by-woman`. It is unique, because no variant has the name of another key.
  public var rawValue: String {
    switch self {
    case .text: "text"
    case .back: "back"
    case .backOf: "back-of"
    case .gloss: "gloss"
    case .variant(let variant): variant.rawValue
    case .title: "title"
    case .caution: "caution"
    case .note: "note"
    }
  }

  /// Creates a part from its key in the file.
  public init?(rawValue: String) {
    guard let part = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = part
  }

  /// All parts, in the order of the files.
  public static let allCases: [WordingChange.Part] =
    [.text, .back, .backOf, .gloss] + Wording.Variant.allCases.map { .variant($0) } + [.title, .caution, .note]

  /// The maximum number of characters.
  public var limit: Int {
    switch self {
    case .title: 40
    case .gloss: 600
    default: 300
    }
  }

  /// The part's place in the order of the files.
  var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension Wording {
  /// The value of one part; nil if the wording does not have it. Assigning nil to the text has no effect.
  public subscript(part: WordingChange.Part) -> String? {
    get {
      switch part {
      case .text: text
      case .back: back
      case .backOf: backOf
      case .gloss: gloss
      case .variant(let variant): variants[variant]
      case .title: title
      case .caution: caution
      case .note: note
      }
    }
    set {
      switch part {
      case .text: text = newValue ?? text
      case .back: back = newValue
      case .backOf: backOf = newValue
      case .gloss: gloss = newValue
      case .variant(let variant): variants[variant] = newValue
      case .title: title = newValue
      case .caution: caution = newValue
      case .note: note = newValue
      }
    }
  }
}
