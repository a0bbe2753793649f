import Catalogue
import Diagnostics
import Project

/// A diagnostic about a project's recordings or wordings, with the recording and the measurement that it is about.
///
/// Its JSON form is the diagnostic's with further keys.
public struct CheckFinding: Equatable, Error, Sendable {
  /// Severity, code, place, message and remedy.
  public private(set) var diagnostic: Diagnostic
  /// The kind of finding; the same word as the diagnostic's code.
  public let code: Code
  /// The BCP 47 tag of the language; `nil` where none is concerned.
  public var language: String?
  /// The id of the prompt; `nil` where none is concerned.
  public var prompt: String?
  /// The voice: `f1`, `m1`, `synthetic`; `nil` where none is concerned.
  public var voice: String?
  /// The figure that led to the finding; `nil` where nothing was measured.
  public var measure: Measure?

  /// How severe a finding is. Error: no clip can be made of the recording, or the wrong one would be. Warning: a clip
  /// can be made, but a person should listen to it. Note: for information; most trials have many.
  public typealias Severity = Diagnostic.Severity

  /// How severe the finding is.
  public var severity: Severity {
    get { diagnostic.severity }
    set { diagnostic.severity = newValue }
  }

  /// The file or directory concerned, as it is named; `description` makes one printable line of it.
  public var path: String { diagnostic.path }
  /// The line of the wording in its file; `nil` where no wording is concerned.
  public var line: Int? { diagnostic.line }
  /// What is wrong.
  public var message: String { diagnostic.message }
  /// What to do, in the imperative.
  public var remedy: String { diagnostic.remedy ?? "" }

  /// Creates a finding.
  ///
  /// - Parameters:
  ///   - code: its kind.
  ///   - severity: how severe it is.
  ///   - path: the file or directory concerned.
  ///   - line: from 1; `nil` for the whole file.
  ///   - language: a BCP 47 tag.
  ///   - prompt: an id.
  ///   - voice: `f1`, `m1`, `synthetic`.
  ///   - message: what is wrong.
  ///   - remedy: what to do, in the imperative.
  ///   - measure: the figure that led to it.
  public init(
    _ code: Code, _ severity: Severity, path: String, line: Int? = nil, language: String? = nil,
    prompt: String? = nil, voice: String? = nil, _ message: String, remedy: String, measure: Measure? = nil
  ) {
    diagnostic = Diagnostic(
      severity, code: code.rawValue, path: path, line: line, message: message, remedy: remedy)
    self.code = code
    self.language = language
    self.prompt = prompt
    self.voice = voice
    self.measure = measure
  }
}

extension CheckFinding: CustomStringConvertible {
  /// One line: `recordings/ro/f1/03-safe-here.wav: error: is cut short: copy it again [truncated]`.
  public var description: String { diagnostic.description }

  /// The file and the line, as text that can be printed.
  public var place: String { diagnostic.place }
}

extension CheckFinding: Comparable {
  /// Returns whether `a` is listed before `b`: the most severe first, then by path, line, code and message.
  public static func < (a: CheckFinding, b: CheckFinding) -> Bool { a.diagnostic < b.diagnostic }
}

extension CheckFinding: Codable {
  private enum CodingKeys: String, CodingKey { case code, language, prompt, voice, measure }

  /// Decodes the flat form: the keys of the diagnostic and those of the finding in one object.
  public init(from decoder: any Decoder) throws {
    diagnostic = try Diagnostic(from: decoder)
    let map = try decoder.container(keyedBy: CodingKeys.self)
    code = try map.decode(Code.self, forKey: .code)
    language = try map.decodeIfPresent(String.self, forKey: .language)
    prompt = try map.decodeIfPresent(String.self, forKey: .prompt)
    voice = try map.decodeIfPresent(String.self, forKey: .voice)
    measure = try map.decodeIfPresent(Measure.self, forKey: .measure)
  }

  /// Encodes the flat form; absent values are omitted.
  public func encode(to encoder: any Encoder) throws {
    try diagnostic.encode(to: encoder)
    var map = encoder.container(keyedBy: CodingKeys.self)
    try map.encode(code, forKey: .code)
    try map.encodeIfPresent(language, forKey: .language)
    try map.encodeIfPresent(prompt, forKey: .prompt)
    try map.encodeIfPresent(voice, forKey: .voice)
    try map.encodeIfPresent(measure, forKey: .measure)
  }
}

extension CheckFinding {
  /// A figure on the wrong side of its threshold.
  public struct Measure: Codable, Equatable, Sendable {
    /// The measured value, rounded to a hundredth.
    public var value: Double
    /// The value from which there is a finding.
    public var threshold: Double
    /// The unit of both.
    public var unit: Unit
    /// The name of the threshold in `check:` of kit.yaml; `nil` where it cannot be changed.
    public var setting: CheckLimit?

    /// Creates a measure, with its value rounded.
    public init(_ value: Double, _ unit: Unit, threshold: Double, setting: CheckLimit? = nil) {
      self.value = value.hundredths
      self.threshold = threshold
      self.unit = unit
      self.setting = setting
    }
  }

  /// Units of measures, as they are printed.
  public enum Unit: String, Codable, Sendable {
    /// Decibels: relative to full scale, of a true peak, and of a ratio.
    case dBFS, dBTP, dB
    /// Loudness by EBU R 128.
    case lufs = "LUFS"
    /// A difference of loudness.
    case lu = "LU"
    /// Seconds.
    case seconds = "s"
    /// Milliseconds.
    case milliseconds = "ms"
    /// Per cent.
    case percent = "%"
    /// Events a second.
    case perSecond = "1/s"
    /// A multiple of the expected length.
    case times
    /// People that approved.
    case names
  }

  /// Kinds of findings: stable words for programs.
  public enum Code: String, Codable, CaseIterable, Sendable {
    /// A prompt has no recording.
    case missing
    /// A prompt has no wording to record.
    case noWording = "no-wording"
    /// The file cannot be decoded; named as the cases of `RecordingError`.
    case unreadable, empty, truncated, rate, channels, scale
    /// It is not a regular file.
    case notAFile = "not-a-file"
    /// Its format is unknown.
    case notSound = "not-sound"
    /// It contains a NaN or an infinity.
    case notANumber = "not-a-number"
    /// It is longer than a prompt may be.
    case tooLong = "too-long"
    /// It has more bytes than a prompt may have.
    case tooLarge = "too-large"
    /// It changed while it was read.
    case changed
    /// A file where no recording is expected; and two recordings of one prompt and voice.
    case stray, doubled
    /// A directory of a language that the catalogue or the project does not have.
    case unknownLanguage = "unknown-language"
    /// No prompt has the number in its name.
    case unknownPrompt = "unknown-prompt"
    /// The number and the id in its name are of two prompts.
    case wrongPrompt = "wrong-prompt"
    /// The prompt was withdrawn; a question has no formula to follow it; a recording still says the formula.
    case retired
    case noFormula = "no-formula"
    case oldFormula = "old-formula"
    /// The kit does not have the recording's prompt, form or answer mode.
    case unused
    /// Nobody speaks; peaks are clipped; the room is loud compared with the voice.
    case silent, clipped, noisy
    /// A peak between two samples is above full scale.
    case truePeak = "true-peak"
    /// The voice is too quiet.
    case tooQuiet = "too-quiet"
    /// The room is too loud.
    case noiseFloor = "noise-floor"
    /// The mean of the samples is not zero.
    case offset = "dc-offset"
    /// Long silence before the voice.
    case silenceBefore = "silence-before"
    /// A long pause in the voice.
    case silenceInside = "silence-inside"
    /// Long silence after the voice.
    case silenceAfter = "silence-after"
    /// A gap of digital zero in the voice.
    case dropout
    /// The recording begins or ends in the middle of a sound.
    case cutOff = "cut-off"
    /// The clip is softer than the target.
    case soft
    /// The voice is much longer or shorter than its text.
    case duration
    /// The same sound as another recording.
    case twin
    /// Much louder or softer than the other recordings of its voice.
    case uneven
    /// One channel is silent.
    case deadChannel = "dead-channel"
    /// The channels cancel each other.
    case outOfPhase = "out-of-phase"
    /// The peak after encoding is too high; and the encoder failed.
    case peak, encoder
    /// Speech synthesis.
    case synthetic
    /// Two people have not approved it.
    case unapproved = "approval-missing"
    /// An approval is no longer valid.
    case expired = "approval-expired"
    /// The wording changed after the recording.
    case rewording = "wording-changed"
    /// Approved under names that no key proves.
    case claimed = "approval-claimed"
    /// An approval has an invalid signature.
    case forged = "approval-forged"
    /// A reviewer returned it.
    case sentBack = "sent-back"
    /// The speaker is unknown.
    case noSpeaker = "speaker-missing"
    /// The speaker's consent begins later.
    case consent
    /// The speaker withdrew the consent.
    case withdrawn = "consent-withdrawn"
  }
}
