import Glibc

/// The state machine of the audio thread: it takes commands, moves frames from a clip buffer to the sink, and returns
/// what to wait for.
///
/// Nothing in `turn` allocates, locks or retains; the compiler proves it, see `AudioThread`.
///
/// Silence follows each clip, and the card is halted within that silence. So no stream ends with a drain or an underrun,
/// and no card that discards its buffer on a stop loses the last frames. A stop, or a new clip during another, rewinds
/// the frames that the card has not played, writes a fade of `fade` frames in their place, and continues from there.
/// Where a card takes back too few, those left play on before the fade, or the card is halted and the fade starts it
/// again.
struct RenderLoop<S: Sink & ~Copyable>: ~Copyable {
  /// Frames of a fade, 5 ms: long enough to avoid a click, short enough to be immediate.
  static var fade: Int { 240 }
  /// Maximum frames that may play after a stop and before its fade, 24 ms.
  static var late: Int { 1152 }
  /// Maximum frames that may play before a clip on a running stream, 100 ms: a card that is halted there loses the
  /// clip's first syllable.
  static var lateAtRest: Int { 4800 }
  /// Minimum frames of silence after each clip, 100 ms.
  static var minimumTail: Int { 4800 }
  /// Frames of that silence within which the card is halted, 25 ms.
  static var minimumLast: Int { 1200 }
  /// Nanoseconds without progress after which a card counts as lost, whatever it reports: 1 s.
  static var stall: Int64 { 1_000_000_000 }
  /// Frames moved at a time.
  static var block: Int { 480 }

  /// The state after the last `turn`.
  private(set) var state = State.absent
  /// Number of cards taken over so far.
  private(set) var attached = 0
  /// Whether the card took back too few frames and was halted for a stop or a clip.
  private(set) var hasDropped = false
  /// The output.
  var sink: S
  private let buffers: UnsafeMutablePointer<ClipBuffer>
  private var gain: Gain
  /// Nanoseconds for which the card runs on after a clip; 0 halts it at once.
  private let rest: Int64
  private var restUntil: Int64 = 0
  /// Frames for which the card must run before a clip.
  private let lead: Int

  /// Position in the stream: frames written since the card was prepared, less those rewound.
  private var position = 0
  /// The position at which the card last started.
  private var woken = 0
  /// The progress of the card.
  private var progress = CardProgress()
  /// The last frames written.
  private let history = FrameHistory()
  private let block: UnsafeMutableBufferPointer<Int16>
  /// The fade of the clip that was cut.
  private let fading: UnsafeMutableBufferPointer<Int16>
  /// Frames of the fade that the card has not accepted yet. They come before all others.
  private var unfaded = 0

  /// Index of the clip buffer that plays; -1 for none.
  private var current = -1
  private var clip = ClipProgress()
  /// Frames of silence still to be written: before the clip in `playing`, after it in `ending`.
  private var silence = 0
  private var isQuitting = false

  /// Allocates the buffers of the loop.
  ///
  /// - Parameters:
  ///   - sink: the output.
  ///   - buffers: the clip buffers; they must outlive the loop.
  ///   - gain: the initial factor for samples; see `Gain`.
  ///   - rest: nanoseconds for which the card runs on after a clip; 0 halts it at once.
  ///   - lead: frames for which the card must run before a clip; silence fills what is missing.
  init(
    sink: consuming S, buffers: UnsafeMutablePointer<ClipBuffer>, gain: Int = Gain.one, rest: Int64 = 0, lead: Int = 0
  ) {
    self.sink = sink
    self.buffers = buffers
    self.gain = Gain(gain)
    self.rest = rest
    self.lead = lead
    block = .allocate(capacity: Self.block)
    block.initialize(repeating: 0)
    fading = .allocate(capacity: Self.fade)
    fading.initialize(repeating: 0)
  }

  deinit {
    block.deallocate()
    fading.deallocate()
  }

  /// Executes a command, if there is one, and then writes as many frames as the card accepts.
  ///
  /// - Parameters:
  ///   - command: the next command; nil for none.
  ///   - now: CLOCK_MONOTONIC in nanoseconds.
  ///   - events: receives the events. An event is dropped where it is full.
  /// - Returns: what to wait for until the next call.
  mutating func turn(_ command: AudioCommand?, now: Int64, events: borrowing Ring<PlaybackEvent>) -> Wait {
    switch command {
    case .quit:
      isQuitting = true
      cut(now: now, events: events)
    case .stop:
      cut(now: now, events: events)
    case .play(let index, let number):
      start(index, number, now: now, events: events)
    case .gain(let factor):
      gain.target = factor
      if state != .playing { gain.settle() }
    case .inspect:
      inspect(now: now, events: events)
    case nil:
      break
    }
    let wait = advance(now: now, events: events)
    // The fade plays before the card is closed.
    let isSilent = state == .idle || state == .absent || state == .resting
    return isQuitting && isSilent ? .quit : wait
  }

  private mutating func advance(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Wait {
    switch state {
    case .absent:
      if find(now: now, events: events) { return advance(now: now, events: events) }
      return .command
    case .idle:
      return .command
    case .playing:
      return isMoving(now: now, events: events) ? feed(now: now, events: events) : .command
    case .ending:
      return isMoving(now: now, events: events) ? finish(now: now, events: events) : .command
    case .resting:
      return isMoving(now: now, events: events) ? runOn(now: now, events: events) : .command
    }
  }

  /// Takes over a card, if there is one.
  private mutating func find(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Bool {
    guard sink.attach() else { return false }
    attached += 1
    position = 0
    woken = 0
    gain.settle()
    beSilent(now: now)
    _ = events.push(PlaybackEvent(.found, time: now))
    return true
  }

  /// Enters silence: the card is idle, or runs on.
  private mutating func beSilent(now: Int64) {
    state = rest > 0 ? .resting : .idle
    restUntil = rest > Int64.max - now ? Int64.max : now + rest
    supervise(now: now)
  }

  /// Checks an idle card, so that an unplugged one is released now and not at the next press.
  private mutating func inspect(now: Int64, events: borrowing Ring<PlaybackEvent>) {
    guard state == .idle else { return }
    let code = sink.queued()
    if code >= 0 { return }
    let hasRecovered = (code == -Int(EPIPE) || code == -Int(ESTRPIPE)) && sink.halt() >= 0
    if !hasRecovered { lose(CInt(-code), now: now, events: events) }
  }

  /// Starts to supervise the progress of the card.
  private mutating func supervise(now: Int64) {
    progress.begin(position: position, queued: sink.queued(), now: now)
  }

  /// Returns false where the card is gone, or has frames but makes no progress; it is released then.
  ///
  /// Asked before frames are counted: what an unplugged card held was not heard, though nothing of it is left. A write
  /// would show that too, but none may follow: all may be written, or the decode thread late.
  private mutating func isMoving(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Bool {
    let queued = sink.queued()
    let isGone = queued == -Int(ENODEV)
    if !isGone && progress.isMoving(position: position, queued: queued, now: now, limit: Self.stall) { return true }
    lose(isGone ? ENODEV : ETIMEDOUT, now: now, events: events)
    return false
  }

  // MARK: Commands

  private mutating func start(_ index: Int, _ number: UInt32, now: Int64, events: borrowing Ring<PlaybackEvent>) {
    if state == .playing || state == .ending {
      interrupt(unless: rest > 0 ? Self.lateAtRest : Self.late, now: now, events: events)
    }
    if state == .absent {
      buffers[index].releaseByAudio()
      _ = events.push(PlaybackEvent(.failed, token: number, time: now, code: ENODEV))
      return
    }
    if state == .resting { _ = takeBack(unless: Self.lateAtRest) }
    // Where the board asks for it, a card is woken with silence: an idle one, and one that was halted just now.
    silence = max(0, lead - (position + unfaded - woken))
    if state != .playing { gain.settle() }
    current = index
    clip = ClipProgress(token: number, begin: position + unfaded + silence)
    state = .playing
    supervise(now: now)
    let ahead = max(0, sink.queued()) + unfaded + silence
    _ = events.push(clip.event(.started, at: now + Int64(ahead) * 1_000_000 / 48))
  }

  /// Cuts the clip with a fade, followed by silence. Frames that are written but not yet played are cut too.
  private mutating func cut(now: Int64, events: borrowing Ring<PlaybackEvent>) {
    guard state == .playing || state == .ending && !clip.isReported else { return }
    interrupt(unless: Self.late, now: now, events: events)
    if state == .absent { return }
    clip.end = position + unfaded
    silence = tail
    state = .ending
  }

  /// Takes back the frames that the card has not played, by a rewind or else by a halt.
  ///
  /// - Parameter most: frames that may stay on the card.
  /// - Returns: the number of frames taken back.
  private mutating func takeBack(unless most: Int) -> Int {
    let back = sink.rewind(keeping: sink.limits.reserve)
    position -= back
    // Count the rest as late as possible: the fade begins where the card stops.
    let left = sink.queued()
    guard left > most else { return back }
    hasDropped = true
    guard sink.halt() >= 0 else { return back }
    position -= left
    woken = position
    return back + left
  }

  /// Takes back the frames that the card has not played, and writes a fade in their place.
  ///
  /// - Parameter most: frames that may play before the fade.
  private mutating func interrupt(unless most: Int, now: Int64, events: borrowing Ring<PlaybackEvent>) {
    let back = takeBack(unless: most)
    if !clip.isReported {
      let heard = state == .ending ? min(position, clip.end) : position
      _ = events.push(clip.report(.stopped, heardUntil: heard, at: now))
    }
    for i in 0..<Self.fade {
      // First the frames that were taken back, then those that would have followed.
      let sample = i < back ? history[position + i] : nextSample(i - back)
      fading[i] = Int16(truncatingIfNeeded: Int(sample) * (Self.fade - i) / Self.fade)
    }
    unfaded = Self.fade
    _ = writeFade(now: now, events: events)
    release()
  }

  /// Returns the frame that would have come `ahead` frames after the last one written: of an older fade, then of the
  /// clip.
  private mutating func nextSample(_ ahead: Int) -> Int16 {
    if ahead < unfaded { return fading[Self.fade - unfaded + ahead] }
    guard current >= 0, state == .playing, let sample = buffers[current].next() else { return 0 }
    return gain.scale(sample)
  }

  /// Releases the clip buffer.
  private mutating func release() {
    guard current >= 0 else { return }
    buffers[current].releaseByAudio()
    current = -1
  }

  // MARK: Frames

  /// Frames of silence after each clip. A card whose position moves in steps is one step further than it reports.
  private var tail: Int { Self.minimumTail + 2 * sink.limits.step }

  /// Frames of that silence within which the card is halted.
  private var last: Int { Self.minimumLast + 2 * sink.limits.step }

  /// Frames that are queued at rest.
  private var restingQueue: Int { hasDropped ? sink.limits.shortQueue : sink.limits.queue }

  /// Writes frames of the clip.
  private mutating func feed(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Wait {
    guard writeFade(now: now, events: events), writeSilence(now: now, events: events) else {
      return state == .absent ? .command : .room
    }
    while true {
      let room = sink.room()
      if room <= 0 { return .room }
      let count = buffers[current].peek(into: UnsafeMutableBufferPointer(rebasing: block[..<min(Self.block, room)]))
      if count == 0 {
        if buffers[current].isSpent {
          clip.end = position
          clip.isTruncated = buffers[current].isTruncated
          release()
          silence = tail
          state = .ending
          return finish(now: now, events: events)
        }
        // The decode thread is late: try again before the card underruns.
        return .milliseconds(2)
      }
      for i in 0..<count { block[i] = gain.scale(block[i]) }
      let written = write(block, 0..<count, now: now, events: events)
      if state == .absent { return .command }
      buffers[current].drop(written)
      if written < count { return .room }
    }
  }

  /// Writes the silence after the clip, and reports its end when the last frame has left the card.
  private mutating func finish(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Wait {
    guard writeFade(now: now, events: events) else { return state == .absent ? .command : .room }
    _ = writeSilence(now: now, events: events)
    if state == .absent { return .command }
    // Everything is written: an error of the card, with the end of the clip on it, shows only here.
    if !clip.isReported, hasStopped(sink.queued()), !recover(now: now, events: events) { return .command }
    let queued = max(0, sink.queued())
    let left = queued - (position - clip.end)
    if !clip.isReported && left <= 0 {
      _ = events.push(clip.report(clip.ending, heardUntil: clip.end, at: now + Int64(left) * 1_000_000 / 48))
    }
    // Halt well within the silence.
    if clip.isReported && silence == 0 && queued <= last {
      beSilent(now: now)
      return state == .resting ? runOn(now: now, events: events) : halt(now: now, events: events)
    }
    // A short queue is empty sooner than any timer that suits a long one.
    return silence > 0 ? .room : .milliseconds(CInt((clip.isReported ? queued - last : left) / 48 + 1))
  }

  /// Writes silence until the card may be halted.
  private mutating func runOn(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Wait {
    guard writeFade(now: now, events: events) else { return state == .absent ? .command : .room }
    if now >= restUntil {
      state = .idle
      return halt(now: now, events: events)
    }
    silence = max(0, restingQueue - max(0, sink.queued()))
    _ = writeSilence(now: now, events: events)
    silence = 0
    if state == .absent { return .command }
    // Half the queue: the longest safe interval between wake-ups. Room appears late where the position moves in steps.
    return .milliseconds(CInt(max(1, restingQueue / (sink.limits.step > 1 ? 4 : 2) / 48)))
  }

  /// Ends the stream. The next write starts another.
  private mutating func halt(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Wait {
    let code = sink.halt()
    position = 0
    woken = 0
    if code < 0 { lose(-code, now: now, events: events) }
    return .command
  }

  /// Returns true when no more silence is to be written.
  private mutating func writeSilence(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Bool {
    while silence > 0 {
      let room = sink.room()
      if room <= 0 { break }
      let count = min(silence, min(Self.block, room))
      for i in 0..<count { block[i] = silentFrame(i) }
      let written = write(block, 0..<count, now: now, events: events)
      if state == .absent { return false }
      silence -= written
      if written < count { break }
    }
    return silence == 0
  }

  /// Some cards mute themselves on zeros: to keep a resting card awake, write a +1 LSB sample every 10 ms.
  private func silentFrame(_ ahead: Int) -> Int16 { rest > 0 && (position + ahead) % 480 == 0 ? 1 : 0 }

  /// Returns true when the card has accepted the whole fade.
  private mutating func writeFade(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Bool {
    if unfaded > 0 {
      let taken = write(fading, (Self.fade - unfaded)..<Self.fade, now: now, events: events)
      // A card that was lost meanwhile has no fade left.
      unfaded = max(0, unfaded - taken)
    }
    return unfaded == 0 && state != .absent
  }

  /// Writes frames, and recovers from one underrun.
  ///
  /// - Returns: the number of frames that the card accepted.
  private mutating func write(
    _ frames: UnsafeMutableBufferPointer<Int16>, _ range: Range<Int>, now: Int64, events: borrowing Ring<PlaybackEvent>
  ) -> Int {
    let count = range.count
    var done = 0
    var hasRecovered = false
    while done < count {
      let from = range.lowerBound + done
      let result = sink.write(UnsafeBufferPointer(rebasing: frames[from..<range.upperBound]))
      if result > 0 {
        for i in 0..<result { history[position + i] = frames[from + i] }
        position += result
        done += result
      } else if result == 0 {
        return done
      } else if !hasRecovered && hasStopped(result) {
        hasRecovered = true
        if !recover(now: now, events: events) { return done }
      } else {
        lose(CInt(-result), now: now, events: events)
        return done
      }
    }
    return done
  }

  /// Returns whether a result means that the card stopped by itself and can be started again.
  private func hasStopped(_ result: Int) -> Bool { result == -Int(EPIPE) || result == -Int(ESTRPIPE) }

  /// Prepares the card again after an underrun or a suspend, and counts the frames of the clip that it had not played.
  ///
  /// - Returns: false where the card is lost.
  private mutating func recover(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Bool {
    let stranded = max(0, sink.stranded())
    clip.lose(from: position - stranded, until: state == .ending ? min(clip.end, position) : position)
    _ = events.push(clip.event(.underrun, at: now))
    let code = sink.halt()
    if code < 0 {
      lose(-code, now: now, events: events)
      return false
    }
    woken = position
    return true
  }

  /// Releases a card that is gone, and reports the clip as interrupted.
  private mutating func lose(_ code: CInt, now: Int64, events: borrowing Ring<PlaybackEvent>) {
    if !clip.isReported {
      _ = events.push(clip.report(.interrupted, heardUntil: min(position, progress.played), at: now))
    }
    release()
    unfaded = 0
    silence = 0
    sink.detach()
    state = .absent
    _ = events.push(PlaybackEvent(.lost, time: now, code: code))
  }
}
