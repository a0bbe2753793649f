import Board
import CALSA
import Glibc
import Posix

/// The thread that writes frames to the card. It sleeps in poll(2) between two writes.
enum AudioThread {
  /// Starts the thread. It ends after `AudioCommand.quit`.
  ///
  /// - Parameters:
  ///   - shared: must outlive the thread.
  ///   - sound: the settings of the board.
  static func start(_ shared: SharedPointer, _ sound: Board.Sound) throws(SystemError) -> Thread {
    try Thread("audio") { run(shared.pointer, sound) }
  }

  /// Everything that may allocate or call the kernel runs here, before the first command and after the last.
  private static func run(_ shared: UnsafeMutablePointer<Shared>, _ sound: Board.Sound) {
    shared.pointee.realTime.store(Priority.audio.apply(), ordering: .relaxed)
    var loop = RenderLoop(
      sink: ALSASink(shared, sound), buffers: shared.pointee.buffers, gain: sound.factor, rest: sound.rest,
      lead: sound.leadFrames)
    work(&loop, shared)
    loop.sink.detach()
  }

  /// Nanoseconds for which a clip waits for the first attempt to open the card, 1 s.
  private static let patience: Int64 = 1_000_000_000

  /// Waits for the first attempt to open the card: a press that comes earlier must not fail. An attempt that hangs delays
  /// neither a stop nor the end, and after `patience` no clip.
  ///
  /// - Returns: the command to carry out after the wait; nil for none.
  #if compiler(>=6.2) && !DEBUG
    @_noLocks
  #endif
  private static func awaitCard(
    _ loop: inout RenderLoop<ALSASink>, _ shared: UnsafeMutablePointer<Shared>, _ taken: inout Int
  ) -> AudioCommand? {
    let deadline = fw_now() + patience
    var held: AudioCommand?
    while !shared.pointee.hasTriedCard.load(ordering: .acquiring) {
      let left = deadline - fw_now()
      if left <= 0 { break }
      guard let command = shared.pointee.commands.pop() else {
        loop.sink.wait(wake: shared.pointee.wakeDescriptor, forRoom: false, milliseconds: CInt(left / 1_000_000 + 1))
        continue
      }
      taken += 1
      switch command {
      case .play, .stop, .quit:
        if case .play(let buffer, let token) = held {
          shared.pointee.buffers[buffer].releaseByAudio()
          _ = shared.pointee.events.push(PlaybackEvent(.stopped, token: token, time: fw_now()))
        }
        held = command
        if case .quit = command { return command }
      case .gain, .inspect:
        _ = loop.turn(command, now: fw_now(), events: shared.pointee.events)
      }
    }
    return held
  }

  /// The loop, from the first command to `quit`.
  ///
  /// The compiler proves that nothing in it allocates, locks or retains, where it sees the whole module: in release
  /// builds and in `RealTimeTests`. The only kernel calls are poll(2), the read of a wake-up that poll reported, and
  /// those of libasound.
  #if compiler(>=6.2) && !DEBUG
    @_noLocks
  #endif
  private static func work(_ loop: inout RenderLoop<ALSASink>, _ shared: UnsafeMutablePointer<Shared>) {
    let wake = shared.pointee.wakeDescriptor
    var taken = 0
    // The command that the wait for the first card left over; it was counted there.
    var first = awaitCard(&loop, shared, &taken)
    while true {
      // A fault of the card comes before the next command.
      let isSuspect = shared.pointee.isCardSuspect.exchange(false, ordering: .acquiring)
      let left = first
      let command = isSuspect ? AudioCommand.inspect : left ?? shared.pointee.commands.pop()
      if !isSuspect { first = nil }
      if command != nil && (isSuspect || left == nil) { taken += 1 }
      let wait = loop.turn(command, now: fw_now(), events: shared.pointee.events)
      shared.pointee.isResting.store(loop.state == .resting, ordering: .relaxed)
      shared.pointee.hasDropped.store(loop.hasDropped, ordering: .relaxed)
      switch loop.state {
      case .idle, .absent, .resting: shared.pointee.settled.store(taken + loop.attached, ordering: .releasing)
      case .playing, .ending: break
      }
      if wait == .quit { return }
      if command != nil { continue }
      switch wait {
      case .command: loop.sink.wait(wake: wake, forRoom: false, milliseconds: -1)
      case .room: loop.sink.wait(wake: wake, forRoom: true, milliseconds: 500)
      case .milliseconds(let time): loop.sink.wait(wake: wake, forRoom: false, milliseconds: time)
      case .quit: break
      }
    }
  }
}
