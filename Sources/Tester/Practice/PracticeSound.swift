import Glibc
import Posix
import Simulator
import Synchronization

/// The last seconds of sound that left the practice's card. One thread appends; any number of pages read.
final class PracticeSound: Sendable {
  /// A part of the sound: frames that left the card without a gap.
  struct Piece: Equatable, Sendable {
    /// Number of the first frame, of all that have left the card since the start.
    var first: Int
    var samples: [Int16]
    /// Whether the first frame is the first after a silence of the card.
    var isStart = false
    /// Whether the card went on after the last frame.
    var runsOn = false
  }

  private struct State {
    var samples: [Int16] = []
    /// Number of the first sample.
    var first = 0
    /// Numbers of the frames before which the card was silent.
    var starts: [Int] = []
    var isRunning = false
    var isClosed = false
    var waiters: [Int: Waiter] = [:]
    var next = 0

    /// The number of the frame that comes next.
    var end: Int { first + samples.count }
  }

  /// A page that waits for sound.
  private final class Waiter: Sendable {
    let wake: Wake
    init() throws(SystemError) { wake = try Wake() }
  }

  private let state = Mutex(State())
  /// The samples that are kept: 20 s.
  private static let kept = 20 * CardRecording.rate
  /// The maximum number of samples of a piece: 1 s.
  private static let limit = CardRecording.rate
  /// The number of samples that a page waits for while the card runs: 40 ms.
  private static let least = CardRecording.rate / 25

  /// The number of frames that have left the card.
  var frames: Int { state.withLock { $0.end } }

  /// Appends what left the card.
  func append(_ taken: [CardRecording.Taken]) {
    if taken.isEmpty { return }
    let waiters = state.withLock { state in
      for part in taken {
        if part.isFirst, !part.samples.isEmpty { state.starts.append(state.end) }
        state.samples += part.samples
        state.isRunning = part.runsOn
      }
      // In large steps: each removal moves all samples.
      if state.samples.count > 2 * Self.kept {
        let old = state.samples.count - Self.kept
        state.samples.removeFirst(old)
        state.first += old
        let first = state.first
        state.starts.removeAll { $0 < first }
      }
      return Array(state.waiters.values)
    }
    for waiter in waiters { waiter.wake.signal() }
  }

  /// Ends the sound: pages no longer wait for more.
  func close() {
    let waiters = state.withLock { state in
      state.isClosed = true
      state.isRunning = false
      return Array(state.waiters.values)
    }
    for waiter in waiters { waiter.wake.signal() }
  }

  /// Returns the sound from a frame on; waits for it until a time.
  ///
  /// - Parameter frame: nil for what comes next: the piece then has no samples.
  func piece(from frame: Int?, until deadline: Monotonic) -> Piece {
    guard let frame else { return Piece(first: frames, samples: []) }
    guard let waiter = try? Waiter() else { return piece(from: frame) }
    let number = state.withLock { state in
      state.next += 1
      state.waiters[state.next] = waiter
      return state.next
    }
    defer { state.withLock { $0.waiters[number] = nil } }
    while true {
      let piece = piece(from: frame)
      let isEnough = piece.samples.count >= (piece.runsOn ? Self.least : 1)
      if isEnough || state.withLock({ $0.isClosed }) || Monotonic.now >= deadline { return piece }
      var poll = Poll()
      _ = poll.add(waiter.wake.descriptor, events: POLLIN)
      try? poll.wait(until: deadline)
      waiter.wake.clear()
    }
  }

  private func piece(from frame: Int) -> Piece {
    state.withLock { state in
      let first = min(max(frame, state.first), state.end)
      let limit = min(state.end, first + Self.limit)
      let end = state.starts.first { $0 > first && $0 < limit } ?? limit
      return Piece(
        first: first, samples: Array(state.samples[first - state.first..<end - state.first]),
        isStart: state.starts.contains(first), runsOn: end < state.end ? !state.starts.contains(end) : state.isRunning)
    }
  }
}
