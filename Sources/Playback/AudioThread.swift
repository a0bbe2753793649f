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

/// The thread that feeds the card: sleeps in poll(2), moves frames, and does nothing else.
enum AudioThread {
  private struct Start {
    let shared: UnsafeMutablePointer<Shared>
    let configuration: SoundConfiguration
  }

  /// Starts it; pthread_join(3) on the result waits for its end, after a `quit` command.
  static func start(
    _ shared: UnsafeMutablePointer<Shared>, _ configuration: SoundConfiguration
  ) throws(SystemError) -> pthread_t {
    let start = UnsafeMutablePointer<Start>.allocate(capacity: 1)
    start.initialize(to: Start(shared: shared, configuration: configuration))
    var thread = pthread_t()
    let code = pthread_create(&thread, nil, { AudioThread.run($0) }, start)
    if code != 0 {
      start.deinitialize(count: 1)
      start.deallocate()
      throw SystemError("pthread_create", code: code)
    }
    return thread
  }

  private static func run(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let pointer = context?.assumingMemoryBound(to: Start.self) else { return nil }
    let start = pointer.move()
    pointer.deallocate()
    let shared = start.shared
    shared.pointee.realTime.store(raisePriority(), ordering: .relaxed)

    var loop = RenderLoop(
      sink: ALSASink(start.configuration), voices: shared.pointee.voices, gainDecibels: start.configuration.gain)
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
    return nil
  }

  /// SCHED_FIFO where the system grants it (RLIMIT_RTPRIO, CAP_SYS_NICE).
  private static func raisePriority() -> Bool {
    var parameters = sched_param()
    parameters.sched_priority = 50
    return pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters) == 0
  }
}
