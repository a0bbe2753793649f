import CMicrohttpd
import Encoding
import Glibc
import Posix
import Synchronization

/// An HTTP server on 127.0.0.1, with one thread for each connection that has sent a request. libmicrohttpd
///
/// Its deinitialisation ends all event streams and connections, and waits for their threads. MHD_stop_daemon(3)
public struct LocalServer: ~Copyable {
  private let daemon: OpaquePointer
  private let context: Unmanaged<Context>
  private let events: EventHub
  private let door: Doorkeeper

  /// What the callbacks of libmicrohttpd share.
  fileprivate final class Context: Sendable {
    let site: Site
    let places: Places
    /// How many requests of strangers have a body that is awaited.
    let strangers = Atomic(0)
    init(_ site: Site, _ places: Places) {
      self.site = site
      self.places = places
    }
  }

  /// The maximum size of a request's head with all that libmicrohttpd keeps of it, in bytes.
  private static let head = 32 << 10
  /// The maximum number of connections with a request; others wait at the door.
  private static let connections = 100
  /// The maximum number of connections without a complete request. More descriptors are not needed for anybody's page.
  private static let waiting = 256
  /// The maximum number of requests without a session whose body is awaited: those that exchange a token.
  fileprivate static let strangers = 8
  /// The time after which a connection without any byte is closed, in seconds. Event streams send a byte more often.
  private static let timeout: CUnsignedInt = 20
  /// The stack of a connection's thread in bytes.
  private static let stack = 1 << 20

  /// Starts a server.
  ///
  /// - Parameters:
  ///   - socket: a socket that listens, of `LocalSocket`.
  ///   - site: what it serves.
  ///   - events: the hub of the site's event streams, which ends with the server.
  /// - Throws: an error if a thread cannot be started.
  public init(on socket: consuming LocalSocket, serving site: Site, events: EventHub) throws(SystemError) {
    let places = try Places(Self.connections)
    let context = Unmanaged.passRetained(Context(site, places))
    let limits = fw_http_limits(
      head: Self.head, connections: CUnsignedInt(Self.connections), timeout: Self.timeout, stack: Self.stack)
    guard
      let daemon = fw_http_start(
        limits, context.toOpaque(), beginRequest, handleRequest, endRequest, changeConnection)
    else {
      let code = errno
      context.release()
      throw SystemError("start the server", code: code)
    }
    // libmicrohttpd locks its daemon itself: any thread may add a connection to it, until it is stopped after the door.
    nonisolated(unsafe) let server = daemon
    do throws(SystemError) {
      door = try Doorkeeper(
        on: try socket.duplicate(), places: places, limits: .init(head: Self.head, waiting: Self.waiting)
      ) { fw_http_add(server, $0) != 0 }
    } catch {
      MHD_stop_daemon(daemon)
      context.release()
      throw error
    }
    self.daemon = daemon
    self.context = context
    self.events = events
  }

  deinit {
    door.end()
    events.close()
    MHD_stop_daemon(daemon)
    context.release()
  }
}

// MARK: - Requests

/// One request: its target, and after its head what is to be done with its body.
private final class Exchange {
  let target: String
  var body: [UInt8] = []
  var admission: Site.Admission?
  /// Whether the browser was let in. The connections of others end with their first response.
  var isSession = false
  /// Whether it is counted among the strangers.
  var isStranger = false

  init(target: String) { self.target = target }
}

/// Creates the request's context, before its headers are read. MHD_OPTION_URI_LOG_CALLBACK
private func beginRequest(
  _: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _: OpaquePointer?
) -> UnsafeMutableRawPointer? {
  let text = target.flatMap { String(validatingCString: $0) } ?? ""
  return Unmanaged.passRetained(Exchange(target: text)).toOpaque()
}

/// Handles a request: called after its head, for each part of its body, and at its end. MHD_AccessHandlerCallback
private func handleRequest(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _: UnsafePointer<CChar>?,
  _ method: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?, _ part: UnsafePointer<CChar>?,
  _ count: UnsafeMutablePointer<Int>?, _ request: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let context, let connection, let method, let count, let pointer = request?.pointee else { return fw_http_no }
  let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue()
  let bytes = UnsafeRawBufferPointer(start: part, count: count.pointee)
  count.pointee = 0
  switch exchange.admission {
  case nil:
    let head = RequestHead(
      method: String(cString: method), target: exchange.target, headers: headers(of: connection))
    let context = Unmanaged<LocalServer.Context>.fromOpaque(context).takeUnretainedValue()
    exchange.isSession = context.site.isSession(head)
    let admission = context.site.admit(head)
    exchange.admission = admission
    switch admission {
    // Sent before the body is read: libmicrohttpd then closes the connection, so no body is taken for a request.
    case .answered(let response): return send(response, connection, closes: !exchange.isSession)
    case .awaitsBody(let length, _):
      if !exchange.isSession {
        exchange.isStranger = true
        if context.strangers.add(1, ordering: .acquiringAndReleasing).newValue > LocalServer.strangers {
          return send(.refusal(crowded), connection, closes: true)
        }
      }
      exchange.body.reserveCapacity(length)
    case .awaitsUpload: break
    }
    return fw_http_yes
  case .answered: return fw_http_no
  case .awaitsBody(let length, let respond):
    if bytes.isEmpty {
      let response = respond(exchange.body)
      // It may hold a key or a passphrase.
      Sodium.wipe(&exchange.body)
      return send(response, connection, closes: !exchange.isSession)
    }
    guard exchange.body.count + bytes.count <= length else { return fw_http_no }
    exchange.body += bytes
    return fw_http_yes
  case .awaitsUpload(let upload, let respond):
    if bytes.isEmpty { return send(respond(), connection, closes: false) }
    return upload.receive(bytes) ? fw_http_yes : fw_http_no
  }
}

/// Releases the request's context. MHD_OPTION_NOTIFY_COMPLETED
private func endRequest(
  _ context: UnsafeMutableRawPointer?, _: OpaquePointer?, _ request: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _: MHD_RequestTerminationCode
) {
  guard let context, let request, let pointer = request.pointee else { return }
  if Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue().isStranger {
    Unmanaged<LocalServer.Context>.fromOpaque(context).takeUnretainedValue().strangers.subtract(
      1, ordering: .acquiringAndReleasing)
  }
  request.pointee = nil
}

/// The answer to a browser that is not let in because too many others are at it.
private let crowded = Refusal(
  503, "busy", "too many browsers want to be let in at once", "open the address again after some seconds")

/// Counts the connections. MHD_OPTION_NOTIFY_CONNECTION
private func changeConnection(
  _ context: UnsafeMutableRawPointer?, _: OpaquePointer?, _: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _ change: MHD_ConnectionNotificationCode
) {
  guard let context, fw_http_ended(change) != 0 else { return }
  Unmanaged<LocalServer.Context>.fromOpaque(context).takeUnretainedValue().places.leave()
}

/// Returns all headers in their order, also those that occur twice. MHD_get_connection_values(3)
private func headers(of connection: OpaquePointer) -> [(String, String)] {
  final class List { var pairs: [(String, String)] = [] }
  let list = List()
  fw_http_headers(
    connection,
    { context, _, name, value in
      guard let context, let name else { return fw_http_yes }
      Unmanaged<List>.fromOpaque(context).takeUnretainedValue().pairs.append(
        (String(cString: name), value.map { String(cString: $0) } ?? ""))
      return fw_http_yes
    }, Unmanaged.passUnretained(list).toOpaque())
  return withExtendedLifetime(list) { list.pairs }
}

// MARK: - Responses

/// What every response says: the page loads nothing from elsewhere, runs no script in a text, and is in no frame.
private let commonHeaders = [
  (
    "Content-Security-Policy",
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
      + "connect-src 'self'; worker-src 'self'; frame-src 'self'; form-action 'none'; frame-ancestors 'none'; "
      + "base-uri 'none'"
  ),
  ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
  ("Cross-Origin-Resource-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"),
]

/// Queues a response. MHD_queue_response(3)
///
/// - Parameter closes: whether the connection ends with the response.
private func send(_ response: WebResponse, _ connection: OpaquePointer, closes: Bool) -> MHD_Result {
  var status = response.status
  let own = Set(response.headers.map { $0.name.lowercased() })
  var headers = commonHeaders.filter { !own.contains($0.0.lowercased()) } + response.headers.map { ($0.name, $0.value) }
  if closes { headers.append(("Connection", "close")) }
  var raw: OpaquePointer?
  switch response.body {
  case .bytes(let bytes): raw = bytes.withUnsafeBytes { fw_http_response($0.baseAddress, $0.count) }
  case .file(let file, let range):
    // libmicrohttpd closes it. MHD_create_response_from_fd_at_offset64(3)
    if let descriptor = try? file.duplicate() {
      raw = MHD_create_response_from_fd_at_offset64(UInt64(range.count), descriptor, UInt64(range.lowerBound))
      if raw == nil { close(descriptor) }
    }
  case .events(let hub):
    if let listener = hub.listen() {
      headers += [("Content-Type", "text/event-stream"), ("Cache-Control", "no-store")]
      raw = stream(listener)
    } else {
      status = 503
      raw = fw_http_response(nil, 0)
    }
  }
  guard let raw else { return fw_http_no }
  defer { MHD_destroy_response(raw) }
  for (name, value) in headers { MHD_add_response_header(raw, name, value) }
  return MHD_queue_response(connection, CUnsignedInt(status), raw)
}

/// Creates a response that lasts until the page leaves. MHD_create_response_from_callback(3)
private func stream(_ listener: EventListener) -> OpaquePointer? {
  let pointer = Unmanaged.passRetained(listener).toOpaque()
  let response = MHD_create_response_from_callback(
    // MHD_SIZE_UNKNOWN
    UInt64.max, 4096,
    { context, _, buffer, room in
      guard let context, let buffer,
        let bytes = Unmanaged<EventListener>.fromOpaque(context).takeUnretainedValue().next(limit: room)
      else { return -1 }  // MHD_CONTENT_READER_END_OF_STREAM
      bytes.withUnsafeBytes { buffer.update(from: $0.bindMemory(to: CChar.self).baseAddress!, count: $0.count) }
      return bytes.count
    }, pointer,
    { context in
      guard let context else { return }
      let listener = Unmanaged<EventListener>.fromOpaque(context).takeRetainedValue()
      listener.end()
    })
  if response == nil { Unmanaged<EventListener>.fromOpaque(pointer).takeRetainedValue().end() }
  return response
}
