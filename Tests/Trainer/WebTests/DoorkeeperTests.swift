import Glibc
import Posix
import Synchronization
import TestSupport
import Testing

@testable import Web

/// The door without a server: connections that are let in are closed after a line.
@Suite("The door")
struct DoorkeeperTests {
  private final class Visits: Sendable {
    let heads = Mutex<[String]>([])
    let places: Places
    init(_ places: Places) { self.places = places }

    /// Reads what is there, answers, closes, and frees the place, as a server does.
    func serve(_ connection: CInt) -> Bool {
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = recv(connection, &buffer, buffer.count, 0)
      heads.withLock { $0.append(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)) }
      _ = "in\n".withCString { send(connection, $0, 3, CInt(MSG_NOSIGNAL)) }
      close(connection)
      places.leave()
      return true
    }
  }

  private let port: Int
  private let visits: Visits
  private let door: Doorkeeper

  init() throws {
    let socket = try LocalSocket(port: 0)
    port = socket.port
    let visits = Visits(try Places(4))
    self.visits = visits
    door = try Doorkeeper(
      on: try socket.duplicate(), places: visits.places,
      limits: .init(head: 1024, waiting: 8, patience: 400, parts: 50)
    ) { visits.serve($0) }
  }

  private func connect() throws -> FileDescriptor { try connectLocally(port: port, seconds: 20) }

  private func write(_ text: String, to connection: borrowing FileDescriptor) {
    let raw = connection.raw
    _ = Array(text.utf8).withUnsafeBytes { send(raw, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
  }

  /// Reads until the connection ends.
  private func answer(_ connection: borrowing FileDescriptor) -> String {
    var all: [UInt8] = []
    while let part = try? connection.read(atMost: 100), !part.isEmpty { all += part }
    return String(decoding: all, as: UTF8.self)
  }

  @Test("a connection is let in when its head is complete, also if that arrives in parts, and no byte is lost")
  func complete() throws {
    defer { door.end() }
    let connection = try connect()
    for part in ["\r\nGET / HT", "TP/1.1\r", "\nHost: x\r\n", "\r\nbody"] {
      #expect(visits.heads.withLock { $0.isEmpty })
      write(part, to: connection)
      usleep(20_000)
    }
    #expect(answer(connection) == "in\n")
    #expect(visits.heads.withLock { $0 } == ["\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\nbody"])
  }

  @Test("a connection without a complete head is closed after a while, and a head in too many parts at once")
  func incomplete() throws {
    defer { door.end() }
    let silent = try connect()
    let half = try connect()
    write("GET / HTTP/1.1\r\nHost:", to: half)
    let start = Monotonic.now
    #expect(answer(silent) == "" && answer(half) == "")
    #expect(Monotonic.now.since(start) >= 300_000_000)
    // Line breaks alone are no head.
    let breaks = try connect()
    write(String(repeating: "\r\n", count: 20), to: breaks)
    #expect(answer(breaks) == "")
    let ended = try connect()
    write("GET / HTTP/1.1\r\n", to: ended)
    shutdown(ended.raw, CInt(SHUT_WR))
    #expect(answer(ended) == "")
    #expect(visits.heads.withLock { $0.isEmpty })
  }

  @Test("a head that is too long is let in, so that the server refuses it")
  func long() throws {
    defer { door.end() }
    let connection = try connect()
    write("GET /" + String(repeating: "a", count: 2000), to: connection)
    #expect(answer(connection).hasPrefix("in"))
  }

  @Test("many silent connections keep nobody waiting: the oldest of them is closed")
  func crowd() throws {
    defer { door.end() }
    // The array would have to copy what cannot be copied.
    var crowd: [CInt] = []
    defer { for raw in crowd { close(raw) } }
    for _ in 0..<40 { crowd.append(try connect().duplicate()) }
    let start = Monotonic.now
    let connection = try connect()
    write("GET / HTTP/1.1\r\n\r\n", to: connection)
    #expect(answer(connection) == "in\n")
    #expect(Monotonic.now.since(start) < 300_000_000)
  }

  @Test("the end of the door closes what waits")
  func end() throws {
    let connection = try connect()
    write("GET", to: connection)
    usleep(50_000)
    door.end()
    #expect(answer(connection) == "")
  }
}
