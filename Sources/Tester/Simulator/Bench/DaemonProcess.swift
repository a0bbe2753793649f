import Foundation
import Glibc
import Posix

/// A firstwordd of its own, as it is shipped: started with the command line that anybody would type.
public final class DaemonProcess {
  public struct Failure: Error, CustomStringConvertible {
    public let message: String
    /// Its exit status, where it ended by itself.
    public var status: Int32?
    public var description: String { message }
  }

  private let process = Process()
  private let errors: String
  /// Moment of the start to the daemon's own READY, in milliseconds.
  public private(set) var readyMilliseconds = 0.0

  /// firstwordd beside the running program, or on PATH's usual place.
  public static func find() throws -> String {
    let directory = try Files.programDirectory()
    for path in ["\(directory)/firstwordd", "/usr/bin/firstwordd", "/usr/sbin/firstwordd"] where Files.exists(path) {
      return path
    }
    throw Failure(message: "\(directory)/firstwordd: not there; build it, or install the package")
  }

  /// Starts it and waits until it says that it is ready (sd_notify(3)), at most 30 s.
  ///
  /// - Parameter directory: a directory of the caller's, for its socket and its standard error.
  public init(
    _ program: String, arguments: [String], environment: [String: String], directory: String
  ) throws {
    errors = directory + "/firstwordd.log"
    let socket = directory + "/ready"
    let ready = try FileDescriptor.datagramSocket()
    let raw = ready.raw
    try SocketAddress.with(socket, "bind") { bind(raw, $0, $1) }

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
      let number = poll.add(ready.raw, events: POLLIN)
      try poll.wait(until: min(deadline, Monotonic.now.adding(milliseconds: 50)))
      if poll.answer(number) != 0 {
        let text = String(decoding: try ready.read(atMost: 4096), as: UTF8.self)
        if text.contains("READY=1") { break }
      }
      if !process.isRunning {
        throw Failure(message: "firstwordd did not start: \(lastWords)", status: process.terminationStatus)
      }
      if Monotonic.now >= deadline {
        process.terminate()
        throw Failure(message: "firstwordd was not ready within 30 s: \(lastWords)")
      }
    }
    readyMilliseconds = Double(Monotonic.now.since(start)) / 1e6
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  public var identifier: pid_t { process.processIdentifier }

  public var isRunning: Bool { process.isRunning }

  /// What it has written on standard error.
  public var log: String { (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "" }

  private var lastWords: String {
    process.waitUntilExit()
    let said = log.trimmingCharacters(in: .whitespacesAndNewlines)
    return "\(said.isEmpty ? "it said nothing" : said) (exit status \(process.terminationStatus))"
  }

  /// SIGTERM, and waits for its end. Its exit status: 0 for a clean stop, 128 and more for a signal's.
  public func stop() -> Int32 {
    if process.isRunning { process.terminate() }
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
  }

  /// Resident memory in bytes, from /proc.
  public var residentBytes: Int? {
    guard let bytes = try? Files.read("/proc/\(identifier)/statm") else { return nil }
    let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
    return fields.count > 1 ? Int(fields[1]).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) } : nil
  }

  /// Nanoseconds for which its threads, since the start, were ready to run and were not let: how slow the machine was.
  /// 0 where the kernel keeps no account of it. From /proc, schedstat
  public var waited: Int64 { Self.waited("/proc/\(identifier)") }

  /// The same, of this program.
  public static var ownWaited: Int64 { waited("/proc/self") }

  private static func waited(_ process: String) -> Int64 {
    let threads = (try? Files.list("\(process)/task")) ?? []
    return threads.reduce(0) { sum, thread in
      let bytes = (try? Files.read("\(process)/task/\(thread)/schedstat")) ?? []
      let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
      return sum + (fields.count > 1 ? Int64(fields[1]) ?? 0 : 0)
    }
  }

  /// How often its threads have gone to sleep since the start: a wake-up each. From /proc.
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
