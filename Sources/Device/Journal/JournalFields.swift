import Board

/// The JSON keys of an event, beside those that place its line in the chain.
///
/// This is the only place that knows which key of a line holds which value of a `JournalEvent`.
package struct JournalFields: Codable, Equatable, Sendable {
  /// The event's word.
  package var event: String
  /// BCP 47 tag of a language.
  package var language: String?
  /// Id of a prompt or sequence.
  package var prompt: String?
  /// Which of a prompt's wordings was played; absent for the base wording.
  package var form: String?
  /// Id of the formula that was joined to a question.
  package var formula: String?
  /// SHA-256 of a clip's file.
  package var clip: String?
  /// SHA-256 of the file of the formula.
  package var formulaClip: String?
  /// The part of a clip that was played, in milliseconds.
  package var heard: Int?
  /// The part in which a question with a formula was cut: `question`, `pause` or `formula`.
  package var part: String?
  /// The time of that part that was heard, in milliseconds.
  package var partHeard: Int?
  /// The part of a clip that the card lost before its end, in milliseconds; absent where it lost nothing, and in lines
  /// that older versions wrote.
  package var lost: Int?
  /// A word of the program (an answer, a stage, a signal), or the system's text.
  package var detail: String?
  /// The person that judged an answer: always `responder`. An early answer has no judge.
  package var judge: String?
  /// The person whose press an answer is: `listener`, if no responder judged it; of an early answer also `responder`.
  package var by: String?
  /// Id of the information that an answer is about.
  package var about: String?
  /// The speaker of a clip.
  package var voice: String?
  /// Name, version and SHA-256 of a kit's `kit.json`.
  package var kit: String?
  /// Id of the trusted key that signed the kit.
  package var signer: String?
  /// Files that the device removed.
  package var removed: JournalRemoval?
  /// `listener` or `operator`; absent in lines that older versions wrote.
  package var audience: String?
  /// What is missing for a request (`UnavailableReason`); absent for other signals, and in lines that older versions
  /// wrote.
  package var reason: String?

  private static let responder = "responder"

  /// Creates the fields of an event that has only its word.
  init(word: String) { event = word }

  /// Creates the fields of an event; those of an unknown event have only its word.
  package init(_ event: JournalEvent) {
    self.event = event.name
    switch event {
    case .ready(let kit), .kit(let kit): fill(kit)
    case .continued(let kit): fill(kit)
    case .kitRefused(let text), .torn(let text), .gap(let text), .device(_, let text): detail = text
    case .terminated, .noneFound, .unknown: break
    case .language(let tag): language = tag
    case .finder(let stage): detail = stage.rawValue
    case .found(let tag, let source):
      language = tag
      fill(source)
    case .voice(let name, let tag): (voice, language) = (name, tag)
    case .children(let isOn): detail = isOn ? "on" : "off"
    case .answerMode(let mode): detail = mode.rawValue
    case .sequence(let id, let stage, let tag): (prompt, detail, language) = (id, stage.rawValue, tag)
    case .started(let message), .markedWrong(let message): fill(message)
    case .ended(let message, _, let heard, let lost):
      fill(message)
      (self.heard, self.lost) = (heard, lost > 0 ? lost : nil)
    case .replaced(let message, let text), .damaged(let message, let text):
      fill(message)
      detail = text
    case .signal(let signal, let tag, let id, let reason):
      (detail, language, prompt, self.reason) = (signal.rawValue, tag, id, reason?.rawValue)
    case .answer(let answer, let tag, let id, let about, let source):
      (detail, language, prompt, self.about) = (answer.rawValue, tag, id, about)
      fill(source)
    case .early(let answer, let tag, let id, let source):
      (detail, language, prompt) = (answer.rawValue, tag, id)
      by = source.rawValue
    case .removed(let removal): removed = removal
    }
  }

  private mutating func fill(_ source: Board.Person) {
    switch source {
    case .responder: judge = Self.responder
    case .listener: by = source.rawValue
    }
  }

  private mutating func fill(_ kit: JournalKit?) { (self.kit, signer) = (kit?.identity, kit?.signer) }

  private mutating func fill(_ message: JournalMessage) {
    (language, prompt, voice, clip) = (message.language, message.prompt, message.voice, message.clip)
    audience = message.audience?.rawValue
    (form, formula, formulaClip) = (message.form, message.formula, message.formulaClip)
    (part, partHeard) = (message.part?.name.rawValue, message.part?.heard)
  }

  /// The event; nil if this version does not know its word, or one of its values.
  package var decoded: JournalEvent? {
    switch JournalEvent.Name(rawValue: event) {
    case nil: nil
    case .ended(let outcome): end(outcome)
    case .device(let event): detail.map { .device(event, detail: $0) }
    case .word(let word): decoded(as: word)
    }
  }

  private func decoded(as word: JournalEvent.Word) -> JournalEvent? {
    switch word {
    case .ready: playedKit.map { .ready($0) }
    case .kit: playedKit.map { .kit($0) }
    case .continued: .continued(playedKit)
    case .kitRefused: detail.map { .kitRefused($0) }
    case .terminated: .terminated
    case .language: language.map { .language($0) }
    case .finder: stage.map { .finder($0) }
    case .found: language.flatMap { tag in source.map { .found(tag, by: $0) } }
    case .early: early
    case .noneFound: .noneFound
    case .voice: voice.map { .voice($0, language: language) }
    case .children: ["on": .children(true), "off": .children(false)][detail ?? ""]
    case .answerMode: detail.flatMap { Board.AnswerMode(rawValue: $0) }.map { .answerMode($0) }
    case .sequence: prompt.flatMap { id in stage.map { .sequence(id, $0, language: language) } }
    case .started: message.map { .started($0) }
    case .markedWrong: message.map { .markedWrong($0) }
    case .replaced: message.flatMap { message in detail.map { .replaced(message, request: $0) } }
    case .damaged: message.flatMap { message in detail.map { .damaged(message, cause: $0) } }
    case .signal: signal
    case .answer: answer
    case .torn: detail.map { .torn($0) }
    case .gap: detail.map { .gap($0) }
    case .removed:
      removed.flatMap { JournalEntry.numbers.contains($0.through) ? .removed($0) : nil }
    }
  }

  private var playedKit: JournalKit? { kit.map { JournalKit($0, signer: signer) } }

  private var stage: ActivityStage? { detail.flatMap(ActivityStage.init) }

  /// The person whose press an answer is; nil for an answer of anybody else, which must not be shown as one of these.
  private var source: Board.Person? {
    switch (judge, by) {
    case (Self.responder, nil): .responder
    case (nil, Board.Person.listener.rawValue): .listener
    default: nil
    }
  }

  private var early: JournalEvent? {
    guard let language, let prompt, judge == nil, let source = by.flatMap(Board.Person.init) else { return nil }
    return detail.flatMap(ListenerAnswer.init).map { .early($0, language: language, prompt: prompt, by: source) }
  }

  private var message: JournalMessage? {
    guard let language, let prompt else { return nil }
    let known = audience.flatMap(MessageAudience.init)
    if audience != nil && known == nil { return nil }
    return JournalMessage(
      language: language, prompt: prompt, form: form, formula: formula, voice: voice, clip: clip,
      formulaClip: formulaClip, audience: known)
  }

  private func end(_ outcome: MessageOutcome) -> JournalEvent? {
    let lost = lost ?? 0
    guard var message, let heard, Self.lengths.contains(heard), Self.lengths.contains(lost) else { return nil }
    if part != nil || partHeard != nil {
      guard let name = part.flatMap(JournalPart.Name.init), let partHeard, Self.lengths.contains(partHeard) else {
        return nil
      }
      message.part = JournalPart(name, heard: partHeard)
    }
    return .ended(message, outcome, heard: heard, lost: lost)
  }

  /// Lengths that a message can have, in milliseconds: up to a day.
  private static let lengths = 0...86_400_000

  private var signal: JournalEvent? {
    let known = reason.flatMap(UnavailableReason.init)
    if reason != nil && known == nil { return nil }
    return detail.flatMap(OperatorSignal.init).map {
      .signal($0, language: language, prompt: prompt, reason: known)
    }
  }

  private var answer: JournalEvent? {
    guard let language, let prompt, let source else { return nil }
    return detail.flatMap(ListenerAnswer.init).map {
      .answer($0, language: language, prompt: prompt, about: about, by: source)
    }
  }
}

/// As the keys of its line. An event that this version does not know keeps its keys.
extension JournalEvent: Codable {
  /// Decodes an event from the keys of a line.
  ///
  /// - Throws: `DecodingError` only if the line has no event.
  public init(from decoder: any Decoder) throws {
    if let event = (try? JournalFields(from: decoder))?.decoded {
      self = event
    } else {
      self = .unknown(try UnknownEvent(from: decoder))
    }
  }

  /// Encodes the event as keys of a line.
  public func encode(to encoder: any Encoder) throws {
    if case .unknown(let event) = self { return try event.encode(to: encoder) }
    try JournalFields(self).encode(to: encoder)
  }
}
