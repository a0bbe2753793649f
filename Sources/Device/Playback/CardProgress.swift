/// The progress of a card: the position that it has played, and since when that has not changed.
///
/// A value without references, for the audio thread.
struct CardProgress: BitwiseCopyable {
  /// The position of the stream that the card had played at the last check.
  private(set) var played = 0
  /// Since when `played` has been unchanged, in nanoseconds.
  private var since: Int64 = 0

  /// Starts to supervise the card.
  ///
  /// - Parameters:
  ///   - position: the frames written.
  ///   - queued: the frames on the card, or a negative error.
  ///   - now: CLOCK_MONOTONIC in nanoseconds.
  mutating func begin(position: Int, queued: Int, now: Int64) {
    played = position - max(0, queued)
    since = now
  }

  /// Returns false where the card has had frames for longer than `limit` nanoseconds and played none.
  mutating func isMoving(position: Int, queued: Int, now: Int64, limit: Int64) -> Bool {
    if queued > 0 && position - queued == played { return now - since <= limit }
    if queued >= 0 { played = position - queued }
    since = now
    return true
  }
}
