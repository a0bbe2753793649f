import Foundation
import Glibc
import Posix
import TestSupport
import Testing

/// `firstword studio` as a person starts it, and a browser that says whatever a test wants.
///
/// Several threads may ask at once: nothing changes after the initialisation.
final class StudioProgram: @unchecked Sendable {
  let process = Process()
  /// What the program has printed so far.
  let output: String
  let port: Int
  private(set) var cookie = ""

  /// Starts the program, and lets this client in.
  ///
  /// - Parameters:
  ///   - arguments: after `studio --no-open`.
  ///   - directory: the current directory of the program.
  ///   - environment: more variables of its environment.
  init(
    _ arguments: [String], in directory: String, enter: Bool = true, environment: [String: String] = [:]
  ) throws {
    output = "\(directory)/.studio-\(UUID().uuidString.prefix(8))"
    try Files.replace(output, with: [])
    process.executableURL = URL(fileURLWithPath: try Files.programDirectory().appending("firstword").string)
    process.arguments = ["studio", "--no-open"] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(["XDG_CACHE_HOME": directory + "/.cache"]) { $1 }
      .merging(environment) { $1 }
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: output)
    try process.run()
    var found: Int?
    for _ in 0..<600 where found == nil && process.isRunning {
      let text = String(decoding: try Files.read(output), as: UTF8.self)
      found = text.firstMatch(of: /127\.0\.0\.1:(\d+)\/#token=[0-9a-f]{64}\n/).flatMap { Int($0.1) }
      if found == nil { usleep(50_000) }
    }
    let text = String(decoding: try Files.read(output), as: UTF8.self)
    port = try #require(found, "\(text)")
    if enter {
      let entry = try post("/api/1/session", #"{"token": "\#(try token)"}"#)
      cookie = try #require(entry.headers["set-cookie"]?.split(separator: ";").first.map(String.init))
    }
  }

  deinit { if process.isRunning { process.terminate() } }

  /// The token that was printed last.
  var token: String {
    get throws {
      let text = String(decoding: try Files.read(output), as: UTF8.self)
      return try #require(text.matches(of: /#token=([0-9a-f]{64})/).last.map { String($0.1) })
    }
  }

  /// Ends the program as Ctrl-C does, and returns its exit status.
  func end() -> Int32 {
    process.interrupt()
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
  }

  struct Answer {
    /// 0 if the connection was closed without one.
    var status = 0
    var headers: [String: String] = [:]
    var body: [UInt8] = []
    var text: String { String(decoding: body, as: UTF8.self) }

    init(_ bytes: [UInt8]) {
      guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
      let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
      status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
      for line in lines.dropFirst() {
        let parts = line.split(separator: ":", maxSplits: 1)
        if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
      }
      body = Array(bytes[end.upperBound...])
    }
  }

  // MARK: Requests

  var host: String { "127.0.0.1:\(port)" }

  /// The lines of the page's own requests that change something.
  var pageHeaders: [String] {
    ["Origin: http://\(host)", "Sec-Fetch-Site: same-origin", "X-Firstword: 1", "Content-Type: application/json"]
  }

  /// Reads as the page does.
  func get(_ target: String, _ headers: [String] = []) throws -> Answer {
    try exchange("GET \(target) HTTP/1.1", ["Host: \(host)", "Cookie: \(cookie)"] + headers)
  }

  /// Changes as the page does.
  func post(_ target: String, _ body: String) throws -> Answer {
    try exchange("POST \(target) HTTP/1.1", ["Host: \(host)", "Cookie: \(cookie)"] + pageHeaders, body: body)
  }

  /// Sends a file as the page does.
  func upload(_ target: String, _ body: [UInt8]) throws -> Answer {
    Answer(try talk(uploadHead(target, length: body.count) + body))
  }

  /// The head of a request that sends a file.
  func uploadHead(_ target: String, length: Int) -> [UInt8] {
    let lines =
      ["POST \(target) HTTP/1.1", "Host: \(host)", "Cookie: \(cookie)"] + pageHeaders.dropLast()
      + ["Content-Type: application/octet-stream", "Content-Length: \(length)", "Connection: close", "", ""]
    return Array(lines.joined(separator: "\r\n").utf8)
  }

  /// Sends a request with exactly these lines, and reads until the server closes the connection.
  func exchange(_ line: String, _ headers: [String], body: String? = nil) throws -> Answer {
    var lines = [line] + headers + ["Connection: close"]
    if let body { lines.append("Content-Length: \(body.utf8.count)") }
    return Answer(try talk(Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")).utf8)))
  }

  /// Opens a connection. It gives up reading and writing after some seconds.
  func connect(seconds: Int = 30) throws -> FileDescriptor { try connectLocally(port: port, seconds: seconds) }

  /// Sends bytes, and returns all that comes back until the server closes the connection.
  func talk(_ bytes: [UInt8], seconds: Int = 30) throws -> [UInt8] {
    let connection = try connect(seconds: seconds)
    // The server may refuse before it has read everything.
    bytes.withUnsafeBytes { _ = send(connection.raw, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    var all: [UInt8] = []
    while let part = try? connection.read(atMost: 65_536), !part.isEmpty { all += part }
    return all
  }

  /// The resident memory of the program in bytes. proc_pid_status(5)
  var memory: Int {
    let text = (try? Files.read("/proc/\(process.processIdentifier)/status")).map {
      String(decoding: $0, as: UTF8.self)
    }
    return text?.firstMatch(of: /VmRSS:\s+(\d+) kB/).flatMap { Int($0.1) }.map { $0 * 1024 } ?? 0
  }
}
