import CLinux
import Glibc
import Opus
import Posix
import Synchronization

/// The thread that decodes ahead of the audio thread and carries its events to the control side.
///
/// While something plays it looks every 20 ms, so that the audio thread needs no call into the kernel to ask for more
/// or to tell what happened; when all is silent it sleeps.
final class Feeder: Sendable {
  struct Job {
    let clip: PreparedClip
    let voice: Int
  }

  struct Inbox {
    var jobs: [Job] = []
    var events: [PlaybackEvent] = []
    var quit = false
  }

  let inbox = Mutex(Inbox())
  private let wake: Wake
  /// Readable when there are events to take.
  let told: Wake
  private let shared: SharedPointer
  private let chunksAtOnce: Int

  init(_ shared: SharedPointer, chunksAtOnce: Int) throws(SystemError) {
    wake = try Wake()
    told = try Wake()
    self.shared = shared
    self.chunksAtOnce = chunksAtOnce
  }

  func add(_ job: Job) {
    inbox.withLock { $0.jobs.append(job) }
    wake.signal()
  }

  /// A command was sent: its events are awaited.
  func attend() { wake.signal() }

  /// From the keeper: what the audio thread cannot know.
  func tell(_ event: PlaybackEvent) {
    inbox.withLock { $0.events.append(event) }
    told.signal()
  }

  func quit() {
    inbox.withLock { $0.quit = true }
    wake.signal()
  }

  func start() throws(SystemError) -> Thread { try Thread("feeder") { self.run() } }

  private func run() {
    // Where it is not granted, a busy machine may be late with what comes after a clip's head.
    _ = Priority.feeder.take()
    let voices = shared.pointer.pointee.voices
    var feeding: Feeding?
    while true {
      let (jobs, quit) = inbox.withLock { inbox in
        defer { inbox.jobs = [] }
        return (inbox.jobs, inbox.quit)
      }
      if quit { break }
      for job in jobs {
        // Only the newest clip is heard: the older ones are let go.
        if let old = feeding.take() { old.leave(voices) }
        feeding = Feeding(job)
      }
      // Asked before the events are collected: what is told until then is not left lying.
      let silent =
        shared.pointer.pointee.sent.load(ordering: .acquiring)
        == shared.pointer.pointee.settled.load(ordering: .acquiring)
      if var current = feeding.take() {
        if current.feed(voices, atMost: chunksAtOnce) { feeding = consume current } else { current.leave(voices) }
      }
      collect()
      var poll = Poll()
      _ = poll.add(wake.descriptor, events: POLLIN)
      // A card that runs in silence may be lost in silence.
      let resting = shared.pointer.pointee.resting.load(ordering: .relaxed)
      let pause = feeding != nil || !silent ? 20 : resting ? 500 : nil as Int?
      try? poll.wait(until: pause.map { Monotonic.now.adding(milliseconds: $0) })
      wake.clear()
    }
    if let old = feeding.take() { old.leave(voices) }
    collect()
  }

  private func collect() {
    var any = false
    while let event = shared.pointer.pointee.events.pop() {
      inbox.withLock { $0.events.append(event) }
      if event.kind == .lost { shared.pointer.pointee.keeperWake.signal() }
      any = true
    }
    if any { told.signal() }
  }
}

/// One clip being decoded into its voice.
private struct Feeding: ~Copyable {
  private let job: Feeder.Job
  private var decoder: ClipDecoder?
  /// Frames of the head, still to be passed over: it is in the voice already.
  private var skip: Int
  private var chunk = [Int16](repeating: 0, count: 960)

  init(_ job: Feeder.Job) {
    self.job = job
    skip = job.clip.head.count
  }

  /// Decodes some more, as far as the voice holds it. False when there is nothing more to do.
  mutating func feed(_ voices: UnsafeMutablePointer<Voice>, atMost chunks: Int) -> Bool {
    let voice = voices + job.voice
    if job.clip.head.count == job.clip.frames { return false }
    do throws(ClipError) {
      if decoder == nil { decoder = try ClipDecoder(job.clip.bytes) }
      for _ in 0..<chunks {
        if voice.pointee.abandoned.load(ordering: .acquiring) { return false }
        if voice.pointee.room < chunk.count { return true }
        let count = try decode(atMost: skip > 0 ? min(skip, chunk.count) : chunk.count)
        if count == 0 { return false }
        if skip > 0 {
          skip -= count
        } else {
          _ = chunk.withUnsafeBufferPointer { voice.pointee.append(UnsafeBufferPointer(rebasing: $0[..<count])) }
        }
      }
      return true
    } catch {
      // The bytes were verified and their head was decoded: a clip that breaks later ends there.
    }
    return false
  }

  private mutating func decode(atMost count: Int) throws(ClipError) -> Int {
    var result: Result<Int, ClipError> = .success(0)
    chunk.withUnsafeMutableBufferPointer { buffer in
      do throws(ClipError) {
        result = .success(
          try decoder!.read(into: UnsafeMutableBufferPointer(rebasing: buffer[..<min(count, buffer.count)])))
      } catch { result = .failure(error) }
    }
    return try result.get()
  }

  consuming func leave(_ voices: UnsafeMutablePointer<Voice>) {
    voices[job.voice].end()
    voices[job.voice].releasedByFeeder.store(true, ordering: .releasing)
  }
}
