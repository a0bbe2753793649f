import Catalogue
import Encoding
import Kit
import Project
import TestSupport
import Testing

@testable import KitBuilder

@Suite("The check")
struct RecordingCheckTests {
  private let take = Take(language: "en", voice: "f1", number: 3, prompt: "safe-here", path: "03.wav")

  private func codes(
    _ samples: [Float], characters: Int = 26, change: (inout Recording) -> Void = { _ in }
  ) throws -> [CheckFinding.Code] {
    var recording = Recording(samples: samples, rate: 48_000)
    change(&recording)
    let speech = SpeechSegment.find(in: recording.samples, rate: 48_000)
    let loudness = try Loudness.measure(recording.samples, rate: 48_000).level
    let analysis = RecordingAnalysis(recording, speech: speech, loudness: loudness, limits: RecordingCheck.Limits())
    return RecordingCheck().findings(
      of: analysis, take: take, text: String(repeating: "a", count: characters), rate: 13
    ).map(\.code)
  }

  @Test("has no finding for a good recording")
  func sound() throws {
    #expect(try codes(babble(seconds: 2, rate: 48_000)) == [])
  }

  @Test("finds silence, a voice that is too quiet, clipped, or in noise")
  func faults() throws {
    let speech = babble(seconds: 2, rate: 48_000)
    #expect(try codes(silence(seconds: 2, rate: 48_000)) == [.silent])
    #expect(try codes(speech.map { $0 * 0.02 }) == [.tooQuiet])
    #expect(try codes(speech.map { max(-1, min(1, $0 * 20)) }) == [.clipped])
    let room = noise(seconds: 3, rate: 48_000, amplitude: 0.02)
    #expect(try codes(zip(speech + silence(seconds: 1, rate: 48_000), room).map { $0 + $1 }) == [.noisy])
  }

  @Test("questions a recording that is much too long or too short for its wording")
  func duration() throws {
    let speech = babble(seconds: 6, rate: 48_000)
    #expect(try codes(speech, characters: 26) == [.duration])
    #expect(try codes(speech, characters: 40) == [])
    #expect(try codes(babble(seconds: 1, rate: 48_000), characters: 60) == [.duration])
    #expect(try codes(babble(seconds: 1, rate: 48_000), characters: 3) == [])
  }

  @Test("recognises speech synthesis by its directory or its mark, and a wording that was changed since")
  func synthetic() throws {
    let speech = babble(seconds: 2, rate: 48_000)
    #expect(try codes(speech) { $0.synthetic = true } == [.synthetic])
    #expect(
      try codes(speech) {
        $0.synthetic = true
        $0.wording = Digest.sha256("another")
      } == [.synthetic, .rewording])
    #expect(try codes(speech) { $0.mixdown = .left } == [.deadChannel])
    #expect(try codes(speech) { $0.mixdown = .outOfPhase } == [.outOfPhase])
  }

  @Test("gives every error of a recording its own code, a place and a remedy")
  func failures() {
    let errors: [RecordingError] = [
      .notAFile, .empty, .truncated(promised: 2, found: 1), .endMissing, .notSound("x"), .tooLong(seconds: 61),
      .rate(1),
      .channels(3), .notANumber(frame: 0),
    ]
    for error in errors {
      let finding = take.finding(error)
      #expect(finding.code.rawValue == error.code)
      #expect(finding.severity == .error)
      #expect(finding.description.hasPrefix("03.wav: error: "))
      #expect(!finding.description.contains("\n"))
    }
  }

  @Test("lists the most severe first")
  func order() {
    let findings = [
      take.finding(.unapproved, .note, "a", "b"), take.finding(.soft, .warning, "a", "b"), take.finding(.empty),
      take.finding(.clipped, .warning, "a", "b"),
    ].sorted()
    #expect(findings.map(\.code) == [.empty, .clipped, .soft, .unapproved])
  }

  @Test("uses the project's thresholds, and reports measure, threshold and its name in kit.yaml")
  func limits() throws {
    let speech = babble(seconds: 2, rate: 48_000)
    let recording = Recording(samples: speech, rate: 48_000)
    let analysis = RecordingAnalysis(
      recording, speech: SpeechSegment.find(in: speech, rate: 48_000),
      loudness: try Loudness.measure(speech, rate: 48_000).level, limits: RecordingCheck.Limits())
    let check = RecordingCheck(limits: RecordingCheck.Limits([.quiet: -10, .pause: 0.1]))
    let findings = check.findings(
      of: analysis, take: take, text: String(repeating: "a", count: 26), rate: 13)
    #expect(findings.map(\.code) == [.tooQuiet, .silenceInside])
    #expect(findings[0].measure?.unit == .lufs)
    #expect(findings[0].measure?.threshold == -10)
    #expect(findings[0].measure?.setting == .quiet)
    #expect(findings[0].measure?.value == analysis.measures.speech?.loudness)
  }

  @Test("has a standard value in range for every limit, and every limit has its own")
  func standards() {
    for limit in CheckLimit.allCases {
      let standard = RecordingCheck.Limits().measure(0, .dB, limit).threshold
      #expect(limit.range.contains(standard), "\(limit)")
      var changed = RecordingCheck.Limits([limit: limit.range.upperBound])
      #expect(changed != RecordingCheck.Limits(), "\(limit)")
      changed = RecordingCheck.Limits([limit: standard])
      #expect(changed == RecordingCheck.Limits(), "\(limit)")
    }
  }
}
