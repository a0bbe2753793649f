import CLinux
import Glibc
import Opus
import Posix
import Synchronization

/// The thread that decodes clips ahead of the audio thread, and carries its events to the control side.
///
/// During playback it runs every 20 ms, so that the audio thread needs no kernel call to request frames or to report
/// events. Without playback it sleeps.
final class DecodeThread: Sendable {
  /// A clip to decode into a buffer.
  struct Job {
    /// The clip.
    let clip: PreparedClip
    /// Index of the buffer in `Shared.buffers`.
    let buffer: Int
  }

  /// What other threads hand over.
  struct Inbox {
    /// Jobs for the decode thread; only the last one matters.
    var jobs: [Job] = []
    /// Events for the control side, in order.
    var events: [PlaybackEvent] = []
    /// Whether the thread must end.
    var quit = false
  }

  /// Guards jobs, events and the request to end.
  let inbox = Mutex(Inbox())
  /// Readable when `inbox` has events.
  let eventsReady: Wake
  private let wake: Wake
  private let shared: SharedPointer
  private let chunksAtOnce: Int

  /// Creates the thread's state; `start` starts it.
  ///
  /// - Parameters:
  ///   - shared: must outlive the thread.
  ///   - chunksAtOnce: chunks of 20 ms to decode in each round.
  init(_ shared: SharedPointer, chunksAtOnce: Int) throws(SystemError) {
    wake = try Wake()
    eventsReady = try Wake()
    self.shared = shared
    self.chunksAtOnce = chunksAtOnce
  }

  /// Starts to decode a clip, and abandons the one before.
  func add(_ job: Job) {
    inbox.withLock { $0.jobs.append(job) }
    wake.signal()
  }

  /// Wakes the thread to collect the events of a command that was just sent.
  func expectEvents() { wake.signal() }

  /// Posts an event that the audio thread cannot report.
  func post(_ event: PlaybackEvent) {
    inbox.withLock { $0.events.append(event) }
    eventsReady.signal()
  }

  /// Ends the thread. Returns at once.
  func quit() {
    inbox.withLock { $0.quit = true }
    wake.signal()
  }

  /// Starts the thread.
  func start() throws(SystemError) -> Thread { try Thread("decode") { self.run() } }

  private func run() {
    // Where the priority is not granted, a busy machine may decode the rest of a clip too late.
    _ = Priority.decode.apply()
    let buffers = shared.pointer.pointee.buffers
    var current: ClipDecoding?
    while true {
      let (jobs, quit) = inbox.withLock { inbox in
        defer { inbox.jobs = [] }
        return (inbox.jobs, inbox.quit)
      }
      if quit { break }
      for job in jobs {
        // Only the newest clip plays: release the older ones.
        if let old = current.take() { old.finish(buffers) }
        current = ClipDecoding(job)
      }
      // Read before the events are collected, so that no event is missed.
      let isSettled =
        shared.pointer.pointee.sent.load(ordering: .acquiring)
        == shared.pointer.pointee.settled.load(ordering: .acquiring)
      if var decoding = current.take() {
        if decoding.decode(buffers, atMost: chunksAtOnce) {
          current = consume decoding
        } else {
          decoding.finish(buffers)
        }
      }
      collectEvents()
      var poll = Poll()
      _ = poll.add(wake.descriptor, events: POLLIN)
      // A card that runs on silence may be lost without a command.
      let isResting = shared.pointer.pointee.isResting.load(ordering: .relaxed)
      let isOpening = watchOpening()
      let pause = current != nil || !isSettled ? 20 : isResting || isOpening ? 500 : nil as Int?
      try? poll.wait(until: pause.map { Monotonic.now.adding(milliseconds: $0) })
      wake.clear()
    }
    if let old = current.take() { old.finish(buffers) }
    collectEvents()
  }

  /// Milliseconds after which the call that opens the card counts as hanging.
  private static let patience = 2000

  /// Reports a call that opens the card and does not return.
  ///
  /// - Returns: whether such a call is under way and is not reported yet.
  private func watchOpening() -> Bool {
    let start = shared.pointer.pointee.opening.load(ordering: .acquiring)
    if start == 0 || shared.pointer.pointee.isHanging.load(ordering: .relaxed) { return false }
    let now = Monotonic.now
    if now < Monotonic(nanoseconds: start).adding(milliseconds: Self.patience) { return true }
    shared.pointer.pointee.isHanging.store(true, ordering: .releasing)
    post(PlaybackEvent(.lost, time: now.nanoseconds, code: PlaybackEvent.hanging))
    return false
  }

  private func collectEvents() {
    var hasEvents = false
    while let event = shared.pointer.pointee.events.pop() {
      inbox.withLock { $0.events.append(event) }
      if event.kind == .lost { shared.pointer.pointee.monitorWake.signal() }
      hasEvents = true
    }
    if hasEvents { eventsReady.signal() }
  }
}

/// The decoding of one clip into its buffer, part by part.
struct ClipDecoding: ~Copyable {
  private let job: DecodeThread.Job
  /// Index of the part that comes next.
  private var part = 0
  /// Frames of silence that are still to come before the part.
  private var silence = 0
  /// Frames of the part's head that the buffer has already.
  private var headDone: Int
  private var decoder: ClipDecoder?
  /// Frames of the head that the decoder is still to skip.
  private var skip = 0
  /// Frames of the part after its head that are not decoded yet.
  private var rest: Int
  /// Frames of the clip that are not in the buffer yet.
  private var left: Int
  private var chunk = [Int16](repeating: 0, count: 960)

  /// Creates the decoding of a clip whose first head the buffer has already.
  init(_ job: DecodeThread.Job) {
    self.job = job
    let first = job.clip.parts[0]
    headDone = first.head.count
    rest = first.frames - first.head.count
    left = job.clip.frames - first.head.count
  }

  /// Decodes more frames, as far as the buffer has room.
  ///
  /// - Returns: false where nothing is left to decode.
  mutating func decode(_ buffers: UnsafeMutablePointer<ClipBuffer>, atMost chunks: Int) -> Bool {
    let buffer = buffers + job.buffer
    do throws(ClipError) {
      for _ in 0..<chunks {
        if left == 0 || buffer.pointee.isAbandoned.load(ordering: .acquiring) { return false }
        if buffer.pointee.room < chunk.count { return true }
        if silence == 0, rest == 0, headDone == job.clip.parts[part].head.count { beginNextPart() }
        let count = try nextFrames()
        if count == 0 { return false }
        _ = chunk.withUnsafeBufferPointer { buffer.pointee.append(UnsafeBufferPointer(rebasing: $0[..<count])) }
        left -= count
      }
      return left > 0
    } catch {
      // A clip ends where its bytes cannot be decoded, and is reported as truncated.
    }
    return false
  }

  private mutating func beginNextPart() {
    part += 1
    decoder = nil
    headDone = 0
    silence = job.clip.parts[part].silence
    rest = job.clip.parts[part].frames - job.clip.parts[part].head.count
  }

  /// Writes the next frames of the part into `chunk`: silence, then its head, then what is decoded.
  ///
  /// - Returns: the number of frames, at most those of the chunk; 0 where the bytes end too early.
  private mutating func nextFrames() throws(ClipError) -> Int {
    let part = job.clip.parts[part]
    if silence > 0 {
      let count = min(silence, chunk.count)
      for i in 0..<count { chunk[i] = 0 }
      silence -= count
      return count
    }
    if headDone < part.head.count {
      let count = min(part.head.count - headDone, chunk.count)
      for i in 0..<count { chunk[i] = part.head[headDone + i] }
      headDone += count
      return count
    }
    if decoder == nil {
      decoder = try ClipDecoder(part.bytes)
      skip = part.head.count
    }
    while skip > 0 {
      let count = try read(atMost: skip)
      if count == 0 { return 0 }
      skip -= count
    }
    let count = try read(atMost: min(rest, chunk.count))
    rest -= count
    return count
  }

  private mutating func read(atMost count: Int) throws(ClipError) -> Int {
    var result: Result<Int, ClipError> = .success(0)
    chunk.withUnsafeMutableBufferPointer { buffer in
      do throws(ClipError) {
        result = .success(
          try decoder!.read(into: UnsafeMutableBufferPointer(rebasing: buffer[..<min(count, buffer.count)])))
      } catch { result = .failure(error) }
    }
    return try result.get()
  }

  /// Marks the end of the clip and releases its buffer.
  consuming func finish(_ buffers: UnsafeMutablePointer<ClipBuffer>) {
    buffers[job.buffer].end(isTruncated: left > 0)
    buffers[job.buffer].releasedByDecoder.store(true, ordering: .releasing)
  }
}
