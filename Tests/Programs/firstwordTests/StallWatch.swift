import Foundation
import Glibc
import Posix
import Synchronization

/// Sees when a processor of this machine stands still for threads of real-time priority: the kernel has it, or the host
/// of a virtual machine.
///
/// Threads wake every millisecond, more of them than there are processors, with a priority above the daemon's where this
/// user may give it.
final class StallWatch: Sendable {
  /// A time in which a thread should have run, and did not.
  struct Stall: Sendable {
    /// When the thread should have run.
    let start: Monotonic
    /// When it ran.
    let end: Monotonic
  }

  private struct State {
    var stalls: [Stall] = []
    var isEnded = false
  }

  private let state = Mutex(State())
  /// Shorter ones are not noted, in milliseconds.
  private let minimum: Int

  /// Begins to watch.
  ///
  /// - Parameter minimum: the shortest stall that is noted, in milliseconds.
  init(minimum: Int) {
    self.minimum = minimum
    for _ in 0..<4 * ProcessInfo.processInfo.activeProcessorCount {
      let thread = Thread { [self] in watch() }
      thread.name = "stalls"
      thread.start()
    }
  }

  /// Ends the watch, and returns what was seen.
  func end() -> [Stall] {
    state.withLock { state in
      state.isEnded = true
      return state.stalls
    }
  }

  /// Runs until the watch ends.
  private func watch() {
    var parameters = sched_param()
    parameters.sched_priority = 60
    pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters)
    while !state.withLock({ $0.isEnded }) {
      let due = Monotonic.now.adding(milliseconds: 1)
      usleep(1000)
      let now = Monotonic.now
      if now > due.adding(milliseconds: minimum) {
        state.withLock { $0.stalls.append(Stall(start: due, end: now)) }
      }
    }
  }
}
