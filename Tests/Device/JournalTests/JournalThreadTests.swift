import Posix
import Synchronization
import Testing

@testable import Journal

@Suite("The journal's thread")
struct JournalThreadTests {
  /// A disk that stalls until it is released, and keeps what was written.
  private final class StallingDisk: JournalThread.Sink, Sendable {
    enum Line: Equatable {
      case event(JournalEvent)
      case lost(Int)
    }

    private let released = Mutex(false)
    private let wake: Wake
    private let written = Mutex<[Line]>([])

    init(isStalled: Bool = true) throws {
      wake = try Wake()
      if !isStalled { release() }
    }

    var lines: [Line] { written.withLock { $0 } }
    var head: (number: Int, hash: String)? { (lines.count, "hash") }
    var failure: String? { nil }

    func append(_ event: JournalEvent, at moment: JournalMoment) { write(.event(event)) }
    func skip(_ count: Int, at moment: JournalMoment) { write(.lost(count)) }
    func check(at moment: JournalMoment) {}
    var alarm: CInt? { nil }

    func release() {
      released.withLock { $0 = true }
      wake.signal()
    }

    private func write(_ line: Line) {
      while !released.withLock({ $0 }) {
        var poll = Poll()
        _ = poll.add(wake.descriptor, events: 1)
        try? poll.wait(until: nil)
      }
      written.withLock { $0.append(line) }
    }
  }

  /// A disk whose sync fails after a line was written, and is good again when it is checked the third time.
  private final class UnsyncedDisk: JournalThread.Sink, Sendable {
    private let failed: Wake
    private let checks = Mutex(0)

    init() throws { failed = try Wake() }

    var head: (number: Int, hash: String)? { nil }
    var failure: String? { (1...2).contains(checks.withLock { $0 }) ? "sync" : nil }
    var alarm: CInt? { failed.descriptor }

    func append(_ event: JournalEvent, at moment: JournalMoment) { failed.signal() }
    func skip(_ count: Int, at moment: JournalMoment) {}
    func check(at moment: JournalMoment) {
      failed.clear()
      checks.withLock { $0 += 1 }
    }
  }

  @Test("a sync that fails after its line is reported without another line, and its end too")
  func unsyncedDisk() throws {
    let thread = try JournalThread(try UnsyncedDisk())
    func waitForChange() throws {
      var poll = Poll()
      let number = poll.add(thread.changes, events: 1)
      try poll.wait(until: .now.adding(milliseconds: 20_000))
      try #require(poll.answer(number) != 0)
      thread.clearChanges()
    }
    thread.append(Self.event(1))
    try waitForChange()
    #expect(thread.status.failure == "sync")
    try waitForChange()
    #expect(thread.status.failure == nil)
    #expect(thread.close(within: 20_000))
  }

  private static func event(_ number: Int) -> JournalEvent { .gap("\(number)") }

  /// Waits until the thread has begun with the first line: then the queue holds all others.
  private func waitUntilBusy(_ thread: JournalThread) throws {
    let end = Monotonic.now.adding(milliseconds: 20_000)
    while thread.status(at: .now.adding(milliseconds: 60_000)).failure == nil {
      try #require(Monotonic.now < end)
      var pause = Poll()
      try pause.wait(until: .now.adding(milliseconds: 1))
    }
  }

  @Test("a stalled disk delays no caller, and every line is written in its order once the disk responds")
  func stalledDisk() throws {
    let disk = try StallingDisk()
    let thread = try JournalThread(disk)
    // The disk is released only after the last call: a call that waits for it would never return.
    for number in 0..<500 { thread.append(Self.event(number)) }
    #expect(disk.lines.isEmpty)
    disk.release()
    #expect(thread.close(within: 20_000))
    #expect(disk.lines == (0..<500).map { .event(Self.event($0)) })
  }

  @Test("a disk that does not respond for 2 s shows as a failure until it responds again")
  func failing() throws {
    let disk = try StallingDisk()
    let thread = try JournalThread(disk)
    #expect(thread.status(at: .now.adding(milliseconds: 60_000)).failure == nil, "an idle journal does not fail")
    let start = Monotonic.now
    for number in 0..<3 { thread.append(Self.event(number)) }
    try waitUntilBusy(thread)
    #expect(thread.status(at: start.adding(milliseconds: 1999)).failure == nil)
    #expect(
      thread.status(at: .now.adding(milliseconds: 2001)).failure == "the disk does not respond; 3 lines wait")
    disk.release()
    #expect(thread.close(within: 20_000))
    #expect(thread.status(at: .now.adding(milliseconds: 60_000)) == .init(number: 3, hash: "hash", failure: nil))
  }

  @Test("a full queue loses the lines that come next, and records their number in their place")
  func overflow() throws {
    let disk = try StallingDisk()
    let thread = try JournalThread(disk, capacity: 4)
    thread.append(Self.event(0))
    try waitUntilBusy(thread)
    for number in 1...10 { thread.append(Self.event(number)) }
    disk.release()
    #expect(thread.close(within: 20_000))
    #expect(disk.lines == (0...4).map { .event(Self.event($0)) } + [.lost(6)])
  }

  @Test("closing gives up on a stalled disk after the given time")
  func closeStalled() throws {
    let disk = try StallingDisk()
    let thread = try JournalThread(disk)
    thread.append(Self.event(0))
    #expect(!thread.close(within: 50))
    disk.release()
  }

  @Test("closing writes and syncs everything that waits")
  func close() throws {
    let diary = try Diary()
    let thread = try JournalThread(path: diary.path) { Issue.record("\($0)") }
    #expect(thread.status.number == nil)
    for event in Diary.contact { thread.append(event) }
    #expect(thread.close(within: 20_000))
    let reading = try diary.read()
    #expect(reading.findings.isEmpty && reading.entries.map(\.event) == Diary.contact)
    #expect(thread.status.number == reading.head?.number && thread.status.hash == reading.head?.hash)
  }

  @Test("lost lines are a gap in the file, with their number and the cause")
  func gap() throws {
    let diary = try Diary()
    do {
      let file = try diary.open()
      diary.write(file, Diary.ready)
      file.skip(3, at: diary.moment)
      diary.write(file, .terminated)
    }
    let reading = try diary.read()
    #expect(reading.findings.isEmpty)
    #expect(
      reading.entries.map(\.event) == [Diary.ready, .gap("3 lines: No buffer space available"), .terminated])
    #expect(diary.told.count == 2)
  }
}
