import Board
import Journal
import Posix

/// What happened in one session, as a hand-over sheet states it: rows without words, markup or local times.
///
/// Nothing that a listener may have been played vanishes. Only messages that the journal records as the responder's
/// are omitted; where it does not record the audience, the kit decides, and a message that is only by its id the
/// responder's is stated as such.
struct HandoverAccount {
  /// One statement, at the time and line of the act that began it.
  struct Row: Equatable {
    /// The act that the row begins with.
    let act: JournalAct
    /// The statement.
    let content: Content
  }

  /// The content of a row.
  enum Content: Equatable {
    /// A message was played to the listener.
    case message
    /// Languages said their names, and asked for a raised hand, and nobody answered. Tags in their order.
    case introductions([String])
    /// Messages of an old journal that were for the responder by their ids alone.
    case forResponder([String])
    /// The listener answered.
    case answer(Answer)
    /// An answer was pressed before its question had sounded to its end; nil for a word that this version does not know.
    case early(ListenerAnswer?)
    /// An answer that a redacted sheet omits.
    case omittedAnswer
    /// A language is spoken from here on.
    case language(Choice)
    /// No hand was raised for any language.
    case noneFound
    /// The search for a language came to its end; a redacted sheet does not say how.
    case searchEnded
    /// The responder was given a signal.
    case signal(OperatorSignal)
    /// The search for the language began, was resumed or left.
    case search(ActivityStage)
    /// A sequence began, was resumed, was left or is complete.
    case sequence(ActivityStage)
    /// The messages for children were chosen, or those for adults.
    case children(Bool)
    /// This answer mode is on.
    case answerMode(Board.AnswerMode)
    /// The responder marked a message as wrong for the listener.
    case markedWrong
    /// Another voice was chosen.
    case voice
    /// The device has a fault, or is in order again.
    case fault
    /// An event of a later version.
    case unknown
    /// An event of a later version that a redacted sheet omits: it may hold an answer.
    case omittedUnknown
  }

  /// How a language was chosen.
  enum Choice: Equatable {
    /// The responder chose it.
    case chosen
    /// The listener's answer chose it: a sign, as the responder judged it, or a press of the listener.
    case answered(Board.Person)
    /// A redacted sheet does not say.
    case omitted
  }

  /// An answer and its question.
  struct Answer: Equatable {
    /// The answer; `nil` for a word that this version does not know.
    let answer: ListenerAnswer?
    /// Whether it replaces an answer to the same question.
    let isCorrection: Bool
    /// The answer mode whose signs the question explained; `nil` where no line says.
    var mode: Board.AnswerMode?
  }

  /// The rows, in the order of the journal.
  private(set) var rows: [Row] = []

  private let isRedacted: Bool
  private let kit: HandoverKit?

  /// Creates the account of a session.
  ///
  /// - Parameters:
  ///   - session: the session.
  ///   - kit: the kit that was played; `nil` if it is not available.
  ///   - isRedacted: whether answers, and everything that shows one, are omitted.
  init(_ session: JournalSession, kit: HandoverKit?, isRedacted: Bool) {
    self.kit = kit
    self.isRedacted = isRedacted
    let acts = session.acts
    let questions = Self.questions(acts)
    let answered = Set(questions.values)
    /// Index of the last answer to each question.
    var last: [Question: Int] = [:]
    for (index, act) in acts.enumerated() {
      switch act.kind {
      case .played: addMessage(act, isAnswered: answered.contains(index))
      case .answered:
        addAnswer(
          act, mode: questions[index].flatMap { mode(of: acts[$0]) },
          isCorrection: last[Question(act)].map { $0 >= questions[index] ?? 0 } ?? false)
        last[Question(act)] = index
      default: addOther(act)
      }
    }
  }

  // MARK: Messages

  /// Whom a message was for.
  enum Audience: Equatable {
    /// The listener.
    case listener
    /// The responder, as the journal or the kit says.
    case responder
    /// The responder, by its id alone.
    case responderByID
  }

  /// Returns whom a message was for: as the journal recorded it, else as the kit says, else by its id.
  static func audience(of act: JournalAct, _ kit: HandoverKit?) -> Audience {
    if let audience = act.audience { return audience == .operator ? .responder : .listener }
    if let isForResponder = act.prompt.flatMap({ kit?.isForResponder($0) }) {
      return isForResponder ? .responder : .listener
    }
    return act.isForResponder ? .responderByID : .listener
  }

  private mutating func addMessage(_ act: JournalAct, isAnswered: Bool) {
    switch Self.audience(of: act, kit) {
    case .responder: return
    case .responderByID:
      if case .forResponder(let ids) = rows.last?.content, let first = rows.popLast()?.act {
        rows.append(Row(act: first, content: .forResponder(ids + [act.prompt ?? ""])))
      } else {
        rows.append(Row(act: act, content: .forResponder([act.prompt ?? ""])))
      }
    case .listener:
      // A redacted sheet must not show by its form which language was answered.
      guard isIntroduction(act), isRedacted || !isAnswered else {
        return rows.append(Row(act: act, content: .message))
      }
      let tag = act.language ?? ""
      // In the finder there may be eighty of them.
      if case .introductions(let tags) = rows.last?.content, let first = rows.popLast()?.act {
        rows.append(Row(act: first, content: .introductions(tags.contains(tag) ? tags : tags + [tag])))
      } else {
        rows.append(Row(act: act, content: .introductions([tag])))
      }
    }
  }

  /// Whether a message is a language's name, or the request for a raised hand that follows the name in the same
  /// language. Elsewhere, as at the beginning of a sequence, that request is a question like others.
  private func isIntroduction(_ act: JournalAct) -> Bool {
    if act.prompt == JournalAct.languageName { return true }
    guard act.prompt == JournalAct.raiseHand, case .introductions(let tags) = rows.last?.content else { return false }
    return tags.contains(act.language ?? "")
  }

  // MARK: Answers

  /// A prompt in a language, by which an answer belongs to its question.
  private struct Question: Hashable {
    let prompt: String?
    let language: String?

    init(_ act: JournalAct) {
      prompt = act.kind == .found ? JournalAct.raiseHand : act.prompt
      language = act.language
    }
  }

  /// Returns, of each answer and each found language, the question that it belongs to: indexes into the acts.
  private static func questions(_ acts: [JournalAct]) -> [Int: Int] {
    var asked: [Question: Int] = [:]
    var questions: [Int: Int] = [:]
    for (index, act) in acts.enumerated() {
      switch act.kind {
      case .played: asked[Question(act)] = index
      case .answered, .found: questions[index] = asked[Question(act)]
      default: break
      }
    }
    return questions
  }

  /// Returns the answer mode whose signs a question explained: by its formula, or by its own words.
  private func mode(of question: JournalAct) -> Board.AnswerMode? {
    if let formula = question.formula {
      return Board.AnswerMode.allCases.first { formula.hasPrefix("answer-\($0.rawValue)") }
    }
    guard question.prompt.flatMap({ kit?.manifest.prompt($0) })?.namesSigns == true else { return nil }
    return question.form.flatMap { form in Board.AnswerMode.allCases.first { form.hasPrefix($0.rawValue) } } ?? .card
  }

  /// - Parameters:
  ///   - mode: the answer mode whose signs the question explained.
  ///   - isCorrection: whether the same question, asked once, was answered before.
  private mutating func addAnswer(_ act: JournalAct, mode: Board.AnswerMode?, isCorrection: Bool) {
    if isRedacted {
      // An answer after an introduction is the choice of a language.
      if case .introductions = rows.last?.content, act.prompt == JournalAct.raiseHand { return }
      return rows.append(Row(act: act, content: .omittedAnswer))
    }
    let answer = Answer(
      answer: act.answer.flatMap(ListenerAnswer.init), isCorrection: isCorrection,
      mode: act.by == .listener ? .buttons : mode)
    rows.append(Row(act: act, content: .answer(answer)))
  }

  /// Adds a press that is an answer to none. On a redacted sheet it hints at the listener as an answer does.
  private mutating func addEarly(_ act: JournalAct) {
    if isRedacted {
      if case .introductions = rows.last?.content, act.prompt == JournalAct.raiseHand { return }
      return rows.append(Row(act: act, content: .omittedAnswer))
    }
    rows.append(Row(act: act, content: .early(act.answer.flatMap(ListenerAnswer.init))))
  }

  // MARK: The rest

  private mutating func addOther(_ act: JournalAct) {
    func add(_ content: Content) { rows.append(Row(act: act, content: content)) }
    let stage = act.detail.flatMap(ActivityStage.init)
    switch act.kind {
    case .played, .answered: break
    case .early: addEarly(act)
    case .found:
      // The next line says that the language is spoken from here on.
      if !isRedacted { add(.language(.answered(act.by ?? .responder))) }
    case .language:
      if case .language(.answered) = rows.last?.content, rows.last?.act.language == act.language { return }
      add(.language(isRedacted ? .omitted : .chosen))
    case .noneFound: add(isRedacted ? .searchEnded : .noneFound)
    case .signalled:
      guard let signal = act.detail.flatMap(OperatorSignal.init) else { return add(unknown) }
      // The signal repeats the row before: no hand was raised.
      if signal == .noneOfThese { return }
      add(.signal(signal))
    case .finder: add(stage.map { .search($0) } ?? unknown)
    case .sequence: add(stage.map { .sequence($0) } ?? unknown)
    case .children: add(.children(act.detail == "on"))
    case .voice: add(.voice)
    case .answerMode: add(act.detail.flatMap(Board.AnswerMode.init(rawValue:)).map { .answerMode($0) } ?? unknown)
    case .markedWrong: add(.markedWrong)
    case .fault: add(.fault)
    case .unknown: add(unknown)
    }
  }

  private var unknown: Content { isRedacted ? .omittedUnknown : .unknown }
}
