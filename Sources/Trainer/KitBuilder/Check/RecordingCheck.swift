import Catalogue
import Encoding
import Glibc
import Project

/// Derives findings from the measurements of one recording. Pure functions.
public struct RecordingCheck: Sendable {
  /// The thresholds.
  public var limits: Limits

  /// Creates a check.
  public init(limits: Limits = Limits()) { self.limits = limits }

  /// Returns the findings about a recording, without a comparison with others and before it is encoded.
  ///
  /// - Parameters:
  ///   - analysis: the measurements.
  ///   - take: the recording.
  ///   - text: the wording.
  ///   - rate: characters of the language that a calm speaker says in a second.
  public func findings(
    of analysis: RecordingAnalysis, take: Take, text: String, rate: Double
  ) -> [CheckFinding] {
    let measures = analysis.measures
    var found = origin(of: analysis, take: take, text: text)
    func add(
      _ code: CheckFinding.Code, _ measure: CheckFinding.Measure, _ message: String, _ remedy: String
    ) {
      found.append(take.finding(code, .warning, message, remedy, measure))
    }

    guard let speech = measures.speech else {
      found.append(take.finding(.silent, .error, "nobody speaks in it", "record it again"))
      return found
    }
    let peaks = Double(measures.clipped) / max(1, speech.length)
    if peaks >= limits.clipped {
      let isDistorted = peaks >= limits.distorted
      found.append(
        take.finding(
          .clipped, isDistorted ? .error : .warning, "\(peaks.tenths) cut-off peaks a second",
          "turn the microphone down and record it again",
          limits.measure(peaks, .perSecond, isDistorted ? .distorted : .clipped)))
    } else if measures.truePeak > limits.truePeak {
      add(
        .truePeak, limits.measure(measures.truePeak, .dBTP, .truePeak),
        "its true peak is \(measures.truePeak.tenths) dBTP", "turn the microphone down and record it again")
    }
    // Peaks that are clipped on one side more than on the other cause an offset, which is no separate fault.
    if abs(measures.offset) >= limits.offset && peaks < limits.clipped {
      add(
        .offset, limits.measure(abs(measures.offset), .percent, .offset),
        "lies \(measures.offset.tenths) % of full scale beside zero", "try another microphone input or sound card")
    }
    if speech.loudness < limits.quiet {
      add(
        .tooQuiet, limits.measure(speech.loudness, .lufs, .quiet), "only \(speech.loudness.tenths) LUFS loud",
        "turn the microphone up and record it again")
    }
    if let distance = speech.signalToNoise, let noise = speech.noise {
      if distance < limits.signalToNoise {
        add(
          .noisy, limits.measure(distance, .dB, .signalToNoise),
          "the voice is only \(distance.tenths) dB above the room's noise", "record it again in a quiet room")
      } else if noise > limits.noise {
        add(
          .noiseFloor, limits.measure(noise, .dBFS, .noise), "the room's noise is at \(noise.tenths) dBFS",
          "record it again in a quiet room, or nearer to the microphone")
      }
    }
    for (code, seconds, limit, setting, place) in [
      (CheckFinding.Code.silenceBefore, speech.before, limits.before, CheckLimit.before, "before the voice"),
      (.silenceInside, speech.pause, limits.pause, .pause, "within the voice"),
      (.silenceAfter, speech.after, limits.after, .after, "after the voice"),
    ] where seconds > limit {
      add(
        code, limits.measure(seconds, .seconds, setting), "\(seconds.tenths) s of silence \(place)",
        setting == .pause
          ? "listen to it: perhaps it holds two takes; cut the pause out"
          : "listen to it: perhaps a word is too soft to be found; cut the silence off")
    }
    found += duration(of: speech, take: take, text: text, rate: rate)
    // espeak-ng begins with its first word, and its glottal stops are zeros with hard edges.
    if !analysis.synthetic && take.voice != Take.synthetic {
      if speech.dropouts > 0 {
        add(
          .dropout, limits.measure(speech.longestDropout, .milliseconds, .dropout),
          speech.dropouts == 1
            ? "a gap of \(speech.longestDropout.tenths) ms within the voice"
            : "\(speech.dropouts) gaps within the voice, of up to \(speech.longestDropout.tenths) ms",
          "record it again; if it happens again, with a larger buffer or another computer")
      }
      for (isCut, what) in [(speech.isCutBefore, "begins"), (speech.isCutAfter, "ends")] where isCut {
        found.append(
          take.finding(
            .cutOff, .warning, "it \(what) in the middle of a sound",
            "listen to it; if a part of a word is missing, record it again with a breath before and after"))
      }
    }
    return found
  }

  /// Returns the findings that follow from the channels and the file's comments.
  private func origin(of analysis: RecordingAnalysis, take: Take, text: String) -> [CheckFinding] {
    var found: [CheckFinding] = []
    switch analysis.mixdown {
    case .left:
      found.append(
        take.finding(.deadChannel, .warning, "its right channel is dead; the left one was taken", "look at the cable"))
    case .right:
      found.append(
        take.finding(.deadChannel, .warning, "its left channel is dead; the right one was taken", "look at the cable"))
    case .outOfPhase:
      found.append(
        take.finding(
          .outOfPhase, .warning, "its channels cancel each other; the left one was taken", "export it in mono"))
    case .mono, .both: break
    }
    if analysis.synthetic && take.voice != Take.synthetic {
      found.append(
        take.finding(
          .synthetic, .warning, "a machine speaks, in the directory of the voice '\(take.voice)'",
          "put a speaker's recording in its place"))
    } else if analysis.synthetic || take.voice == Take.synthetic {
      found.append(take.finding(.synthetic, .note, "a machine speaks: for trials only", "have a speaker record it"))
    }
    if let spoken = analysis.wording, spoken != Digest.sha256(text) {
      found.append(
        take.finding(
          .rewording, .warning, "the wording was changed after it was spoken", "delete it and synthesize again"))
    }
    return found
  }

  /// Returns a finding for speech of an improbable length. Speakers differ, so only large differences are reported.
  private func duration(of speech: Measures.Speech, take: Take, text: String, rate: Double) -> [CheckFinding] {
    let expected = Double(text.count) / rate
    let times = speech.length / expected
    if speech.length > limits.slow * expected + 1 {
      return [
        take.finding(
          .duration, .warning, "\(speech.length.tenths) s long, where its wording takes about \(expected.tenths) s",
          "listen to it: perhaps it is another prompt or language, or two takes", limits.measure(times, .times, .slow))
      ]
    }
    if speech.length < limits.fast * expected - 0.2 {
      return [
        take.finding(
          .duration, .warning,
          "only \(speech.length.tenths) s long, where its wording takes about \(expected.tenths) s",
          "listen to it: perhaps it is another prompt or language, or its end is missing",
          limits.measure(times, .times, .fast))
      ]
    }
    return []
  }

  /// Returns the findings about a finished clip.
  func findings(of clip: ClipFigures, level: LevelSettings, take: Take) -> [CheckFinding] {
    var found: [CheckFinding] = []
    if clip.shortfall > limits.shortfall {
      let (why, remedy) =
        clip.cause == .noise
        ? ("more would lift the room's noise", "record it again, nearer to the microphone")
        : ("its peaks stand too high above the rest", "record it again at an even voice")
      found.append(
        take.finding(
          .soft, .warning, "\(clip.shortfall.tenths) LU softer than the others: \(why)", remedy,
          limits.measure(clip.shortfall, .lu, .shortfall)))
    }
    if clip.peak > level.peak {
      found.append(
        take.finding(
          .peak, .warning, "its true peak is \(clip.peak.tenths) dBTP after encoding",
          "listen to it for distortion",
          CheckFinding.Measure(clip.peak, .dBTP, threshold: level.peak)))
    }
    return found
  }
}

extension Take {
  /// Returns a finding about this recording.
  func finding(
    _ code: CheckFinding.Code, _ severity: CheckFinding.Severity, _ message: String, _ remedy: String,
    _ measure: CheckFinding.Measure? = nil
  ) -> CheckFinding {
    CheckFinding(
      code, severity, path: path, language: language, prompt: prompt, voice: voice, message, remedy: remedy,
      measure: measure)
  }

  /// Returns the finding for a file that cannot be read as a recording.
  func finding(_ error: RecordingError) -> CheckFinding {
    finding(CheckFinding.Code(rawValue: error.code) ?? .unreadable, .error, error.description, error.remedy)
  }

  /// Returns the finding for a recording that no clip can be made of.
  func finding(_ error: MasteringError) -> CheckFinding {
    if case .silent = error { return finding(.silent, .error, error.description, "record it again") }
    return finding(.encoder, .error, error.description, "record or export it again")
  }
}
