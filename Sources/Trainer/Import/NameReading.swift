/// What the name of a file says of one thing.
public enum Reading<Value: Hashable & Sendable>: Equatable, Sendable {
  /// Nothing.
  case silent
  /// One thing, and by what.
  case certain(Value, why: String)
  /// It may be read in several ways, or only with a doubt; the likeliest first.
  case open([Value], why: String)

  /// Where there is no doubt.
  public var value: Value? { if case .certain(let value, _) = self { value } else { nil } }
  /// In words; nil where nothing is said.
  public var why: String? {
    switch self {
    case .silent: nil
    case .certain(_, let why), .open(_, let why): why
    }
  }
}

/// What the name of a file says of the recording in it.
public struct NameReading: Equatable, Sendable {
  /// BCP 47.
  public var language: Reading<String>
  /// Only a word that may be another, or a country: whoever says the language need not mind it.
  public var isLanguageWeak: Bool
  /// Id.
  public var prompt: Reading<String>
  /// A recorder counted: the prompt is read from a number that may be no prompt's.
  public var isCounted: Bool
  /// Nothing but its number tells the prompt.
  public var isByNumber: Bool
  public var voice: Reading<String>
}
