import Glibc

/// An event that playback reports to the control side.
public struct PlaybackEvent: BitwiseCopyable, Equatable, Sendable {
  /// The kind of event.
  public enum Kind: UInt8, BitwiseCopyable, Sendable {
    /// The first frame of the clip leaves the card at `time`, which may be in the future.
    case started
    /// The last frame of the clip has left the card.
    case completed
    /// The clip was cut after `frames` of its frames.
    case stopped
    /// A fault of the card cut the clip after `frames` of its frames, or lost its end.
    case interrupted
    /// The clip ended after `frames` of its frames, as the rest could not be decoded.
    case truncated
    /// The clip could not be played, as there is no card; `code` says why.
    case failed
    /// There is no card, and it is retried until it appears; `code` says why. Reported again when the reason changes.
    case lost
    /// The card is available.
    case found
    /// The card ran out of frames, or was suspended, and was restarted.
    case underrun
  }

  /// What happened.
  public var kind: Kind
  /// The token that `ClipPlayer.play` was given; 0 where the event is of no clip.
  public var token: UInt32
  /// When it happened: CLOCK_MONOTONIC in nanoseconds.
  public var time: Int64
  /// Frames of the clip that have left the card, or can no longer be taken back.
  public var frames: Int
  /// Frames of the clip that an underrun or a suspend lost before that.
  public var lost: Int
  /// A positive errno value, or 0. `ClipPlayer.cause` explains it.
  public var code: CInt

  /// The code of `lost` where the call that opens the card does not return.
  static var hanging: CInt { EINPROGRESS }

  init(_ kind: Kind, token: UInt32 = 0, time: Int64, frames: Int = 0, lost: Int = 0, code: CInt = 0) {
    self.kind = kind
    self.token = token
    self.time = time
    self.frames = frames
    self.lost = lost
    self.code = code
  }
}
