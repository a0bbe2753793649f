import CALSA
import Glibc
import Posix
import Synchronization

/// The control side of playback: hands clips to the audio thread and hears what became of them.
///
/// One thread at a time calls it (the daemon's loop). One clip sounds at a time: a new one ends the old.
public final class Player {
  private let shared: UnsafeMutablePointer<Shared>
  private let feeder: Feeder
  private let audio: Thread
  private let feeding: Thread

  /// Starts both threads. A card that is missing is no error: the player looks for it and says when it is found.
  public init(_ configuration: SoundConfiguration) throws(SystemError) {
    let shared = UnsafeMutablePointer<Shared>.allocate(capacity: 1)
    do throws(SystemError) {
      shared.initialize(to: try Shared())
    } catch {
      shared.deallocate()
      throw error
    }
    self.shared = shared
    do throws(SystemError) {
      feeder = try Feeder(SharedPointer(pointer: shared))
      // The opening of the card is waited for as a command is: its event is `found` or `lost`.
      shared.pointee.settled.store(-1, ordering: .relaxed)
      feeding = try feeder.start()
    } catch {
      shared.deinitialize(count: 1)
      shared.deallocate()
      throw error
    }
    do throws(SystemError) {
      audio = try AudioThread.start(SharedPointer(pointer: shared), configuration)
    } catch {
      feeder.quit()
      feeding.join()
      shared.deinitialize(count: 1)
      shared.deallocate()
      throw error
    }
  }

  /// Ends what sounds with a fade, waits for both threads, and closes the card: about 0.1 s.
  deinit {
    send(.quit)
    audio.join()
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
