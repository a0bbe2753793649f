/// Where frames go: 48 kHz, 16 bits, mono in, whatever the card wants out.
///
/// Called on the audio thread: nothing here allocates, locks, opens or closes. Results below zero are negative errno
/// values, as in ALSA.
protocol Sink: ~Copyable {
  /// Frames that may be queued; valid while attached. At most `RenderLoop.mostBuffered`.
  var capacity: Int { get }

  /// Takes a card over that was opened and prepared for it: its first write starts it. False where there is none.
  mutating func attach() -> Bool

  /// Gives the card back to be closed.
  mutating func detach()

  /// Frames accepted now, 0 when the buffer is full, negative errno: -EPIPE after an underrun, -ENODEV unplugged.
  mutating func write(_ frames: UnsafeBufferPointer<Int16>) -> Int

  /// Frames written that have not left the card, or a negative errno.
  mutating func queued() -> Int

  /// Takes queued frames back, but for the first `keep`, and says how many; 0 where that is not to be trusted.
  mutating func rewind(keeping keep: Int) -> Int

  /// Ends the stream at once and prepares the next. 0, or a negative errno.
  mutating func halt() -> CInt

  /// Waits for the wake descriptor, for room on the card if `forRoom`, and at most `milliseconds` (below 0: for ever).
  mutating func wait(wake: CInt, forRoom: Bool, milliseconds: CInt)
}
