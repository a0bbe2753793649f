import Glibc
import Posix
import Scenarios

/// Opens and closes the contact of a simulated button, with its bounce.
///
/// The breaks of a bounce have to come on time: a driver that is preempted in the middle of a burst would turn one
/// press into two. So it asks for real-time priority. Without it each break has no length, and a late break is omitted.
/// Either way the contact ends at the level that was asked for.
struct ContactDriver {
  private let lines: Lines
  private let line: Int
  /// Maximum delay of a break in microseconds; a later one is omitted.
  private static let patience = 2000

  init(_ lines: Lines, _ line: Int) {
    self.lines = lines
    self.line = line
  }

  /// Drives the line to `level`, with the breaks of `burst` in between. Blocks until the contact rests.
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
