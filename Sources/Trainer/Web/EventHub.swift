import Glibc
import Posix
import Synchronization

/// Server-sent events: what is published reaches every page that listens. Any thread may call it. HTML, 9.2
public final class EventHub: Sendable {
  private struct State {
    var listeners: [Int: EventListener] = [:]
    var next = 0
    var isClosed = false
  }

  private let state = Mutex(State())
  /// The maximum number of pages that listen.
  private static let limit = 32

  /// Creates a hub without listeners.
  public init() {}

  /// The number of pages that listen.
  public var listeners: Int { state.withLock { $0.listeners.count } }

  /// Sends an event to all listeners.
  ///
  /// - Parameters:
  ///   - name: the event's name, one word.
  ///   - value: encoded as JSON on one line.
  public func publish(_ name: String, _ value: some Encodable) {
    guard let data = WebResponse.encode(value) else { return }
    let text = Array("event: \(name)\ndata: ".utf8) + data + Array("\n\n".utf8)
    let listeners = state.withLock { Array($0.listeners.values) }
    for listener in listeners { listener.send(text) }
  }

  /// Ends all listeners; none can begin after it.
  func close() {
    let listeners = state.withLock { state in
      state.isClosed = true
      return Array(state.listeners.values)
    }
    for listener in listeners { listener.close() }
  }

  /// Adds a listener; nil if there are too many, or if the hub is closed.
  func listen() -> EventListener? {
    state.withLock { state in
      if state.isClosed || state.listeners.count >= Self.limit { return nil }
      guard let listener = try? EventListener(hub: self, number: state.next + 1) else { return nil }
      state.next += 1
      state.listeners[state.next] = listener
      return listener
    }
  }

  fileprivate func remove(_ number: Int) { state.withLock { $0.listeners[number] = nil } }
}

/// One page that listens. Its connection's thread reads; other threads send.
final class EventListener: Sendable {
  private struct Queue {
    var bytes: [UInt8] = Array(": here\n\n".utf8)
    var isClosed = false
  }

  private let hub: EventHub
  private let number: Int
  private let wake: Wake
  private let queue = Mutex(Queue())
  /// The maximum number of bytes that wait for a page that does not read.
  private static let limit = 1 << 20
  /// The time between two comment lines that keep the connection alive, in milliseconds.
  private static let silence = 15_000

  fileprivate init(hub: EventHub, number: Int) throws(SystemError) {
    wake = try Wake()
    self.hub = hub
    self.number = number
  }

  fileprivate func send(_ text: [UInt8]) {
    queue.withLock { queue in
      // A page that does not read reconnects, and reads its views again.
      if queue.bytes.count + text.count > Self.limit { queue.isClosed = true } else { queue.bytes += text }
    }
    wake.signal()
  }

  fileprivate func close() {
    queue.withLock { $0.isClosed = true }
    wake.signal()
  }

  /// Returns the next bytes for the page; waits for them. A comment if there are none for a while; nil at the end.
  ///
  /// - Parameter limit: the maximum number of bytes.
  func next(limit: Int) -> [UInt8]? {
    if let bytes = take(limit) { return bytes.isEmpty ? nil : bytes }
    var poll = Poll()
    _ = poll.add(wake.descriptor, events: POLLIN)
    try? poll.wait(until: .now.adding(milliseconds: Self.silence))
    wake.clear()
    if let bytes = take(limit) { return bytes.isEmpty ? nil : bytes }
    return Array(":\n\n".utf8.prefix(limit))
  }

  /// Returns what waits; nil if nothing does, none if the listener is closed.
  private func take(_ limit: Int) -> [UInt8]? {
    queue.withLock { queue in
      if queue.isClosed { return [] }
      if queue.bytes.isEmpty { return nil }
      let bytes = Array(queue.bytes.prefix(limit))
      queue.bytes.removeFirst(bytes.count)
      return bytes
    }
  }

  /// Removes the listener from its hub.
  func end() { hub.remove(number) }
}
