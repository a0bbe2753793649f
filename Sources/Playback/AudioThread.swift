import CLinux
import Glibc
import Posix
import Synchronization

/// What both ends of the audio thread share. Allocated once, before the thread starts; it outlives the thread.
struct Shared: ~Copyable {
  static let voiceCount = 8

  let commands = Ring<Command>(capacity: 64, filler: .stop)
  let events = Ring<PlaybackEvent>(capacity: 256, filler: PlaybackEvent(.found, time: 0))
  let wake: Wake
  let voices: UnsafeMutablePointer<Voice>
  /// Commands sent, and commands taken by an audio thread that has nothing left to do: equal when all is silent.
  let sent = Atomic<Int>(0)
  let settled = Atomic<Int>(0)
  /// There is no card: the audio thread looks for one.
  let absent = Atomic<Bool>(false)
  /// SCHED_FIFO was granted.
  let realTime = Atomic<Bool>(false)

  init() throws(SystemError) {
    wake = try Wake()
    voices = .allocate(capacity: Self.voiceCount)
    for i in 0..<Self.voiceCount { (voices + i).initialize(to: Voice()) }
  }

  deinit {
    voices.deinitialize(count: Self.voiceCount)
    voices.deallocate()
  }
}

/// Both threads hold it; it is freed after both have ended, which `Player` sees to. Its parts are atomics, rings with
/// one thread at each end, and voices that pass from hand to hand.
struct SharedPointer: @unchecked Sendable { let pointer: UnsafeMutablePointer<Shared> }

/// The thread that feeds the card: sleeps in poll(2), moves frames, and does nothing else.
enum AudioThread {
  /// Starts it; joining waits for its end, after a `quit` command.
  static func start(_ shared: SharedPointer, _ configuration: SoundConfiguration) throws(SystemError) -> Thread {
    try Thread("audio") { run(shared.pointer, configuration) }
  }

  private static func run(_ shared: UnsafeMutablePointer<Shared>, _ configuration: SoundConfiguration) {
    shared.pointee.realTime.store(raisePriority(), ordering: .relaxed)

    var loop = RenderLoop(
      sink: ALSASink(configuration), voices: shared.pointee.voices, gainDecibels: configuration.gain)
    loop.open(now: Monotonic.now.nanoseconds, events: shared.pointee.events)
    var taken = 0
    while true {
      let command = shared.pointee.commands.pop()
      if command != nil { taken += 1 }
      let wait = loop.turn(command, now: Monotonic.now.nanoseconds, events: shared.pointee.events)
      if wait == .quit { break }
      shared.pointee.absent.store(loop.state == .absent, ordering: .relaxed)
      if loop.state == .idle || loop.state == .absent { shared.pointee.settled.store(taken, ordering: .releasing) }
      if command != nil { continue }
      switch wait {
      case .command: loop.sink.wait(wake: shared.pointee.wake.descriptor, forRoom: false, milliseconds: -1)
      case .room: loop.sink.wait(wake: shared.pointee.wake.descriptor, forRoom: true, milliseconds: 1000)
      case .milliseconds(let time):
        loop.sink.wait(wake: shared.pointee.wake.descriptor, forRoom: false, milliseconds: time)
      case .quit: break
      }
      shared.pointee.wake.clear()
    }
    shared.pointee.settled.store(taken, ordering: .releasing)
  }

  /// SCHED_FIFO where the system grants it (RLIMIT_RTPRIO, CAP_SYS_NICE).
  private static func raisePriority() -> Bool {
    var parameters = sched_param()
    parameters.sched_priority = 50
    return pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters) == 0
  }
}
