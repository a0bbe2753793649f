import Posix
import Synchronization

/// What the threads of playback share. It is allocated before they start and outlives them.
struct Shared: ~Copyable {
  /// Number of clip buffers: the clip that plays, and those that a quick series of presses has cut.
  static let bufferCount = 8

  /// Commands from the control thread for the audio thread.
  let commands = Ring<AudioCommand>(capacity: 64, filler: .stop)
  /// Events from the audio thread for the decode thread.
  let events = Ring<PlaybackEvent>(capacity: 256, filler: PlaybackEvent(.found, time: 0))
  /// Wakes the audio thread.
  let wake: Wake
  /// The descriptor of `wake`, for the audio thread, which may not call into another module.
  let wakeDescriptor: CInt
  /// Wakes the device monitor.
  let monitorWake: Wake
  /// The clip buffers.
  let buffers: UnsafeMutablePointer<ClipBuffer>
  /// Open cards on their way between the device monitor and the audio thread.
  let cards = CardExchange()
  /// Whether the device monitor has tried to open the card.
  let hasTriedCard = Atomic<Bool>(false)
  /// When the call that opens the card began, in nanoseconds of CLOCK_MONOTONIC; 0 where none is under way.
  let opening = Atomic<Int64>(0)
  /// Whether the decode thread has reported that this call does not return.
  let isHanging = Atomic<Bool>(false)
  /// Whether the device monitor saw an error on the card.
  let isCardSuspect = Atomic<Bool>(false)
  /// Number of commands, cards and errors handed to the audio thread.
  let sent = Atomic<Int>(0)
  /// The value of `sent` that the audio thread had processed when it was last silent. Both are equal in silence.
  let settled = Atomic<Int>(0)
  /// Whether the card runs on silence.
  let isResting = Atomic<Bool>(false)
  /// Whether the card refused a rewind and was halted.
  let hasDropped = Atomic<Bool>(false)
  /// Why the mixer could not be set: a positive errno value; 0 where it was set, or where there is none.
  let mixerCode = Atomic<CInt>(0)
  /// Whether SCHED_FIFO was granted to the audio thread.
  let realTime = Atomic<Bool>(false)

  /// Allocates the buffers.
  init(wake: consuming Wake, monitorWake: consuming Wake) {
    wakeDescriptor = wake.descriptor
    self.wake = wake
    self.monitorWake = monitorWake
    buffers = .allocate(capacity: Self.bufferCount)
    for i in 0..<Self.bufferCount { (buffers + i).initialize(to: ClipBuffer()) }
  }

  deinit {
    buffers.deinitialize(count: Self.bufferCount)
    buffers.deallocate()
  }
}

/// A pointer to `Shared` that crosses threads. `ClipPlayer` frees the memory after all threads have ended.
///
/// It is `@unchecked Sendable` because every part is an atomic, a ring with one thread at each end, or a buffer or card
/// that one thread at a time owns.
struct SharedPointer: @unchecked Sendable {
  /// The shared memory.
  let pointer: UnsafeMutablePointer<Shared>
}
