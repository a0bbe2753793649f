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
}

/// The questions to the listener: the one that has sounded, to which answers are recorded, and the one to come.
///
/// An answer is about what the listener heard. A question that was requested is nothing until the player reports its
/// first sound; until then an answer is about the question before. A question of which nothing was heard is dropped.
struct Questions: Equatable, Sendable {
  /// The question that has sounded last.
  private(set) var asked: Question?
  /// Whether it has no answer yet.
  private(set) var isWaiting = false
  /// The question that is about to sound.
  private(set) var coming: Question?
  /// Token of the message that asks it; nil until it is played.
  private var comingToken: UInt32?
  /// When its first sound leaves the card; nil until the player reports it.
  private var start: Monotonic?
  /// Token of the message that asked `asked`.
  private var askedToken: UInt32?

  /// Expects a question from now on. Answers are recorded to the one before until it sounds.
  mutating func request(_ question: Question) {
    dropComing()
    coming = question
    isWaiting = false
  }

  /// Drops the question that has not sounded.
  mutating func dropComing() { (coming, comingToken, start) = (nil, nil, nil) }

  /// Ends the wait for an answer. One that comes all the same is recorded.
  mutating func endWait() { isWaiting = false }

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

  /// Replaces the question before by the one to come, if that has sounded by now.
  ///
  /// - Parameter about: Id of the information that the listener heard last.
  mutating func advance(to now: Monotonic, about: String?) {
    if let start, start <= now { ask(about) }
  }

  /// Notes the end of a message.
  ///
  /// - Parameters:
  ///   - wasHeard: Whether any of it left the card.
  ///   - isWhole: Whether all of it did. The listener is not expected to answer a question that was cut.
  ///   - about: Id of the information that the listener heard last.
  mutating func end(_ token: UInt32, wasHeard: Bool, isWhole: Bool, about: String?) {
    if token == comingToken {
      if !wasHeard { return dropComing() }
      ask(about)
      isWaiting = isWhole
    } else if token == askedToken, !wasHeard {
      (asked, askedToken, isWaiting) = (nil, nil, false)
    }
  }

  private mutating func ask(_ about: String?) {
    guard var question = coming else { return }
    question.about = about
    (asked, askedToken, isWaiting) = (question, comingToken, true)
    dropComing()
  }
}
