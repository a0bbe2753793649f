import Glibc

/// What sounds now and what comes next: the audio thread's whole state.
///
/// It takes commands, moves frames from a voice to the sink, and says what to wait for. Nothing in `turn` allocates,
/// locks or retains, but for the opening of a card that was gone.
///
/// A clip ends in a stretch of silence, and the card is halted inside that silence: neither a drain nor an underrun
/// is needed to end a stream, and the last frames are not lost on cards that drop what they hold when they stop.
/// A stop, or a new clip over an old one, takes back what the card has not played, fades the old clip out over
/// `fade` frames and goes on from there.
struct RenderLoop<S: Sink & ~Copyable>: ~Copyable {
  /// 5 ms: long enough to be no click, short enough to be at once.
  static var fade: Int { 240 }
  /// 4 ms that are left to the card on a rewind: its DMA may have fetched them.
  static var reserve: Int { 192 }
  /// 100 ms of silence behind each clip.
  static var tail: Int { 4800 }
  /// How often a card that is gone is looked for, in ms.
  static var patience: CInt { 500 }
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
  }

  /// What the thread should wait for until the next `turn`.
  enum Wait: BitwiseCopyable, Equatable {
    case command
    case room
    case milliseconds(CInt)
    case quit
  }

  private(set) var state = State.absent
  private(set) var sink: S
  private let voices: UnsafeMutablePointer<Voice>
  private let gain: Float

  /// Position in the stream, in frames written since the card was prepared; a rewind sets it back.
  private var position = 0
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
  /// Frames of silence still to be written in `ending`.
  private var silence = 0
  /// Whether the end of the clip has been told.
  private var reported = true
  private var quitting = false

  /// Longest buffer that a card may have: 2 s.
  static var mostBuffered: Int { 131_072 }

  init(sink: consuming S, voices: UnsafeMutablePointer<Voice>, gainDecibels: Double) {
    self.sink = sink
    self.voices = voices
    gain = Float(pow(10, gainDecibels / 20))
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

  /// Looks for the card; `turn` does it again as long as there is none.
  mutating func open(now: Int64, events: borrowing Ring<PlaybackEvent>) {
    let code = find(now: now, events: events)
    if code < 0 { _ = events.push(PlaybackEvent(.lost, time: now, code: -code)) }
  }

  /// 0 if the card is there now, or a negative errno.
  private mutating func find(now: Int64, events: borrowing Ring<PlaybackEvent>) -> CInt {
    let code = sink.open()
    if code == 0 {
      state = .idle
      position = 0
      _ = events.push(PlaybackEvent(.found, time: now))
    }
    return code
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
    case nil:
      break
    }
    let wait = advance(now: now, events: events)
    // The fade sounds before the card is closed.
    return quitting && (state == .idle || state == .absent) ? .quit : wait
  }

  private mutating func advance(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Wait {
    switch state {
    case .absent:
      return find(now: now, events: events) == 0 ? .command : .milliseconds(Self.patience)
    case .idle:
      return .command
    case .playing:
      return feed(now: now, events: events)
    case .ending:
      return finish(now: now, events: events)
    }
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
    voice = index
    token = number
    begin = position + unfaded
    reported = false
    state = .playing
    let ahead = max(0, sink.queued())
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

  /// Takes back what the card has not played and writes the fade in its place.
  private mutating func interrupt(now: Int64, events: borrowing Ring<PlaybackEvent>) {
    let back = sink.rewind(keeping: Self.reserve)
    position -= back
    if !reported {
      reported = true
      let sounded = state == .ending ? min(position, end) : position
      _ = events.push(PlaybackEvent(.stopped, token: token, time: now, frames: max(0, sounded - begin)))
    }
    for i in 0..<Self.fade {
      // What was taken back; behind it, what would have come next.
      let sample = i < back ? history[(position + i) & (Self.mostBuffered - 1)] : nextSample(i - back)
      fading[i] = Int16(Float(sample) * Float(Self.fade - i) / Float(Self.fade))
    }
    unfaded = Self.fade
    _ = writeFade(now: now, events: events)
    release()
  }

  /// The frame that would have come `ahead` frames after the last one written: of an older fade, then of the voice.
  private mutating func nextSample(_ ahead: Int) -> Int16 {
    if ahead < unfaded { return fading[Self.fade - unfaded + ahead] }
    guard voice >= 0, state == .playing else { return 0 }
    var sample: Int16 = 0
    let count = withUnsafeMutablePointer(to: &sample) {
      voices[voice].peek(into: UnsafeMutableBufferPointer(start: $0, count: 1))
    }
    voices[voice].drop(count)
    return count == 1 ? scaled(sample) : 0
  }

  private mutating func release() {
    guard voice >= 0 else { return }
    voices[voice].abandoned.store(true, ordering: .releasing)
    voices[voice].releasedByAudio.store(true, ordering: .releasing)
    voice = -1
  }

  // MARK: frames

  private func scaled(_ sample: Int16) -> Int16 {
    gain == 1 ? sample : Int16((Float(sample) * gain).rounded())
  }

  private mutating func feed(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Wait {
    guard writeFade(now: now, events: events) else {
      return state == .absent ? .milliseconds(Self.patience) : .room
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
      if gain != 1 { for i in 0..<count { block[i] = scaled(block[i]) } }
      let written = write(block, 0..<count, now: now, events: events)
      if state == .absent { return .milliseconds(Self.patience) }
      voices[voice].drop(written)
      if written < count { return .room }
    }
  }

  private mutating func finish(now: Int64, events: borrowing Ring<PlaybackEvent>) -> Wait {
    guard writeFade(now: now, events: events) else {
      return state == .absent ? .milliseconds(Self.patience) : .room
    }
    while silence > 0 {
      let queued = sink.queued()
      let room = sink.capacity - max(0, queued)
      if queued >= 0 && room <= 0 { break }
      let count = min(silence, min(Self.block, max(1, room)))
      for i in 0..<count { block[i] = 0 }
      let written = write(block, 0..<count, now: now, events: events)
      if state == .absent { return .milliseconds(Self.patience) }
      silence -= written
      if written < count { break }
    }
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
      let code = sink.halt()
      position = 0
      if code < 0 { lose(-code, now: now, events: events) } else { state = .idle }
      return state == .idle ? .command : .milliseconds(Self.patience)
    }
    let until = silence > 0 ? Self.block : reported ? queued - last : left
    return .milliseconds(CInt(until / 48 + 1))
  }

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
      _ = events.push(PlaybackEvent(.stopped, token: token, time: now, frames: max(0, position - begin)))
    }
    release()
    unfaded = 0
    sink.close()
    state = .absent
    _ = events.push(PlaybackEvent(.lost, time: now, code: code))
  }
}
