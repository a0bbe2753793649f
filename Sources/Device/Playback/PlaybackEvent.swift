/// What the player tells the control side, with the moment of CLOCK_MONOTONIC in nanoseconds.
public struct PlaybackEvent: BitwiseCopyable, Equatable, Sendable {
  public enum Kind: UInt8, BitwiseCopyable, Sendable {
    /// The clip's first frame left, or will at `time`.
    case started
    /// The clip's last frame has left the card.
    case completed
    /// Cut short after `frames` of its frames.
    case stopped
    /// The clip could not be played: there is no card. `code` is errno's.
    case failed
    /// There is no card; it is looked for until it is there. `code` is errno's. Told again where the reason changes.
    case lost
    /// The card is there (again).
    case found
    /// The card ran out of frames, or was suspended, and was started again.
    case underrun
  }

  public var kind: Kind
  /// The number that `Player.play` was given; 0 where no clip is meant.
  public var token: UInt32
  public var time: Int64
  /// Frames of the clip that left the card, or are certain to.
  public var frames: Int
  public var code: CInt

  init(_ kind: Kind, token: UInt32 = 0, time: Int64, frames: Int = 0, code: CInt = 0) {
    self.kind = kind
    self.token = token
    self.time = time
    self.frames = frames
    self.code = code
  }
}

/// What is asked of the audio thread.
enum Command: BitwiseCopyable {
  case play(voice: Int, token: UInt32)
  case stop
  /// `Gain.one` is unchanged.
  case gain(Int)
  /// Something is wrong with the card, says the keeper: look at it.
  case look
  case quit
}
