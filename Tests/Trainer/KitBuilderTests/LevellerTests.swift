import TestSupport
import Testing

@testable import KitBuilder

@Suite("The level")
struct LevelTests {
  @Test("of a tone of 1 kHz at -20 dBFS is -23 LUFS, however short it is", arguments: [0.2, 0.35, 0.8, 3.0])
  func reference(seconds: Double) throws {
    // BS.1770: a full-scale sine of 997 Hz in one channel is -3.01 LUFS.
    let loudness = try Loudness.measure(tone(997, seconds: seconds, rate: 48_000, amplitude: 0.1), rate: 48_000)
    #expect(abs(loudness.level + 23.01) < 0.1)
    #expect(abs(loudness.peak + 20) < 0.1)
    #expect(loudness.rule == (seconds < 1 ? .short : .integrated))
  }

  @Test("of silence is minus infinity")
  func silent() throws {
    for seconds in [0.0, 0.05, 0.5, 2] {
      #expect(try Loudness.measure(silence(seconds: seconds, rate: 48_000), rate: 48_000).level == -.infinity)
    }
  }

  @Test("of a word does not depend on the silence around it")
  func padded() throws {
    let rate = 48_000
    let word = tone(300, seconds: 0.4, rate: rate)
    let around = silence(seconds: 0.2, rate: rate)
    let alone = try Loudness.measure(word, rate: rate).level
    let padded = try Loudness.measure(around + word + around, rate: rate).level
    #expect(abs(alone - padded) < 1)
  }

  @Test("the high-pass removes rumble, keeps voices, and an offset makes no click")
  func highPass() {
    let rate = 44_100
    func change(_ hertz: Double) -> Double {
      let sound = tone(hertz, seconds: 1, rate: rate)
      let filtered = Leveller.highPass(sound, rate: rate)
      return decibels(power: Array(filtered[(rate / 2)...]).variance / Array(sound[(rate / 2)...]).variance)
    }
    #expect(change(20) < -22)
    #expect(abs(change(80) + 3) < 0.2)
    #expect(abs(change(200)) < 0.2)
    #expect(abs(change(4_000)) < 0.05)
    #expect(Leveller.highPass(Array(repeating: 0.5, count: 1_000), rate: rate).allSatisfy { abs($0) < 0.001 })
  }

  @Test("the limiter holds the true peak, and does not change lower peaks", arguments: [8_000, 22_050, 48_000])
  func limiter(rate: Int) throws {
    // At a quarter of the rate the peaks fall between the samples.
    var sound = tone(Double(rate) / 4 + 7, seconds: 1, rate: rate, amplitude: 0.9)
    for index in 0..<rate / 2 { sound[index] *= 0.1 }
    let limiter = Limiter(sound, rate: rate, interest: 0.25)
    let held = limiter.apply(factor: 1, ceiling: 0.5)
    let peak = try Loudness.measure(held, rate: rate).peak
    #expect(peak < decibels(amplitude: 0.5) + 0.2, "\(peak)")
    #expect(Array(held[..<(rate / 4)]) == Array(sound[..<(rate / 4)]))
    #expect(peak > decibels(amplitude: 0.5) - 1)
  }

  @Test("the lift stops where it would raise the room's noise, and reports that")
  func noiseFloor() throws {
    let sound = tone(500, seconds: 2, rate: 48_000, amplitude: 0.01)
    let loudness = try Loudness.measure(sound, rate: 48_000)
    let levelled = try Leveller.lift(
      sound, rate: 48_000, measured: loudness, noise: -55, target: -16, ceiling: -1.5, settings: LevelSettings())
    #expect(abs(levelled.gain - 10) < 0.01)
    #expect(levelled.cause == .noise)
    #expect(abs(levelled.shortfall - (-16 - loudness.level - 10)) < 0.05)
  }

  @Test("the lift stops at the limiter's range, and reports that")
  func peaks() throws {
    var sound = tone(500, seconds: 2, rate: 48_000, amplitude: 0.01)
    sound[48_000] = 0.9
    let loudness = try Loudness.measure(sound, rate: 48_000)
    let levelled = try Leveller.lift(
      sound, rate: 48_000, measured: loudness, noise: nil, target: -16, ceiling: -1.5, settings: LevelSettings())
    #expect(levelled.cause == .peaks)
    #expect(try Loudness.measure(levelled.samples, rate: 48_000).peak <= -1.3)
    #expect(levelled.shortfall > 5)
  }

  @Test("trimming fades in before the voice and keeps all of it")
  func trim() {
    let rate = 48_000
    let sound = Array(repeating: Float(0.5), count: rate)
    let trimmed = Leveller.trim(sound, to: 10_000..<20_000, rate: rate, settings: LevelSettings())
    #expect(trimmed.count == 10_000 + 576 + 7_200)
    #expect(abs(trimmed[0]) < 0.001 && abs(trimmed.last!) < 0.001)
    #expect(trimmed[576..<10_576].allSatisfy { $0 == 0.5 })
    let hard = Leveller.trim(sound, to: 0..<rate, rate: rate, settings: LevelSettings())
    #expect(hard.count == rate)
    #expect(abs(hard[0]) < 0.001 && hard[60] == 0.5)
  }
}

@Suite("The voice")
struct VoiceTests {
  @Test(
    "is found after silence, in silence and in noise", arguments: [8_000, 22_050, 48_000, 96_000], [0, 0.001, 0.01])
  func found(rate: Int, room: Double) throws {
    let lead = 0.4
    let speech = babble(seconds: 2, rate: rate)
    let whole = zip(
      silence(seconds: lead, rate: rate) + speech + silence(seconds: 0.4, rate: rate),
      noise(seconds: lead + 2.4, rate: rate, amplitude: room)
    ).map { $0 + $1 }
    let voice = try #require(SpeechSegment.find(in: whole, rate: rate))
    let begin = Double(voice.range.lowerBound) / Double(rate)
    #expect(abs(begin - lead) < 0.02, "\(begin)")
    if room > 0 {
      let expected = decibels(power: room * room / 3)
      #expect(abs(try #require(voice.noise) - expected) < 2)
    }
  }

  @Test("is not a click before it")
  func click() throws {
    let rate = 48_000
    var whole = silence(seconds: 0.5, rate: rate) + tone(300, seconds: 1, rate: rate)
    for index in 4_800..<5_000 { whole[index] = 0.8 }
    let voice = try #require(SpeechSegment.find(in: whole, rate: rate))
    #expect(abs(voice.range.lowerBound - rate / 2) < 240)
  }

  @Test("is not found in silence and in faint noise")
  func nowhere() {
    #expect(SpeechSegment.find(in: [], rate: 48_000) == nil)
    #expect(SpeechSegment.find(in: silence(seconds: 1, rate: 48_000), rate: 48_000) == nil)
    #expect(SpeechSegment.find(in: noise(seconds: 1, rate: 48_000, amplitude: 0.0003), rate: 48_000) == nil)
  }

  @Test("keeps the soft consonant before its first vowel")
  func softConsonant() throws {
    let rate = 48_000
    // 100 ms of hiss 28 dB under the vowel.
    let whole =
      silence(seconds: 0.3, rate: rate) + noise(seconds: 0.1, rate: rate, amplitude: 0.01)
      + babble(seconds: 1, rate: rate) + silence(seconds: 0.3, rate: rate)
    let voice = try #require(SpeechSegment.find(in: whole, rate: rate))
    #expect(abs(voice.range.lowerBound - rate * 3 / 10) < 480)
  }
}
