import CALSA
import Glibc

/// The audio thread's hands on the card.
struct ALSASink: Sink, ~Copyable {
  private let shared: UnsafeMutablePointer<Shared>
  private let canRewind: Bool
  private let map: SoundConfiguration.ChannelMap
  private var card: UnsafeMutablePointer<ALSACard>?
  /// poll(2)'s table: the wake descriptor, then the PCM's.
  private let table: UnsafeMutableBufferPointer<pollfd>
  /// One write's worth of interleaved frames.
  private let interleaved: UnsafeMutableBufferPointer<Int16>

  /// Frames that one call of `write` takes at most.
  static let mostFrames = 4096

  init(_ shared: UnsafeMutablePointer<Shared>, _ configuration: SoundConfiguration) {
    self.shared = shared
    canRewind = configuration.rewind
    map = configuration.map
    table = .allocate(capacity: 1 + ALSACard.mostDescriptors)
    table.initialize(repeating: pollfd())
    interleaved = .allocate(capacity: Self.mostFrames * 2)
    interleaved.initialize(repeating: 0)
  }

  deinit {
    table.deallocate()
    interleaved.deallocate()
  }

  var capacity: Int { card?.pointee.capacity ?? 0 }

  mutating func attach() -> Bool {
    guard card == nil else { return true }
    card = shared.pointee.door.offered.exchange(nil, ordering: .acquiringAndReleasing)
    guard let card else { return false }
    for i in 0..<card.pointee.descriptors.count { table[1 + i] = card.pointee.descriptors[i] }
    return true
  }

  mutating func detach() {
    if let card { shared.pointee.door.returned.store(card, ordering: .releasing) }
    card = nil
  }

  /// snd_pcm_writei
  mutating func write(_ frames: UnsafeBufferPointer<Int16>) -> Int {
    guard let card else { return Int(-ENODEV) }
    let count = min(frames.count, Self.mostFrames)
    let result =
      card.pointee.channels == 1
      ? fw_pcm_write(card.pointee.pcm, frames.baseAddress, UInt(count))
      : fw_pcm_write(card.pointee.pcm, spread(frames, count), UInt(count))
    return result == -Int(EAGAIN) ? 0 : result
  }

  /// Two channels of one.
  private func spread(_ frames: UnsafeBufferPointer<Int16>, _ count: Int) -> UnsafeMutablePointer<Int16>? {
    for i in 0..<count {
      interleaved[2 * i] = map == .right ? 0 : frames[i]
      interleaved[2 * i + 1] = map == .left ? 0 : frames[i]
    }
    return interleaved.baseAddress
  }

  /// snd_pcm_delay
  mutating func queued() -> Int {
    guard let card else { return Int(-ENODEV) }
    return fw_pcm_delay(card.pointee.pcm)
  }

  /// snd_pcm_rewind, by the delay: snd_pcm_rewindable may answer without asking the card where it stands.
  mutating func rewind(keeping keep: Int) -> Int {
    guard canRewind, let card else { return 0 }
    let back = queued() - keep
    return back > 0 ? max(0, fw_pcm_rewind(card.pointee.pcm, UInt(back))) : 0
  }

  /// snd_pcm_drop, snd_pcm_prepare
  mutating func halt() -> CInt {
    guard let card else { return -ENODEV }
    let code = fw_pcm_drop(card.pointee.pcm)
    return code < 0 ? code : fw_pcm_prepare(card.pointee.pcm)
  }

  mutating func wait(wake: CInt, forRoom: Bool, milliseconds: CInt) {
    table[0] = pollfd(fd: wake, events: Int16(POLLIN), revents: 0)
    let count = forRoom ? card?.pointee.descriptors.count ?? 0 : 0
    guard fw_poll(table.baseAddress, UInt(1 + count), milliseconds) > 0 else { return }
    if table[0].revents != 0 { fw_woken(wake) }
    // An error on the PCM ends the wait too; the next write tells which it was.
    if count > 0, let card { fw_pcm_answer(card.pointee.pcm, table.baseAddress! + 1, UInt32(count)) }
  }
}
