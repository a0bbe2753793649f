import Board
import CALSA
import Glibc

/// The sink that plays to a card of libasound. See `Sink` for the rules of the audio thread.
struct ALSASink: Sink, ~Copyable {
  private let shared: UnsafeMutablePointer<Shared>
  private let canRewind: Bool
  /// Whether the left and the right of two channels play.
  private let left: Bool
  private let right: Bool
  private var card: UnsafeMutablePointer<ALSACard>?
  /// The table for poll(2): the wake descriptor, then those of the PCM.
  private let table: UnsafeMutableBufferPointer<pollfd>
  /// The interleaved frames of one write.
  private let interleaved: UnsafeMutableBufferPointer<Int16>

  /// Maximum number of frames for one call of `write`.
  static let maximumFrames = 4096

  /// Allocates the buffers.
  init(_ shared: UnsafeMutablePointer<Shared>, _ sound: Board.Sound) {
    self.shared = shared
    canRewind = sound.rewind
    limits = CardLimits(sound, period: sound.period, buffer: sound.buffer, isBatch: false)
    left = sound.map != .right
    right = sound.map != .left
    table = .allocate(capacity: 1 + ALSACard.maximumDescriptors)
    table.initialize(repeating: pollfd())
    interleaved = .allocate(capacity: Self.maximumFrames * 2)
    interleaved.initialize(repeating: 0)
  }

  deinit {
    table.deallocate()
    interleaved.deallocate()
  }

  private(set) var limits: CardLimits

  mutating func attach() -> Bool {
    guard card == nil else { return true }
    card = shared.pointee.cards.offered.exchange(nil, ordering: .acquiringAndReleasing)
    guard let card else { return false }
    limits = card.pointee.limits
    for i in 0..<card.pointee.descriptors.count { table[1 + i] = card.pointee.descriptors[i] }
    return true
  }

  mutating func detach() {
    if let card { shared.pointee.cards.returned.store(card, ordering: .releasing) }
    card = nil
  }

  /// snd_pcm_writei
  mutating func write(_ frames: UnsafeBufferPointer<Int16>) -> Int {
    guard let card else { return Int(-ENODEV) }
    let count = min(frames.count, Self.maximumFrames)
    let result =
      card.pointee.channels == 1
      ? fw_pcm_write(card.pointee.pcm, frames.baseAddress, UInt(count))
      : fw_pcm_write(card.pointee.pcm, interleave(frames, count), UInt(count))
    return result == -Int(EAGAIN) ? 0 : result
  }

  /// Makes two channels of one.
  private func interleave(_ frames: UnsafeBufferPointer<Int16>, _ count: Int) -> UnsafeMutablePointer<Int16>? {
    for i in 0..<count {
      interleaved[2 * i] = left ? frames[i] : 0
      interleaved[2 * i + 1] = right ? frames[i] : 0
    }
    return interleaved.baseAddress
  }

  /// snd_pcm_avail
  mutating func room() -> Int {
    guard let card else { return 1 }
    let available = fw_pcm_avail(card.pointee.pcm)
    return available < 0 ? 1 : max(0, available - limits.spare)
  }

  /// snd_pcm_delay
  mutating func queued() -> Int {
    guard let card else { return Int(-ENODEV) }
    return fw_pcm_delay(card.pointee.pcm)
  }

  /// snd_pcm_status
  mutating func stranded() -> Int {
    guard let card else { return Int(-ENODEV) }
    return fw_pcm_stranded(card.pointee.pcm, UInt(limits.queue + limits.spare))
  }

  /// snd_pcm_rewind. The count comes from the position, as snd_pcm_rewindable may answer from a stale one. Frames that
  /// have left the buffer, such as those that USB has fetched, cannot be taken back and do not count as kept.
  mutating func rewind(keeping keep: Int) -> Int {
    guard canRewind, let card else { return 0 }
    let back = limits.queue - room() - keep
    return back > 0 ? max(0, fw_pcm_rewind(card.pointee.pcm, UInt(back))) : 0
  }

  /// snd_pcm_drop, snd_pcm_prepare
  mutating func halt() -> CInt {
    guard let card else { return -ENODEV }
    let code = fw_pcm_drop(card.pointee.pcm)
    return code < 0 ? code : fw_pcm_prepare(card.pointee.pcm)
  }

  /// poll(2)
  mutating func wait(wake: CInt, forRoom: Bool, milliseconds: CInt) {
    table[0] = pollfd(fd: wake, events: Int16(POLLIN), revents: 0)
    let count = forRoom ? card?.pointee.descriptors.count ?? 0 : 0
    guard fw_poll(table.baseAddress, UInt(1 + count), milliseconds) > 0 else { return }
    if table[0].revents != 0 { fw_woken(wake) }
    // An error of the PCM ends the wait too; the next write returns it.
    if count > 0, let card { fw_pcm_answer(card.pointee.pcm, table.baseAddress! + 1, UInt32(count)) }
  }
}
