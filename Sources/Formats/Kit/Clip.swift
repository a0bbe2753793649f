/// One encoded recording: an Ogg Opus stream of 48 kHz mono.
public struct Clip: Codable, Equatable, Sendable {
  /// The id of its prompt.
  public var prompt: String
  /// The number of its prompt.
  public var number: Int
  /// The voice: `f1`, `m1`; `synthetic` for speech synthesis.
  public var voice: String
  /// The path inside the kit: `languages/<tag>/<voice>/<NN>-<prompt>.opus`.
  public var file: String
  /// The SHA-256 of the file, in lower-case hexadecimal.
  public var sha256: String
  /// The size of the file in bytes.
  public var bytes: Int
  /// The length of the decoded clip in frames at 48 kHz.
  public var frames: Int
  /// The loudness of the decoded clip in LUFS; KitBuilder's `Level` has the rule for very short clips.
  public var loudness: Double
  /// The true peak of the decoded clip in dBTP.
  public var peak: Double
  /// The frames at 48 kHz before the voice begins.
  public var onset: Int
  /// The review status of the recording.
  public var status: Status
  /// Whether it is speech synthesis, which no listener may hear in the field.
  public var synthetic: Bool
  /// The recorded wording, in NFC.
  public var text: String
  /// Its independent English back-translation; may be empty.
  public var back: String
  /// The SHA-256 of `text` as UTF-8.
  public var wording: String
  /// The speaker's pseudonym in the project; `nil` if unknown, and for speech synthesis.
  public var speaker: String?
  /// The evidence for the approval of an approved clip.
  public var proof: ApprovalProof?

  /// Creates a clip from its properties.
  public init(
    prompt: String, number: Int, voice: String, file: String, sha256: String, bytes: Int, frames: Int,
    loudness: Double, peak: Double, onset: Int, status: Status, synthetic: Bool, text: String, back: String,
    wording: String, speaker: String? = nil, proof: ApprovalProof? = nil
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
