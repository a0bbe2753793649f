import Foundation
import Glibc
import Posix
import Testing

@testable import Control

@Suite("The control socket")
struct ControlTests {
  @Test("a request is answered with its id")
  func answers() throws {
    let served = try Served()
    let client = try ControlClient(path: served.path)
    #expect(try client.ask(.press, button: "safe-here").ok)
    #expect(try client.ask(.status).id == 2)
  }

  @Test("a request may come in pieces, and several at once")
  func pieces() throws {
    let served = try Served()
    let socket = try served.connection()
    for byte in Array(#"{"id":7,"do":"stop"}"#.utf8) { try socket.write([byte]) }
    try socket.write(Array("\n{\"id\":8,\"do\":\"stop\"}\n".utf8))
    var text = ""
    while text.split(separator: "\n").count < 2 || !text.hasSuffix("\n") {
      text += String(decoding: try socket.read(atMost: 4096), as: UTF8.self)
    }
    #expect(text == "{\"id\":7,\"ok\":true}\n{\"id\":8,\"ok\":true}\n")
  }

  @Test("the daemon's reason for a refusal reaches the client")
  func refused() throws {
    let served = try Served()
    let client = try ControlClient(path: served.path)
    #expect {
      _ = try client.ask(.press, button: "wrong")
    } throws: {
      "\($0)" == "no such button"
    }
  }

  @Test(
    "bad requests: each gets an error, and the client may go on",
    arguments: [
      ("nonsense", "bad-request"), ("{}", "bad-request"), ("[1]", "bad-request"), ("", "bad-request"),
      (#"{"id":1,"do":"explode"}"#, "unknown-verb"), (#"{"id":"x","do":"stop"}"#, "bad-request"),
      (String(repeating: "x", count: 10_000), "too-long"), ("\u{0}\u{1}", "bad-request"),
    ])
  func badRequests(_ line: String, _ code: String) throws {
    let served = try Served()
    #expect(try served.exchange(Array((line + "\n").utf8)).contains("\"code\":\"\(code)\""))
    #expect(try ControlClient(path: served.path).ask(.hello).ok)
  }

  @Test("a client that disconnects in the middle of a line disturbs nobody")
  func hangsUp() throws {
    let served = try Served()
    for _ in 0..<20 {
      let socket = try served.connection()
      try socket.write(Array(#"{"id":1,"do"#.utf8))
    }
    #expect(try ControlClient(path: served.path).ask(.hello).ok)
  }

  @Test("a client for whom no place is left is disconnected, and one that comes after another left is answered")
  func places() throws {
    // The test turns the server's loop itself, so that nothing depends on how fast the machine is.
    let directory = FileManager.default.temporaryDirectory.path + "/control-\(UUID().uuidString.prefix(8))"
    try Files.makeDirectory(directory)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var policy = ControlServer.Policy()
    // Nobody is idle for long, and nobody owns the device.
    (policy.patience, policy.isOwner) = (.max / 1_000_000 / 2, { _ in false })
    let server = try ControlServer(path: directory + "/s", policy: policy)
    func turn() throws {
      var poll = Poll()
      server.register(in: &poll)
      try poll.wait(until: .now.adding(milliseconds: 60_000))
      server.serve(poll) { _, request in .done(request.id) }
    }
    func connected() throws -> FileDescriptor {
      let socket = try FileDescriptor.streamSocket()
      try SocketAddress.with(directory + "/s", "connect") { connect(socket.raw, $0, $1) }
      try turn()
      return socket
    }
    let first = Owned(try connected())
    let others = try (1..<ControlProtocol.maximumClients).map { _ in Owned(try connected()) }

    let late = try connected()
    #expect(try late.read(atMost: 1).isEmpty, "its end")

    first.socket = nil
    try turn()
    let next = try connected()
    try next.write(Array("{\"id\":1,\"do\":\"status\"}\n".utf8))
    try turn()
    #expect(String(decoding: try next.read(atMost: 4096), as: UTF8.self) == "{\"id\":1,\"ok\":true}\n")
    withExtendedLifetime(others) {}
  }

  /// Arrays of Swift 6.0 hold no non-copyable values.
  private final class Owned {
    var socket: FileDescriptor?
    init(_ socket: consuming FileDescriptor) { self.socket = consume socket }
  }

  @Test("a second server on the same path is refused, and the first goes on")
  func taken() throws {
    let served = try Served()
    #expect {
      _ = try ControlServer(path: served.path)
    } throws: {
      "\($0)".contains("another firstwordd serves this socket")
    }
    #expect(try ControlClient(path: served.path).ask(.hello).ok)
  }

  @Test("a socket that a dead daemon left is replaced; another file is not")
  func leftOver() throws {
    let directory = FileManager.default.temporaryDirectory.path + "/control-\(UUID().uuidString.prefix(8))"
    try Files.makeDirectory(directory)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    do {
      let dead = try FileDescriptor.streamSocket()
      try SocketAddress.with(directory + "/s", "bind") { bind(dead.raw, $0, $1) }
    }
    _ = try ControlServer(path: directory + "/s")
    try Files.create(directory + "/file", with: [1])
    #expect(throws: ControlServer.Failure.self) { _ = try ControlServer(path: directory + "/file") }
    #expect(try Files.read(directory + "/file") == [1])
  }

  @Test("without a daemon the error says what to check")
  func nobody() {
    #expect {
      _ = try ControlClient(path: "/tmp/firstword-nobody-\(getpid())")
    } throws: {
      "\($0)".contains("is firstwordd running")
    }
  }

  @Test("a path too long for a socket is an error")
  func longPath() {
    #expect(throws: ControlServer.Failure.self) {
      _ = try ControlServer(path: "/tmp/" + String(repeating: "x", count: 200))
    }
  }
}
