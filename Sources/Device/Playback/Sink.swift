/// An output for frames of 48 kHz, 16 bits, mono.
///
/// All methods are called on the audio thread: none of them allocates, locks, opens or closes. Negative results are
/// negative errno values, as in libasound.
protocol Sink: ~Copyable {
  /// What may be queued and taken back. Valid while attached.
  var limits: CardLimits { get }

  /// Takes over a card that the device monitor has opened and prepared. Its first write starts it.
  ///
  /// - Returns: false where there is no card.
  mutating func attach() -> Bool

  /// Returns the card to the device monitor, which closes it.
  mutating func detach()

  /// Queues frames.
  ///
  /// - Returns: the number of frames accepted, 0 where the buffer is full; -EPIPE after an underrun, -ENODEV where the
  ///   card is gone.
  mutating func write(_ frames: UnsafeBufferPointer<Int16>) -> Int

  /// Returns the number of frames that may be queued now; 1 where the card has an error, which the next write returns.
  ///
  /// It counts what poll(2) counts: frames that left the buffer and are still on their way make room.
  mutating func room() -> Int

  /// Returns the number of written frames that have not left the card, or a negative errno value.
  mutating func queued() -> Int

  /// Returns the number of written frames that a card had not played when it stopped by itself, in an underrun or a
  /// suspend, or a negative errno value. Valid until `halt`.
  mutating func stranded() -> Int

  /// Takes back queued frames, except for the first `keep`.
  ///
  /// - Returns: the number of frames taken back; 0 where the card cannot rewind reliably.
  mutating func rewind(keeping keep: Int) -> Int

  /// Ends the stream at once, and prepares the next one.
  ///
  /// - Returns: 0, or a negative errno value.
  mutating func halt() -> CInt

  /// Waits for the wake descriptor.
  ///
  /// - Parameters:
  ///   - wake: the descriptor; its wake-up is consumed.
  ///   - forRoom: whether room on the card ends the wait too.
  ///   - milliseconds: the maximum time to wait; without limit where negative.
  mutating func wait(wake: CInt, forRoom: Bool, milliseconds: CInt)
}
