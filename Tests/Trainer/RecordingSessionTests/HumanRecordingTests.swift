import Glibc
import Posix
import TestSupport
import Testing

@testable import KitBuilder
@testable import RecordingSession

/// Prompts of professional speakers, spoken into the session's microphone in rooms of different noise.
@Suite("A take of a human voice", .enabled(if: HumanVoices.isInstalled, Comment(rawValue: HumanVoices.absence)))
struct HumanRecordingTests {
  private static let rate = SessionDriver.rate

  /// A prompt with its levels.
  private struct Spoken: Sendable {
    var name: String
    var samples: [Float]
    /// The power of each 10 ms in dBFS.
    var levels: [Double]

    /// The level of its loud parts.
    var level: Double { levels.sorted()[levels.count * 19 / 20] }

    init(_ name: String, _ samples: [Float]) {
      (self.name, self.samples) = (name, samples)
      levels = Swift.stride(from: 0, to: samples.count, by: rate / 100).map { start in
        let part = samples[start..<min(samples.count, start + rate / 100)]
        return 10 * log10(part.reduce(1e-15) { $0 + Double($1 * $1) } / Double(part.count))
      }
    }

    /// The frames from its first to its last sound of 30 ms that is audible in a room.
    func audible(noise: Double) -> Range<Int>? {
      let floor = max(level - 40, noise + 3)
      let sounds = levels.indices.dropLast(3).filter { levels[$0...$0 + 3].count { $0 > floor } >= 3 }
      guard let first = sounds.first, let last = sounds.last else { return nil }
      return first * rate / 100..<(last + 4) * rate / 100
    }
  }

  /// Every twelfth prompt of half a second to half a minute.
  private static let spoken: [Spoken] = HumanVoices.prompts.enumerated().compactMap { offset, prompt in
    guard offset % 12 == 0, let recording = try? Recording(path: prompt.path), recording.rate == rate,
      (0.5...30).contains(recording.duration), !prompt.path.contains("confbridge-join"),
      !prompt.path.contains("confbridge-leave")
    else { return nil }
    return Spoken(prompt.path, recording.samples)
  }

  /// A session 0.2 s before the end of the countdown, when the take has begun.
  private static func session(noise amplitude: Double) -> SessionDriver {
    var driver = SessionDriver()
    driver.hear(seconds: 2.1, noise: amplitude)
    if driver.session.phase == .roomFindings { driver.send(.command(.ignoreRoom)) }
    driver.send(.command(.record))
    driver.hear(seconds: 2.8, noise: amplitude)
    return driver
  }

  /// How far a measure by 10 ms can differ from the first sound and from the last one, in milliseconds.
  private static let tolerance = 20

  @Test(
    "ends by itself after the last sound, and neither the take nor its clip loses a first or a last sound",
    arguments: [(-65.0, 0.0), (-65, -15), (-55, 0), (-55, -15), (-45, 0)])
  func take(noise: Double, gain: Double) throws {
    let amplitude = (3 * pow(10, noise / 10)).squareRoot()
    let ready = Self.session(noise: amplitude)
    let settings = LevelSettings()
    var all = 0
    var faults: [String: [String]] = [:]
    for spoken in Self.spoken {
      let voice = Spoken(spoken.name, spoken.samples.map { $0 * Float(pow(10, gain / 20)) })
      // The check refuses a voice that lies nearer to the room.
      guard voice.level > noise + 20, let audible = voice.audible(noise: noise) else { continue }
      all += 1
      var driver = ready
      driver.hear(voice.samples, noise: amplitude)
      #expect(driver.session.phase == .recording, "\(voice.name): ended early")
      driver.hear(seconds: driver.session.endSilence + 0.5, noise: amplitude)
      guard driver.session.phase == .writing else {
        faults["end", default: []].append(voice.name)
        continue
      }
      let samples = driver.written.samples.map { Float($0) / 0x1p31 }
      // The take begins 0.3 s before the end of the countdown, the voice 0.2 s before it.
      let first = Self.rate / 10 + audible.lowerBound
      let last = Self.rate / 10 + audible.upperBound
      #expect(samples.count >= last, "\(voice.name)")
      guard let segment = SpeechSegment.find(in: Leveller.highPass(samples, rate: Self.rate), rate: Self.rate) else {
        faults["speech", default: []].append(voice.name)
        continue
      }
      let missingBefore = (segment.range.lowerBound - first) * 1000 / Self.rate - settings.lead
      let missingAfter = (last - segment.range.upperBound) * 1000 / Self.rate - settings.tail
      if missingBefore > Self.tolerance { faults["first", default: []].append("\(voice.name): \(missingBefore) ms") }
      if missingAfter > Self.tolerance { faults["last", default: []].append("\(voice.name): \(missingAfter) ms") }
    }
    #expect(all > 100)
    for (fault, names) in faults {
      #expect(names.count * 100 <= 2 * all, "\(fault) of \(names.count) of \(all): \(names.joined(separator: ", "))")
    }
  }
}
