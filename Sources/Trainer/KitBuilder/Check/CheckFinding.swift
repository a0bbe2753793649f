import Catalogue
import Diagnostics
import Project

/// One thing that somebody should know about a project's recordings, and what to do about it.
public struct CheckFinding: Codable, Equatable, Error, Sendable {
  public var code: Code
  public var severity: Severity
  /// The file or directory concerned, as it is named; `description` makes one printable line of it.
  public var path: String
  /// Line of the wording in its file, where a wording is concerned.
  public var line: Int?
  /// BCP 47.
  public var language: String?
  /// Id.
  public var prompt: String?
  public var voice: String?
  public var message: String
  /// What to do, as an order to the reader.
  public var remedy: String
  /// What was measured, where the finding comes of a measurement.
  public var measure: Measure?

  /// A figure on the wrong side of its threshold.
  public struct Measure: Codable, Equatable, Sendable {
    public var value: Double
    public var threshold: Double
    public var unit: Unit
    /// What `check:` in kit.yaml calls the threshold, where it can be moved.
    public var setting: CheckLimit?

    public init(_ value: Double, _ unit: Unit, threshold: Double, setting: CheckLimit? = nil) {
      self.value = value.hundredths
      self.threshold = threshold
      self.unit = unit
      self.setting = setting
    }
  }

  public enum Unit: String, Codable, Sendable {
    case dBFS, dBTP, dB
    case lufs = "LUFS"
    case lu = "LU"
    case seconds = "s"
    case milliseconds = "ms"
    case percent = "%"
    case perSecond = "1/s"
    /// How many times the expected length.
    case times
    case names
  }

  public enum Severity: String, Codable, CaseIterable, Comparable, Sendable {
    /// No clip can be made of it, or the wrong one would.
    case error
    /// A clip can be made, but somebody should listen to it.
    case warning
    /// Good to know; most trials have many.
    case note

    public static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
    private var rank: Int { self == .error ? 0 : self == .warning ? 1 : 2 }
  }

  /// Kinds of findings: stable words for machines.
  public enum Code: String, Codable, CaseIterable, Sendable {
    /// No recording of a prompt, or no wording to record.
    case missing
    case noWording = "no-wording"
    /// The file gives no sound: `RecordingError` by its own names.
    case unreadable, empty, truncated, rate, channels, scale
    case notAFile = "not-a-file"
    case notSound = "not-sound"
    case notANumber = "not-a-number"
    case tooLong = "too-long"
    case tooLarge = "too-large"
    case changed
    /// The file lies where nothing is looked for, or its name says two things.
    case stray, doubled
    case unknownLanguage = "unknown-language"
    case unknownPrompt = "unknown-prompt"
    case wrongPrompt = "wrong-prompt"
    /// What is to be heard.
    case silent, clipped, noisy
    case truePeak = "true-peak"
    case tooQuiet = "too-quiet"
    case noiseFloor = "noise-floor"
    case offset = "dc-offset"
    case silenceBefore = "silence-before"
    case silenceInside = "silence-inside"
    case silenceAfter = "silence-after"
    case dropout
    /// The recording begins or ends in the middle of a sound.
    case cutOff = "cut-off"
    case soft
    case duration
    /// What is heard when it is held against the others.
    case twin
    case uneven
    case deadChannel = "dead-channel"
    case outOfPhase = "out-of-phase"
    case peak, encoder
    /// What the recording stands for.
    case synthetic
    case unapproved = "approval-missing"
    case expired = "approval-expired"
    case rewording = "wording-changed"
    /// Approved by names that no key proves; and a signature that is wrong.
    case claimed = "approval-claimed"
    case forged = "approval-forged"
    case sentBack = "sent-back"
    /// Whose voice it is.
    case noSpeaker = "speaker-missing"
    case consent
    case withdrawn = "consent-withdrawn"
  }

  public init(
    _ code: Code, _ severity: Severity, path: String, line: Int? = nil, language: String? = nil,
    prompt: String? = nil, voice: String? = nil, _ message: String, remedy: String, measure: Measure? = nil
  ) {
    self.code = code
    self.severity = severity
    self.path = path
    self.line = line
    self.language = language
    self.prompt = prompt
    self.voice = voice
    self.message = message
    self.remedy = remedy
    self.measure = measure
  }
}

extension CheckFinding: CustomStringConvertible {
  /// One line: `recordings/ro/f1/03-safe-here.wav: is cut short: copy it again (error truncated)`.
  public var description: String {
    "\(place): \(severity): \(message.printable): \(remedy.printable) [\(code.rawValue)]"
  }
}

extension CheckFinding {
  /// File and line, on one line and in one direction, whatever the file is called.
  public var place: String { path.printable + (line.map { ":\($0)" } ?? "") }
}

extension CheckFinding: Comparable {
  /// The worst first, then in the order of the files.
  public static func < (a: CheckFinding, b: CheckFinding) -> Bool {
    (a.severity, a.path, a.line ?? 0, a.code.rawValue, a.message)
      < (b.severity, b.path, b.line ?? 0, b.code.rawValue, b.message)
  }
}
