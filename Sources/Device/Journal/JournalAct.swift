import Board
import Posix

/// Something that was done or said, assembled from the lines that record it.
public struct JournalAct: Codable, Equatable, Sendable {
  /// What was done.
  public enum Kind: String, Codable, Sendable {
    /// A message was played, from its first sound to its end.
    case played
    /// The listener answered, as the responder judged it, or by a button of their own.
    case answered
    /// The responder chose a language.
    case language
    /// An answer was pressed before its question had sounded to its end, and is an answer to none.
    case early = "early-answer"
    /// The listener's answer chose a language in the finder.
    case found
    /// No hand was raised for any language.
    case noneFound = "none-found"
    /// The responder was given a signal that something cannot be said.
    case signalled
    /// The finder began, was resumed, or was left.
    case finder
    /// A sequence began, was resumed, was left, or is complete.
    case sequence
    /// The messages for children, or those for adults, were chosen.
    case children
    /// Another voice was chosen.
    case voice
    /// The responder marked a message as wrong for this listener.
    case markedWrong = "marked-wrong"
    /// Another answer mode is on.
    case answerMode = "answer-mode"
    /// The card, a line, an input device or a clip has a fault, or is in order again.
    case fault
    /// An event that a later version of this program wrote.
    case unknown
  }

  /// How a message ended.
  public enum Outcome: String, Codable, Sendable {
    /// It was played to its end.
    case completed
    /// It was stopped, or another message replaced it.
    case stopped
    /// A fault of the sound card cut it, or lost its end.
    case interrupted
    /// It ended early, because the rest of the clip could not be decoded.
    case truncated
    /// It could not be played.
    case failed
    /// Its end is not in the journal: the device lost its power meanwhile.
    case unknown

    init(_ outcome: MessageOutcome) {
      switch outcome {
      case .completed: self = .completed
      case .stopped: self = .stopped
      case .interrupted: self = .interrupted
      case .truncated: self = .truncated
      case .failed: self = .failed
      }
    }
  }

  /// What was done.
  public let kind: Kind
  /// Number of the first line that records it.
  public let line: Int
  /// When it began, by the wall clock.
  public let time: WallTime
  /// When it began, in nanoseconds since the device started.
  public let monotonic: Int64
  /// Tag of the language.
  public internal(set) var language: String?
  /// Id of the prompt or sequence.
  public internal(set) var prompt: String?
  /// The voice that spoke, or was chosen.
  public internal(set) var voice: String?
  /// SHA-256 of the clip that was played.
  public internal(set) var clip: String?
  /// Which of the prompt's wordings was played; nil for the base wording.
  public internal(set) var form: String?
  /// Id of the formula that was joined to the question.
  public internal(set) var formula: String?
  /// SHA-256 of the formula's clip.
  public internal(set) var formulaClip: String?
  /// Whom a message was for; nil where no line says.
  public internal(set) var audience: MessageAudience?
  /// How a message ended.
  public internal(set) var outcome: Outcome?
  /// The part of a clip that was played, in milliseconds.
  public internal(set) var heard: Int?
  /// The part of it before its end that the card lost, in milliseconds; nil where it lost nothing.
  public internal(set) var lost: Int?
  /// The part in which a question with a formula was cut; nil where it was not, and in lines of older versions.
  public internal(set) var part: JournalPart?
  /// The language, or language and voice, that was requested and does not have the message.
  public internal(set) var insteadOf: String?
  /// `yes`, `no`, `unclear`, `declined`, `stop`; `none` for a listener who kept still.
  public internal(set) var answer: String?
  /// The person whose press the answer is, or the choice of a language.
  public internal(set) var by: Board.Person?
  /// Id of the information that the answer is about.
  public internal(set) var about: String?
  /// What was missing for a request; nil for other acts, and where the line does not say.
  public internal(set) var reason: UnavailableReason?
  /// The line's own words, for all other kinds.
  public internal(set) var detail: String?

  /// Whether it is a message to the responder, and not to the listener: as the line says; in lines of older versions,
  /// which do not, by the prompt's id.
  public internal(set) var isForResponder = false

  private init(_ kind: Kind, _ entry: JournalEntry) {
    self.kind = kind
    line = entry.number
    time = entry.wall ?? WallTime(milliseconds: 0)
    monotonic = entry.monotonic
    let fields = JournalFields(entry.event)
    (language, prompt, voice) = (fields.language, fields.prompt, fields.voice)
  }

  /// Whether it is a message to the listener that does not belong to the search for a language.
  public var isMessage: Bool { kind == .played && !isForResponder && !isOfSearch }

  /// Whether a fault of the card or of the clip kept a part of the message from the listener.
  public var isImpaired: Bool { outcome == .interrupted || outcome == .truncated || lost != nil }

  /// Whether it is a prompt of the search for a language.
  package var isOfSearch: Bool { Self.search.contains(prompt ?? "") }

  /// Prompt with which a language says its name.
  package static let languageName = "language-name"
  /// Prompt with which a language asks for a raised hand.
  package static let raiseHand = "raise-hand"
  /// Prompts of the catalogue's module `language`.
  private static let search: Set<String> = [languageName, raiseHand, "wrong-language"]

  /// The part of a clip that was played, for people: `2.4 s`; nil where no line says.
  public var heardText: String? { heard.map(Self.seconds) }

  /// The part in which a question was cut, for people: `in the pause before the formula`; nil where no line says.
  public var partText: String? {
    switch part?.name {
    case .question: "in the question, before its formula"
    case .pause: "in the pause before the formula"
    case .formula: part.map { "\(Self.seconds($0.heard)) into the formula" }
    case nil: nil
    }
  }

  /// The part that the card lost, for people: `693 ms of it were lost by the sound card`; nil where it lost nothing.
  public var lostText: String? { lost.map { "\($0) ms of it were lost by the sound card" } }

  /// Returns a duration for people, rounded to tenths of a second: `2.4 s`.
  ///
  /// - Parameter milliseconds: The duration; a `heard` or the length of a clip.
  public static func seconds(_ milliseconds: Int) -> String {
    let tenths = milliseconds / 100 + (milliseconds % 100 >= 50 ? 1 : 0)
    return "\(tenths / 10).\(tenths % 10) s"
  }
}

extension JournalAct {
  /// Returns the act that a line begins; nil for lines that end a message, and for those about kit, daemon and journal.
  static func beginning(_ entry: JournalEntry, _ old: OldAudience) -> JournalAct? {
    func act(_ kind: Kind, _ detail: String? = nil) -> JournalAct {
      var act = JournalAct(kind, entry)
      act.detail = detail
      return act
    }
    switch entry.event {
    case .started(let message): return played(message, .unknown, entry, old)
    case .answer(let answer, _, _, let about, let source):
      var answered = JournalAct(.answered, entry)
      answered.answer = answer.rawValue
      answered.about = about
      answered.by = source
      return answered
    case .language: return act(.language)
    case .early(let answer, _, _, let source):
      var early = JournalAct(.early, entry)
      (early.answer, early.by) = (answer.rawValue, source)
      return early
    case .found(_, let source):
      var found = JournalAct(.found, entry)
      found.by = source
      return found
    case .noneFound: return act(.noneFound)
    case .signal(let signal, _, _, let reason):
      var signalled = act(.signalled, signal.rawValue)
      signalled.reason = reason
      return signalled
    case .finder(let stage): return act(.finder, stage.rawValue)
    case .sequence(_, let stage, _): return act(.sequence, stage.rawValue)
    case .children(let isOn): return act(.children, isOn ? "on" : "off")
    case .voice: return act(.voice)
    case .markedWrong(let message):
      var marked = JournalAct(.markedWrong, entry)
      marked.clip = message.clip
      (marked.form, marked.formula, marked.formulaClip) = (message.form, message.formula, message.formulaClip)
      return marked
    case .answerMode(let mode): return act(.answerMode, mode.rawValue)
    case .damaged(_, let text), .device(_, let text): return act(.fault, "\(entry.event.name): \(text)")
    case .unknown(let event): return act(.unknown, event.description)
    case .ready, .kit, .kitRefused, .terminated, .ended, .replaced, .continued, .torn, .gap, .removed: return nil
    }
  }

  /// Returns a message that could not be played: its end is recorded, and no beginning.
  static func unbegun(_ entry: JournalEntry, _ old: OldAudience) -> JournalAct? {
    guard case .ended(let message, let outcome, let heard, let lost) = entry.event else { return nil }
    var act = played(message, Outcome(outcome), entry, old)
    (act.heard, act.lost, act.part) = (heard, lost > 0 ? lost : nil, message.part)
    return act
  }

  private static func played(
    _ message: JournalMessage, _ outcome: Outcome, _ entry: JournalEntry, _ old: OldAudience
  ) -> JournalAct {
    var act = JournalAct(.played, entry)
    act.clip = message.clip
    (act.form, act.formula, act.formulaClip) = (message.form, message.formula, message.formulaClip)
    act.audience = message.audience
    act.isForResponder = message.audience.map { $0 == .operator } ?? old.isForResponder(message.prompt)
    act.outcome = outcome
    return act
  }

  /// Whether the act is no use of the device by a person: it begins no session and prolongs none.
  var isIncidental: Bool { kind == .fault || kind == .unknown }
}
