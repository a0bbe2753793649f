import Board
import Glibc

@testable import Playback

/// A simulated card in memory, with the faults of a card. The test advances its time; only then are frames played.
final class MemorySink: Sink {
  /// The frames played, in order.
  var played: [Int16] = []
  /// Whether it plays.
  var isRunning = false
  /// Whether it ran out of frames and was not halted since.
  var hasUnderrun = false
  /// Whether it is plugged in.
  var isPresent = true
  /// Whether it takes frames back.
  var canRewind = true
  /// Whether its DMA makes no progress.
  var isStalled = false
  /// Whether the machine slept and the card was not halted since.
  var isSuspended = false
  /// Frames of its buffer.
  var capacity = 9600
  /// Frames of its period, whatever the board asks for.
  var period = 480
  /// Whether it reports its position in whole periods.
  var isBatch = false
  /// The settings of the board.
  var sound = Board.Sound(pcm: "memory", buffer: 9600, rewind: true)
  /// Number of halts.
  var halts = 0
  /// Maximum frames that it accepts before its time is advanced.
  var maximumWrite = Int.max
  /// Frames played since it was halted.
  private var playedSinceHalt = 0
  /// Frames accepted and not yet played.
  private var queue: [Int16] = []
  /// Frames accepted since its time was advanced.
  private var written = 0

  /// Advances the time by the duration of `frames` frames.
  func advance(_ frames: Int) {
    written = 0
    guard isRunning, !isStalled, !isSuspended else { return }
    let count = min(frames, queue.count)
    played += queue[..<count]
    queue.removeFirst(count)
    playedSinceHalt += count
    if count < frames {
      isRunning = false
      hasUnderrun = true
    }
  }

  var limits: CardLimits { CardLimits(sound, period: period, buffer: capacity, isBatch: isBatch) }

  /// Frames that were played and are not reported yet.
  private var unreported: Int { isBatch ? playedSinceHalt % period : 0 }

  func attach() -> Bool {
    defer { halts = 0 }
    return halt() == 0
  }

  func room() -> Int {
    let queued = queued()
    return queued < 0 ? 1 : max(0, limits.queue - queued)
  }

  func detach() { isRunning = false }

  func write(_ frames: UnsafeBufferPointer<Int16>) -> Int {
    if !isPresent { return Int(-ENODEV) }
    if hasUnderrun { return Int(-EPIPE) }
    if isSuspended { return Int(-ESTRPIPE) }
    if written >= maximumWrite { return 0 }
    let count = min(frames.count, capacity - queue.count, maximumWrite - written)
    written += count
    queue += frames[..<count]
    if count > 0 { isRunning = true }
    return count
  }

  func queued() -> Int {
    if !isPresent { return Int(-ENODEV) }
    return hasUnderrun ? Int(-EPIPE) : isSuspended ? Int(-ESTRPIPE) : queue.count + unreported
  }

  func stranded() -> Int { queue.count }

  func rewind(keeping keep: Int) -> Int {
    let back = canRewind && sound.rewind ? max(0, queue.count + unreported - keep) : 0
    // Frames that were played cannot be replaced: an underrun follows.
    if back > queue.count { hasUnderrun = true }
    queue.removeLast(min(back, queue.count))
    return back
  }

  func halt() -> CInt {
    if !isPresent { return -ENODEV }
    queue = []
    halts += 1
    playedSinceHalt = 0
    isRunning = false
    hasUnderrun = false
    isSuspended = false
    return 0
  }

  func wait(wake: CInt, forRoom: Bool, milliseconds: CInt) {}
}
