/// One encoded recording: an Ogg Opus stream of 48 kHz mono.
public struct Clip: Codable, Equatable, Sendable {
  /// The id of its prompt, or of its formula: `answer-card`.
  public var prompt: String
  /// The number of its prompt; 0 for a formula.
  public var number: Int
  /// Whether it is a message or question, or a formula.
  public var kind: Kind
  /// The form of its wording: an answer mode, a child's; `nil` for the base form. The choices that a kit makes are not
  /// among them: the chosen wording is the base form in the kit.
  public var form: Form?
  /// The voice: `f1`, `m1`; `synthetic` for speech synthesis.
  public var voice: String
  /// The path inside the kit: as `KitLayout.clip` says.
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

  /// The id of the item that it says: `safe-here`, `raise-hand.hand-child`, `answer-card`.
  public var item: String { KitLayout.item(prompt, form ?? .base) }

  /// Whether it says an item, as `item` names it: for a search at a press, which builds no names.
  public func says(_ item: String) -> Bool {
    guard let form, !form.isBase else { return prompt == item }
    return item.utf8.count > prompt.utf8.count && item.utf8.starts(with: prompt.utf8) && self.item == item
  }

  /// Returns whether a person's name for a clip means this one: its item's id, its prompt's id, or its number.
  public func isNamed(_ name: String) -> Bool {
    item == name || prompt == name || kind == .message && Int(name) == number
  }

  /// What a clip says.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    /// A message or a question.
    case message
    /// How to answer in one mode; the player joins it to a question of the same voice.
    case formula
  }

  /// Creates a clip from its properties. A clip with the number 0 is a formula.
  public init(
    prompt: String, number: Int, form: Form? = nil, voice: String, file: String, sha256: String, bytes: Int,
    frames: Int,
    loudness: Double, peak: Double, onset: Int, status: Status, synthetic: Bool, text: String, back: String,
    wording: String, speaker: String? = nil, proof: ApprovalProof? = nil
  ) {
    self.prompt = prompt
    self.number = number
    kind = number == 0 ? .formula : .message
    self.form = form
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
