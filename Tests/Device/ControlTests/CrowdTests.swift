import Control
import Glibc
import Posix
import Testing

/// Who asks too much, reads nothing, or never stops, and those who must not suffer from it.
@Suite("The control socket in a crowd")
struct CrowdTests {
  private let request = Array(#"{"id":1,"do":"status"}"#.utf8) + [0x0A]

  @Test("a subscriber receives events in order and numbered; other clients receive none")
  func events() throws {
    let served = try Served()
    let watcher = try ControlClient(path: served.path)
    #expect(try watcher.ask(.subscribe).state == ConsoleState())
    let other = try ControlClient(path: served.path)
    for button in ["a", "b", "c"] { _ = try other.ask(.press, button: button) }
    var events: [ControlEvent] = []
    while events.count < 3 { events += try watcher.takeEvents(until: .now.adding(milliseconds: 20_000)) }
    #expect(events.map(\.button) == ["a", "b", "c"])
    #expect(events.map(\.number) == [1, 2, 3])
    #expect(try other.takeEvents().isEmpty)
    #expect(try watcher.ask(.press, button: "d").ok)
    #expect(try watcher.takeEvents(until: .now.adding(milliseconds: 20_000)).first?.button == "d")
  }

  @Test("a hello with another version is refused; one with ours or none is answered")
  func hello() throws {
    let served = try Served()
    for (version, isFine) in [("", true), (#","protocol":1"#, true), (#","protocol":2"#, false)] {
      let answer = try served.exchange(Array("{\"id\":1,\"do\":\"hello\"\(version)}\n".utf8))
      #expect(answer.contains(#""ok":true"#) == isFine, "\(answer)")
      #expect(answer.contains("wrong-protocol") != isFine)
    }
  }

  @Test("a client that floods is answered at the allowed rate, and another is answered meanwhile")
  func flood() throws {
    let served = try Served()
    let flood = try served.connection()
    let began = Monotonic.now
    for _ in 0..<20 { try flood.write(Array((0..<25).flatMap { _ in request })) }
    let client = try ControlClient(path: served.path)
    #expect(try client.ask(.status).ok)
    var answers = 0
    while answers < 500 { answers += try flood.read(atMost: 4096).count { $0 == 0x0A } }
    // 100 at once, and 400 at 200 a second.
    #expect(Monotonic.now.since(began) > 1_900_000_000)
  }

  @Test("a client that does not read its replies gets no more, and delays nobody")
  func neverReads() throws {
    let served = try Served()
    let deaf = try served.connection()
    _ = fcntl(deaf.raw, F_SETFL, O_NONBLOCK)
    var sent = 0
    // Until neither side takes more.
    while true {
      let count = request.withUnsafeBytes { write(deaf.raw, $0.baseAddress, $0.count) }
      if count < 0 { break }
      sent += count
    }
    #expect(sent > 4096)
    #expect(try ControlClient(path: served.path).ask(.status).ok)
  }

  @Test("a subscriber that does not read is disconnected, and the others still receive events")
  func deafSubscriber() throws {
    let served = try Served()
    let deaf = try served.connection()
    try deaf.write(Array("{\"id\":1,\"do\":\"subscribe\"}\n".utf8))
    _ = try deaf.read(atMost: 4096)
    let watcher = try ControlClient(path: served.path)
    _ = try watcher.ask(.subscribe)
    let client = try ControlClient(path: served.path)
    let long = String(repeating: "x", count: 3900)
    var told = 0
    // Its socket's buffer, and what the server keeps for it.
    for _ in 0..<150 {
      _ = try client.ask(.press, button: long)
      told += try watcher.takeEvents().count
    }
    while told < 150 { told += try watcher.takeEvents(until: .now.adding(milliseconds: 20_000)).count }
    var read = 1
    while read > 0 { read = try deaf.read(atMost: 65_536).count }
    #expect(told == 150, "and the deaf one came to its end")
  }

  @Test("of a hundred clients half misbehave, and each of the others is answered")
  func hundred() throws {
    let served = try Served()
    let rude = Rude()
    for index in 0..<50 {
      let socket = try served.connection()
      switch index % 5 {
      case 0: try socket.write([UInt8](repeating: 0x7B, count: 10_000))
      case 1: try socket.write(Array(#"{"id":1,"do"#.utf8))
      case 2: for _ in 0..<20 { try socket.write(request) }
      case 3: try socket.write((0..<255).map { UInt8($0) })
      default: break
      }
      rude.keep(socket)
    }
    let clients = try (0..<50).map { _ in try ControlClient(path: served.path) }
    for _ in 0..<3 { for client in clients { #expect(try client.ask(.status, milliseconds: 20_000).ok) } }
  }

  @Test("clients that ask nothing give up their places, and until then the owner has some of its own")
  func idleCrowd() throws {
    var policy = ControlServer.Policy()
    policy.patience = 60_000
    let served = try Served(policy)
    let idle = Rude()
    for _ in 0..<ControlProtocol.maximumClients { idle.keep(try served.connection()) }
    // This process is the owner.
    let owner = try ControlClient(path: served.path)
    #expect(try owner.ask(.status).ok)
    for _ in 1..<ControlProtocol.ownerPlaces { idle.keep(try served.connection()) }
    #expect(throws: ControlClient.Failure.self) {
      let late = try ControlClient(path: served.path)
      _ = try late.ask(.status)
    }
    #expect(try owner.ask(.status).ok)
  }

  @Test("a stranger is refused while all places are taken, and gets one as soon as a client has been idle for long")
  func stranger() throws {
    var policy = ControlServer.Policy()
    (policy.patience, policy.isOwner) = (1000, { _ in false })
    let served = try Served(policy)
    let idle = Rude()
    let watcher = try ControlClient(path: served.path)
    _ = try watcher.ask(.subscribe)
    for _ in 1..<ControlProtocol.maximumClients { idle.keep(try served.connection()) }
    let deadline = Monotonic.now.adding(milliseconds: 20_000)
    var answered = false
    while !answered, Monotonic.now < deadline {
      answered = (try? ControlClient(path: served.path).ask(.status).ok) == true
      if !answered { _ = poll(nil, 0, 50) }
    }
    #expect(answered)
    // A subscriber is not idle.
    _ = try ControlClient(path: served.path).ask(.press, button: "a")
    #expect(try watcher.takeEvents(until: deadline).first?.button == "a")
  }

  @Test("a socket that somebody removes is made again, and connected clients stay")
  func removed() throws {
    var policy = ControlServer.Policy()
    policy.pathInterval = 100
    let served = try Served(policy)
    let connected = try ControlClient(path: served.path)
    #expect(try connected.ask(.status).ok)
    #expect(unlink(served.path) == 0)
    let deadline = Monotonic.now.adding(milliseconds: 20_000)
    while !Files.isSocket(served.path), Monotonic.now < deadline { _ = poll(nil, 0, 20) }
    #expect(try ControlClient(path: served.path).ask(.status).ok)
    #expect(try connected.ask(.status).ok)
    // A file of another kind belongs to somebody else.
    try Files.replace(served.path, with: [1])
    _ = poll(nil, 0, 500)
    #expect(try Files.read(served.path) == [1])
  }

  /// Arrays of Swift 6.0 hold no non-copyable values.
  private final class Rude {
    private final class Kept {
      let socket: FileDescriptor
      init(_ socket: consuming FileDescriptor) { self.socket = socket }
    }
    private var all: [Kept] = []
    func keep(_ socket: consuming FileDescriptor) { all.append(Kept(socket)) }
  }

  @Test("the socket is for its owner and one group, and an unknown group is refused")
  func group() throws {
    let served = try Served()
    var status = stat()
    #expect(stat(served.path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o660)
    #expect(throws: ControlServer.Failure.self) {
      _ = try ControlServer(path: served.path + "2", group: "firstword-no-such-group")
    }
    #expect(!Files.exists(served.path + "2"))
    let member = String(cString: getgrgid(getgid()).pointee.gr_name)
    let server = try ControlServer(path: served.path + "3", group: member)
    #expect(stat(served.path + "3", &status) == 0)
    #expect(status.st_gid == getgid())
    withExtendedLifetime(server) {}
  }
}
