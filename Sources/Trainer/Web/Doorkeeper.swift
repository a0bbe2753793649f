import CLinux
import Glibc
import Posix
import Synchronization

/// The places of a server: how many connections it has at once. Any thread may call it.
final class Places: Sendable {
  private let free: Atomic<Int>
  private let wake: Wake

  /// Creates free places.
  init(_ count: Int) throws(SystemError) {
    free = Atomic(count)
    wake = try Wake()
  }

  /// Takes a place; false if none is free. Only one thread may call it.
  func take() -> Bool {
    if free.load(ordering: .acquiring) <= 0 { return false }
    free.subtract(1, ordering: .acquiringAndReleasing)
    return true
  }

  /// Frees a place, and wakes the thread that waits for one.
  func leave() {
    free.add(1, ordering: .acquiringAndReleasing)
    ring()
  }

  /// Wakes the thread that waits for a place.
  func ring() { wake.signal() }

  /// The descriptor to poll for a place that was freed.
  var bell: CInt { wake.descriptor }

  /// Clears the bell.
  func clear() { wake.clear() }
}

/// Accepts connections, and hands each to the server when the head of its first request is there. epoll(7)
///
/// Every program on this machine can open connections and send nothing, or half a head. Here such a connection costs one
/// descriptor, and neither a thread nor a place in the server, so no page waits for it. If too many wait, the oldest is
/// closed.
final class Doorkeeper: Sendable {
  /// What a connection may take.
  struct Limits: Sendable {
    /// The bytes of a head, after which the server refuses it.
    var head: Int
    /// The maximum number of connections that wait; never more than a quarter of the descriptors that this process may
    /// have, because what the pages show is read from files.
    var waiting: Int
    /// The time in which a head must be complete, in milliseconds.
    var patience = 10_000
    /// The maximum number of parts in which a head arrives.
    var parts = 200
  }

  private let socket: FileDescriptor
  private let epoll: FileDescriptor
  private let places: Places
  private let limits: Limits
  private let admit: @Sendable (CInt) -> Bool
  private let isEnded = Atomic(false)
  private let thread = Mutex<Thread?>(nil)

  /// Starts to accept connections, on a thread of its own.
  ///
  /// - Parameters:
  ///   - socket: a socket that listens and does not block.
  ///   - places: the server's places.
  ///   - limits: what a connection may take.
  ///   - admit: gives a connection to the server, which closes it; false if the server has closed it at once. The
  ///     server frees the place of every other one.
  /// - Throws: an error if a descriptor or the thread cannot be created.
  init(
    on socket: consuming FileDescriptor, places: Places, limits: Limits, admit: @escaping @Sendable (CInt) -> Bool
  ) throws(SystemError) {
    let epoll = FileDescriptor(owning: try posix("epoll_create") { epoll_create1(CInt(EPOLL_CLOEXEC)) })
    for raw in [socket.raw, places.bell] { try Self.add(raw, EPOLLIN.rawValue, to: epoll.raw) }
    self.socket = socket
    self.epoll = epoll
    self.places = places
    self.limits = limits
    self.admit = admit
    let started = try Thread("door") { self.run() }
    thread.withLock { $0 = started }
  }

  /// Ends the thread, and closes all connections that wait.
  func end() {
    isEnded.store(true, ordering: .releasing)
    places.ring()
    let started = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    started?.join()
  }

  /// A connection whose first request is not complete, or for which the server has no place.
  private struct Guest {
    var socket: CInt
    var deadline: Monotonic
    var parts = 0
    var isReady = false
  }

  private func run() {
    var guests: [Guest] = []
    var buffer = [UInt8](repeating: 0, count: limits.head)
    var events = [epoll_event](repeating: epoll_event(), count: 64)
    while !isEnded.load(ordering: .acquiring) {
      let left = guests.first.map { max(0, $0.deadline.since(.now)) / 1_000_000 + 1 } ?? -1
      let count = epoll_wait(epoll.raw, &events, CInt(events.count), CInt(clamping: left))
      for event in events.prefix(max(0, Int(count))) {
        if event.data.fd == socket.raw {
          accept(&guests)
        } else if event.data.fd == places.bell {
          places.clear()
        } else if let index = guests.firstIndex(where: { $0.socket == event.data.fd }), !guests[index].isReady {
          look(at: index, &guests, &buffer, isEnding: event.events & ~EPOLLIN.rawValue != 0)
        }
      }
      let now = Monotonic.now
      while let first = guests.first, first.deadline < now { Self.dismiss(&guests, 0) }
      while let index = guests.firstIndex(where: \.isReady), places.take() {
        let guest = guests.remove(at: index)
        epoll_ctl(epoll.raw, EPOLL_CTL_DEL, guest.socket, nil)
        if !admit(guest.socket) { places.leave() }
      }
    }
    for index in guests.indices.reversed() { Self.dismiss(&guests, index) }
  }

  /// Accepts all connections that the kernel has.
  private func accept(_ guests: inout [Guest]) {
    while true {
      let connection = fw_accept(socket.raw)
      if connection < 0 {
        // Without a descriptor for it, the oldest makes room.
        if errno == ECONNABORTED || errno == EINTR { continue }
        guard errno == EMFILE || errno == ENFILE else { return }
        if guests.isEmpty { usleep(20_000) } else { dismissOldest(&guests) }
        return
      }
      if guests.count >= min(limits.waiting, Self.descriptors / 4) { dismissOldest(&guests) }
      guests.append(Guest(socket: connection, deadline: .now.adding(milliseconds: limits.patience)))
      // Only new bytes wake it: those of half a head stay where they are.
      let wanted = EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
      if (try? Self.add(connection, wanted, to: epoll.raw)) == nil { Self.dismiss(&guests, guests.count - 1) }
    }
  }

  /// Looks whether a head is complete; takes no byte of it.
  private func look(at index: Int, _ guests: inout [Guest], _ buffer: inout [UInt8], isEnding: Bool) {
    let count = recv(guests[index].socket, &buffer, buffer.count, CInt(MSG_PEEK | MSG_DONTWAIT))
    guests[index].parts += 1
    if count > 0, count == buffer.count || Self.isHead(buffer[..<count]) {
      guests[index].isReady = true
    } else if count == 0 || isEnding || guests[index].parts > limits.parts || (count < 0 && errno != EAGAIN) {
      Self.dismiss(&guests, index)
    }
  }

  /// Returns whether bytes begin with a whole head. Line breaks before it do not count, as for the server.
  static func isHead(_ bytes: ArraySlice<UInt8>) -> Bool {
    let (feed, carriage) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
    var isEmpty = false
    for byte in bytes.drop(while: { $0 == feed || $0 == carriage }) {
      if byte == feed, isEmpty { return true }
      if byte != carriage { isEmpty = byte == feed }
    }
    return false
  }

  /// Closes the connection that has waited longest for its head; one that waits for a place only if there is no other.
  private func dismissOldest(_ guests: inout [Guest]) {
    Self.dismiss(&guests, guests.firstIndex { !$0.isReady } ?? 0)
  }

  /// The maximum number of descriptors of this process, which may change while it runs. getrlimit(2), RLIMIT_NOFILE
  private static var descriptors: Int {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return max(4, Int(clamping: limit.rlim_cur))
  }

  private static func dismiss(_ guests: inout [Guest], _ index: Int) { close(guests.remove(at: index).socket) }

  private static func add(_ descriptor: CInt, _ events: UInt32, to epoll: CInt) throws(SystemError) {
    var event = epoll_event()
    event.events = events
    event.data.fd = descriptor
    try posix("epoll_ctl") { epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) }
  }
}
