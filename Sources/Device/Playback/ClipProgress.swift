/// The clip that plays: where it lies in the stream, what the card lost of it, and whether its end was reported.
///
/// A value without references, for the audio thread. Positions are frames of the stream.
struct ClipProgress: BitwiseCopyable {
  private let token: UInt32
  /// Position of the first frame.
  private let begin: Int
  /// Position after the last frame, known when all of it is written.
  var end = 0
  /// Whether the end of the clip has been reported.
  private(set) var isReported: Bool
  /// Whether the rest of the clip could not be decoded.
  var isTruncated = false
  /// Frames that the card never played, because it stopped by itself.
  private var lost = 0
  /// Position after the last of these.
  private var lostUntil = 0

  /// No clip.
  init() { (token, begin, isReported) = (0, 0, true) }

  /// A clip that begins at a position.
  init(token: UInt32, begin: Int) { (self.token, self.begin, isReported) = (token, begin, false) }

  /// Counts the frames of the clip between two positions as lost.
  mutating func lose(from first: Int, until last: Int) {
    let count = max(0, last - max(begin, first))
    if isReported || count == 0 { return }
    lost += count
    lostUntil = last
  }

  /// How the clip ended, once its last frame has left the card.
  var ending: PlaybackEvent.Kind {
    lost > 0 && lostUntil >= end ? .interrupted : isTruncated ? .truncated : .completed
  }

  /// Returns an event with the clip's token.
  func event(_ kind: PlaybackEvent.Kind, at time: Int64, code: CInt = 0) -> PlaybackEvent {
    PlaybackEvent(kind, token: token, time: time, code: code)
  }

  /// Returns the event of the clip's end, which counts as reported from now on.
  ///
  /// - Parameter position: the end of what was heard.
  mutating func report(_ kind: PlaybackEvent.Kind, heardUntil position: Int, at time: Int64) -> PlaybackEvent {
    isReported = true
    return PlaybackEvent(kind, token: token, time: time, frames: max(0, position - begin - lost), lost: lost)
  }
}
