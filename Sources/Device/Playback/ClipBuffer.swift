import Synchronization

/// A lock-free ring with the frames of one clip, from the decode thread to the audio thread. Only `init` allocates.
///
/// Each thread moves its own end; `written` and `read` only grow. The control thread takes a buffer that both threads
/// have released, and appends the head of the clip before it hands the buffer over.
struct ClipBuffer: ~Copyable {
  /// Number of frames that fit, a power of two: 1.37 s at 48 kHz.
  static let capacity = 65_536

  private let samples: UnsafeMutablePointer<Int16>
  private let written = Atomic<Int>(0)
  private let read = Atomic<Int>(0)
  /// Whether the last frame has been appended.
  private let hasEnded = Atomic<Bool>(true)
  /// Whether frames are missing at the end, because they could not be decoded. Valid when the buffer is spent.
  private let lacksEnd = Atomic<Bool>(false)
  /// Whether the audio thread has released the buffer.
  let releasedByAudio = Atomic<Bool>(true)
  /// Whether the decode thread has released the buffer.
  let releasedByDecoder = Atomic<Bool>(true)
  /// Whether the audio thread needs no more frames, so that decoding should end.
  let isAbandoned = Atomic<Bool>(false)

  /// Allocates an empty, free buffer.
  init() {
    samples = .allocate(capacity: Self.capacity)
    samples.initialize(repeating: 0, count: Self.capacity)
  }

  deinit { samples.deallocate() }

  /// Whether both threads have released the buffer.
  var isFree: Bool { releasedByAudio.load(ordering: .acquiring) && releasedByDecoder.load(ordering: .acquiring) }

  /// Empties a free buffer and assigns it to both threads. Called by the control thread.
  func take() {
    written.store(0, ordering: .relaxed)
    read.store(0, ordering: .relaxed)
    hasEnded.store(false, ordering: .relaxed)
    lacksEnd.store(false, ordering: .relaxed)
    isAbandoned.store(false, ordering: .relaxed)
    releasedByAudio.store(false, ordering: .relaxed)
    releasedByDecoder.store(false, ordering: .releasing)
  }

  /// Number of frames that can be appended now.
  var room: Int { Self.capacity - (written.load(ordering: .relaxed) - read.load(ordering: .acquiring)) }

  /// Number of frames that can be read now.
  var count: Int { written.load(ordering: .acquiring) - read.load(ordering: .relaxed) }

  /// Whether the last frame has been read.
  var isSpent: Bool {
    // The end is published after the last frames: reading the count first could miss frames.
    let isComplete = hasEnded.load(ordering: .acquiring)
    return isComplete && count == 0
  }

  /// Appends as many frames as fit, and returns their number.
  func append(_ frames: UnsafeBufferPointer<Int16>) -> Int {
    let start = written.load(ordering: .relaxed)
    let count = min(frames.count, room)
    // In one piece, and a second one where the ring begins again: a press waits for this.
    if let source = frames.baseAddress {
      let place = start & (Self.capacity - 1)
      let first = min(count, Self.capacity - place)
      (samples + place).update(from: source, count: first)
      samples.update(from: source + first, count: count - first)
    }
    written.store(start + count, ordering: .releasing)
    return count
  }

  /// Whether the clip ended before its last frame, because the rest could not be decoded. Valid when `isSpent`.
  var isTruncated: Bool { lacksEnd.load(ordering: .relaxed) }

  /// Marks the frames appended so far as all that will come.
  ///
  /// - Parameter isTruncated: whether they are not the whole clip.
  func end(isTruncated: Bool = false) {
    lacksEnd.store(isTruncated, ordering: .relaxed)
    hasEnded.store(true, ordering: .releasing)
  }

  /// Ends the decoding and releases the buffer, in this order: once it is released, it may belong to another clip.
  /// Called by the audio thread.
  func releaseByAudio() {
    isAbandoned.store(true, ordering: .releasing)
    releasedByAudio.store(true, ordering: .releasing)
  }

  /// Copies the next frames without removing them, so that frames without room on the card are not lost.
  ///
  /// - Returns: the number of frames copied, at most `frames.count`.
  func peek(into frames: UnsafeMutableBufferPointer<Int16>) -> Int {
    let start = read.load(ordering: .relaxed)
    let count = min(frames.count, self.count)
    for i in 0..<count { frames[i] = samples[(start + i) & (Self.capacity - 1)] }
    return count
  }

  /// Removes and returns the next frame; nil where there is none.
  func next() -> Int16? {
    let start = read.load(ordering: .relaxed)
    if count == 0 { return nil }
    let sample = samples[start & (Self.capacity - 1)]
    drop(1)
    return sample
  }

  /// Removes the next `count` frames.
  func drop(_ count: Int) { read.store(read.load(ordering: .relaxed) + count, ordering: .releasing) }
}
