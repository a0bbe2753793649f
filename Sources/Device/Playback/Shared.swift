import Posix
import Synchronization

/// What the audio thread shares with the others. Allocated once, before any of them starts; it outlives them.
struct Shared: ~Copyable {
  static let voiceCount = 8

  let commands = Ring<Command>(capacity: 64, filler: .stop)
  let events = Ring<PlaybackEvent>(capacity: 256, filler: PlaybackEvent(.found, time: 0))
  /// Wakes the audio thread.
  let wake: Wake
  /// The same, without a way through another module.
  let wakeDescriptor: CInt
  /// Wakes the keeper.
  let keeperWake: Wake
  let voices: UnsafeMutablePointer<Voice>
  let door = CardDoor()
  /// A card has been looked for.
  let looked = Atomic<Bool>(false)
  /// The keeper has seen an error on the card.
  let suspect = Atomic<Bool>(false)
  /// What the audio thread was asked to do or given, and how much of that it had done when it last had nothing left
  /// to do: equal when all is silent.
  let sent = Atomic<Int>(0)
  let settled = Atomic<Int>(0)
  /// The card runs though nothing sounds.
  let resting = Atomic<Bool>(false)
  /// The card would not give frames back.
  let dropped = Atomic<Bool>(false)
  /// Why the mixer could not be set, as errno's number; 0 where it was, or where there is none.
  let mixerCode = Atomic<CInt>(0)
  /// SCHED_FIFO was granted.
  let realTime = Atomic<Bool>(false)

  init(wake: consuming Wake, keeperWake: consuming Wake) {
    wakeDescriptor = wake.descriptor
    self.wake = wake
    self.keeperWake = keeperWake
    voices = .allocate(capacity: Self.voiceCount)
    for i in 0..<Self.voiceCount { (voices + i).initialize(to: Voice()) }
  }

  deinit {
    voices.deinitialize(count: Self.voiceCount)
    voices.deallocate()
  }
}

/// All threads hold it; it is freed after they have ended, which `Player` sees to. Its parts are atomics, rings with
/// one thread at each end, and voices and cards that pass from hand to hand.
struct SharedPointer: @unchecked Sendable { let pointer: UnsafeMutablePointer<Shared> }
