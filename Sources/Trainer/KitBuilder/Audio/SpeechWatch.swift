/// Detects speech and its end during a recording, by the gate that `SpeechSegment` later finds the speech with.
public struct SpeechWatch: Sendable {
  /// Whether speech has begun.
  public private(set) var hasBegun = false
  /// Whether speech has begun, and silence has lasted for the given time since.
  public var isOver: Bool { hasBegun && sinceVoice >= patience }
  /// The frames since it was over: on a busy machine frames arrive late and in large blocks.
  public var overrun: Int { isOver ? sinceVoice + count - patience : 0 }

  /// The minimum of steps of speech: the vowel of a short word has 80 ms, a knock on the table is shorter.
  private static let shortest = 32
  /// The maximum of steps of a pause within a word: the closure of a consonant.
  private static let closure = 40

  private let room: Double
  /// The frames of silence that end the speech.
  private let patience: Int
  private let step: Int
  private var filter: HighPass
  private var sinceVoice = 0
  /// Frames of speech without a pause between words.
  private var voiced = 0
  /// The mean squares of the last 40 ms in steps of 2.5 ms, and the highest value that half of them reached: a click does
  /// not.
  private var powers: [Double] = []
  private var loudest = 0.0
  /// The incomplete step.
  private var sum = 0.0
  private var count = 0

  /// Creates a detector.
  ///
  /// - Parameters:
  ///   - rate: Hz.
  ///   - room: the room's noise in dBFS.
  ///   - silence: the seconds of silence that end the speech.
  public init(rate: Int, room: Double, silence: Double) {
    self.room = max(room, SpeechSegment.deaf)
    patience = Int(silence * Double(rate))
    step = max(1, rate / 400)
    filter = HighPass(rate: rate)
  }

  /// Adds recorded samples.
  public mutating func add(_ samples: [Float]) {
    for value in samples {
      let filtered = Double(filter.next(value))
      sum += filtered * filtered
      count += 1
      if count == step { close() }
    }
  }

  private mutating func close() {
    powers.append(sum / Double(step))
    if powers.count > 16 { powers.removeFirst() }
    (sum, count) = (0, 0)
    sinceVoice += step
    if powers.count < 16 { return }
    let sustained = powers.sorted()[8]
    loudest = max(loudest, sustained)
    let level = decibels(power: loudest)
    // Before the speech begins, the room is the loudest sound so far: speech is well above it.
    if level < max(SpeechSegment.silence, room + 15) { return }
    let gate = level - SpeechSegment.depth(level: level, noise: room)
    if decibels(power: sustained) > gate {
      voiced += step
      sinceVoice = 0
    } else if sinceVoice > Self.closure * step {
      voiced = 0
    }
    if voiced >= Self.shortest * step { hasBegun = true }
  }
}
