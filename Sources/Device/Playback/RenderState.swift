/// What a render loop is doing, and what it waits for.
extension RenderLoop where S: ~Copyable {
  /// The state of the loop.
  enum State: BitwiseCopyable {
    /// There is no card.
    case absent
    /// The card is prepared and halted.
    case idle
    /// A clip plays.
    case playing
    /// The silence after a clip plays, until the card is halted.
    case ending
    /// The card runs on silence.
    case resting
  }

  /// What the thread waits for until the next `turn`.
  enum Wait: BitwiseCopyable, Equatable {
    /// A command.
    case command
    /// A command, or room on the card.
    case room
    /// A command, at most for this time.
    case milliseconds(CInt)
    /// Nothing: the thread ends.
    case quit
  }
}
