import CALSA
import Glibc
import Posix

/// The thread that feeds the card: sleeps in poll(2), moves frames, and does nothing else.
enum AudioThread {
  /// Starts it; joining waits for its end, after a `quit` command.
  static func start(_ shared: SharedPointer, _ configuration: SoundConfiguration) throws(SystemError) -> Thread {
    try Thread("audio") { run(shared.pointer, configuration) }
  }

  /// All that may allocate or ask the kernel, before the first command and after the last.
  private static func run(_ shared: UnsafeMutablePointer<Shared>, _ configuration: SoundConfiguration) {
    shared.pointee.realTime.store(Priority.audio.take(), ordering: .relaxed)
    var loop = RenderLoop(
      sink: ALSASink(shared, configuration), voices: shared.pointee.voices, gain: configuration.factor,
      rest: configuration.rest, lead: configuration.lead)
    work(&loop, shared)
    loop.sink.detach()
  }

  /// The loop, from the first command to `quit`.
  ///
  /// The compiler proves that nothing in it allocates, locks or retains, where it sees the whole module: in release
  /// builds and in `RealTimeTests`. Of the kernel it asks nothing but poll(2), the reading of a wake-up that poll has
  /// told of, and what libasound asks.
  #if compiler(>=6.2) && !DEBUG
    @_noLocks
  #endif
  private static func work(_ loop: inout RenderLoop<ALSASink>, _ shared: UnsafeMutablePointer<Shared>) {
    let wake = shared.pointee.wakeDescriptor
    // A press that comes before the first look for a card waits for it.
    while !shared.pointee.looked.load(ordering: .acquiring) {
      loop.sink.wait(wake: wake, forRoom: false, milliseconds: -1)
    }
    var taken = 0
    while true {
      // First what is wrong with the card, then what is asked of it.
      let suspect = shared.pointee.suspect.exchange(false, ordering: .acquiring)
      let command = suspect ? Command.look : shared.pointee.commands.pop()
      if command != nil { taken += 1 }
      let wait = loop.turn(command, now: fw_now(), events: shared.pointee.events)
      shared.pointee.resting.store(loop.state == .resting, ordering: .relaxed)
      shared.pointee.dropped.store(loop.hasDropped, ordering: .relaxed)
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

extension SoundConfiguration {
  /// What the samples are multiplied by to begin with.
  var factor: Int { factor(of: volume) }

  /// A mixer's volume is not in the samples.
  func factor(of volume: Double) -> Int { Gain.factor(decibels: gain + (mixer == nil ? volume : 0)) }

  /// In nanoseconds.
  var rest: Int64 {
    switch stream {
    case .prepared: 0
    case .running(sleep: 0): .max
    case .running(let milliseconds): Int64(milliseconds) * 1_000_000
    }
  }
}
