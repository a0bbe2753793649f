import Glibc

/// What sounds now and what comes next: the audio thread's whole state.
///
/// It takes commands, moves frames from a voice to the sink, and says what to wait for. Nothing in `turn` allocates,
/// locks or retains: `AudioThread` has the compiler prove it.
///
/// A clip ends in a stretch of silence, and the card is halted inside that silence: neither a drain nor an underrun
/// is needed to end a stream, and the last frames are not lost on cards that drop what they hold when they stop.
/// A stop, or a new clip over an old one, takes back what the card has not played, fades the old clip out over
/// `fade` frames and goes on from there. A card that gives nothing back is halted instead, and the fade starts it.
struct RenderLoop<S: Sink & ~Copyable>: ~Copyable {
  /// 5 ms: long enough to be no click, short enough to be at once.
  static var fade: Int { 240 }
  /// 4 ms that are left to the card on a rewind: its DMA may have fetched them.
  static var reserve: Int { 192 }
  /// 8 ms: what may sound on after a stop, before its fade.
  static var late: Int { 384 }
  /// 100 ms of silence behind each clip.
  static var tail: Int { 4800 }
  /// A card that has not moved for so long is gone, whatever it says: 1 s in nanoseconds.
  static var stall: Int64 { 1_000_000_000 }
  /// Frames moved at a time.
  static var block: Int { 480 }

  enum State: BitwiseCopyable {
    /// No card.
    case absent
    /// Prepared and silent; nothing is due.
    case idle
    case playing
    /// Silence behind a clip, until the card is halted.
    case ending
    /// Nothing sounds, and the card runs all the same.
    case resting
  }

  /// What the thread should wait for until the next `turn`.
  enum Wait: BitwiseCopyable, Equatable {
    case command
    case room
    case milliseconds(CInt)
    case quit
  }

  private(set) var state = State.absent
  /// Cards taken over so far.
  private(set) var attached = 0
  /// The card would not give frames back, and was halted for a stop.
  private(set) var hasDropped = false
  var sink: S
  private let voices: UnsafeMutablePointer<Voice>
  private var gain: Gain
  /// For how long the card runs on after a clip, in nanoseconds; 0: it is halted at once.
  private let rest: Int64
  private var restUntil: Int64 = 0
  /// Frames of silence before a clip that wakes the card.
  private let lead: Int

  /// Position in the stream, in frames written since the card was prepared; a rewind sets it back.
  private var position = 0
  /// The position that had sounded when it was last looked at, and since when it has been that.
  private var played = 0
  private var playedSince: Int64 = 0
  /// What was written last, as much as the card can hold: a rewind fades these.
  private let history: UnsafeMutableBufferPointer<Int16>
  private let block: UnsafeMutableBufferPointer<Int16>
  /// The fade of what was ended, and how much of it the card has not taken yet: it goes before all else.
  private let fading: UnsafeMutableBufferPointer<Int16>
  private var unfaded = 0

  private var voice = -1
  private var token: UInt32 = 0
  /// Position of the clip's first frame, and of the first frame behind its last.
  private var begin = 0
  private var end = 0
  /// Frames of silence still to be written: before a clip in `playing`, behind it in `ending`.
  private var silence = 0
  /// Whether the end of the clip has been told.
  private var reported = true
  private var quitting = false

  /// Longest buffer that a card may have: 2.7 s.
  static var mostBuffered: Int { 131_072 }

  init(
    sink: consuming S, voices: UnsafeMutablePointer<Voice>, gain: Int = Gain.one, rest: Int64 = 0, lead: Int = 0
  ) {
    self.sink = sink
    self.voices = voices
    self.gain = Gain(gain)
    self.rest = rest
    self.lead = lead
    history = .allocate(capacity: Self.mostBuffered)
    history.initialize(repeating: 0)
    block = .allocate(capacity: Self.block)
    block.initialize(repeating: 0)
    fading = .allocate(capacity: Self.fade)
    fading.initialize(repeating: 0)
  }

  deinit {
    history.deallocate()
    block.deallocate()
    fading.deallocate()
  }

  /// One round: a command if there is one, then as many frames as the card takes.
  mutating func turn(_ command: Command?, now: Int64, events: borrowing Ring<PlaybackEvent>) -> Wait {
    switch command {
    case .quit:
      quitting = true
      cut(now: now, events: events)
    case .stop:
      cut(now: now, events: events)
    case .play(let index, let number):
      start(index, number, now: now, events: events)
    case .gain(let factor):
      gain.target = factor
      if state != .playing { gain.settle() }
    case .look:
      look(now: now, events: events)
    case nil:
      break
    }
    let wait = advance(now: now, events: events)
    // The fade sounds before the card is closed.
    let isSilent = state == .idle || state == .absent || state == .resting
    return quitting && isSilent ? .quit : wait
  }

  private mutating func advance(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Wait {
    switch state {
    case .absent:
      if find(now: now, events: events) { return advance(now: now, events: events) }
      return .command
    case .idle:
      return .command
    case .playing:
      return moves(now: now, events: events) ? feed(now: now, events: events) : .command
    case .ending:
      return moves(now: now, events: events) ? finish(now: now, events: events) : .command
    case .resting:
      return moves(now: now, events: events) ? runOn(now: now, events: events) : .command
    }
  }

  /// Takes a card over if there is one.
  private mutating func find(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Bool {
    guard sink.attach() else { return false }
    attached += 1
    position = 0
    gain.settle()
    quiet(now: now)
    _ = events.push(PlaybackEvent(.found, time: now))
    return true
  }

  /// Nothing is due any more: the card sleeps, or runs on in silence.
  private mutating func quiet(now: Int64) {
    state = rest > 0 ? .resting : .idle
    restUntil = rest > Int64.max - now ? Int64.max : now + rest
    watch(now: now)
  }

  /// A card that sleeps is asked how it is: an unplugged one is let go now, and not at the next press.
  private mutating func look(now: Int64, events: borrowing Ring<PlaybackEvent>) {
    guard state == .idle else { return }
    let code = sink.queued()
    if code >= 0 { return }
    let mended = (code == -Int(EPIPE) || code == -Int(ESTRPIPE)) && sink.halt() >= 0
    if !mended { lose(CInt(-code), now: now, events: events) }
  }

  /// From now on the card has to move.
  private mutating func watch(now: Int64) {
    played = position - max(0, sink.queued())
    playedSince = now
  }

  /// False where the card stands still though it has frames; then it is given up.
  private mutating func moves(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Bool {
    let queued = sink.queued()
    if queued <= 0 || position - queued != played {
      if queued >= 0 { played = position - queued }
      playedSince = now
    } else if now - playedSince > Self.stall {
      lose(ETIMEDOUT, now: now, events: events)
      return false
    }
    return true
  }

  // MARK: commands

  private mutating func start(_ index: Int, _ number: UInt32, now: Int64, events: borrowing Ring<PlaybackEvent>) {
    if state == .playing || state == .ending { interrupt(now: now, events: events) }
    if state == .absent {
      voices[index].releasedByAudio.store(true, ordering: .releasing)
      voices[index].abandoned.store(true, ordering: .releasing)
      _ = events.push(PlaybackEvent(.failed, token: number, time: now, code: ENODEV))
      return
    }
    // A card that sleeps is woken by silence where it needs that; one that runs in silence gives it back.
    silence = state == .idle ? lead : 0
    if state == .resting { _ = takeBack() }
    if state != .playing { gain.settle() }
    voice = index
    token = number
    begin = position + unfaded + silence
    reported = false
    state = .playing
    watch(now: now)
    let ahead = max(0, sink.queued()) + unfaded + silence
    _ = events.push(PlaybackEvent(.started, token: number, time: now + Int64(ahead) * 1_000_000 / 48))
  }

  /// Ends what sounds with a fade, then silence. What is written but has not sounded is cut too.
  private mutating func cut(now: Int64, events: borrowing Ring<PlaybackEvent>) {
    guard state == .playing || state == .ending && !reported else { return }
    interrupt(now: now, events: events)
    if state == .absent { return }
    end = position + unfaded
    silence = Self.tail
    state = .ending
  }

  /// Takes back what the card has not played, so that what comes next is heard soon; says how many frames.
  private mutating func takeBack() -> Int {
    let back = sink.rewind(keeping: Self.reserve)
    position -= back
    // What is left is counted at the last moment: where the card stops there the fade begins.
    let left = sink.queued()
    guard left > Self.late else { return back }
    hasDropped = true
    guard sink.halt() >= 0 else { return back }
    position -= left
    return back + left
  }

  /// Takes back what the card has not played and writes the fade in its place.
  private mutating func interrupt(now: Int64, events: borrowing Ring<PlaybackEvent>) {
    let back = takeBack()
    if !reported {
      reported = true
      let sounded = state == .ending ? min(position, end) : position
      _ = events.push(PlaybackEvent(.stopped, token: token, time: now, frames: max(0, sounded - begin)))
    }
    for i in 0..<Self.fade {
      // What was taken back; behind it, what would have come next.
      let sample = i < back ? history[(position + i) & (Self.mostBuffered - 1)] : nextSample(i - back)
      fading[i] = Int16(truncatingIfNeeded: Int(sample) * (Self.fade - i) / Self.fade)
    }
    unfaded = Self.fade
    _ = writeFade(now: now, events: events)
    release()
  }

  /// The frame that would have come `ahead` frames after the last one written: of an older fade, then of the voice.
  private mutating func nextSample(_ ahead: Int) -> Int16 {
    if ahead < unfaded { return fading[Self.fade - unfaded + ahead] }
    guard voice >= 0, state == .playing, let sample = voices[voice].next() else { return 0 }
    return gain.scale(sample)
  }

  private mutating func release() {
    guard voice >= 0 else { return }
    voices[voice].abandoned.store(true, ordering: .releasing)
    voices[voice].releasedByAudio.store(true, ordering: .releasing)
    voice = -1
  }

  // MARK: frames

  private mutating func feed(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Wait {
    guard writeFade(now: now, events: events), writeSilence(now: now, events: events) else {
      return state == .absent ? .command : .room
    }
    while true {
      let queued = sink.queued()
      let room = sink.capacity - max(0, queued)
      if queued >= 0 && room <= 0 { return .room }
      let count = voices[voice].peek(
        into: UnsafeMutableBufferPointer(rebasing: block[..<min(Self.block, max(1, room))]))
      if count == 0 {
        if voices[voice].isSpent {
          end = position
          release()
          silence = Self.tail
          state = .ending
          return finish(now: now, events: events)
        }
        // The feeder is late: it is asked again before the card runs dry.
        return .milliseconds(2)
      }
      for i in 0..<count { block[i] = gain.scale(block[i]) }
      let written = write(block, 0..<count, now: now, events: events)
      if state == .absent { return .command }
      voices[voice].drop(written)
      if written < count { return .room }
    }
  }

  private mutating func finish(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Wait {
    guard writeFade(now: now, events: events) else { return state == .absent ? .command : .room }
    _ = writeSilence(now: now, events: events)
    if state == .absent { return .command }
    let queued = max(0, sink.queued())
    let left = queued - (position - end)
    if !reported && left <= 0 {
      reported = true
      _ = events.push(
        PlaybackEvent(.completed, token: token, time: now + Int64(left) * 1_000_000 / 48, frames: end - begin))
    }
    // Halted well inside the silence.
    let last = max(Self.tail / 4, 1)
    if reported && silence == 0 && queued <= last {
      quiet(now: now)
      return state == .resting ? runOn(now: now, events: events) : halt(now: now, events: events)
    }
    let until = silence > 0 ? Self.block : reported ? queued - last : left
    return .milliseconds(CInt(until / 48 + 1))
  }

  /// Silence for as long as the card shall stay awake.
  private mutating func runOn(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Wait {
    guard writeFade(now: now, events: events) else { return state == .absent ? .command : .room }
    if now >= restUntil {
      state = .idle
      return halt(now: now, events: events)
    }
    silence = max(0, sink.capacity - max(0, sink.queued()))
    _ = writeSilence(now: now, events: events)
    silence = 0
    if state == .absent { return .command }
    // Half a buffer: as few wake-ups as are safe.
    return .milliseconds(CInt(max(1, sink.capacity / 96)))
  }

  /// Ends the stream; the next write starts another.
  private mutating func halt(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Wait {
    let code = sink.halt()
    position = 0
    if code < 0 { lose(-code, now: now, events: events) }
    return .command
  }

  /// True when no silence is due any more.
  private mutating func writeSilence(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Bool {
    while silence > 0 {
      let queued = sink.queued()
      let room = sink.capacity - max(0, queued)
      if queued >= 0 && room <= 0 { break }
      let count = min(silence, min(Self.block, max(1, room)))
      for i in 0..<count { block[i] = silentFrame(i) }
      let written = write(block, 0..<count, now: now, events: events)
      if state == .absent { return false }
      silence -= written
      if written < count { break }
    }
    return silence == 0
  }

  /// Some cards fall asleep on zeros: one that shall stay awake hears a bit of nothing, 100 times a second.
  private func silentFrame(_ ahead: Int) -> Int16 { rest > 0 && (position + ahead) % 480 == 0 ? 1 : 0 }

  /// True when the whole fade is with the card.
  private mutating func writeFade(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Bool {
    if unfaded > 0 {
      let taken = write(fading, (Self.fade - unfaded)..<Self.fade, now: now, events: events)
      // A card that was lost on the way has no fade left.
      unfaded = max(0, unfaded - taken)
    }
    return unfaded == 0 && state != .absent
  }

  /// Writes frames; an underrun is mended on the way. Says how many the card took.
  private mutating func write(
    _ frames: UnsafeMutableBufferPointer<Int16>, _ range: Range<Int>, now: Int64, events: borrowing Ring<PlaybackEvent>
  ) -> Int {
    let count = range.count
    var done = 0
    var mended = false
    while done < count {
      let from = range.lowerBound + done
      let result = sink.write(UnsafeBufferPointer(rebasing: frames[from..<range.upperBound]))
      if result > 0 {
        for i in 0..<result { history[(position + i) & (Self.mostBuffered - 1)] = frames[from + i] }
        position += result
        done += result
      } else if result == 0 {
        return done
      } else if !mended && (result == -Int(EPIPE) || result == -Int(ESTRPIPE)) {
        mended = true
        _ = events.push(PlaybackEvent(.underrun, token: token, time: now))
        let code = sink.halt()
        if code < 0 {
          lose(-code, now: now, events: events)
          return done
        }
      } else {
        lose(CInt(-result), now: now, events: events)
        return done
      }
    }
    return done
  }

  /// The card is gone: what played is over, and the search begins.
  private mutating func lose(_ code: CInt, now: Int64, events: borrowing Ring<PlaybackEvent>) {
    if !reported {
      reported = true
      _ = events.push(PlaybackEvent(.stopped, token: token, time: now, frames: max(0, min(position, played) - begin)))
    }
    release()
    unfaded = 0
    silence = 0
    sink.detach()
    state = .absent
    _ = events.push(PlaybackEvent(.lost, time: now, code: code))
  }
}
