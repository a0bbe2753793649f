import Glibc
import Opus
import Posix
import TestSupport
import Testing

@testable import KitBuilder

/// The clips of prompts by professional speakers.
@Suite("A clip of a human voice", .enabled(if: HumanVoices.isInstalled, Comment(rawValue: HumanVoices.absence)))
struct HumanLevelTests {
  /// Every twelfth prompt that a kit takes.
  private static let prompts: [(name: String, recording: Recording)] =
    HumanVoices.prompts.enumerated().filter { $0.offset % 12 == 0 }.compactMap { _, prompt in
      (try? Recording(path: prompt.path)).map { (prompt.path, $0) }
    }

  private static func power(_ samples: ArraySlice<Float>) -> Double {
    decibels(power: samples.reduce(0) { $0 + Double($1 * $1) } / Double(max(1, samples.count)))
  }

  /// What became of one recording.
  private struct Outcome: Sendable {
    var name: String
    var clip: MasteredClip?
    /// Measured anew in the decoded clip.
    var loudness = Loudness(level: -.infinity, peak: -.infinity, rule: .short)
    /// The loudest 20 ms of the recording that are not in the clip, in dB relative to the voice.
    var lost = -Double.infinity
    /// dB by which the first 100 ms of the voice are lifted more than the whole.
    var onset = 0.0
  }

  private static let outcomes: [Outcome] = Workers.map(prompts.count, threads: Workers.cores) { index in
    let (name, recording) = prompts[index]
    var outcome = Outcome(name: name)
    let settings = LevelSettings()
    guard let speech = try? SpeechExtract(of: recording, settings: settings),
      let clip = try? Mastering().clip(speech, tags: anyTags, serial: 1),
      let decoded = try? ClipDecoder.decode(clip.bytes).map({ Float($0) / 32_768 }),
      let loudness = try? Loudness.measure(decoded, rate: 48_000)
    else { return outcome }
    (outcome.clip, outcome.loudness) = (clip, loudness)
    let (rate, range) = (recording.rate, speech.segment.range)
    let filtered = Leveller.highPass(recording.samples, rate: rate)
    let start = max(0, range.lowerBound - rate * settings.lead / 1000)
    let kept = start..<min(filtered.count, range.upperBound + rate * settings.tail / 1000)
    for start in Swift.stride(from: 0, to: filtered.count - rate / 50, by: rate / 100)
    where start + rate / 50 <= kept.lowerBound || start >= kept.upperBound {
      outcome.lost = max(outcome.lost, power(filtered[start..<start + rate / 50]) - speech.segment.level)
    }
    func lift(_ frames: Range<Int>) -> Double {
      let first = (frames.lowerBound - start) * 48_000 / rate
      let last = min(decoded.count, (frames.upperBound - start) * 48_000 / rate)
      return power(decoded[min(first, last)..<last]) - power(filtered[frames])
    }
    outcome.onset =
      lift(range.lowerBound..<min(range.upperBound, range.lowerBound + rate / 10)) - lift(range)
    return outcome
  }

  @Test("is as loud as all others, below the maximum peak")
  func level() {
    let clips = Self.outcomes.filter { $0.clip != nil }
    #expect(clips.count == Self.outcomes.count && clips.count > 100)
    for outcome in clips {
      #expect(abs(outcome.loudness.level + 16) <= 0.5, "\(outcome.name): \(outcome.loudness.level) LUFS")
      #expect(outcome.loudness.peak <= -1.5, "\(outcome.name): \(outcome.loudness.peak) dBTP")
    }
  }

  @Test("holds the whole voice: nothing audible is trimmed, and its first sounds are not faded")
  func whole() {
    for outcome in Self.outcomes {
      #expect(outcome.lost < -35, "\(outcome.name): \(outcome.lost) dB")
      #expect(outcome.onset > -6, "\(outcome.name): \(outcome.onset) dB")
    }
  }

  @Test("the lift of a soft voice raises no room above -45 dBFS", arguments: [-65.0, -55, -50, -45])
  func cap(noise: Double) throws {
    var random = SeededGenerator(seed: 16)
    let settings = LevelSettings()
    var capped = 0
    for (name, recording) in Self.prompts {
      // The voice 10 dB softer, with half a second of the room on both sides. The amplitude of uniform noise is the
      // root of three times its power.
      let height = Float((3 * pow(10, noise / 10)).squareRoot())
      let pause = [Float](repeating: 0, count: recording.rate / 2)
      var soft = recording
      soft.samples = (pause + recording.samples.map { $0 * 0.3 } + pause).map {
        $0 + Float.random(in: -height...height, using: &random)
      }
      let speech = try #require(try SpeechExtract(of: soft, settings: settings))
      let levelled = try Leveller.lift(
        speech.samples, rate: speech.rate, measured: try Loudness.measure(speech.samples, rate: speech.rate),
        noise: speech.segment.noise, target: settings.target, ceiling: settings.peak, settings: settings)
      #expect(noise + levelled.gain <= max(noise, settings.noise) + 1, "\(name): lifted by \(levelled.gain) dB")
      if levelled.cause == .noise { capped += 1 }
    }
    // A quiet room seldom limits the lift.
    #expect(noise > -60 ? capped > 0 : capped * 20 < Self.prompts.count, "\(capped)")
  }
}
