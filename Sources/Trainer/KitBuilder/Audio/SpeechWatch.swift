/// Hears, while it is recorded, whether somebody speaks and when they have ended: by the same gate that later finds the
/// voice in the recording.
public struct SpeechWatch: Sendable {
  /// Somebody has begun to speak.
  public private(set) var hasBegun = false
  /// Nobody has spoken for the time that was given, after somebody had.
  public var isOver: Bool { hasBegun && sinceVoice >= patience }
  /// Frames heard since it was over: a busy machine brings them late, and many at a time.
  public var overrun: Int { isOver ? sinceVoice + count - patience : 0 }

  /// Steps of a voice without a pause; a knock on the table is shorter.
  private static let shortest = 48

  private let room: Double
  /// Frames.
  private let patience: Int
  private let step: Int
  private var filter: HighPass
  private var sinceVoice = 0
  /// Frames of voice without a pause.
  private var voiced = 0
  /// Mean squares of the last 40 ms in steps of 2.5 ms, and the highest that half of them have reached: no click does.
  private var powers: [Double] = []
  private var loudest = 0.0
  /// The step that is not whole yet.
  private var sum = 0.0
  private var count = 0

  /// - Parameters:
  ///   - rate: Hz.
  ///   - room: its noise in dBFS.
  ///   - silence: seconds without a voice that end it.
  public init(rate: Int, room: Double, silence: Double) {
    self.room = max(room, SpeechSegment.deaf)
    patience = Int(silence * Double(rate))
    step = max(1, rate / 400)
    filter = HighPass(rate: rate)
  }

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
    // A room that is alone is its own loudest moment: a voice stands well above it.
    if level < max(SpeechSegment.silence, room + 15) { return }
    let gate = level - SpeechSegment.depth(level: level, noise: room)
    if decibels(power: sustained) > gate {
      voiced += step
      sinceVoice = 0
    } else if sinceVoice > 20 * step {
      voiced = 0
    }
    if voiced >= Self.shortest * step { hasBegun = true }
  }
}
