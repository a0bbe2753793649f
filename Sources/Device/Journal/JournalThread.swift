import Glibc
import Kit
import Posix
import Synchronization

/// Writes a journal on a thread of its own, so that a slow or stalled disk never delays a press.
///
/// Events wait in a bounded queue, in their order, and the thread writes each as soon as it can. A full queue loses the
/// events that come next; a line says how many, as after a full disk.
public final class JournalThread: Sendable {
  /// What the thread writes to. It is used by that thread alone.
  protocol Sink: AnyObject {
    /// Number and hash of the last line.
    var head: (number: Int, hash: String)? { get }
    /// Why it cannot be written now.
    var failure: String? { get }
    /// Writes a line.
    func append(_ event: JournalEvent, at moment: JournalMoment)
    /// Records that `count` lines were lost.
    func skip(_ count: Int, at moment: JournalMoment)
    /// A descriptor for poll(2): readable when a failure began without a line. Nil where there is none.
    var alarm: CInt? { get }
    /// Tries whether a failure is over.
    func check(at moment: JournalMoment)
  }

  /// The journal as the last written line left it.
  public struct Status: Equatable, Sendable {
    /// Number of the last line; nil for a journal without lines.
    public var number: Int?
    /// SHA-256 of the last line.
    public var hash: String?
    /// Why the journal cannot be written now; nil if it can.
    public var failure: String?
  }

  /// Events that wait for the disk; some minutes of hurried presses.
  public static let capacity = 1024
  /// Milliseconds between two attempts to write a journal that cannot be written.
  static let checkInterval = 1000
  /// Milliseconds that one line may take before the status says that the disk does not respond.
  static let patience = 2000

  /// The entries that the journal held last when it was opened, the latest last.
  public let latest: [JournalEntry]
  private let queue: Queue
  private let thread: Thread

  /// Opens or creates a journal and starts its thread.
  ///
  /// - Parameters:
  ///   - path: The file that grows.
  ///   - policy: How much is kept.
  ///   - key: The device's key, which signs the journal's ends; nil to sign none.
  ///   - report: Called with a line for people, on the journal's thread, if the journal cannot be written.
  /// - Throws: Only if no thread can be created.
  public convenience init(
    path: String, policy: JournalFile.Policy = .init(), signedBy key: SecretKey? = nil,
    report: @escaping @Sendable (String) -> Void
  ) throws(SystemError) {
    let file = try JournalFile(path: path, policy: policy, signedBy: key, report: report)
    try self.init(file, latest: file.latest)
  }

  /// Starts a thread that writes to any sink.
  init(_ sink: some Sink, latest: [JournalEntry] = [], capacity: Int = capacity) throws(SystemError) {
    self.latest = latest
    let queue = try Queue(sink, capacity: capacity)
    self.queue = queue
    thread = try Thread("journal") { queue.run() }
  }

  /// Queues an event for the next line. Never blocks; any thread may call it.
  public func append(_ event: JournalEvent, at moment: JournalMoment = .now) { queue.append(event, at: moment) }

  /// A descriptor for poll(2) with POLLIN: readable when a failure began or ended. Valid while this exists.
  public var changes: CInt { queue.changed.descriptor }

  /// Makes `changes` wait for the next change.
  public func clearChanges() { queue.changed.clear() }

  /// The journal as the last written line left it. Never blocks; any thread may read it.
  public var status: Status { status(at: .now) }

  func status(at now: Monotonic) -> Status { queue.status(at: now) }

  /// Writes and syncs what is queued, and ends the thread; call it once.
  ///
  /// - Parameter milliseconds: How long it may take. A thread that is not done by then is left to itself.
  /// - Returns: Whether everything is on the disk.
  @discardableResult
  public func close(within milliseconds: Int) -> Bool {
    let isDone = queue.close(until: .now.adding(milliseconds: milliseconds))
    if isDone { thread.join() } else { thread.detach() }
    return isDone
  }
}

extension JournalFile: JournalThread.Sink {}

/// What the journal's thread shares with its callers.
private final class Queue: Sendable {
  private enum Item {
    case event(JournalEvent, JournalMoment)
    /// Events that found no room here.
    case lost(Int, JournalMoment)
  }

  private struct State {
    var items: [Item] = []
    var isClosed = false
    var status: JournalThread.Status
    /// When the thread began with the line that it writes; nil while it sleeps.
    var busySince: Monotonic?
  }

  /// The sink is used by the thread alone, and released by it. `@unchecked`: the compiler cannot see that `Queue` hands it
  /// to no other thread after its initializer.
  private final class Owned: @unchecked Sendable {
    var sink: (any JournalThread.Sink)?
    init(_ sink: any JournalThread.Sink) { self.sink = sink }
  }

  private let owned: Owned
  private let capacity: Int
  private let state: Mutex<State>
  private let wake: Wake
  /// Signalled once, when everything is on the disk.
  private let finished: Wake
  /// Signalled when a failure begins or ends.
  let changed: Wake

  init(_ sink: any JournalThread.Sink, capacity: Int) throws(SystemError) {
    owned = Owned(sink)
    self.capacity = capacity
    state = Mutex(State(status: Self.status(of: sink)))
    wake = try Wake()
    finished = try Wake()
    changed = try Wake()
  }

  private static func status(of sink: any JournalThread.Sink) -> JournalThread.Status {
    .init(number: sink.head?.number, hash: sink.head?.hash, failure: sink.failure)
  }

  func append(_ event: JournalEvent, at moment: JournalMoment) {
    state.withLock { state in
      if state.items.count < capacity {
        state.items.append(.event(event, moment))
      } else if case .lost(let count, _) = state.items.last {
        state.items[state.items.count - 1] = .lost(count + 1, moment)
      } else {
        state.items.append(.lost(1, moment))
      }
    }
    wake.signal()
  }

  func status(at now: Monotonic) -> JournalThread.Status {
    state.withLock { state in
      var status = state.status
      if let since = state.busySince, now >= since.adding(milliseconds: JournalThread.patience), status.failure == nil {
        status.failure = "the disk does not respond; \(state.items.count + 1) lines wait"
      }
      return status
    }
  }

  func close(until deadline: Monotonic) -> Bool {
    state.withLock { $0.isClosed = true }
    wake.signal()
    while Monotonic.now < deadline {
      var poll = Poll()
      let number = poll.add(finished.descriptor, events: POLLIN)
      try? poll.wait(until: deadline)
      if poll.answer(number) != 0 { return true }
    }
    return false
  }

  /// The thread: writes until it is closed and nothing waits.
  func run() {
    var isFailing = owned.sink?.failure != nil
    while true {
      var poll = Poll()
      let woken = poll.add(wake.descriptor, events: POLLIN)
      let alarm = isFailing ? nil : owned.sink?.alarm.map { poll.add($0, events: POLLIN) }
      let next = Monotonic.now.adding(milliseconds: JournalThread.checkInterval)
      try? poll.wait(until: isFailing ? next : nil)
      if isFailing ? poll.answer(woken) == 0 : alarm.map({ poll.answer($0) != 0 }) ?? false {
        state.withLock { $0.busySince = .now }
        owned.sink?.check(at: .now)
        note()
        isFailing = owned.sink?.failure != nil
      }
      wake.clear()
      while let item = self.next() {
        switch item {
        case .event(let event, let moment): owned.sink?.append(event, at: moment)
        case .lost(let count, let moment): owned.sink?.skip(count, at: moment)
        }
        note()
        isFailing = owned.sink?.failure != nil
      }
      if state.withLock({ $0.isClosed && $0.items.isEmpty }) { break }
    }
    // The file's end syncs it.
    owned.sink = nil
    finished.signal()
  }

  /// Publishes the state that the sink is left in.
  private func note() {
    let status = owned.sink.map(Self.status)
    let isChanged = state.withLock { state in
      state.busySince = nil
      guard let status else { return false }
      defer { state.status = status }
      return (status.failure == nil) != (state.status.failure == nil)
    }
    if isChanged { changed.signal() }
  }

  private func next() -> Item? {
    state.withLock { state in
      if state.items.isEmpty { return nil }
      state.busySince = .now
      return state.items.removeFirst()
    }
  }
}
