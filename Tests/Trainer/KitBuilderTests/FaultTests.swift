import Foundation
import Posix
import Testing

@testable import KitBuilder

/// Every fault is made at several strengths on both sides of its threshold: it must be found where it is clearly present,
/// and not where it is clearly absent.
@Suite(
  "A fault",
  .enabled(
    if: Workshop.has("sox") && Workshop.has("espeak-ng"), "sox or espeak-ng is not installed: Tests/run installs them"))
struct FaultTests {
  static let sentence = "You are safe here with us now. An interpreter is coming, and you may stop this at any time."

  let workshop: Workshop
  /// Four seconds of speech at -3 dBFS, in a quiet room, with a pause before and after.
  let speech: String

  init() throws {
    workshop = try Workshop()
    speech = "\(workshop.path)/speech.wav"
    let raw = try workshop.speak(Self.sentence, name: "raw.wav")
    try workshop.run("sox", ["-D", raw, "-r", "48000", "\(workshop.path)/loud.wav", "norm", "-3", "pad", "0.5", "0.5"])
    try mix("loud.wav", noise: 0.0002, into: "speech.wav")
  }

  private func mix(_ voice: String, noise: Double, into name: String) throws {
    let room = "\(workshop.path)/room.wav"
    try workshop.run("sox", ["-R", "\(workshop.path)/\(voice)", room, "synth", "whitenoise", "vol", "\(noise)"])
    try workshop.run(
      "sox", ["-D", "-m", "-v", "1", "\(workshop.path)/\(voice)", "-v", "1", room, "\(workshop.path)/\(name)"])
  }

  /// The speech after an effect of sox.
  private func changed(_ effects: [String], options: [String] = []) throws -> String {
    let path = "\(workshop.path)/changed.wav"
    try workshop.run("sox", ["-D", "-V1", speech] + options + [path] + effects)
    return path
  }

  private func codes(_ path: String, text: String = sentence) throws -> [CheckFinding.Code] {
    try CheckedFile(path, text: text).findings.map(\.code)
  }

  private func expect(
    _ code: CheckFinding.Code, in strengths: [(effects: [String], found: Bool)],
    _ place: SourceLocation = #_sourceLocation
  ) throws {
    for (effects, found) in strengths {
      let codes = try codes(changed(effects))
      #expect(codes.contains(code) == found, "\(effects): \(codes)", sourceLocation: place)
      if !found { #expect(codes == [], "\(effects)", sourceLocation: place) }
    }
  }

  @Test("none: the speech that the faults are added to gives no finding")
  func none() throws { #expect(try codes(speech) == []) }

  @Test("a beginning or an end that is cut off")
  func cutOff() throws {
    try expect(
      .cutOff,
      in: [
        (["trim", "0.3"], false), (["trim", "0", "-0.3"], false), (["trim", "0.65"], true),
        (["trim", "0", "1.8"], true),
        (["trim", "0.65", "fade", "0.05"], false),
      ])
  }

  @Test("clipped peaks")
  func clipped() throws {
    try expect(
      .clipped,
      in: [
        (["gain", "-6"], false), (["gain", "2.5"], false), (["gain", "6"], true), (["gain", "12"], true),
        (["gain", "24"], true),
      ])
    let worst = try CheckedFile(changed(["gain", "24"])).findings.first { $0.code == .clipped }
    #expect(worst?.severity == .error)
  }

  @Test(
    "a true peak above full scale between the samples",
    arguments: [(0.5, false), (0.75, false), (0.85, true), (0.99, true)])
  func truePeak(highest: Float, found: Bool) throws {
    // At a quarter of the rate with a phase of 45°, the peaks are 3 dB above the samples.
    let ringing = (0..<48_000).map { [1, 1, -1, -1][$0 % 4] * highest * (2_000..<46_000 ~= $0 ? 1 : 0.2) }
    let path = try workshop.put("ring.wav", wave([ringing], rate: 48_000))
    #expect(try codes(path, text: "a second here").contains(.truePeak) == found)
  }

  @Test("a voice that is too quiet")
  func quiet() throws {
    try expect(
      .tooQuiet,
      in: [(["gain", "-12"], false), (["gain", "-18"], false), (["gain", "-28"], true), (["gain", "-40"], true)])
  }

  @Test(
    "noise",
    arguments: [
      (0.0005, []), (0.001, []), (0.01, [CheckFinding.Code.noiseFloor]), (0.05, [.noisy]), (0.1, [.noisy]),
    ])
  func noise(amplitude: Double, expected: [CheckFinding.Code]) throws {
    try mix("loud.wav", noise: amplitude, into: "noisy.wav")
    #expect(try codes("\(workshop.path)/noisy.wav") == expected)
  }

  @Test("an offset")
  func offset() throws {
    try expect(
      .offset,
      in: [
        (["gain", "-3", "dcshift", "0.005"], false), (["gain", "-3", "dcshift", "-0.01"], false),
        (["gain", "-3", "dcshift", "0.03"], true), (["gain", "-3", "dcshift", "-0.1"], true),
      ])
  }

  @Test("silence before and after the voice")
  func silenceAround() throws {
    try expect(
      .silenceBefore, in: [(["pad", "1", "0"], false), (["pad", "2", "0"], false), (["pad", "3", "0"], true)])
    try expect(
      .silenceAfter, in: [(["pad", "0", "1"], false), (["pad", "0", "2"], false), (["pad", "0", "6"], true)])
  }

  @Test("silence within the voice, empty or with the room's noise", arguments: [0, 0.0005])
  func silenceInside(room: Double) throws {
    // The pause between the two sentences.
    let sentences = try Recording(path: speech)
    let voice = try #require(SpeechSegment.find(in: sentences.samples, rate: 48_000))
    let middle = try #require(quietest(sentences.samples, in: voice.range))
    for (seconds, found) in [(0.3, false), (1.2, false), (2.2, true), (5, true)] {
      let gap = noiseOrNothing(seconds: seconds, amplitude: room)
      let parted: [Float] = Array(sentences.samples[..<middle]) + gap + Array(sentences.samples[middle...])
      let path = try workshop.put("gap.wav", wave([parted], rate: 48_000))
      let codes = try codes(path, text: Self.sentence + Self.sentence)
      let expected: [CheckFinding.Code] = found ? [.silenceInside] : []
      #expect(codes == expected, "\(seconds)")
    }
  }

  @Test("a dropout, whether short or long", arguments: [2.0, 4, 12, 20, 60])
  func dropout(milliseconds: Double) throws {
    var recording = try Recording(path: speech)
    let voice = try #require(SpeechSegment.find(in: recording.samples, rate: 48_000))
    let length = Int(milliseconds * 48)
    // As on a computer that is sometimes late: at any place of the wave.
    for start in stride(from: voice.range.lowerBound + 4_801, to: voice.range.upperBound - length, by: 11_003) {
      for index in start..<start + length { recording.samples[index] = 0 }
    }
    let path = try workshop.put("gaps.wav", wave([recording.samples], rate: 48_000))
    let finding = try CheckedFile(path).findings.first { $0.code == .dropout }
    #expect(finding?.measure?.unit == .milliseconds)
    #expect(abs((finding?.measure?.value ?? 0) - milliseconds) < 0.2)
    #expect(try codes(path) == [.dropout])
  }

  @Test("no dropout: zeros where the wave crosses zero, or where the voice pauses")
  func noDropout() throws {
    var recording = try Recording(path: speech)
    for index in recording.samples.indices where abs(recording.samples[index]) < 0.002 { recording.samples[index] = 0 }
    let path = try workshop.put("gated.wav", wave([recording.samples], rate: 48_000))
    #expect(try codes(path) == [])
  }

  @Test("a channel that is dead or inverted")
  func channels() throws {
    for (remix, expected) in [
      (["1", "1"], []), (["1", "1v0.7"], []), (["1", "0"], [CheckFinding.Code.deadChannel]),
      (["0", "1"], [.deadChannel]),
      (["1", "1v0.01"], [.deadChannel]), (["1", "1i"], [.outOfPhase]), (["1", "1i0.9"], [.outOfPhase]),
    ] {
      #expect(try codes(changed(["gain", "-3", "remix"] + remix)) == expected, "\(remix)")
    }
  }

  @Test("a length that does not fit the text")
  func duration() throws {
    // The length at espeak-ng's pace, and half of it, are valid; a fifth of it, and four times it, are not.
    try expect(
      .duration,
      in: [
        (["tempo", "-s", "0.7"], false), (["tempo", "-s", "1.6"], false), (["tempo", "-s", "0.3"], true),
        (["trim", "0", "1.6"], true),
      ])
    let doubt = try CheckedFile(changed(["trim", "0", "1.6"])).findings.first
    #expect(doubt?.severity == .warning)
    #expect(doubt?.remedy.contains("perhaps it is another prompt or language") == true)
  }

  @Test("the same sound under two names, also after processing")
  func twin() throws {
    let copies: [(String, [String])] = [
      ("gain", ["gain", "-20"]), ("cut", ["trim", "0.8"]), ("short", ["trim", "0", "4.2"]), ("slow", ["rate", "8000"]),
      ("dull", ["lowpass", "3500"]), ("pad", ["pad", "1.013", "0.4"]),
    ]
    for (name, effects) in copies {
      let score = try likeness(speech, changed(effects))
      #expect(score >= RecordingCheck.Limits().alike, "\(name): \(score)")
    }
    for rate in ["16", "24", "64"] {
      let opus = "\(workshop.path)/\(rate).opus"
      if Workshop.has("opusenc") {
        try workshop.run("opusenc", ["--quiet", "--bitrate", rate, speech, opus])
      } else {
        break
      }
      let score = try likeness(speech, opus)
      #expect(score >= RecordingCheck.Limits().alike, "\(rate) kb/s: \(score)")
    }
  }

  @Test("no twin: the same voice with other words or one other word, or another voice with the same words")
  func noTwin() throws {
    let others = [
      ("en", "Do you need a doctor? If yes, raise one hand. If no, keep your hands down, and wait a little."),
      ("en", "You are safe here with us now. A translator is coming, and you may stop this at any time."),
      ("en-us+f3", Self.sentence), ("de", Self.sentence),
    ]
    for (voice, text) in others {
      let other = try workshop.speak(text, voice: voice, name: "other.wav")
      let score = try likeness(speech, other)
      #expect(score < RecordingCheck.Limits().alike - 5, "\(voice) \(text): \(score)")
    }
  }

  @Test("one recording much softer or louder than the others of its voice")
  func uneven() throws {
    for (gain, found) in [(-5.0, false), (-15, true)] {
      let members = try (0..<6).map { index in
        let path = try changed(["gain", index == 3 ? "\(gain)" : "\(-Double(index % 2))"])
        let checked = try CheckedFile(path)
        let take = Take(language: "en", voice: "f1", number: index, prompt: "p\(index)", path: "\(index).wav")
        return RecordingCheck.Member(take: take, text: "\(index)", analysis: checked.analysis)
      }
      let findings = RecordingCheck().findings(among: members, threads: 1).filter { $0.code == .uneven }
      #expect(findings.map(\.path) == (found ? ["3.wav"] : []))
    }
  }

  // MARK: -

  private func likeness(_ a: String, _ b: String) throws -> Double {
    try #require(CheckedFile(a).analysis.fingerprint).likeness(to: #require(CheckedFile(b).analysis.fingerprint))
  }

  private func noiseOrNothing(seconds: Double, amplitude: Double) -> [Float] {
    amplitude == 0
      ? silence(seconds: seconds, rate: 48_000)
      : KitBuilderTests.noise(seconds: seconds, rate: 48_000, amplitude: amplitude)
  }

  /// The middle of the quietest 100 ms.
  private func quietest(_ samples: [Float], in range: Range<Int>) -> Int? {
    stride(from: range.lowerBound + 4_800, to: range.upperBound - 4_800, by: 480).min { a, b in
      samples[a - 2_400..<a + 2_400].reduce(0) { max($0, abs($1)) }
        < samples[b - 2_400..<b + 2_400].reduce(0) { max($0, abs($1)) }
    }
  }
}

/// A recording and its findings, as `KitBuild.check` makes them.
private struct CheckedFile {
  let analysis: RecordingAnalysis
  let findings: [CheckFinding]

  init(_ path: String, text: String = FaultTests.sentence, rate: Double = 15, voice name: String = "f1") throws {
    let recording = try Recording(path: path)
    let filtered = Leveller.highPass(recording.samples, rate: recording.rate)
    let speech = SpeechSegment.find(in: filtered, rate: recording.rate)
    let loudness = try speech.map {
      try Loudness.level(
        Leveller.trim(filtered, to: $0.range, rate: recording.rate, settings: LevelSettings()), rate: recording.rate)
    }
    let check = RecordingCheck()
    analysis = RecordingAnalysis(recording, speech: speech, loudness: loudness, limits: check.limits)
    findings = check.findings(
      of: analysis,
      take: Take(language: "en", voice: name, number: 3, prompt: "safe-here", path: path), text: text, rate: rate)
  }
}

@Suite("Clean speech")
struct CleanSpeechTests {
  /// espeak-ng's voice, characters a second at a calm pace, and what it says.
  static let voices: [(String, Double, [String])] = [
    ("en", 15, ["English.", "Do you need a doctor? If yes, raise one hand."]),
    ("ro", 12.5, ["Română.", "Acum sunteți în siguranță aici, cu noi."]),
    ("es", 14, ["Español.", "¿Necesita un médico? Si es así, levante una mano."]),
    ("ru", 12, ["Русский.", "Сейчас вы здесь, с нами, в безопасности."]),
    ("de", 13, ["Deutsch.", "Brauchen Sie einen Arzt? Wenn ja, heben Sie eine Hand."]),
    ("fr", 14, ["Français.", "Avez-vous besoin d'un médecin ? Si oui, levez une main."]),
    ("it", 14, ["Italiano.", "Ha bisogno di un medico? Se sì, alzi una mano."]),
    ("pl", 13, ["Polski.", "Czy potrzebuje pani lekarza? Jeśli tak, proszę podnieść rękę."]),
    ("hi", 9, ["हिन्दी।", "अब आप यहाँ हमारे साथ सुरक्षित हैं।"]),
    ("vi", 12, ["Tiếng Việt.", "Bây giờ quý vị được an toàn ở đây, cùng với chúng tôi."]),
  ]

  @Test(
    "in ten voices and at three rates gives only the finding that it is synthetic",
    .enabled(if: Workshop.has("espeak-ng"), "espeak-ng is not installed: Tests/run installs it"))
  func clean() throws {
    let workshop = try Workshop()
    var members: [RecordingCheck.Member] = []
    for (voice, rate, texts) in Self.voices {
      for words in ["130", "175", "230"] {
        for (number, text) in texts.enumerated() {
          let path = "\(workshop.path)/\(voice)-\(words)-\(number).wav"
          try workshop.run("espeak-ng", ["-v", voice, "-s", words, "-w", path, text])
          let checked = try CheckedFile(path, text: text, rate: rate, voice: Take.synthetic)
          #expect(checked.findings.map(\.code) == [.synthetic], "\(voice) \(words) \(text)")
          // At one rate only: the same words at another rate are nearly the same sound.
          if words == "175" {
            let take = Take(language: voice, voice: Take.synthetic, number: number, prompt: "p\(number)", path: path)
            members.append(RecordingCheck.Member(take: take, text: text, analysis: checked.analysis))
          }
        }
      }
    }
    #expect(RecordingCheck().findings(among: members, threads: 2) == [])
  }
}
