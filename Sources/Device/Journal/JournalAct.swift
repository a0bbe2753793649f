import Posix

/// Something that was done or said, put together from the lines that tell of it.
public struct JournalAct: Codable, Equatable, Sendable {
  public enum Kind: String, Codable, Sendable {
    /// A message, from its first sound to its end.
    case played
    /// What the responder took for the listener's answer.
    case answered
    /// A language was chosen by the responder; found in the finder by a raised hand; or none was.
    case language, found
    case noneFound = "none-found"
    /// The responder heard that something could not be said.
    case signalled
    case finder, sequence, children, voice
    /// Of the device: the card, a line, a damaged clip.
    case fault
  }

  public enum Outcome: String, Codable, Sendable {
    case completed, stopped, failed
    /// Its end is not in the journal: the device went off meanwhile.
    case unknown
  }

  public let kind: Kind
  /// Of the first line that tells of it.
  public let line: Int
  public let time: WallTime
  /// Nanoseconds since the device started.
  public let monotonic: Int64
  public internal(set) var language: String?
  public internal(set) var prompt: String?
  public internal(set) var voice: String?
  /// SHA-256 of what was played.
  public internal(set) var clip: String?
  public internal(set) var outcome: Outcome?
  /// Milliseconds that were heard.
  public internal(set) var heard: Int?
  /// The language, or language and voice, that was asked for and does not have the message.
  public internal(set) var insteadOf: String?
  /// `yes`, `no`, `unclear`, `declined`, `stop`.
  public internal(set) var answer: String?
  /// The information that was asked about.
  public internal(set) var about: String?
  /// The line's own words, for all other kinds.
  public internal(set) var detail: String?

  init(_ kind: Kind, _ entry: JournalEntry) {
    self.kind = kind
    line = entry.number
    time = entry.wall ?? WallTime(milliseconds: 0)
    monotonic = entry.monotonic
    language = entry.content.language
    prompt = entry.content.prompt
    voice = entry.content.voice
  }

  /// It was said to the responder, not to the listener.
  public var isForResponder: Bool {
    kind == .played && ["device-", "name-"].contains { prompt?.hasPrefix($0) ?? false }
  }

  /// A message to the listener that does not belong to the search for a language.
  public var isMessage: Bool {
    kind == .played && !isForResponder && !Self.search.contains(prompt ?? "")
  }

  /// Prompts of the catalogue's module `language`.
  private static let search: Set<String> = ["language-name", "raise-hand", "wrong-language"]
}

extension JournalAct {
  /// What a line tells of, where it begins something; nil for lines that end a message, and for those of the journal.
  static func beginning(_ entry: JournalEntry) -> JournalAct? {
    let content = entry.content
    func act(_ kind: Kind) -> JournalAct {
      var act = JournalAct(kind, entry)
      act.detail = content.detail
      return act
    }
    switch content.event {
    case "started":
      var played = JournalAct(.played, entry)
      played.clip = content.clip
      played.outcome = .unknown
      return played
    case "answer":
      var answer = JournalAct(.answered, entry)
      answer.answer = content.detail
      answer.about = content.about
      return answer
    case "language": return act(.language)
    case "found": return act(.found)
    case "none-found": return act(.noneFound)
    case "signal": return act(.signalled)
    case "finder": return act(.finder)
    case "sequence": return act(.sequence)
    case "children": return act(.children)
    case "voice": return act(.voice)
    case "damaged", "sound-lost", "sound-found", "line-lost", "input-lost", "input-found", "button-stuck",
      "button-freed":
      var fault = act(.fault)
      fault.detail = [content.event, content.detail].compactMap { $0 }.joined(separator: ": ")
      return fault
    default: return nil
    }
  }
}
