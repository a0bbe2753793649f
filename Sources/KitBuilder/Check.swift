import Glibc
import Kit

/// What is to be said of one recording. Pure: from what was measured to findings.
public struct Check: Sendable {
  /// Where the lines are drawn.
  public struct Limits: Codable, Equatable, Sendable {
    /// Frames in a row at full scale that make one cut-off peak.
    public var clippedRun = 3
    /// Cut-off peaks in a second of voice, from which they are heard, and from which words suffer.
    public var clippedWarning = 2.0
    public var clippedError = 50.0
    /// LUFS under which a recording is too quiet to be lifted cleanly.
    public var quiet = -42.0
    /// dB between voice and room.
    public var signalToNoise = 20.0
    /// How many times longer or shorter than its text is spoken at a calm pace; a second is allowed on top.
    public var slow = 2.0
    public var fast = 0.4
    /// LU under the target.
    public var shortfall = 1.0

    public init() {}
  }

  public var limits: Limits

  public init(limits: Limits = Limits()) { self.limits = limits }

  /// Of a recording alone, before anything is made of it.
  ///
  /// - Parameters:
  ///   - voice: `nil` where nobody speaks.
  ///   - loudness: of the voice's part, in LUFS.
  ///   - text: the wording.
  ///   - rate: characters of the language that a calm speaker says in a second.
  public func findings(
    of recording: Recording, voice: Voice?, loudness: Double?, take: Take, text: String, rate: Double
  ) -> [CheckFinding] {
    var found: [CheckFinding] = []
    func add(
      _ code: CheckFinding.Code, _ severity: CheckFinding.Severity, _ message: String, _ remedy: String
    ) {
      found.append(take.finding(code, severity, message, remedy))
    }

    switch recording.mixdown {
    case .left: add(.deadChannel, .warning, "its right channel is dead; the left one was taken", "look at the cable")
    case .right: add(.deadChannel, .warning, "its left channel is dead; the right one was taken", "look at the cable")
    case .outOfPhase:
      add(.outOfPhase, .warning, "its channels cancel each other; the left one was taken", "export it in mono")
    case .mono, .both: break
    }
    if recording.synthetic && take.voice != Take.synthetic {
      add(
        .synthetic, .warning, "a machine speaks, in the folder of the voice '\(take.voice)'",
        "put a speaker's recording in its place")
    } else if recording.synthetic || take.voice == Take.synthetic {
      add(.synthetic, .note, "a machine speaks: for trials only", "have a speaker record it")
    }
    if let spoken = recording.wording, spoken != Digest.sha256(text) {
      add(.rewording, .warning, "the wording was changed after it was spoken", "delete it and synthesize again")
    }
    guard let voice else {
      add(.silent, .error, "nobody speaks in it", "record it again")
      return found
    }
    let seconds = Double(voice.range.count) / Double(recording.rate)
    let peaks = Double(clippedPeaks(recording.samples)) / max(1, seconds)
    if peaks >= limits.clippedWarning {
      add(
        .clipped, peaks >= limits.clippedError ? .error : .warning, "\(peaks.tenths) cut-off peaks a second",
        "turn the microphone down and record it again")
    }
    if let loudness, loudness < limits.quiet {
      add(
        .tooQuiet, .warning, "only \(loudness.tenths) LUFS loud", "turn the microphone up and record it again")
    }
    if let noise = voice.noise, voice.level - noise < limits.signalToNoise {
      add(
        .noisy, .warning, "the voice is only \((voice.level - noise).tenths) dB above the room's noise",
        "record it again in a quiet room")
    }
    let expected = Double(text.count) / rate
    if seconds > limits.slow * expected + 1 {
      add(
        .duration, .warning, "\(seconds.tenths) s long, where its wording takes about \(expected.tenths) s",
        "listen to it: perhaps it is another prompt, or two takes")
    } else if seconds < limits.fast * expected - 0.2 {
      add(
        .duration, .warning, "only \(seconds.tenths) s long, where its wording takes about \(expected.tenths) s",
        "listen to it: perhaps it is another prompt, or its end is missing")
    }
    return found
  }

  /// Of the finished clip.
  func findings(of clip: MasteredClip, level: LevelSettings, take: Take) -> [CheckFinding] {
    var found: [CheckFinding] = []
    if clip.shortfall > limits.shortfall {
      let (why, remedy) =
        clip.cause == .noise
        ? ("more would lift the room's noise", "record it again, nearer to the microphone")
        : ("its peaks stand too high above the rest", "record it again at an even voice")
      found.append(
        take.finding(.soft, .warning, "\(clip.shortfall.tenths) LU softer than the others: \(why)", remedy))
    }
    if clip.loudness.peak > level.peak {
      found.append(
        take.finding(
          .peak, .warning, "its true peak is \(clip.loudness.peak.tenths) dBTP after encoding",
          "listen to it for distortion"))
    }
    return found
  }

  /// Runs of frames at full scale, on one side.
  private func clippedPeaks(_ samples: [Float]) -> Int {
    var runs = 0
    var length = 0
    var last: Float = 0
    samples.withUnsafeBufferPointer { all in
      for value in all {
        // 16 bits reach 0.99997; a limiter's ceiling just under full scale is no cut.
        let isFull = abs(value) >= 0.9995
        length = isFull ? (value * last > 0 ? length + 1 : 1) : 0
        last = value
        if length == limits.clippedRun { runs += 1 }
      }
    }
    return runs
  }
}

extension Take {
  func finding(
    _ code: CheckFinding.Code, _ severity: CheckFinding.Severity, _ message: String, _ remedy: String
  ) -> CheckFinding {
    CheckFinding(
      code, severity, path: path, language: language, prompt: prompt, voice: voice, message, remedy: remedy)
  }

  func finding(_ error: RecordingError) -> CheckFinding {
    finding(CheckFinding.Code(rawValue: error.code) ?? .unreadable, .error, error.description, error.remedy)
  }

  func finding(_ error: MasterError) -> CheckFinding {
    if case .silent = error { return finding(.silent, .error, error.description, "record it again") }
    return finding(.encoder, .error, error.description, "record or export it again")
  }
}
