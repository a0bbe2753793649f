/// `languages/<tag>/bundle.json`: one language's clips. Signed by its own publisher, so that a bundle can move
/// from one kit to another with its signature intact.
public struct BundleManifest: Codable, Equatable, Sendable {
  public static let format = "firstword-bundle/1"

  public var format: String
  /// BCP 47.
  public var tag: String
  /// Stable number of the language; English is 0.
  public var number: Int
  public var english: String
  /// The language's name for itself.
  public var autonym: String
  /// ISO 15924: `Latn`, `Arab`.
  public var script: String
  public var direction: Direction
  /// ISO 3166 regions where it is spoken, likeliest first.
  public var regions: [String]
  /// Tags of languages that may stand in, announced, where a clip is missing.
  public var fallback: [String]
  /// Sorted by number, then voice.
  public var clips: [Clip]

  public init(
    tag: String, number: Int, english: String, autonym: String, script: String, direction: Direction,
    regions: [String], fallback: [String], clips: [Clip]
  ) {
    self.format = Self.format
    self.tag = tag
    self.number = number
    self.english = english
    self.autonym = autonym
    self.script = script
    self.direction = direction
    self.regions = regions
    self.fallback = fallback
    self.clips = clips
  }

  /// The clip of a prompt in the first voice that has it.
  public func clip(_ prompt: String, voice: String? = nil) -> Clip? {
    clips.first { $0.prompt == prompt && (voice == nil || $0.voice == voice) }
  }
}

/// Direction of a script.
public enum Direction: String, Codable, CaseIterable, Sendable { case ltr, rtl }

/// One encoded recording: an Ogg Opus stream of 48 kHz mono.
public struct Clip: Codable, Equatable, Sendable {
  /// Id of the prompt that it speaks.
  public var prompt: String
  public var number: Int
  /// Who speaks: `f1`, `m1`; `synthetic` for speech synthesis.
  public var voice: String
  /// Path inside the kit: `languages/<tag>/<voice>/<NN>-<prompt>.opus`.
  public var file: String
  /// SHA-256 of the file, lower-case hexadecimal.
  public var sha256: String
  public var bytes: Int
  /// Length of the decoded clip in frames of 48 kHz.
  public var frames: Int
  /// Of the decoded clip, in LUFS (for very short clips the rule in `Level`).
  public var loudness: Double
  /// True peak of the decoded clip in dBTP.
  public var peak: Double
  /// Frames of 48 kHz before the voice begins.
  public var onset: Int
  public var status: Status
  /// Spoken by a machine: never for a listener in the field.
  public var synthetic: Bool
  /// The wording that was recorded, NFC.
  public var text: String
  /// Its independent English back-translation; may be empty.
  public var back: String
  /// SHA-256 of `text` as UTF-8.
  public var wording: String
  /// Pseudonym of who speaks, in the project that it comes from; nil where that is not known, and for a machine.
  public var speaker: String?
  /// What stands behind the status of an approved clip.
  public var proof: Proof?

  public init(
    prompt: String, number: Int, voice: String, file: String, sha256: String, bytes: Int, frames: Int,
    loudness: Double, peak: Double, onset: Int, status: Status, synthetic: Bool, text: String, back: String,
    wording: String, speaker: String? = nil, proof: Proof? = nil
  ) {
    self.prompt = prompt
    self.number = number
    self.voice = voice
    self.file = file
    self.sha256 = sha256
    self.bytes = bytes
    self.frames = frames
    self.loudness = loudness
    self.peak = peak
    self.onset = onset
    self.status = status
    self.synthetic = synthetic
    self.text = text
    self.back = back
    self.wording = wording
    self.speaker = speaker
    self.proof = proof
  }
}

/// What stands behind two names.
public enum Proof: String, Codable, CaseIterable, Sendable {
  /// Nothing but the names.
  case claim
  /// Both have signed with keys of their own, its wording and its recording.
  case key
}

/// How far a wording or recording has come: it follows from the approvals, nobody writes it down.
public enum Status: String, Codable, CaseIterable, Comparable, Sendable {
  /// Nobody has vouched for it.
  case draft
  /// One name has.
  case reviewed
  /// Two different names have.
  case approved

  public static func < (a: Status, b: Status) -> Bool {
    allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)!
  }
}
