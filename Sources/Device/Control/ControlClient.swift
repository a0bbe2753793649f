import CLinux
import Encoding
import FoundationEssentials
import Glibc
import Posix

/// The client's end of the control socket: sends requests, waits for replies, and receives events after `subscribe`.
///
/// For one thread.
public final class ControlClient {
  private let socket: FileDescriptor
  private let path: String
  private var lines = LineBuffer(limit: ControlProtocol.longestReply)
  private var nextID = 1
  /// Events that arrived while a reply was awaited.
  private var events: [ControlEvent] = []

  /// Why a request has no result.
  public enum Failure: Error, CustomStringConvertible {
    /// The socket could not be opened, read or written.
    case system(SystemError)
    /// The daemon closed the connection, did not reply in time, or sent no valid reply.
    case noReply(path: String, why: String)
    /// The daemon refused the request.
    case refused(Reply.Failure)

    /// One line with what to do.
    public var description: String {
      switch self {
      case .system(let error) where error.code == ENOENT || error.code == ECONNREFUSED:
        "\(error); is firstwordd running, with this --socket?"
      case .system(let error): "\(error)"
      case .noReply(let path, let why): "\(path): the daemon \(why); look at its journal or standard error"
      case .refused(let failure): failure.message
      }
    }
  }

  /// Connects to a daemon. connect(2)
  public init(path: String) throws(Failure) {
    self.path = path
    do throws(SystemError) {
      socket = try FileDescriptor.streamSocket()
      try SocketAddress.with(path, "connect") { connect(socket.raw, $0, $1) }
    } catch { throw .system(error) }
  }

  /// Sends a request and waits for its reply.
  ///
  /// - Parameters:
  ///   - button: for `press`.
  ///   - by: for `press`: `listener` for a listener's press of an answer; nil for the responder's.
  ///   - outcome: for `notice`: how far it came.
  ///   - detail: for `notice`: what happened, for people.
  ///   - milliseconds: the maximum wait.
  public func ask(
    _ verb: Request.Verb, button: String? = nil, by: String? = nil, outcome: String? = nil, detail: String? = nil,
    milliseconds: Int = 5000
  ) throws(Failure) -> Reply {
    let request = Request(id: nextID, verb, button: button, by: by, outcome: outcome, detail: detail)
    nextID += 1
    let deadline = Monotonic.now.adding(milliseconds: milliseconds)
    do throws(SystemError) {
      try send([UInt8]((try? JSONEncoder().encode(request)) ?? Data()) + [0x0A])
    } catch { throw .system(error) }
    while true {
      while let line = lines.next() {
        let message = try read(line)
        if let event = message.event { events.append(event) }
        guard let reply = message.reply else { continue }
        if let error = reply.error { throw .refused(error) }
        if reply.id == request.id { return reply }
      }
      try receive(until: deadline)
    }
  }

  /// The socket, to poll(2) for POLLIN before `takeEvents`. Valid for the lifetime of this client.
  public var descriptor: CInt { socket.raw }

  /// Returns the events since the last call.
  ///
  /// - Parameter deadline: waits until then for at least one event; without it, does not wait.
  public func takeEvents(until deadline: Monotonic? = nil) throws(Failure) -> [ControlEvent] {
    while true {
      while let line = lines.next() { if let event = try read(line).event { events.append(event) } }
      var poll = Poll()
      let number = poll.add(socket.raw, events: POLLIN)
      do throws(SystemError) {
        try poll.wait(until: events.isEmpty ? deadline ?? Monotonic(nanoseconds: 0) : Monotonic(nanoseconds: 0))
      } catch { throw .system(error) }
      if poll.answer(number) != 0 {
        try receive(until: .now)
      } else if !events.isEmpty || Monotonic.now >= deadline ?? Monotonic(nanoseconds: 0) {
        defer { events = [] }
        return events
      }
    }
  }

  /// A line from the daemon: a reply or an event.
  private struct Message: Decodable {
    var reply: Reply?
    var event: ControlEvent?

    private struct Kind: Decodable { var event: String? }

    init(from decoder: any Decoder) throws {
      if try Kind(from: decoder).event == nil {
        reply = try Reply(from: decoder)
      } else {
        event = try ControlEvent(from: decoder)
      }
    }
  }

  private func read(_ line: LineBuffer.Line) throws(Failure) -> Message {
    guard case .whole(let bytes) = line, let message = try? Documents.decode(Message.self, from: bytes) else {
      throw .noReply(path: path, why: "answered with something that is no reply")
    }
    return message
  }

  private func send(_ bytes: [UInt8]) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      done += try posix("send", path: path) {
        bytes.withUnsafeBytes { fw_send(socket.raw, $0.baseAddress! + done, $0.count - done) }
      }
    }
  }

  private func receive(until deadline: Monotonic) throws(Failure) {
    var hungUp = false
    do throws(SystemError) {
      var poll = Poll()
      let number = poll.add(socket.raw, events: POLLIN)
      try poll.wait(until: deadline)
      if poll.answer(number) != 0 {
        let bytes = try socket.read(atMost: 65_536)
        if !bytes.isEmpty { return lines.append(bytes) }
        hungUp = true
      } else if Monotonic.now < deadline {
        return
      }
    } catch { throw .system(error) }
    throw .noReply(path: path, why: hungUp ? "hung up" : "did not answer in time")
  }
}
