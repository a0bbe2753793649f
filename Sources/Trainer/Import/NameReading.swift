/// What a file's name says about one property.
public enum Reading<Value: Hashable & Sendable>: Equatable, Sendable {
  /// Nothing.
  case silent
  /// One value, with the evidence.
  case certain(Value, reason: String)
  /// Several values or a doubtful one, the most probable first, with the reason.
  case open([Value], reason: String)

  /// The value, if it is certain.
  public var value: Value? { if case .certain(let value, _) = self { value } else { nil } }
  /// The evidence or the doubt; nil if the name says nothing.
  public var reason: String? {
    switch self {
    case .silent: nil
    case .certain(_, let reason), .open(_, let reason): reason
    }
  }
}

/// What a file's name says about its recording.
public struct NameReading: Equatable, Sendable {
  /// The language's BCP 47 tag.
  public var language: Reading<String>
  /// Whether the evidence for the language is only an ambiguous word or a country, which an explicit language
  /// overrides.
  public var isLanguageWeak: Bool
  /// The prompt's id.
  public var prompt: Reading<String>
  /// Whether the prompt is read from a number with which a recorder counts.
  public var isCounted: Bool
  /// Whether the prompt is read from its number alone.
  public var isByNumber: Bool
  /// The voice.
  public var voice: Reading<String>
}
