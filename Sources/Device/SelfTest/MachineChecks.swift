import CLinux
import Diagnostics
import Glibc
import Posix
import Synchronization

/// The checks of the machine: priority, memory, clock, and the root file system.
enum MachineChecks {
  /// Runs all checks.
  static func run() -> [Diagnostic] {
    let hasBattery = ((try? Files.read("/sys/class/rtc/rtc0/hctosys")) ?? []).first == UInt8(ascii: "1")
    return [
      realTime(), memory(),
      clock(seconds: time(nil), isSet: fw_clock_is_synchronised() == 1, hasBattery: hasBattery),
      Mounts.current.map(root) ?? Diagnostic("root", .warning, "/proc/self/mountinfo cannot be read"),
    ]
  }

  private static func realTime() -> Diagnostic {
    let granted = Flag()
    // In a separate thread, so that the priority of this one stays unchanged.
    guard let thread = try? Thread("self-test", { granted.isSet.store(raise(), ordering: .releasing) }) else {
      return Diagnostic("real time", .warning, "no thread can be created")
    }
    thread.join()
    if granted.isSet.load(ordering: .acquiring) { return Diagnostic("real time", .note, "SCHED_FIFO is granted") }
    return Diagnostic(
      "real time", .warning, "SCHED_FIFO is not granted: a busy machine may interrupt playback",
      remedy: "LimitRTPRIO=50 in the service, or 'rtprio' in /etc/security/limits.d for the group audio")
  }

  private static func raise() -> Bool {
    var parameters = sched_param()
    parameters.sched_priority = 50
    return pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters) == 0
  }

  private static func memory() -> Diagnostic {
    let isLocked = Memory.lock()
    munlockall()
    if isLocked { return Diagnostic("memory", .note, "it can be locked") }
    return Diagnostic(
      "memory", .warning, "it cannot be locked: the start of a message may wait for the disk",
      remedy: "LimitMEMLOCK=infinity in the service, or 'memlock' in /etc/security/limits.d")
  }

  /// From 2025-01-01 to 2100-01-01.
  private static let plausible = 1_735_689_600..<4_102_444_800

  /// Rates the wall clock.
  ///
  /// - Parameters:
  ///   - seconds: its time, since 1970.
  ///   - isSet: whether the network has set it since the start.
  ///   - hasBattery: whether a battery clock set it at the start.
  static func clock(seconds: Int, isSet: Bool, hasBattery: Bool) -> Diagnostic {
    if !plausible.contains(seconds) {
      return Diagnostic(
        "clock", .error, "it is at \(seconds) s since 1970, which is implausible: the journal's times will be wrong",
        remedy: "connect it to a network for a minute, or 'sudo date -s', or give the board a clock battery")
    }
    if isSet { return Diagnostic("clock", .note, "set by the network since the start") }
    if hasBattery { return Diagnostic("clock", .note, "set by the board's battery clock at the start") }
    return Diagnostic(
      "clock", .warning, "it has not been set since the start, and there is no battery clock",
      remedy: "the journal counts the time since the start too; 'sudo date -s' sets the clock")
  }

  /// Rates the root file system by what a power cut does to it.
  static func root(_ mounts: Mounts) -> Diagnostic {
    guard let root = mounts.mount(of: "/") else {
      return Diagnostic("root", .warning, "no file system is mounted there")
    }
    if root.isReadOnly { return Diagnostic("root", .note, "read-only (\(root.kind)): a power cut cannot damage it") }
    if root.isInMemory {
      return Diagnostic("root", .note, "\(root.kind): data on it is lost at power-off, without damage")
    }
    return Diagnostic(
      "root", .warning, "\(root.kind), writable: a power cut may damage it",
      remedy: "switch the overlay file system on ('sudo raspi-config', Performance), and keep the journal elsewhere")
  }
}

private final class Flag: Sendable {
  let isSet = Atomic<Bool>(false)
}
