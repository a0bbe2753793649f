import Synchronization

/// Frames of one clip on their way from the feeder (decodes, writes) to the audio thread (reads): a ring without
/// locks, allocated once.
///
/// The two sides touch different ends; `written` and `read` only grow. A voice is taken by the control thread when
/// both sides have let go of it, and filled with the clip's head before it is handed on.
struct Voice: ~Copyable {
  /// Frames that fit: 1.37 s of 48 kHz, a power of two.
  static let capacity = 65_536

  let samples: UnsafeMutablePointer<Int16>
  private let written = Atomic<Int>(0)
  private let read = Atomic<Int>(0)
  /// Set by the feeder after its last `append`.
  private let ended = Atomic<Bool>(true)
  /// Let go by the side that reads, and by the side that writes.
  let releasedByAudio = Atomic<Bool>(true)
  let releasedByFeeder = Atomic<Bool>(true)
  /// Asks the feeder to leave off: nobody listens any more.
  let abandoned = Atomic<Bool>(false)

  init() {
    samples = .allocate(capacity: Self.capacity)
    samples.initialize(repeating: 0, count: Self.capacity)
  }

  deinit { samples.deallocate() }

  var isFree: Bool { releasedByAudio.load(ordering: .acquiring) && releasedByFeeder.load(ordering: .acquiring) }

  /// Control thread, on a free voice only: empty, and taken by both sides.
  func take() {
    written.store(0, ordering: .relaxed)
    read.store(0, ordering: .relaxed)
    ended.store(false, ordering: .relaxed)
    abandoned.store(false, ordering: .relaxed)
    releasedByAudio.store(false, ordering: .relaxed)
    releasedByFeeder.store(false, ordering: .releasing)
  }

  /// Frames that can be appended now.
  var room: Int { Self.capacity - (written.load(ordering: .relaxed) - read.load(ordering: .acquiring)) }

  /// Frames that can be read now.
  var count: Int { written.load(ordering: .acquiring) - read.load(ordering: .relaxed) }

  /// True when the last frame has been read.
  var isSpent: Bool {
    // The end is published after the last frames: looked at in the other order, frames could be missed.
    let complete = ended.load(ordering: .acquiring)
    return complete && count == 0
  }

  /// Appends as many as fit and says how many.
  func append(_ frames: UnsafeBufferPointer<Int16>) -> Int {
    let start = written.load(ordering: .relaxed)
    let count = min(frames.count, room)
    for i in 0..<count { samples[(start + i) & (Self.capacity - 1)] = frames[i] }
    written.store(start + count, ordering: .releasing)
    return count
  }

  func end() { ended.store(true, ordering: .releasing) }

  /// Copies at most `frames.count` frames, and says how many. They stay until they are dropped: what the card has
  /// no room for is not lost.
  func peek(into frames: UnsafeMutableBufferPointer<Int16>) -> Int {
    let start = read.load(ordering: .relaxed)
    let count = min(frames.count, self.count)
    for i in 0..<count { frames[i] = samples[(start + i) & (Self.capacity - 1)] }
    return count
  }

  /// Takes one frame.
  func next() -> Int16? {
    let start = read.load(ordering: .relaxed)
    if count == 0 { return nil }
    let sample = samples[start & (Self.capacity - 1)]
    drop(1)
    return sample
  }

  /// Lets the first `count` frames go.
  func drop(_ count: Int) { read.store(read.load(ordering: .relaxed) + count, ordering: .releasing) }
}
