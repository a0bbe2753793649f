import Encoding
import Foundation
import Glibc
import Posix
import Synchronization
import TestSupport
import Testing

@testable import Web

/// A server in this process that takes files, and a client on a raw socket.
private final class UploadServer {
  let place: String
  let port: Int
  private let server: LocalServer
  private let cookie: String
  /// The length and the hash of each file that arrived whole.
  let arrived = Arrivals()

  final class Arrivals: Sendable {
    private let list = Mutex<[String]>([])
    func add(_ text: String) { list.withLock { $0.append(text) } }
    var all: [String] { list.withLock { $0 } }
  }

  static let limit = 1 << 30

  init() throws {
    let place = try Files.makeTemporaryDirectory("firstword-upload").string
    let tokens = AccessTokens()
    let cookie = try #require(tokens.exchange(tokens.token))
    let socket = try LocalSocket(port: 0)
    let arrived = arrived
    let rule = UploadRule(bytes: Self.limit) { request throws(Refusal) in
      if request["name"] == "forbidden" { throw Refusal(403, "read-only", "nothing may be changed", "ask") }
      return Path(place)
    }
    let site = Site(
      gate: RequestGuard(port: socket.port), tokens: tokens, assets: [],
      routes: [
        Route("POST", "/api/1/files/:name", upload: rule) { request, upload throws(Refusal) in
          arrived.add("\(request.query["as"] ?? "") \(upload.length) \(upload.hash)")
          if request["name"] == "dropped" { return .json(["kept": false]) }
          do throws(SystemError) { try upload.keep(Path(place).appending(request["name"])) } catch {
            throw Refusal(422, "refused", "\(error)", "choose another name")
          }
          return .json(["kept": true], status: 201)
        }
      ])
    port = socket.port
    self.place = place
    self.cookie = cookie
    server = try LocalServer(on: socket, serving: site, events: EventHub())
  }

  deinit { try? FileManager.default.removeItem(atPath: place) }

  var names: [String] { (try? Files.list(place)) ?? [] }

  /// Returns the head of an upload by the page, with other or more lines in the place of its own.
  func head(_ name: String, length: Int?, _ changes: [String: String?] = [:]) -> String {
    var headers: [String: String?] = [
      "Host": "127.0.0.1:\(port)", "Origin": "http://127.0.0.1:\(port)", "Sec-Fetch-Site": "same-origin",
      "X-Firstword": "1", "Content-Type": "application/octet-stream", "Cookie": "firstword-\(port)=\(cookie)",
      "Connection": "close",
    ]
    if let length { headers["Content-Length"] = "\(length)" }
    for (name, value) in changes { headers[name] = value }
    let lines = headers.compactMap { name, value in value.map { "\(name): \($0)\r\n" } }
    return "POST /api/1/files/\(name) HTTP/1.1\r\n\(lines.joined())\r\n"
  }

  func connect() throws -> FileDescriptor { try connectLocally(port: port) }

  func send(_ bytes: [UInt8], to connection: borrowing FileDescriptor) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(connection.raw, $0.baseAddress! + done, $0.count - done, CInt(MSG_NOSIGNAL))
      }
      if count <= 0 { return }
      done += count
    }
  }

  /// Reads until the server closes the connection.
  func answer(_ connection: borrowing FileDescriptor) -> String {
    var all: [UInt8] = []
    while let part = try? connection.read(atMost: 65_536), !part.isEmpty { all += part }
    return String(decoding: all, as: UTF8.self)
  }

  /// Sends a head and a body, and returns the status; 0 without an answer.
  func status(_ head: String, _ body: [UInt8] = []) throws -> Int {
    let connection = try connect()
    send(Array(head.utf8) + body, to: connection)
    return Self.status(of: answer(connection))
  }

  static func status(of answer: String) -> Int {
    Int(answer.split(separator: " ").dropFirst().first ?? "") ?? 0
  }

  func upload(_ name: String, _ body: [UInt8]) throws -> Int {
    try status(head(name, length: body.count), body)
  }

  /// Returns what `body` returns as soon as it holds, or after some seconds.
  static func holds(_ body: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<200 {
      if try body() { return true }
      usleep(25_000)
    }
    return try body()
  }
}

@Suite("Uploads", .serialized)
struct UploadTests {
  private let server: UploadServer

  init() throws { server = try UploadServer() }

  @Test("a body arrives as a file with its length and its hash, and a file that is not kept is gone")
  func whole() throws {
    let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    #expect(try server.upload("a.wav?as=ro%2Fa.wav", body) == 201)
    #expect(try server.upload("dropped", [1, 2, 3]) == 200)
    #expect(try server.upload("empty", []) == 201)
    #expect(server.names == ["a.wav", "empty"])
    #expect(try Files.read(server.place + "/a.wav") == body)
    #expect(
      server.arrived.all == [
        "ro/a.wav 300000 \(Digest.sha256(body))", " 3 \(Digest.sha256([1, 2, 3]))", " 0 \(Digest.sha256([UInt8]()))",
      ])
    // A name that is taken is not replaced.
    #expect(try server.upload("a.wav", [1]) == 422)
    #expect(try Files.read(server.place + "/a.wav") == body)
  }

  @Test("a body without a length, too long, of another type or from elsewhere is refused before it is read")
  func refused() throws {
    let cases: [(Int, String)] = [
      (411, server.head("x", length: nil)), (411, server.head("x", length: nil, ["Transfer-Encoding": "chunked"])),
      (413, server.head("x", length: UploadServer.limit + 1)), (413, server.head("x", length: 1 << 50)),
      (415, server.head("x", length: 4, ["Content-Type": "application/json"])),
      (415, server.head("x", length: 4, ["Content-Type": nil])),
      (403, server.head("x", length: 4, ["Origin": "http://evil.example"])),
      (403, server.head("x", length: 4, ["Sec-Fetch-Site": "cross-site"])),
      (403, server.head("x", length: 4, ["X-Firstword": nil])),
      (401, server.head("x", length: 4, ["Cookie": nil])),
      (403, server.head("forbidden", length: 4)),
    ]
    for (status, head) in cases { #expect(try server.status(head) == status, "\(head)") }
    #expect(server.arrived.all.isEmpty && server.names.isEmpty)
  }

  @Test("a connection that breaks leaves nothing, and its place is free again")
  func broken() throws {
    for _ in 0..<10 {
      let connection = try server.connect()
      let half = [UInt8](repeating: 1, count: 500_000)
      server.send(Array(server.head("half", length: 1_000_000).utf8) + half, to: connection)
      // An abort: the peer gets a reset.
      var abort = linger(l_onoff: 1, l_linger: 0)
      setsockopt(connection.raw, SOL_SOCKET, SO_LINGER, &abort, socklen_t(MemoryLayout<linger>.size))
    }
    #expect(try UploadServer.holds { try server.upload("whole", [1]) == 201 })
    #expect(UploadServer.holds { deletedFiles.isEmpty })
    #expect(server.names == ["whole"])
    #expect(server.arrived.all.count == 1)
  }

  /// The files of this process that have no name, in the server's directory.
  private var deletedFiles: [String] {
    let descriptors = (try? Files.list("/proc/self/fd")) ?? []
    return descriptors.compactMap { name in
      var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
      let count = readlink("/proc/self/fd/\(name)", &buffer, buffer.count)
      guard count > 0 else { return nil }
      let target = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
      return target.hasPrefix(server.place) ? target : nil
    }
  }

  @Test("a body longer than its length is not taken, nor is what follows it a part of the file")
  func longer() throws {
    let body = Array("12345GET /api/1/files HTTP/1.1\r\n\r\n".utf8)
    #expect(try server.status(server.head("five", length: 5), body) == 201)
    #expect(try Files.read(server.place + "/five") == Array("12345".utf8))
  }

  @Test("more uploads at once than the limit are refused, and pass when another one has ended")
  func crowd() throws {
    var waiting: [CInt] = []
    defer { for raw in waiting { close(raw) } }
    for number in 0..<UploadDesk.limit {
      let connection = try server.connect()
      server.send(Array(server.head("slow\(number)", length: 10).utf8) + [1, 2, 3], to: connection)
      waiting.append(try connection.duplicate())
    }
    // An upload that came between them would take the place of one of them.
    #expect(UploadServer.holds { deletedFiles.count == UploadDesk.limit })
    #expect(try server.upload("extra", [1]) == 503)
    let last = waiting.removeLast()
    _ = [UInt8](repeating: 4, count: 7).withUnsafeBytes { send(last, $0.baseAddress, 7, CInt(MSG_NOSIGNAL)) }
    #expect(UploadServer.status(of: server.answer(FileDescriptor(owning: last))) == 201)
    #expect(try UploadServer.holds { try server.upload("extra2", [1]) == 201 })
    #expect(try Files.read(server.place + "/slow3") == [1, 2, 3, 4, 4, 4, 4, 4, 4, 4])
  }

  @Test("a large file does not lie in memory")
  func memory() throws {
    let before = resident
    let connection = try server.connect()
    let length = 256 << 20
    server.send(Array(server.head("large", length: length).utf8), to: connection)
    let block = [UInt8](repeating: 7, count: 1 << 20)
    for _ in 0..<(length >> 20) { server.send(block, to: connection) }
    #expect(UploadServer.status(of: server.answer(connection)) == 201)
    #expect(resident < before + (24 << 20))
    var status = stat()
    #expect(stat(server.place + "/large", &status) == 0 && status.st_size == length)
  }

  /// The resident memory of this process in bytes. proc_pid_status(5)
  private var resident: Int {
    let text = (try? Files.read("/proc/self/status")).map { String(decoding: $0, as: UTF8.self) }
    return text?.firstMatch(of: /VmRSS:\s+(\d+) kB/).flatMap { Int($0.1) }.map { $0 * 1024 } ?? 0
  }
}

@Suite("The desk of uploads")
struct UploadDeskTests {
  @Test("keeps room on the disk, also for what others have not sent yet")
  func room() throws {
    let desk = UploadDesk()
    let free = UploadDesk.margin + 1000
    func status(_ bytes: Int) -> Int {
      do throws(Refusal) { _ = try desk.slot(bytes, free: free) } catch { return error.status }
      return 200
    }
    #expect(status(1001) == 507 && status(1000) == 200)
    let held = try desk.slot(600, free: free)
    withExtendedLifetime(held) { #expect(status(401) == 507 && status(400) == 200) }
  }
}
