import Journal
import Posix

/// The message that is played, and those that follow it.
///
/// One message is played at a time: the next when the player has reported the end of the one before, or instead of it.
struct Speech: Equatable, Sendable {
  private var queue: [Console.Message] = []
  /// The tone after all of them.
  private var tone: OperatorSignal?
  private var nextToken: UInt32 = 1
  /// Token of the last message that was played, until it has ended or was abandoned.
  private var current: UInt32?
  /// Messages whose end the player has not reported yet.
  private var open: [UInt32: Console.Message] = [:]

  /// The message that is played, or is about to be.
  var playing: Console.Message? { current.flatMap { open[$0] } }

  /// Whether the player has reported the end of every message.
  var isSilent: Bool { open.isEmpty }

  /// Returns the message with this token, unless its end was reported.
  func message(_ token: UInt32) -> Console.Message? { open[token] }

  /// Plays messages in a row, and a tone after them, instead of everything before.
  mutating func say(_ messages: [Console.Message], then tone: OperatorSignal? = nil) -> [Console.Effect] {
    queue = messages
    self.tone = tone
    return next()
  }

  /// Drops the queue; what is still played is no longer wanted.
  mutating func abandon() {
    queue = []
    tone = nil
    current = nil
  }

  private mutating func next() -> [Console.Effect] {
    if queue.isEmpty {
      defer { tone = nil }
      return tone.map { [.signal($0)] } ?? []
    }
    let message = queue.removeFirst()
    let token = nextToken
    // 0 stands for the tones.
    nextToken = nextToken == .max ? 1 : nextToken + 1
    current = token
    open[token] = message
    return [.play(message, token: token)]
  }

  /// What the end of a message means.
  enum End: Equatable {
    /// The message was abandoned or replaced before.
    case abandoned
    /// The next message is played.
    case continues([Console.Effect])
    /// Everything was said.
    case finished
    /// The message broke off, and the queue is dropped.
    case broken
  }

  /// Takes the player's report of an end; nil for a token that is not open.
  mutating func end(_ token: UInt32, _ outcome: MessageOutcome) -> (Console.Message, End)? {
    guard let message = open.removeValue(forKey: token) else { return nil }
    if token != current { return (message, .abandoned) }
    current = nil
    if outcome != .completed {
      abandon()
      return (message, .broken)
    }
    return (message, queue.isEmpty && tone == nil ? .finished : .continues(next()))
  }
}
