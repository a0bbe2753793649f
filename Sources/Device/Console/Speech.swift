import Posix

/// What sounds, and what is to be said behind it.
///
/// One message sounds at a time: the next is played when the player has told the end of the one before, or ends that
/// one by being played.
struct Speech: Equatable, Sendable {
  private var queue: [Console.Message] = []
  /// Sounds behind all of them.
  private var tone: Console.Signal?
  private var nextToken: UInt32 = 1
  /// What was played last, until it has ended or was given up.
  private var current: UInt32?
  /// Played, and the player has not told the end yet.
  private var open: [UInt32: Console.Message] = [:]

  /// What sounds, or is on its way.
  var playing: Console.Message? { current.flatMap { open[$0] } }

  /// Nothing is to be heard any more.
  var isSilent: Bool { open.isEmpty }

  func message(_ token: UInt32) -> Console.Message? { open[token] }

  /// From now on these are said, one behind the other and a tone behind them, instead of whatever was said before.
  mutating func say(_ messages: [Console.Message], then tone: Console.Signal? = nil) -> [Console.Effect] {
    queue = messages
    self.tone = tone
    return next()
  }

  /// Whatever still sounds is no longer wanted.
  mutating func giveUp() {
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

  /// What became of a message.
  enum End: Equatable {
    /// It was given up or replaced before.
    case past
    /// The next one is being played.
    case goesOn([Console.Effect])
    /// All has been said.
    case said
    /// It broke off, and what was to come behind it is not said.
    case broken
  }

  /// The player told the end; nil for a token that is not open.
  mutating func end(_ token: UInt32, _ outcome: Console.Outcome) -> (Console.Message, End)? {
    guard let message = open.removeValue(forKey: token) else { return nil }
    if token != current { return (message, .past) }
    current = nil
    if outcome != .completed {
      giveUp()
      return (message, .broken)
    }
    return (message, queue.isEmpty && tone == nil ? .said : .goesOn(next()))
  }
}
