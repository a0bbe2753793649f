import Board

/// The limits of the frames on a card, derived from what libasound negotiated. All are in frames.
///
/// A board file only asks for a period and a buffer; a card may give others. A limit that came from the request could
/// make poll(2) wait for more room than the buffer has.
struct CardLimits: BitwiseCopyable, Equatable {
  /// Frames that a rewind leaves on a card that knows its position exactly, 4 ms: its DMA may have fetched them.
  static let exactReserve = 192
  /// Frames that a rewind leaves beyond a step of the position, 2 ms.
  static let stepReserve = 96
  /// Frames that a card holds at least where they cannot be taken back, 20 ms: few enough for a stop within 30 ms,
  /// enough to survive a delay.
  static let minimumQueue = 960
  /// Frames that start the card, 40 ms; fewer where it may hold fewer. The head of every clip is longer, and silence
  /// follows each clip.
  static let maximumToStart = 1920

  /// Frames that may be queued.
  let queue: Int
  /// Frames that may be queued where none can be taken back.
  let shortQueue: Int
  /// Frames of the card's buffer that stay empty.
  let spare: Int
  /// The value for snd_pcm_sw_params_set_avail_min: poll(2) returns when this many frames of the buffer are empty.
  let availMin: Int
  /// The value for snd_pcm_sw_params_set_start_threshold: queued frames that start the card.
  let startThreshold: Int
  /// Frames by which the card's position moves at once: a period for a BATCH card, such as one on USB.
  let step: Int
  /// Frames that a rewind leaves on the card.
  let reserve: Int

  /// Derives the limits.
  ///
  /// - Parameters:
  ///   - sound: the settings of the board.
  ///   - period: the negotiated period.
  ///   - buffer: the negotiated buffer.
  ///   - isBatch: whether the position moves by whole periods. SNDRV_PCM_INFO_BATCH
  init(_ sound: Board.Sound, period: Int, buffer: Int, isBatch: Bool) {
    let buffer = min(max(1, buffer), FrameHistory.capacity)
    let period = min(max(1, period), buffer)
    shortQueue = min(buffer, Self.shortRequest(sound, period: period))
    queue = sound.rewind ? min(buffer, Self.request(sound, period: period)) : shortQueue
    spare = buffer - queue
    availMin = spare + max(1, min(period, queue / 2))
    // Some cards fetch up to 20 ms at once when they start: that much must be queued by then.
    startThreshold = max(1, min(Self.maximumToStart, queue / 2))
    step = isBatch ? period : 1
    reserve = isBatch ? max(Self.exactReserve, period + Self.stepReserve) : Self.exactReserve
  }

  /// Returns the buffer to ask a card for after it has fixed its period.
  static func request(_ sound: Board.Sound, period: Int) -> Int {
    sound.rewind ? max(sound.buffer, 2 * period) : shortRequest(sound, period: period)
  }

  /// The smallest buffer without underruns: two periods.
  private static func shortRequest(_ sound: Board.Sound, period: Int) -> Int {
    max(2 * period, min(sound.buffer, minimumQueue))
  }
}
