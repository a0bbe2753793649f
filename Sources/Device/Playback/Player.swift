import CALSA
import Glibc
import Posix
import Synchronization

/// The control side of playback: hands clips to the audio thread and hears what became of them.
///
/// One thread at a time calls it (the daemon's loop). One clip sounds at a time: a new one ends the old.
public final class Player {
  private let shared: UnsafeMutablePointer<Shared>
  private let configuration: SoundConfiguration
  private let feeder: Feeder
  private let keeper: CardKeeper
  private let feeding: Thread
  private let keeping: Thread
  private let audio: Thread

  /// Starts the threads. A card that is missing is no error: the player looks for it and says when it is found.
  public init(_ configuration: SoundConfiguration) throws(SystemError) {
    let wake = try Wake()
    let keeperWake = try Wake()
    shared = .allocate(capacity: 1)
    shared.initialize(to: Shared(wake: wake, keeperWake: keeperWake))
    self.configuration = configuration
    // Where one of these fails the program has no descriptors or threads left, and ends: what is shared stays with
    // the threads that run already.
    feeder = try Feeder(SharedPointer(pointer: shared), chunksAtOnce: configuration.chunksAtOnce)
    keeper = CardKeeper(configuration, SharedPointer(pointer: shared), feeder)
    feeding = try feeder.start()
    keeping = try keeper.start()
    audio = try AudioThread.start(SharedPointer(pointer: shared), configuration)
  }

  /// Ends what sounds with a fade, waits for the threads, and closes the card: about 0.1 s.
  deinit {
    send(.quit)
    audio.join()
    keeper.quit()
    keeping.join()
    feeder.quit()
    feeding.join()
    shared.deinitialize(count: 1)
    shared.deallocate()
  }

  /// poll(2) it for POLLIN, then `takeEvents`.
  public var eventDescriptor: CInt { feeder.told.descriptor }

  /// What happened since the last call, in order.
  public func takeEvents() -> [PlaybackEvent] {
    feeder.told.clear()
    return feeder.inbox.withLock { inbox in
      defer { inbox.events = [] }
      return inbox.events
    }
  }

  /// Plays a clip at once; what sounded before is faded out. `token` comes back in its events.
  ///
  /// - Returns: false when more clips were asked for in a few milliseconds than there are voices; nothing changes.
  public func play(_ clip: PreparedClip, token: UInt32) -> Bool {
    guard let index = (0..<Shared.voiceCount).first(where: { shared.pointee.voices[$0].isFree }) else { return false }
    let voice = shared.pointee.voices + index
    voice.pointee.take()
    _ = clip.head.withUnsafeBufferPointer { voice.pointee.append($0) }
    send(.play(voice: index, token: token))
    feeder.add(Feeder.Job(clip: clip, voice: index))
    return true
  }

  /// Silence at once, with a short fade.
  public func stop() {
    send(.stop)
    feeder.attend()
  }

  /// Volume in dB, at most 0, on top of the board's gain. What is queued already sounds as it is; the rest goes there
  /// in 20 ms, without a step.
  public func setVolume(_ decibels: Double) {
    if configuration.mixer != nil { return keeper.setVolume(decibels) }
    send(.gain(configuration.factor(of: decibels)))
    feeder.attend()
  }

  /// A stop takes queued frames back and fades; without that the card is halted in mid-phrase and the fade comes
  /// behind a gap.
  public var rewinds: Bool { configuration.rewind && !shared.pointee.dropped.load(ordering: .relaxed) }

  /// Why the card's mixer could not be set; `nil` where it was, or where the board has none.
  public var mixerCause: String? {
    let code = shared.pointee.mixerCode.load(ordering: .relaxed)
    return code > 0 ? Self.cause(code) : nil
  }

  /// SCHED_FIFO was granted to the audio thread.
  public var isRealTime: Bool { shared.pointee.realTime.load(ordering: .relaxed) }

  /// What an event's `code` means. snd_strerror(3)
  public static func cause(_ code: CInt) -> String { String(cString: snd_strerror(-code)) }

  private func send(_ command: Command) {
    // 64 commands lie unread only if the audio thread is stuck in the kernel; a stop must not get lost then either.
    while !shared.pointee.commands.push(command) { sched_yield() }
    shared.pointee.sent.add(1, ordering: .acquiringAndReleasing)
    shared.pointee.wake.signal()
  }
}
