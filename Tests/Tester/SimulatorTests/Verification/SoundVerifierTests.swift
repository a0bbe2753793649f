import Board
import Playback
import Posix
import Scenarios
import Testing

@testable import Simulator

/// Returns a clip of low-frequency noise; each seed gives a different one.
private func murmur(_ seed: UInt64, _ count: Int) -> [Int16] {
  var state = seed &* 0x9E37_79B9_7F4A_7C15
  var (slow, slower) = (0.0, 0.0)
  return (0..<count).map { index in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    slow += 0.06 * (Double(Int64(bitPattern: state) >> 32) / Double(Int32.max) - slow)
    slower += 0.06 * (slow - slower)
    return Int16(40_000 * slower * min(1, Double(index) / 240))
  }
}

@Suite struct SoundVerifierTests {
  private let first = murmur(1, 30_000)
  private let second = murmur(2, 24_000)
  private let start = Monotonic(nanoseconds: 1_000_000_000)

  private var verifier: SoundVerifier {
    SoundVerifier(
      ClipLibrary(entries: [
        .init(language: "ro", prompt: "one", frames: first, gain: 1),
        .init(language: "bg", prompt: "two", frames: second, gain: 1),
        .init(language: "", prompt: "", frames: Tone.error.frames, gain: 1, signal: .error),
        .init(language: "", prompt: "", frames: Tone.notAvailable.frames, gain: 1, signal: .notAvailable),
        .init(language: "", prompt: "", frames: Tone.done.frames, gain: 1, signal: .done),
      ]))
  }

  /// Returns the verdicts on a stream that begins 10 ms after the first press.
  private func heard(
    _ samples: [Int16], _ presses: [(String, milliseconds: Int)], xrun: Bool = false,
    cardActions: [(Scenario.CardEvent, milliseconds: Int)] = [], waited: Double = 0
  ) throws -> [SoundVerifier.Verdict] {
    let recording = try recording(of: samples, xrun: xrun)
    return verifier.verify(
      presses.map {
        Bench.Press(button: Button($0.0), time: start.adding(milliseconds: $0.milliseconds), waited: waited)
      },
      recording,
      cardActions: cardActions.map { Bench.CardAction(event: $0.0, time: start.adding(milliseconds: $0.milliseconds)) })
  }

  private func recording(of samples: [Int16], xrun: Bool = false) throws -> CardRecording {
    let begin = start.adding(milliseconds: 10).nanoseconds
    let end = begin + Int64(samples.count) * 1_000_000_000 / 48_000
    var bytes = recordHead() + block(.open, 1, 0, 0)
    bytes += block(.setup, 0, 0, 0, word(48_000) + word(1) + word(2) + word(480) + word(9600))
    bytes += block(.start, 0, begin, 0)
    bytes += block(
      .frames, samples.count, begin, 0,
      samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] })
    bytes += block(xrun ? .xrun : .drop, 0, end, Int64(samples.count))
    return try CardRecording(bytes)
  }

  private let silence = [Int16](repeating: 0, count: 4800)

  /// Returns the first frames of a clip, faded out over 5 ms as by the player, then silence.
  private func cut(_ clip: [Int16], at frame: Int) -> [Int16] {
    Array(clip[..<frame])
      + (0..<240).map { Int16(Double(clip[frame + $0]) * Double(240 - $0) / 240) } + silence
  }

  @Test("a clip is identified by its frames, with its exact start and its end")
  func completed() throws {
    let verdict = try heard(first + silence, [("one", 0)])[0]
    #expect(verdict.heard == .clip(language: "ro", prompt: "one", frames: 30_000, completed: true))
    #expect(verdict.milliseconds == 10)
    #expect(verdict.faults.isEmpty)
  }

  @Test("two clips are distinguished")
  func other() throws {
    guard case .clip("bg", "two", _, completed: true) = try heard(second + silence, [("one", 0)])[0].heard else {
      Issue.record("not identified")
      return
    }
  }

  @Test("a clip that fades out at a press is stopped, without a fault")
  func stopped() throws {
    // The stop comes 200 ms after the first press: 190 ms into the sound; its end takes 10 ms more.
    let verdicts = try heard(cut(first, at: 9_600), [("one", 0), ("stop", 200)])
    guard case .clip("ro", "one", let frames, completed: false) = verdicts[0].heard else {
      Issue.record("\(verdicts[0])")
      return
    }
    #expect((9_600..<9_640).contains(frames))
    #expect(verdicts[0].faults.isEmpty, "\(verdicts[0])")
    #expect(verdicts[1].heard == .silence && verdicts[1].faults.isEmpty)
  }

  @Test("late stop: sound more than 30 ms after a stop is a fault")
  func lateStop() throws {
    let verdicts = try heard(cut(first, at: 14_400), [("one", 0), ("stop", 200)])
    #expect(verdicts[1].faults.count == 1)
  }

  @Test("click: a clip cut without a fade is a fault")
  func click() throws {
    let loudest = first.indices[9_000..<12_000].max { abs(Int(first[$0])) < abs(Int(first[$1])) }!
    let verdicts = try heard(Array(first[..<loudest]) + silence, [("one", 0), ("stop", loudest / 48 + 5)])
    #expect(verdicts[0].faults.contains { $0.contains("click") }, "\(verdicts[0])")
  }

  @Test("interruption: a clip that ends early without a press is a fault")
  func brokenOff() throws {
    let verdict = try heard(cut(first, at: 9_600), [("one", 0)])[0]
    #expect(verdict.faults.contains { $0.contains("though no button was pressed") })
  }

  @Test("underrun: an underrun of the card is a fault")
  func underrun() throws {
    #expect(try heard(first, [("one", 0)], xrun: true)[0].faults.contains { $0.contains("ran out") })
  }

  @Test("one changed frame in the middle is a fault")
  func changedFrame() throws {
    var changed = first
    changed[15_000] &+= 400
    #expect(try !heard(changed + silence, [("one", 0)])[0].faults.isEmpty)
  }

  @Test("more sound after the end is a fault")
  func more() throws {
    let verdict = try heard(first + silence + murmur(9, 2_000), [("one", 0)])[0]
    #expect(verdict.faults.contains { $0.contains("more sound") })
  }

  @Test("a sound that matches no clip is unknown, and no sound is silence")
  func unknown() throws {
    #expect(try heard(murmur(7, 20_000), [("one", 0)])[0].heard == .unknown)
    #expect(try heard(silence, [("one", 0)])[0].heard == .silence)
  }

  @Test("the device's signals are identified")
  func signals() throws {
    #expect(try heard(Tone.error.frames + silence, [("one", 0)])[0].heard == .signal(.error))
    #expect(try heard(Tone.notAvailable.frames + silence, [("one", 0)])[0].heard == .signal(.notAvailable))
  }

  @Test("a clip at another volume is identified to its end", arguments: [0.7, 0.0631])
  func volume(_ factor: Double) throws {
    let soft = first.map { Int16((Double($0) * factor).rounded()) }
    let verdict = try heard(soft + silence, [("one", 0)])[0]
    #expect(verdict.heard == .clip(language: "ro", prompt: "one", frames: 30_000, completed: true))
    #expect(verdict.faults.isEmpty)
  }

  @Test("a clip may be interrupted by a card event and continue to its end; without one that is a fault")
  func seam() throws {
    let broken = Array(first[..<9_600]) + silence + Array(first[14_400...]) + silence
    let disturbed = try heard(broken, [("one", 0)], cardActions: [(.suspend, 205)])[0]
    guard case .clip("ro", "one", let frames, completed: true) = disturbed.heard else {
      Issue.record("\(disturbed)")
      return
    }
    #expect(disturbed.faults.isEmpty)
    #expect((25_100..<25_300).contains(frames), "lost frames do not count: \(frames)")
    #expect(try !heard(broken, [("one", 0)])[0].faults.isEmpty)
  }

  @Test("underrun: a requested underrun is no fault, another one is")
  func wantedUnderrun() throws {
    #expect(try heard(first, [("one", 0)], xrun: true, cardActions: [(.xrun, 100)])[0].faults.isEmpty)
    #expect(try !heard(first, [("one", 0)], xrun: true, cardActions: [(.suspend, 100)])[0].faults.isEmpty)
  }

  @Test("a clip or signal that follows without a press is reported after the first")
  func then() throws {
    let verdict = try heard(first + silence + second + silence + Tone.done.frames + silence, [("one", 0)])[0]
    #expect(verdict.heard == .clip(language: "ro", prompt: "one", frames: 30_000, completed: true))
    #expect(
      verdict.then.map(\.heard) == [
        .clip(language: "bg", prompt: "two", frames: 24_000, completed: true), .signal(.done),
      ])
    #expect(verdict.faults.isEmpty, "\(verdict.faults)")
  }

  @Test("a loud message that starts in a pause of another is no click")
  func overPause() throws {
    // 190 ms of sound, then a pause within the clip, in which the next message begins.
    var clip = first
    for index in 9_120..<14_000 { clip[index] = 0 }
    let verifier = SoundVerifier(
      ClipLibrary(entries: [
        .init(language: "ro", prompt: "one", frames: clip, gain: 1),
        .init(language: "bg", prompt: "two", frames: second.map { $0 | 0x0400 }, gain: 1),
      ]))
    let samples = Array(clip[..<10_000]) + second.map { $0 | 0x0400 } + silence
    let verdicts = verifier.verify(
      [
        Bench.Press(button: Button("one"), time: start),
        Bench.Press(button: Button("two"), time: start.adding(milliseconds: 215)),
      ], try recording(of: samples))
    #expect(verdicts.map(\.faults) == [[], []], "\(verdicts)")
  }

  @Test("late stop: the wait for a processor is allowed, and no more than that")
  func busyMachine() throws {
    let sound = cut(first, at: 12_000)
    #expect(try heard(sound, [("one", 0), ("stop", 200)], waited: 60)[1].faults.isEmpty)
    #expect(try !heard(sound, [("one", 0), ("stop", 200)], waited: 20)[1].faults.isEmpty)
  }
}
