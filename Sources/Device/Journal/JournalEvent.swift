import Board

/// Something that happened on the device, as one line of its journal records it.
///
/// The cases are all that a journal can hold: tags of languages, ids of prompts, words of this program, and what the
/// system reports about a card, a line, a device, a clip, the store or the disk. No case has room for a person's words or name.
/// `JournalFields` encodes and decodes them.
public enum JournalEvent: Equatable, Sendable {
  // MARK: The daemon

  /// The daemon is ready and plays this kit.
  case ready(JournalKit)
  /// The daemon plays this kit from here on.
  case kit(JournalKit)
  /// Another kit was refused. The text is the reason.
  case kitRefused(String)
  /// The daemon ended in order.
  case terminated

  // MARK: The language

  /// The responder chose the language with this tag.
  case language(String)
  /// The finder began, was resumed, or was left.
  case finder(ActivityStage)
  /// The listener's answer chose the language with this tag: a sign, as the responder judged it, or a press of the
  /// listener.
  case found(String, by: Board.Person = .responder)
  /// No hand was raised for any language.
  case noneFound
  /// The responder chose another voice of a language.
  case voice(String, language: String?)
  /// The messages for children are on, or those for adults.
  case children(Bool)
  /// This answer mode is on.
  case answerMode(Board.AnswerMode)
  /// The sequence with this id began, was resumed, was left, or is complete.
  case sequence(String, ActivityStage, language: String?)

  // MARK: Messages

  /// The first sound of a message left the device.
  case started(JournalMessage)
  /// A message ended. `heard` is the part that left the card, in milliseconds of the clip; `lost` is the part before its
  /// end that did not, because the card stopped by itself.
  case ended(JournalMessage, MessageOutcome, heard: Int, lost: Int = 0)
  /// A message is played instead of a requested one. `request` is the language, or language and voice (`vi/m1`), that
  /// was requested and does not have the message.
  case replaced(JournalMessage, request: String)
  /// A clip was not played because it is damaged. `cause` says how.
  case damaged(JournalMessage, cause: String)
  /// The responder was given a signal. The language and the prompt are those that were requested. `reason` says what is
  /// missing; nil for other signals, and in lines that older versions wrote.
  case signal(OperatorSignal, language: String?, prompt: String?, reason: UnavailableReason? = nil)
  /// An answer of the listener, as the responder judged it (a gesture can be mistaken), or as the listener pressed it.
  /// `about` is the id of the information, if the question was whether it was understood.
  case answer(ListenerAnswer, language: String, prompt: String, about: String?, by: Board.Person = .responder)
  /// An answer was pressed before a question had sounded to its end: it is no answer to this question, and to none.
  case early(ListenerAnswer, language: String, prompt: String, by: Board.Person = .responder)
  /// The responder marked a message as wrong for this listener.
  case markedWrong(JournalMessage)

  // MARK: The device

  /// The card, a line or an input device was lost or found, or the store damaged or repaired. `detail` is what the system reports.
  case device(DeviceEvent, detail: String)

  // MARK: The journal itself

  /// A new file of the journal begins; the kit is repeated in it.
  case continued(JournalKit?)
  /// A power cut tore the line before. The text is its length.
  case torn(String)
  /// Lines could not be written. The text is their number and the cause.
  case gap(String)
  /// Old files were removed by the board's policy.
  case removed(JournalRemoval)
  /// An event of a later version of this program.
  case unknown(UnknownEvent)
}

extension JournalEvent {
  /// The words of the `event` key that this version writes.
  public enum Name: Hashable, Sendable {
    /// A word that only the journal uses.
    case word(Word)
    /// A message ended.
    case ended(MessageOutcome)
    /// The card, a line, a button, an input device or the store changed.
    case device(DeviceEvent)
  }

  /// The words of events that are neither the end of a message nor a change of the device.
  public enum Word: String, CaseIterable, Sendable {
    case ready, kit
    case kitRefused = "kit-refused"
    case terminated = "end"
    case language, finder, found
    case noneFound = "none-found"
    case answerMode = "answer-mode"
    case early = "early-answer"
    case markedWrong = "marked-wrong"
    case voice, children, sequence, started, replaced, damaged, signal, answer
    case continued, torn, gap, removed
  }

  /// The word of the line's `event` key.
  public var name: String {
    let word: Word
    switch self {
    case .ready: word = .ready
    case .kit: word = .kit
    case .kitRefused: word = .kitRefused
    case .terminated: word = .terminated
    case .language: word = .language
    case .finder: word = .finder
    case .found: word = .found
    case .noneFound: word = .noneFound
    case .voice: word = .voice
    case .children: word = .children
    case .answerMode: word = .answerMode
    case .sequence: word = .sequence
    case .started: word = .started
    case .ended(_, let outcome, _, _): return Name.ended(outcome).rawValue
    case .replaced: word = .replaced
    case .damaged: word = .damaged
    case .signal: word = .signal
    case .answer: word = .answer
    case .early: word = .early
    case .markedWrong: word = .markedWrong
    case .device(let event, _): return Name.device(event).rawValue
    case .continued: word = .continued
    case .torn: word = .torn
    case .gap: word = .gap
    case .removed: word = .removed
    case .unknown(let event): return event.name
    }
    return word.rawValue
  }

  /// The kit that is played from this event on.
  public var kit: JournalKit? {
    switch self {
    case .ready(let kit), .kit(let kit): kit
    case .continued(let kit): kit
    default: nil
    }
  }

  /// Returns the same event with its message replaced, if it has one.
  ///
  /// - Parameter complete: Adds what only the kit knows: the clip's hash and its voice.
  public func completingMessage(_ complete: (JournalMessage) -> JournalMessage) -> JournalEvent {
    switch self {
    case .started(let message): .started(complete(message))
    case .ended(let message, let outcome, let heard, let lost):
      .ended(complete(message), outcome, heard: heard, lost: lost)
    case .replaced(let message, let request): .replaced(complete(message), request: request)
    case .damaged(let message, let cause): .damaged(complete(message), cause: cause)
    case .markedWrong(let message): .markedWrong(complete(message))
    default: self
    }
  }

  /// Returns the same event with the part in which its message was cut, if it is the end of one with a formula.
  ///
  /// - Parameters:
  ///   - question: The length of the question's clip in milliseconds.
  ///   - pause: The length of the silence after it in milliseconds.
  public func locatingCut(question: Int, pause: Int) -> JournalEvent {
    guard case .ended(var message, let outcome, let heard, let lost) = self, outcome != .completed,
      message.formula != nil
    else { return self }
    message.part = JournalPart(at: heard + lost, question: question, pause: pause)
    return .ended(message, outcome, heard: heard, lost: lost)
  }

  /// Returns the same event with the system's text cut to 300 characters, and without the directories in which kits
  /// lie: people name those. An unknown event keeps its word alone.
  var trimmed: JournalEvent {
    func cut(_ text: String) -> String { String(text.prefix(300)) }
    switch self {
    case .kitRefused(let reason): return .kitRefused(Self.withoutDirectories(cut(reason)))
    case .damaged(let message, let cause): return .damaged(message, cause: Self.withoutDirectories(cut(cause)))
    case .device(let event, let detail):
      let isOfStore = event == .storeDamaged || event == .storeRepaired
      return .device(event, detail: isOfStore ? Self.withoutDirectories(cut(detail)) : cut(detail))
    case .gap(let detail): return .gap(cut(detail))
    case .unknown(let event): return .unknown(UnknownEvent(name: event.name))
    default: return self
    }
  }

  /// Each absolute path becomes its last component.
  private static func withoutDirectories(_ text: String) -> String {
    text.split(separator: " ", omittingEmptySubsequences: false).map { word -> Substring in
      guard let first = word.firstIndex(of: "/"), let last = word.lastIndex(of: "/") else { return word }
      let isAbsolute = word[..<first].last.map { !$0.isLetter && !$0.isNumber && $0 != "." } ?? true
      return isAbsolute ? word[..<first] + word[word.index(after: last)...] : word
    }.joined(separator: " ")
  }
}

extension JournalEvent.Name: RawRepresentable, CaseIterable {
  /// All words, each once.
  public static var allCases: [JournalEvent.Name] {
    let words = JournalEvent.Word.allCases.map { JournalEvent.Name.word($0) }
    let outcomes = MessageOutcome.allCases.map { JournalEvent.Name.ended($0) }
    let changes = DeviceEvent.allCases.map { JournalEvent.Name.device($0) }
    return words + outcomes + changes
  }

  /// Finds the name that a word stands for; nil if this version does not know it.
  public init?(rawValue: String) {
    if let word = JournalEvent.Word(rawValue: rawValue) {
      self = .word(word)
    } else if let outcome = MessageOutcome(rawValue: rawValue) {
      self = .ended(outcome)
    } else if let event = DeviceEvent(rawValue: rawValue) {
      self = .device(event)
    } else {
      return nil
    }
  }

  /// The word.
  public var rawValue: String {
    switch self {
    case .word(let word): word.rawValue
    case .ended(let outcome): outcome.rawValue
    case .device(let event): event.rawValue
    }
  }
}

/// A kit, as the journal identifies it.
public struct JournalKit: Equatable, Sendable {
  /// Name, version and SHA-256 of `kit.json`, separated by spaces.
  public var identity: String
  /// Id of the trusted key that signed it; nil if the device was allowed to play it untrusted.
  public var signer: String?

  /// Creates the reference to a kit.
  public init(_ identity: String, signer: String?) {
    self.identity = identity
    self.signer = signer
  }
}

/// Files of a journal that the device removed because they were too old, or the journal too large.
public struct JournalRemoval: Codable, Equatable, Sendable {
  /// Which limit of the policy was reached.
  public enum Reason: String, Codable, Sendable {
    /// The lines were older than the policy keeps.
    case days
    /// The journal was larger than the policy keeps.
    case size
  }

  /// Number of the last line that was removed.
  public var through: Int
  /// SHA-256 of that line: the chain goes on after it.
  public var hash: String
  /// Why the files were removed.
  public var reason: Reason

  /// Creates a removal.
  public init(through: Int, hash: String, reason: Reason) {
    self.through = through
    self.hash = hash
    self.reason = reason
  }
}
