import CLinux
import Encoding
import FoundationEssentials
import Glibc
import Posix

/// The daemon's end of the control socket, driven by the caller's poll loop.
///
/// It never blocks, and it answers few requests in each turn so that the buttons need not wait. Requests above the rate
/// limit wait. A client that does not read its replies gets no more of them; a subscriber that does not read its events
/// is disconnected. Where all places are taken, a client that asks nothing gives up its place to a new one, and some
/// places are kept for the owner. A socket that somebody removes is made again. For the loop's thread.
public final class ControlServer {
  private struct Client: ~Copyable {
    let socket: FileDescriptor
    var lines = LineBuffer(limit: ControlProtocol.longestLine)
    var allowance: Allowance
    var pending: [UInt8] = []
    var isSubscribed = false
    var isFinished = false
    /// The time of its last request, or of its connection.
    var lastRequest = Monotonic.now
  }

  /// The maximum number of bytes that wait for a slow client; above it the client is disconnected.
  static let maximumPending = 65_536
  /// The maximum number of requests answered, and of clients accepted, in a turn of the loop.
  static let perTurn = 8

  /// The users that count as the device's owner, and the times to wait.
  public struct Policy: Sendable {
    /// Milliseconds without a request after which a client, if it is no subscriber, gives up its place to a new one.
    public var patience = 10_000
    /// Milliseconds between two checks that the socket's path still leads to the socket.
    public var pathInterval = 5000
    /// Whether a user owns the device: root, and the daemon's own account.
    public var isOwner: @Sendable (_ user: uid_t) -> Bool = { $0 == 0 || $0 == geteuid() }

    /// Creates the daemon's policy.
    public init() {}
  }

  private let path: String
  private let group: gid_t?
  private let policy: Policy
  private let lock: LockedFile
  private var listener: FileDescriptor
  /// What the path leads to while it is this server's socket.
  private var identity: FileIdentity?
  private var nextCheck: Monotonic
  private var clients: [Int: Box] = [:]
  private var nextClient = 0
  /// The first client of the next turn.
  private var turn = 0
  private var allowance = Allowance(perSecond: ControlProtocol.perSecond, burst: 200, at: .now)
  private var events = 0
  private var listening = -1
  private var registered: [(number: Int, client: Int)] = []

  /// Holds a client, because dictionaries of Swift 6.0 hold no non-copyable values.
  private final class Box {
    var client: Client
    init(_ socket: consuming FileDescriptor) {
      client = Client(
        socket: socket, allowance: Allowance(perSecond: ControlProtocol.perClient, burst: 100, at: .now))
    }

    /// Drops what is unanswered and disconnects the client at the end of the turn.
    func drop() {
      client.pending = []
      client.lines = LineBuffer(limit: ControlProtocol.longestLine)
      client.isFinished = true
    }

    /// Whether a request waits and its reply can be sent.
    var isReady: Bool { client.pending.isEmpty && client.lines.hasLine }
  }

  /// Why there is no socket.
  public enum Failure: Error, CustomStringConvertible {
    /// Another daemon serves the socket.
    case taken(path: String)
    /// The group does not exist.
    case unknownGroup(String)
    /// The socket could not be created.
    case system(SystemError)

    /// One line with what to do.
    public var description: String {
      switch self {
      case .taken(let path):
        "\(path): another firstwordd serves this socket; stop that one, or give this one another path with --socket"
      case .unknownGroup(let name):
        "there is no group '\(name)'; make it with `sudo groupadd --system \(name)`, or name another"
      case .system(let error) where error.operation == "chown":
        "\(error); only a member of the group, or root, can give the socket to it"
      case .system(let error):
        "\(error); give a path in a directory that this user may write with --socket"
      }
    }
  }

  /// Creates the socket. One that a dead daemon left is replaced; one that is served is not touched.
  ///
  /// A lock file beside it (`PATH.lock`, flock(2)) decides, so only one of two daemons gets the path. The socket's mode
  /// is 0660.
  ///
  /// - Parameters:
  ///   - group: the group whose members may connect; without it, the process's own.
  ///   - policy: the users that count as the device's owner, and the times to wait.
  public init(path: String, group: String? = nil, policy: Policy = Policy()) throws(Failure) {
    var owner: gid_t?
    if let group {
      guard let entry = getgrnam(group) else { throw .unknownGroup(group) }
      owner = entry.pointee.gr_gid
    }
    do throws(SystemError) {
      do throws(SystemError) { lock = try LockedFile(opening: path + ".lock", O_RDWR | O_CREAT) } catch {
        throw error.code == EWOULDBLOCK ? SystemError("lock", path: path, code: EADDRINUSE) : error
      }
      listener = try Self.listen(at: path, group: owner)
    } catch {
      throw error.operation == "lock" && error.code == EADDRINUSE ? .taken(path: path) : .system(error)
    }
    self.path = path
    self.group = owner
    self.policy = policy
    identity = Self.identity(of: path)
    nextCheck = .now.adding(milliseconds: policy.pathInterval)
  }

  deinit { if identity != nil, Self.identity(of: path) == identity { _ = unlink(path) } }

  /// Returns what a path leads to itself; nil if there is nothing.
  private static func identity(of path: String) -> FileIdentity? {
    do throws(SystemError) {
      return try Directory(opening: Path(path).parent).identity(of: Path(path).lastComponent)
    } catch { return nil }
  }

  /// Creates the socket at a path.
  private static func listen(at path: String, group: gid_t?) throws(SystemError) -> FileDescriptor {
    // Only a socket is replaced: a file of another kind belongs to somebody else.
    if Files.isSocket(path) { _ = unlink(path) }
    let listener = try FileDescriptor.streamSocket()
    let raw = listener.raw
    // No client connects before the group is set.
    let mask = umask(0o177)
    defer { umask(mask) }
    try SocketAddress.with(path, "bind") { bind(raw, $0, $1) }
    if let group { try posix("chown", path: path) { chown(path, uid_t.max, group) } }
    try posix("chmod", path: path) { chmod(path, 0o660) }
    try posix("listen", path: path) { Glibc.listen(raw, 128) }
    try posix("fcntl") { fcntl(raw, F_SETFL, O_NONBLOCK) }
    return listener
  }

  /// Makes the socket again if its path leads to nothing or to another socket. This server's lock keeps other daemons
  /// from the path. Connected clients stay.
  private func checkPath() {
    let now = Monotonic.now
    guard now >= nextCheck else { return }
    nextCheck = now.adding(milliseconds: policy.pathInterval)
    if identity != nil, Self.identity(of: path) == identity { return }
    // Retried at the next check, for example while the directory is missing.
    guard let made = try? Self.listen(at: path, group: group) else { return }
    listener = made
    identity = Self.identity(of: path)
  }

  // MARK: The loop

  /// Adds the listener and the clients to a fresh poll table.
  public func register(in poll: inout Poll) {
    checkPath()
    listening = poll.add(listener.raw, events: POLLIN)
    registered = clients.keys.sorted().map { key in
      let box = clients[key]!
      // Requests that were read already are answered first.
      let events = (box.client.lines.hasLine ? 0 : POLLIN) | (box.client.pending.isEmpty ? 0 : POLLOUT)
      return (poll.add(box.client.socket.raw, events: events), key)
    }
  }

  /// The time of the next check of the socket's path, or sooner, at which a waiting request may be answered.
  public var deadline: Monotonic? {
    let waiting = clients.values.filter(\.isReady)
    if waiting.isEmpty { return nextCheck }
    let now = Monotonic.now
    if !allowance.allows(at: now) { return min(nextCheck, allowance.next) }
    return waiting.map { $0.client.allowance.allows(at: now) ? now : $0.client.allowance.next }.min()
  }

  /// Reads requests after a poll, calls `answer` for them, and sends the replies.
  public func serve(_ poll: Poll, answer: (Request.Verb, Request) -> Reply) {
    for (number, key) in registered where poll.answer(number) != 0 {
      guard let box = clients[key] else { continue }
      let state = poll.answer(number)
      if state & POLLOUT != 0 { flush(box) }
      if box.client.lines.hasLine {
        // Its socket is not read for now, so its end would wake the loop again and again.
        if state & (POLLHUP | POLLERR) != 0, !isAllowed(box) { box.drop() }
      } else if state & (POLLIN | POLLHUP | POLLERR) != 0 {
        receive(box)
      }
    }
    answerSome(answer)
    for (key, box) in clients where box.client.isFinished && !box.isReady { clients[key] = nil }
    if listening >= 0, poll.answer(listening) & POLLIN != 0 { accept() }
  }

  /// Sends an event to all subscribers.
  ///
  /// - Parameter event: its `number` is set here.
  public func publish(_ event: @autoclosure () -> ControlEvent) {
    events += 1
    let subscribers = clients.values.filter { $0.client.isSubscribed }
    if subscribers.isEmpty { return }
    var event = event()
    event.number = events
    guard let line = Self.line(event) else { return }
    for box in subscribers { send(line, to: box) }
  }

  // MARK: Requests

  private func accept() {
    for _ in 0..<Self.perTurn {
      let raw = fw_accept(listener.raw)
      if raw < 0 { return }
      let socket = FileDescriptor(owning: raw)
      // Without a place the socket is closed: the client sees at once that it is not served.
      if !hasPlace(for: raw) { continue }
      clients[nextClient] = Box(socket)
      nextClient += 1
    }
  }

  /// Returns whether a new client has a place. Where all are taken, the client that has been idle for longest leaves.
  private func hasPlace(for socket: CInt) -> Bool {
    if clients.count < ControlProtocol.maximumClients { return true }
    let idle = clients.filter { !$0.value.client.isSubscribed && !$0.value.client.lines.hasLine }
    if let longest = idle.min(by: { $0.value.client.lastRequest < $1.value.client.lastRequest }),
      Monotonic.now >= longest.value.client.lastRequest.adding(milliseconds: policy.patience)
    {
      clients[longest.key] = nil
      return true
    }
    let user = fw_peer_user(socket)
    return user >= 0 && policy.isOwner(uid_t(user))
      && clients.count < ControlProtocol.maximumClients + ControlProtocol.ownerPlaces
  }

  private func receive(_ box: Box) {
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try box.client.socket.read(atMost: 4096)
    } catch {
      if error.code != EAGAIN { box.client.isFinished = true }
      return
    }
    if bytes.isEmpty { box.client.isFinished = true }
    box.client.lines.append(bytes)
  }

  private func isAllowed(_ box: Box) -> Bool {
    let now = Monotonic.now
    return allowance.allows(at: now) && box.client.allowance.allows(at: now)
  }

  /// Answers a few requests, at most one of each client; the next turn begins after the last client served.
  private func answerSome(_ answer: (Request.Verb, Request) -> Reply) {
    var left = Self.perTurn
    let keys = clients.keys.sorted()
    let first = keys.firstIndex { $0 >= turn } ?? 0
    for key in keys[first...] + keys[..<first] {
      guard let box = clients[key], box.isReady, isAllowed(box), let line = box.client.lines.next() else { continue }
      allowance.spend()
      box.client.allowance.spend()
      box.client.lastRequest = .now
      send(reply(to: line, box, answer), to: box)
      turn = key + 1
      left -= 1
      if left == 0 { return }
    }
  }

  private func reply(to line: LineBuffer.Line, _ box: Box, _ answer: (Request.Verb, Request) -> Reply) -> [UInt8] {
    let reply: Reply
    switch line {
    case .tooLong: reply = .failed(0, "too-long", "a request has at most \(ControlProtocol.longestLine) bytes")
    case .whole(let bytes):
      reply = Self.reply(to: bytes) { verb, request in
        if verb == .subscribe { box.client.isSubscribed = true }
        return answer(verb, request)
      }
    }
    return Self.line(of: reply)
  }

  private static func reply(to line: [UInt8], _ answer: (Request.Verb, Request) -> Reply) -> Reply {
    guard let request = Request(plain: line) ?? (try? Documents.decode(Request.self, from: line)) else {
      return .failed(0, "bad-request", #"a request is one line such as {"id":1,"do":"status"}"#)
    }
    guard let verb = Request.Verb(rawValue: request.verb) else {
      let verbs = Request.Verb.allCases.map(\.rawValue).joined(separator: ", ")
      return .failed(request.id, "unknown-verb", "\"\(request.verb)\" is none of: \(verbs)")
    }
    if verb == .hello, let version = request.version, version != ControlProtocol.version {
      return .failed(
        request.id, "wrong-protocol", "version \(version) is not spoken here, only \(ControlProtocol.version)")
    }
    return answer(verb, request)
  }

  // MARK: Replies and events

  /// Returns the line of a reply. That of a request that succeeded without content needs no encoder.
  static func line(of reply: Reply) -> [UInt8] {
    if reply == .done(reply.id) { return Array("{\"id\":\(reply.id),\"ok\":true}\n".utf8) }
    return line(reply) ?? []
  }

  static func line(_ value: some Encodable) -> [UInt8]? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { Array($0) + [0x0A] }
  }

  private func send(_ line: [UInt8], to box: Box) {
    box.client.pending += line
    flush(box)
    if box.client.pending.count > Self.maximumPending { box.drop() }
  }

  private func flush(_ box: Box) {
    while !box.client.pending.isEmpty {
      let sent = box.client.pending.withUnsafeBytes {
        fw_send(box.client.socket.raw, $0.baseAddress, $0.count)
      }
      if sent < 0 {
        if errno == EINTR { continue }
        if errno != EAGAIN { box.drop() }
        return
      }
      box.client.pending.removeFirst(sent)
    }
  }
}
