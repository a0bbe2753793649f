import Glibc

/// SCHED_FIFO priorities of the threads that have playback deadlines.
///
/// Work ahead of a press, such as the preparation of clips after a change of language, must not delay playback, even on
/// a single core.
enum Priority: CInt {
  /// The decode thread, which stays up to 1.4 s ahead.
  case decode = 40
  /// The audio thread.
  case audio = 50

  /// Applies the priority to the calling thread. pthread_setschedparam(3)
  ///
  /// - Returns: whether the system granted it (RLIMIT_RTPRIO, CAP_SYS_NICE).
  func apply() -> Bool {
    var parameters = sched_param()
    parameters.sched_priority = rawValue
    return pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters) == 0
  }
}
