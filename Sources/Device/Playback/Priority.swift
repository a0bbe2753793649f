import Glibc

/// SCHED_FIFO priorities of the threads that have a date with the card. What begins ahead of a press (the daemon's loop
/// makes clips ready after a change of language) may never take the processor from what sounds, on one core either.
enum Priority: CInt {
  /// Decodes up to 1.4 s ahead, a little at a time.
  case feeder = 40
  case audio = 50

  /// For the calling thread, where the system grants it (RLIMIT_RTPRIO, CAP_SYS_NICE). pthread_setschedparam(3)
  func take() -> Bool {
    var parameters = sched_param()
    parameters.sched_priority = rawValue
    return pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters) == 0
  }
}
