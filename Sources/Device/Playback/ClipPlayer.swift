import Board
import CALSA
import Glibc
import Posix
import Synchronization

/// The control side of playback: plays clips, one at a time, and reports what became of them.
///
/// A new clip cuts the one before. All calls come from one thread at a time (the daemon's loop); none of them blocks.
public final class ClipPlayer {
  private let shared: UnsafeMutablePointer<Shared>
  private let sound: Board.Sound
  private let decoder: DecodeThread
  private let monitor: DeviceMonitor
  private let decodeThread: Thread
  private let monitorThread: Thread
  private let audioThread: Thread

  /// Starts the threads. A missing card is no error: the player retries it and reports when it is found.
  ///
  /// - Parameters:
  ///   - sound: the path to the loudspeaker.
  ///   - chunksAtOnce: chunks of 20 ms to decode every 20 ms. The default is faster than playback, and few enough that
  ///     a press does not wait on a single core. A card that accepts frames faster than real time wants more.
  /// - Throws: `SystemError` where descriptors or threads run out.
  public init(_ sound: Board.Sound, chunksAtOnce: Int = 4) throws(SystemError) {
    let wake = try Wake()
    let monitorWake = try Wake()
    shared = .allocate(capacity: 1)
    shared.initialize(to: Shared(wake: wake, monitorWake: monitorWake))
    self.sound = sound
    // Where one of these fails the program must end. The shared memory is not freed then, as threads may use it.
    decoder = try DecodeThread(SharedPointer(pointer: shared), chunksAtOnce: chunksAtOnce)
    monitor = try DeviceMonitor(sound, SharedPointer(pointer: shared), decoder)
    decodeThread = try decoder.start()
    monitorThread = try monitor.start()
    audioThread = try AudioThread.start(SharedPointer(pointer: shared), sound)
  }

  /// Milliseconds for which the thread that opens and closes the card may take to end.
  private static let patience = 1000

  /// Fades out the clip that plays, waits for the threads, and closes the card: about 0.1 s. A thread that hangs in a
  /// driver or a plugin is left to itself, with the memory that it uses.
  deinit {
    send(.quit)
    audioThread.join()
    monitor.quit()
    let isClosed = monitor.hasEnded(within: Self.patience)
    if isClosed { monitorThread.join() } else { monitorThread.detach() }
    decoder.quit()
    decodeThread.join()
    if !isClosed { return }
    shared.deinitialize(count: 1)
    shared.deallocate()
  }

  /// A descriptor for poll(2) with POLLIN: readable when `takeEvents` has events. Valid while the player exists.
  public var eventDescriptor: CInt { decoder.eventsReady.descriptor }

  /// Returns the events since the last call, in order.
  public func takeEvents() -> [PlaybackEvent] {
    decoder.eventsReady.clear()
    return decoder.inbox.withLock { inbox in
      defer { inbox.events = [] }
      return inbox.events
    }
  }

  /// Plays a clip at once, and fades out the one before.
  ///
  /// - Parameters:
  ///   - clip: the clip.
  ///   - token: identifies the clip in its events.
  /// - Returns: false where all buffers are in use, after many calls within a few milliseconds; nothing changes then.
  public func play(_ clip: PreparedClip, token: UInt32) -> Bool {
    guard let index = (0..<Shared.bufferCount).first(where: { shared.pointee.buffers[$0].isFree }) else { return false }
    let buffer = shared.pointee.buffers + index
    buffer.pointee.take()
    _ = clip.head.withUnsafeBufferPointer { buffer.pointee.append($0) }
    send(.play(buffer: index, token: token))
    decoder.add(DecodeThread.Job(clip: clip, buffer: index))
    return true
  }

  /// Cuts the clip that plays, with a short fade.
  public func stop() {
    send(.stop)
    decoder.expectEvents()
  }

  /// Sets the volume in dB, at most 0, on top of the board's gain. Without a mixer, frames that are queued keep their
  /// volume, and the rest ramps within 20 ms.
  public func setVolume(_ decibels: Double) {
    if sound.mixer != nil { return monitor.setVolume(decibels) }
    send(.gain(sound.factor(of: decibels)))
    decoder.expectEvents()
  }

  /// Whether a stop rewinds queued frames and fades in their place. If not, the card is halted abruptly and the fade
  /// follows after a gap.
  public var rewinds: Bool { sound.rewind && !shared.pointee.hasDropped.load(ordering: .relaxed) }

  /// Why the card's mixer could not be set; nil where it was set, or where the board has none.
  public var mixerCause: String? {
    let code = shared.pointee.mixerCode.load(ordering: .relaxed)
    return code > 0 ? Self.cause(code) : nil
  }

  /// Whether the kernel granted real-time priority to the audio thread.
  public var isRealTime: Bool { shared.pointee.realTime.load(ordering: .relaxed) }

  /// Returns the meaning of the `code` of an event. snd_strerror(3)
  public static func cause(_ code: CInt) -> String {
    if code == PlaybackEvent.hanging { return "opening it does not return: its driver or ALSA plugin hangs" }
    return String(cString: snd_strerror(-code))
  }

  private func send(_ command: AudioCommand) {
    // The ring is full only while the audio thread is blocked in the kernel; a stop must not be lost then either.
    while !shared.pointee.commands.push(command) { sched_yield() }
    shared.pointee.sent.add(1, ordering: .acquiringAndReleasing)
    shared.pointee.wake.signal()
  }
}
