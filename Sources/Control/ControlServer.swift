import CLinux
import FoundationEssentials
import Glibc
import Kit
import Posix

/// The daemon's end of the socket, for a poll loop that somebody else owns: it never blocks.
///
/// A client that does not read its replies is hung up on; it can't hold anything else up.
public final class ControlServer {
  private struct Client: ~Copyable {
    let socket: FileDescriptor
    var lines = LineBuffer(limit: ControlProtocol.longestLine)
    var pending: [UInt8] = []
    var finished = false
  }

  /// Bytes that wait for a slow client before it is hung up on.
  static let mostPending = 65_536

  private let path: String
  private let lock: FileDescriptor
  private let listener: FileDescriptor
  private var clients: [Int: Box] = [:]
  private var nextClient = 0
  private var listening = -1
  private var registered: [(number: Int, client: Int)] = []

  /// Dictionaries of Swift 6.0 hold no non-copyable values.
  private final class Box {
    var client: Client
    init(_ socket: consuming FileDescriptor) { client = Client(socket: socket) }
  }

  /// Why there is no socket.
  public enum Failure: Error, CustomStringConvertible {
    case taken(path: String)
    case system(SystemError)

    public var description: String {
      switch self {
      case .taken(let path):
        "\(path): another firstwordd serves this socket; stop that one, or give this one another path with --socket"
      case .system(let error):
        "\(error); give a path in a folder that this user may write with --socket"
      }
    }
  }

  /// Takes the path: a socket left over by a daemon that died is replaced, one that is served is not touched.
  ///
  /// A lock file beside it (`PATH.lock`, flock(2)) decides, so two daemons cannot both win.
  public init(path: String) throws(Failure) {
    do throws(SystemError) {
      lock = try FileDescriptor(opening: path + ".lock", O_RDWR | O_CREAT, mode: 0o660)
      let held = lock.raw
      do throws(SystemError) {
        try posix("lock", path: path + ".lock") { flock(held, LOCK_EX | LOCK_NB) }
      } catch {
        throw error.code == EWOULDBLOCK ? SystemError("lock", path: path, code: EADDRINUSE) : error
      }
      // Only a socket is replaced: a path that names something else was meant for something else.
      if Files.isSocket(path) { _ = unlink(path) }
      listener = try FileDescriptor.streamSocket()
      let raw = listener.raw
      try SocketAddress.with(path, "bind") { bind(raw, $0, $1) }
      try posix("chmod", path: path) { chmod(path, 0o660) }
      try posix("listen", path: path) { listen(raw, 8) }
      try posix("fcntl") { fcntl(raw, F_SETFL, O_NONBLOCK) }
    } catch {
      throw error.operation == "lock" && error.code == EADDRINUSE ? .taken(path: path) : .system(error)
    }
    self.path = path
  }

  deinit { _ = unlink(path) }

  /// Adds the listener and the clients to the next wait.
  public func register(in poll: inout Poll) {
    listening = clients.count < ControlProtocol.mostClients ? poll.add(listener.raw, events: POLLIN) : -1
    registered = clients.keys.sorted().map { key in
      let box = clients[key]!
      let events = POLLIN | (box.client.pending.isEmpty ? 0 : POLLOUT)
      return (poll.add(box.client.socket.raw, events: events), key)
    }
  }

  /// After the wait: calls `answer` for each request that came and sends its replies.
  public func serve(_ poll: Poll, answer: (Request.Verb, Request) -> Reply) {
    for (number, key) in registered where poll.answer(number) != 0 {
      guard let box = clients[key] else { continue }
      if poll.answer(number) & (POLLIN | POLLHUP | POLLERR) != 0 { receive(box, answer) }
      send(box)
      if box.client.finished { clients[key] = nil }
    }
    if listening >= 0, poll.answer(listening) & POLLIN != 0 {
      let raw = fw_accept(listener.raw)
      if raw >= 0 {
        clients[nextClient] = Box(FileDescriptor(owning: raw))
        nextClient += 1
      }
    }
  }

  private func receive(_ box: Box, _ answer: (Request.Verb, Request) -> Reply) {
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try box.client.socket.read(atMost: 4096)
    } catch {
      box.client.finished = error.code != EAGAIN
      return
    }
    if bytes.isEmpty {
      box.client.finished = true
      return
    }
    for line in box.client.lines.append(bytes) {
      let reply: Reply =
        switch line {
        case .tooLong:
          .failed(0, "too-long", "a request has at most \(ControlProtocol.longestLine) bytes")
        case .whole(let bytes):
          Self.reply(to: bytes, answer)
        }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      guard let data = try? encoder.encode(reply) else { continue }
      box.client.pending += data
      box.client.pending.append(0x0A)
    }
    if box.client.pending.count > Self.mostPending { box.client.finished = true }
  }

  private static func reply(to line: [UInt8], _ answer: (Request.Verb, Request) -> Reply) -> Reply {
    guard let request = try? Documents.decode(Request.self, from: line) else {
      return .failed(0, "bad-request", #"a request is one line such as {"id":1,"do":"status"}"#)
    }
    guard let verb = Request.Verb(rawValue: request.verb) else {
      let verbs = Request.Verb.allCases.map(\.rawValue).joined(separator: ", ")
      return .failed(request.id, "unknown-verb", "\"\(request.verb)\" is none of: \(verbs)")
    }
    return answer(verb, request)
  }

  private func send(_ box: Box) {
    while !box.client.pending.isEmpty {
      let sent = box.client.pending.withUnsafeBytes {
        fw_send(box.client.socket.raw, $0.baseAddress, $0.count)
      }
      if sent < 0 {
        if errno == EINTR { continue }
        if errno != EAGAIN { box.client.finished = true }
        return
      }
      box.client.pending.removeFirst(sent)
    }
  }
}
