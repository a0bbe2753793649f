import Glibc
import Posix
import Scenarios

/// Moves a contact, with its chatter in time.
///
/// Chatter needs a hand that is on time: a tester that is not let run in the middle of a burst would make two presses of
/// one. So it asks for real-time priority; where that is not granted each break has no length, and one that is late is
/// left out. Either way the contact never rests where it does not belong.
struct ContactDriver {
  private let lines: Lines
  private let line: Int
  /// Microseconds that a break may be late.
  private static let patience = 2000

  init(_ lines: Lines, _ line: Int) {
    self.lines = lines
    self.line = line
  }

  func move(to level: Lines.Level, as burst: ContactBounce.Burst?) throws {
    guard let burst, !burst.starts.isEmpty else { return try lines.drive(line, level) }
    let other: Lines.Level = level == .low ? .high : .low
    var before = sched_param()
    var policy: CInt = 0
    pthread_getschedparam(pthread_self(), &policy, &before)
    var urgent = sched_param()
    urgent.sched_priority = 10
    let isUrgent = pthread_setschedparam(pthread_self(), SCHED_FIFO, &urgent) == 0
    defer { if isUrgent { pthread_setschedparam(pthread_self(), policy, &before) } }
    let start = Monotonic.now
    try lines.drive(line, level)
    for begin in burst.starts {
      Self.sleep(until: start, microseconds: begin)
      if Monotonic.now.since(start) > Int64(begin + Self.patience) * 1000 { continue }
      if isUrgent {
        try lines.drive(line, other)
        Self.sleep(until: start, microseconds: begin + burst.width)
        try lines.drive(line, level)
      } else {
        try lines.drive(line, other, level)
      }
    }
  }

  /// clock_nanosleep(2)
  private static func sleep(until start: Monotonic, microseconds: Int) {
    let moment = start.nanoseconds + Int64(microseconds) * 1000
    var time = timespec(tv_sec: Int(moment / 1_000_000_000), tv_nsec: Int(moment % 1_000_000_000))
    while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
  }
}
