import Foundation
import Glibc
import Posix

/// A running firstwordd, started as on a device: the shipped program with command-line arguments.
public final class DaemonProcess {
  /// Why the daemon does not run.
  public struct Failure: Error, CustomStringConvertible {
    /// What happened, and what to do.
    public let message: String
    /// The exit status, if the daemon ended by itself.
    public var status: Int32?
    /// The message.
    public var description: String { message }
  }

  private let process = Process()
  private let errors: String
  private let manager: FileDescriptor
  /// Milliseconds from the start until the daemon reported READY.
  public private(set) var readyMilliseconds = 0.0

  /// Returns the path of firstwordd: next to the running program, or in /usr/bin or /usr/sbin.
  public static func find() throws -> String {
    let directory = try Files.programDirectory()
    for path in [directory.appending("firstwordd"), "/usr/bin/firstwordd", "/usr/sbin/firstwordd"]
    where Files.exists(path) {
      return path.string
    }
    throw Failure(message: "\(directory.appending("firstwordd")): not found; build it, or install the package")
  }

  /// Starts the daemon and waits until it reports that it is ready (sd_notify(3)).
  ///
  /// - Parameters:
  ///   - program: path of firstwordd.
  ///   - arguments: its command line.
  ///   - environment: variables added to this program's own.
  ///   - directory: an existing directory for the notification socket and the standard error.
  /// - Throws: ``Failure`` if it ends or is not ready within 30 s.
  public init(
    _ program: String, arguments: [String], environment: [String: String], directory: String
  ) throws {
    errors = directory + "/firstwordd.log"
    let socket = directory + "/ready"
    manager = try FileDescriptor.datagramSocket()
    let raw = manager.raw
    try SocketAddress.with(socket, "bind") { bind(raw, $0, $1) }
    // The daemon may run as another account.
    try posix("chmod", path: socket) { chmod(socket, 0o666) }

    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    var all = ProcessInfo.processInfo.environment
    all["NOTIFY_SOCKET"] = socket
    for (name, value) in environment { all[name] = value }
    process.environment = all
    process.standardInput = FileHandle.nullDevice
    try Files.replace(errors, with: [])
    guard let log = FileHandle(forWritingAtPath: errors) else { throw Failure(message: "\(errors): cannot write") }
    process.standardError = log
    process.standardOutput = log
    let start = Monotonic.now
    try process.run()

    let deadline = start.adding(milliseconds: 30_000)
    while true {
      var poll = Poll()
      let number = poll.add(raw, events: POLLIN)
      try poll.wait(until: min(deadline, Monotonic.now.adding(milliseconds: 50)))
      if poll.answer(number) != 0 {
        let text = String(decoding: try manager.read(atMost: 4096), as: UTF8.self)
        if text.contains("READY=1") { break }
      }
      if !process.isRunning {
        throw Failure(message: "firstwordd did not start: \(finalOutput)", status: process.terminationStatus)
      }
      if Monotonic.now >= deadline {
        process.terminate()
        throw Failure(message: "firstwordd was not ready within 30 s: \(finalOutput)")
      }
    }
    readyMilliseconds = Double(Monotonic.now.since(start)) / 1e6
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  /// Returns what it reported to the service manager since the last call, and waits until a time for one report more.
  /// sd_notify(3)
  public func takeReports(until deadline: Monotonic) throws -> [String] {
    var reports: [String] = []
    while true {
      var poll = Poll()
      let number = poll.add(manager.raw, events: POLLIN)
      try poll.wait(until: reports.isEmpty ? deadline : Monotonic(nanoseconds: 0))
      if poll.answer(number) == 0 { return reports }
      reports.append(String(decoding: try manager.read(atMost: 4096), as: UTF8.self))
    }
  }

  /// Process id.
  public var identifier: pid_t { process.processIdentifier }

  /// Whether the process has not ended.
  public var isRunning: Bool { process.isRunning }

  /// Its standard output and standard error so far.
  public var log: String { (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "" }

  private var finalOutput: String {
    process.waitUntilExit()
    let output = log.trimmingCharacters(in: .whitespacesAndNewlines)
    return "\(output.isEmpty ? "it printed nothing" : output) (exit status \(process.terminationStatus))"
  }

  /// Sends SIGTERM and waits for the end.
  ///
  /// - Returns: the exit status: 0 for a clean stop; 128 plus the signal's number if a signal ended it.
  public func stop() -> Int32 {
    if process.isRunning { process.terminate() }
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
  }

  /// Resident memory in bytes; `nil` if it cannot be read. /proc/PID/statm
  public var residentBytes: Int? {
    guard let bytes = try? Files.read("/proc/\(identifier)/statm") else { return nil }
    let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
    return fields.count > 1 ? Int(fields[1]).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) } : nil
  }

  /// Nanoseconds that its threads have waited for a processor since the start, a measure of how busy the machine is.
  /// 0 where the kernel does not count it. /proc/PID/task/TID/schedstat
  public var waited: Int64 { Self.waited("/proc/\(identifier)") }

  /// The same for the threads of this program.
  public static var ownWaited: Int64 { waited("/proc/self") }

  private static func waited(_ process: String) -> Int64 {
    let threads = (try? Files.list("\(process)/task")) ?? []
    return threads.reduce(0) { sum, thread in
      let bytes = (try? Files.read("\(process)/task/\(thread)/schedstat")) ?? []
      let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
      return sum + (fields.count > 1 ? Int64(fields[1]) ?? 0 : 0)
    }
  }

  /// Number of times that its threads have gone to sleep since the start; `nil` if it cannot be read.
  /// /proc/PID/task/TID/status
  public var wakeups: Int? {
    guard let threads = try? Files.list("/proc/\(identifier)/task") else { return nil }
    var sum = 0
    for thread in threads {
      guard let bytes = try? Files.read("/proc/\(identifier)/task/\(thread)/status") else { return nil }
      let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first {
        $0.hasPrefix("voluntary_ctxt_switches:")
      }
      sum += line.flatMap { Int($0.split(separator: "\t").last ?? "") } ?? 0
    }
    return sum
  }
}
