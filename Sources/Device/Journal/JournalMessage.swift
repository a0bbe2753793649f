/// One prompt in one language, as it was played.
public struct JournalMessage: Equatable, Sendable {
  /// BCP 47 tag of the language.
  public var language: String
  /// Id of the prompt.
  public var prompt: String
  /// Which of the prompt's wordings it is: `hand`, `child`, `hand-child`; nil for the base wording.
  public var form: String?
  /// Id of the formula that was joined to the question: `answer-card`, `answer-card-child`; nil if none was.
  public var formula: String?
  /// SHA-256 of the formula's file; nil if there is no formula, or the kit does not have it.
  public var formulaClip: String?
  /// The speaker of the clip; nil if the kit does not have the clip.
  public var voice: String?
  /// SHA-256 of the clip's file; nil if the kit does not have the clip.
  public var clip: String?
  /// Whom the message was for; nil in lines that older versions wrote.
  public var audience: MessageAudience?
  /// The part in which a question with a formula was cut; nil if it was not cut, and before its end.
  public var part: JournalPart?

  /// Creates a message.
  public init(
    language: String, prompt: String, form: String? = nil, formula: String? = nil, voice: String? = nil,
    clip: String? = nil, formulaClip: String? = nil, audience: MessageAudience? = nil
  ) {
    self.language = language
    self.prompt = prompt
    self.form = form
    self.formula = formula
    self.formulaClip = formulaClip
    self.voice = voice
    self.clip = clip
    self.audience = audience
  }
}

/// The part of a question with a formula in which it was cut, and how much of that part was heard.
public struct JournalPart: Codable, Equatable, Sendable {
  /// A part of a message that consists of two clips.
  public enum Name: String, Codable, Sendable {
    /// The clip of the question.
    case question
    /// The silence between the two clips.
    case pause
    /// The clip of the formula.
    case formula
  }

  /// The part.
  public var name: Name
  /// The time of the part that was heard before the cut, in milliseconds.
  public var heard: Int

  /// Creates a part.
  public init(_ name: Name, heard: Int) {
    self.name = name
    self.heard = heard
  }

  /// Finds the part of a moment. All times are in milliseconds.
  ///
  /// - Parameters:
  ///   - moment: The moment, counted from the message's beginning.
  ///   - question: The length of the question's clip.
  ///   - pause: The length of the silence after it.
  public init(at moment: Int, question: Int, pause: Int) {
    if moment < question {
      self.init(.question, heard: moment)
    } else if moment < question + pause {
      self.init(.pause, heard: moment - question)
    } else {
      self.init(.formula, heard: moment - question - pause)
    }
  }
}

/// Whom a message is for.
public enum MessageAudience: String, Codable, Sendable {
  /// The person that the device speaks to.
  case listener
  /// The responder who holds the device: the message is in the operator's voice.
  case `operator`
}

/// How a message ended.
public enum MessageOutcome: String, Codable, CaseIterable, Sendable {
  /// It was played to its end.
  case completed
  /// It was stopped, or another message replaced it.
  case stopped
  /// A fault of the sound card cut it, or lost its end.
  case interrupted
  /// It ended early, because the rest of the clip could not be decoded.
  case truncated
  /// There was no card, or the clip is damaged.
  case failed
}

/// An answer of the listener, as the responder judged it: a nod is weak evidence.
public enum ListenerAnswer: String, Codable, Sendable {
  /// Yes.
  case yes
  /// No.
  case no
  /// The listener does not understand.
  case unclear
  /// The listener does not want to answer.
  case declined
  /// The listener wants it to stop.
  case stop
  /// The listener keeps still: that is neither yes nor no.
  case still = "none"
}

/// A signal to the responder that something cannot be said, in the operator's voice or as a tone.
public enum OperatorSignal: String, Codable, Sendable {
  /// A language must be chosen first.
  case noLanguage = "no-language"
  /// The language does not have the prompt, or nothing matches the request.
  case notAvailable = "not-available"
  /// A message was damaged, or there is no card.
  case error
  /// The finder has reached its end.
  case noneOfThese = "none-of-these"
  /// The request is done, and no voice can say so.
  case done
  /// The prompt is gated: the responder was given its caution, and a second press plays it.
  case caution
}

/// How far the finder or a sequence is.
public enum ActivityStage: String, Codable, Sendable {
  /// It began from its start.
  case began
  /// It went on where it was left.
  case resumed
  /// Something else was requested. It can be resumed.
  case left
  /// It reached its end.
  case completed
}

/// A change of the card, a line, a button, an input device or the store.
public enum DeviceEvent: String, Codable, CaseIterable, Sendable {
  /// The sound card is unavailable.
  case soundLost = "sound-lost"
  /// The sound card is available.
  case soundFound = "sound-found"
  /// A GPIO line can no longer be read.
  case lineLost = "line-lost"
  /// An input device is unavailable.
  case inputLost = "input-lost"
  /// An input device is available again.
  case inputFound = "input-found"
  /// A button is down for too long and is ignored.
  case buttonStuck = "button-stuck"
  /// A stuck button was released.
  case buttonFreed = "button-freed"
  /// The store's state is damaged, and its copy is used.
  case storeDamaged = "store-damaged"
  /// The store's state is whole again.
  case storeRepaired = "store-repaired"
  /// An operator has gone back from a kit, which is held back from now on.
  case kitHeldBack = "kit-held-back"
}
