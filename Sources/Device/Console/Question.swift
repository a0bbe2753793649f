import Posix

/// A question to the listener: what an answer is recorded to, and what the answer does.
struct Question: Equatable, Sendable {
  /// What asked the question.
  enum Origin: Equatable, Sendable {
    /// The responder requested the prompt.
    case prompt
    /// The language at this place of the finder's order asked for a raised hand.
    case candidate(Int)
    /// The step at this index of the sequence.
    case step(Int)
  }

  /// The message that asks. A candidate that cannot ask for a raised hand only says its name.
  let message: Console.Message
  /// Whether the message is a question, so that answers to it are recorded.
  let isRecorded: Bool
  /// What asked it.
  let origin: Origin
  /// Id of the information that the listener heard last when the question sounded.
  var about: String?

  /// The candidate's place in the finder's order.
  var candidate: Int? { if case .candidate(let place) = origin { place } else { nil } }

  /// Whether another question asks the same, so that an answer can be to either.
  func asksTheSame(as other: Question) -> Bool {
    message.language == other.message.language && message.prompt == other.message.prompt
  }
}

/// The questions to the listener: the last one that was asked in full, and the one to come.
///
/// A question is asked when its last frame has left the card, pause and formula included: until then the listener does
/// not know how to answer it. An answer before that belongs to the question before, or to none.
struct Questions: Equatable, Sendable {
  /// What an answer belongs to.
  enum Addressee: Equatable {
    /// This question.
    case question(Question)
    /// None: it was pressed before this question had sounded to its end.
    case early(Question)
    /// None: no question was asked.
    case nobody
  }

  /// The question that was asked in full last.
  private(set) var asked: Question?
  /// When its last sound left the card.
  private var askedTime = Monotonic(nanoseconds: 0)
  /// Whether `asked` has an answer.
  private var isAnswered = false
  /// Whether it has no answer yet, and the listener is expected to give one.
  private(set) var isWaiting = false
  /// The question that is about to sound, or sounds.
  private var coming: Question?
  /// Whether some of it was heard.
  private var isSounding = false
  /// Whether `coming` has an answer already.
  private var isComingAnswered = false
  /// Token of the message that asks it; nil until it is played.
  private var comingToken: UInt32?
  /// When its first sound leaves the card; nil until the player reports it.
  private var start: Monotonic?
  /// The question of which the listener heard a part and not the end. No other was asked since.
  private var cut: Question?
  /// Token of the message that asked `cut`.
  private var cutToken: UInt32?

  /// The question that the listener heard last, in full or in part.
  var heard: Question? { (isSounding ? coming : nil) ?? cut ?? asked }

  /// Returns what an answer belongs to that was pressed at a time. A button that acts on its release was pressed before.
  ///
  /// While a question sounds, an answer is for the one before if that has none yet. A second answer to it would be a
  /// correction, and at that time more probably is for the question that sounds: it is for neither.
  func addressee(at time: Monotonic) -> Addressee {
    if isSounding, let coming {
      guard cut == nil, let asked, !isAnswered || asked.asksTheSame(as: coming) else { return .early(coming) }
      return .question(asked)
    }
    if let cut { return .early(cut) }
    guard let asked else { return .nobody }
    return time < askedTime ? .early(asked) : .question(asked)
  }

  /// Expects a question from now on. Answers belong to the one before until it has sounded.
  mutating func request(_ question: Question) {
    dropComing()
    coming = question
    isWaiting = false
  }

  /// Drops the question that has not sounded to its end.
  mutating func dropComing() {
    if isSounding { (cut, cutToken) = (coming, comingToken) }
    (coming, comingToken, start) = (nil, nil, nil)
    (isSounding, isComingAnswered) = (false, false)
  }

  /// Ends the wait for an answer. One that comes all the same is recorded.
  mutating func endWait() { isWaiting = false }

  /// Notes that a question has an answer.
  mutating func answer(_ question: Question) {
    isWaiting = false
    if question == asked { isAnswered = true }
    if let coming, question.asksTheSame(as: coming) { isComingAnswered = true }
  }

  /// Forgets all questions.
  mutating func forget() { self = Questions() }

  /// Notes that a message is handed to the player with this token.
  mutating func play(_ message: Console.Message, _ token: UInt32) {
    if coming?.message == message, comingToken == nil { comingToken = token }
  }

  /// Notes that the first sound of a message leaves the card at a time, which may be in the future.
  mutating func sound(_ token: UInt32, at time: Monotonic) {
    if token == comingToken { start = time.adding(milliseconds: -Self.precision) }
  }

  /// Milliseconds by which a start may lie ahead and count as now: a card holds some 10 ms, the player reports every
  /// 20 ms, and no person answers within that time. A board's `lead` is longer.
  private static let precision = 30

  /// Notes whether the question to come sounds by now.
  ///
  /// - Parameter about: Id of the information that the listener heard last.
  mutating func advance(to now: Monotonic, about: String?) {
    guard let start, start <= now, !isSounding else { return }
    isSounding = true
    coming?.about = about
  }

  /// Notes the end of a message.
  ///
  /// - Parameters:
  ///   - wasHeard: Whether any of it left the card.
  ///   - isWhole: Whether all of it did. A question that was cut was not asked.
  ///   - about: Id of the information that the listener heard last.
  ///   - time: When its last sound left the card.
  mutating func end(_ token: UInt32, wasHeard: Bool, isWhole: Bool, about: String?, at time: Monotonic) {
    if token == comingToken {
      if !isSounding { coming?.about = about }
      guard isWhole else {
        isSounding = wasHeard
        return dropComing()
      }
      askedTime = time
      (asked, isAnswered, isWaiting) = (coming, isComingAnswered, !isComingAnswered)
      (isSounding, cut, cutToken) = (false, nil, nil)
      dropComing()
    } else if token == cutToken, !wasHeard {
      (cut, cutToken) = (nil, nil)
    }
  }
}
