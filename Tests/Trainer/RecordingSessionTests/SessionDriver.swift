import Glibc
import Posix

@testable import Catalogue
@testable import KitBuilder
@testable import RecordingSession

/// Drives a session as a front end does: it keeps the time, feeds synthetic audio and writes down each effect.
struct SessionDriver {
  static let rate = 8_000
  static let prompts = [(3, "safe-here"), (40, "thank-you"), (41, "goodbye")]

  var session: RecordingSession
  private(set) var time: Monotonic
  /// Each effect as one line, in order.
  private(set) var trace: [String] = []
  /// The audio of the last `writeTake`.
  private(set) var written: (samples: [Int32], bits: Int) = ([], 0)
  private var generator = Noise()

  init(
    recorded: Set<String> = [], first: Int = 0, includesRecorded: Bool = false,
    _ change: (inout RecordingSession.Configuration) -> Void = { _ in }
  ) {
    time = Monotonic(nanoseconds: 1_000_000_000)
    var configuration = RecordingSession.Configuration(
      items: Self.prompts.map(Self.item), first: first, includesRecorded: includesRecorded, recorded: recorded,
      check: RecordingCheck(), device: "microphone", rate: Self.rate)
    change(&configuration)
    session = RecordingSession(configuration, bits: 24, at: time)
  }

  /// A session whose room has been measured and found quiet.
  static func ready(recorded: Set<String> = []) -> SessionDriver {
    var driver = SessionDriver(recorded: recorded)
    driver.hear(seconds: 2.1)
    return driver
  }

  /// A session with a take under review.
  static func reviewing(recorded: Set<String> = []) -> SessionDriver {
    var driver = ready(recorded: recorded)
    driver.recordTake()
    driver.send(.takeWritten(driver.draft, trial()))
    return driver
  }

  /// From the ready phase to the take that is to be written.
  mutating func recordTake() {
    send(.command(.record))
    hear(seconds: 3.1)
    send(.command(.finish))
  }

  /// The draft of the current message.
  var draft: Take {
    let prompt = session.item.prompt
    return Take(language: "ro", voice: "f1", number: prompt.number, prompt: prompt.id, path: ".\(prompt.id).wav")
  }

  static func trial(clip: [UInt8]? = [1]) -> TakeTrial { TakeTrial(findings: [], duration: 1, clip: clip) }

  /// Reports an event.
  ///
  /// - Parameter after: milliseconds since the event before.
  mutating func send(_ event: RecordingSession.Event, after: Int = 1) {
    time = time.adding(milliseconds: after)
    for effect in session.handle(event, at: time) { note(effect) }
  }

  /// Feeds audio in blocks of 20 ms: noise at about -65 dBFS with a buzz of the given amplitude over it.
  mutating func hear(seconds: Double, amplitude: Double = 0, noise: Double = 0.001) {
    let block = Self.rate / 50
    for start in stride(from: 0, to: Int(seconds * Double(Self.rate)), by: block) {
      let samples = (start..<start + block).map { index -> Int32 in
        let turn = 2 * Double.pi * 200 * Double(index) / Double(Self.rate)
        let value = noise * generator.next() + amplitude * (sin(turn) + sin(2 * turn) / 2 + sin(3 * turn) / 3) / 2
        return Int32(value * 0x1p31 * 0.99)
      }
      send(.audio(samples, isTorn: false), after: 20)
    }
  }

  /// Returns noise at about -65 dBFS.
  mutating func noise(seconds: Double) -> [Int32] {
    (0..<Int(seconds * Double(Self.rate))).map { _ in Int32(0.001 * generator.next() * 0x1p31 * 0.99) }
  }

  /// Feeds a voice over noise in blocks of 20 ms; full scale is 1.
  mutating func hear(_ voice: [Float], noise: Double = 0.001) {
    let block = Self.rate / 50
    for start in stride(from: 0, to: voice.count, by: block) {
      let samples = voice[start..<min(voice.count, start + block)].map { value -> Int32 in
        Int32((noise * generator.next() + Double(value)) * 0x1p31 * 0.99)
      }
      send(.audio(samples, isTorn: false), after: 20)
    }
  }

  private mutating func note(_ effect: RecordingSession.Effect) {
    switch effect {
    case .openMicrophone: trace.append("open")
    case .writeTake(let samples, let bits, let item):
      written = (samples, bits)
      trace.append("write \(item.prompt.id)")
    case .keepTake(let take, let item): trace.append("keep \(take.path) as \(item.prompt.id)")
    case .dropTake(let take): trace.append("drop \(take.path)")
    case .loadRecording(let item): trace.append("load \(item.prompt.id)")
    case .play(let clip): trace.append("play \(clip)")
    case .stopPlayback: trace.append("stop")
    }
  }

  static func item(number: Int, id: String) -> ReviewItem {
    let language = Language(
      number: 1, tag: "ro", english: "Romanian", autonym: "română", names: [:], script: "Latn", direction: .ltr,
      roles: [.listener], regions: [], fallback: [], voice: nil, rate: 14, drafted: .machine, wordings: [:], file: "")
    let prompt = Prompt(
      number: number, id: id, module: .opening, audience: .all, answer: .none, jurisdiction: false, title: id,
      caution: "", length: 2, file: "")
    let wording = Wording(
      text: id, note: nil, back: nil, variants: [:], title: nil, caution: nil, drafted: .machine, file: "", line: 1)
    return ReviewItem(language: language, prompt: prompt, wording: wording, takes: [])
  }
}

/// White noise, the same in every run. (Marsaglia's xorshift)
private struct Noise {
  private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// Returns a value from -1 to 1.
  mutating func next() -> Double {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Double(state >> 11) / Double(1 << 52) - 1
  }
}
