import Catalogue
import Foundation
import KitBuilder
import TestSupport
import Testing

/// Telephone prompts by professional speakers: cut so tightly that no pause lets the room be heard.
@Suite("Human voices")
struct HumanVoiceTests {
  /// Every sixth prompt of each speaker that lasts half a second or more.
  private static let prompts = HumanVoices.prompts.enumerated().filter { $0.offset % 6 == 0 }.map(\.element.path)

  private func recordings() -> [Recording] {
    // A few are longer than any prompt may be.
    let recordings = Self.prompts.compactMap { try? Recording(path: $0) }.filter { $0.duration >= 0.5 }
    #expect(recordings.count > 200)
    return recordings
  }

  private func isBlamedForNoise(_ recording: Recording) -> Bool {
    guard
      let speech = SpeechSegment.find(
        in: Leveller.highPass(recording.samples, rate: recording.rate), rate: recording.rate),
      let noise = speech.noise
    else { return false }
    let limits = RecordingCheck.Limits()
    return speech.level - noise < limits.signalToNoise || noise > limits.noise
  }

  /// Returns the power of sound without an offset, in dBFS.
  private func level(_ samples: ArraySlice<Float>) -> Double {
    10 * log10(samples.reduce(1e-30) { $0 + Double($1 * $1) } / Double(samples.count))
  }

  @Test(
    "at most 2 % of tightly cut prompts get a finding of room noise",
    .enabled(if: HumanVoices.isInstalled, Comment(rawValue: HumanVoices.absence)))
  func tightlyCut() throws {
    let recordings = recordings()
    let blamed = recordings.count(where: isBlamedForNoise)
    #expect(blamed * 100 <= 2 * recordings.count, "\(blamed) of \(recordings.count)")
  }

  @Test(
    "noise that is added to them is found",
    .enabled(if: HumanVoices.isInstalled, Comment(rawValue: HumanVoices.absence)),
    arguments: [10.0, 15, 18])
  func added(decibelsBelowVoice distance: Double) throws {
    var random = SeededGenerator(seed: 16)
    let recordings = recordings()
    let found = recordings.count { recording in
      guard
        let speech = SpeechSegment.find(
          in: Leveller.highPass(recording.samples, rate: recording.rate), rate: recording.rate)
      else { return false }
      // Uniform noise of one power: its amplitude is the root of three times that.
      let height = Float((3 * pow(10, (speech.level - distance) / 10)).squareRoot())
      var noisy = recording
      for index in noisy.samples.indices { noisy.samples[index] += Float.random(in: -height...height, using: &random) }
      return isBlamedForNoise(noisy)
    }
    #expect(found * 100 >= 97 * recordings.count, "\(found) of \(recordings.count)")
  }

  @Test(
    "a gap with hard edges is a dropout, at whatever phase the wave breaks off; a noise gate makes none",
    .enabled(if: HumanVoices.isInstalled, Comment(rawValue: HumanVoices.absence)),
    arguments: [20, 40, 80])
  func gap(milliseconds: Int) throws {
    var (found, inserted, gated) = (0, 0, 0)
    for recording in recordings() {
      let rate = recording.rate
      let filtered = Leveller.highPass(recording.samples, rate: rate)
      guard let speech = SpeechSegment.find(in: filtered, rate: rate) else { continue }
      func dropouts(_ samples: [Float]) -> Int {
        let measures = Measures(
          Recording(samples: samples, rate: rate), speech: speech, loudness: nil, shortestDropout: 1)
        return measures.speech?.dropouts ?? 0
      }
      func isSpoken(_ range: Range<Int>) -> Bool {
        level(recording.samples[range]) > speech.level - 10
      }
      #expect(dropouts(recording.samples) == 0)

      let (length, side) = (rate * milliseconds / 1000, rate / 50)
      let starts = stride(
        from: speech.range.lowerBound + side, to: speech.range.upperBound - length - side, by: rate / 7)
      if let start = starts.first(where: {
        isSpoken($0 - side..<$0) && isSpoken($0 + length..<$0 + length + side)
      }) {
        var damaged = recording.samples
        for index in start..<start + length { damaged[index] = 0 }
        inserted += 1
        if dropouts(damaged) > 0 { found += 1 }
      }

      // Zeros wherever 10 ms lie 30 dB below the speech.
      let step = rate / 100
      var quiet = recording.samples
      for start in stride(from: 0, to: quiet.count - step, by: step)
      where level(filtered[start..<start + step]) < speech.level - 30 {
        for index in start..<start + step { quiet[index] = 0 }
      }
      if dropouts(quiet) > 0 { gated += 1 }
    }
    #expect(inserted > 100)
    #expect(found * 100 >= 90 * inserted, "\(found) of \(inserted)")
    #expect(gated * 100 <= 2 * inserted, "\(gated) of \(inserted)")
  }
}
