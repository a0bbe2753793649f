import Encoding
import Kit

/// An encoded clip with what its bundle's manifest says of it. The place in the kit and the hashes follow from the
/// bundle that takes it (`entry`).
public struct PackedClip: Sendable {
  /// Id of the prompt, or of the formula.
  public var prompt: String
  /// Number of the prompt; 0 for a formula.
  public var number: Int
  /// Form of the wording; `nil` for the base form.
  public var form: Form?
  /// `f1`, `m1`, `synthetic`.
  public var voice: String
  /// Length of the decoded clip in frames of 48 kHz.
  public var frames: Int
  /// LUFS of the decoded clip.
  public var loudness: Double
  /// True peak of the decoded clip in dBTP.
  public var peak: Double
  /// Frames of 48 kHz before the speech begins.
  public var onset: Int
  /// Whether it is approved.
  public var status: Status
  /// Whether a machine speaks.
  public var synthetic: Bool
  /// The wording that was recorded, NFC.
  public var text: String
  /// Its English back-translation; may be empty.
  public var back: String
  /// Pseudonym of the speaker; `nil` where that is unknown, and for a machine.
  public var speaker: String?
  /// What proves the status of an approved clip.
  public var proof: ApprovalProof?
  /// The Ogg Opus file.
  public var content: [UInt8]

  /// Combines what is known of a clip with its file.
  public init(
    prompt: String, number: Int, form: Form? = nil, voice: String, frames: Int, loudness: Double, peak: Double,
    onset: Int,
    status: Status, synthetic: Bool, text: String, back: String, speaker: String? = nil, proof: ApprovalProof? = nil,
    content: [UInt8]
  ) {
    self.prompt = prompt
    self.number = number
    self.form = form
    self.voice = voice
    self.frames = frames
    self.loudness = loudness
    self.peak = peak
    self.onset = onset
    self.status = status
    self.synthetic = synthetic
    self.text = text
    self.back = back
    self.speaker = speaker
    self.proof = proof
    self.content = content
  }

  /// Takes a clip out of a kit, to put it into another.
  ///
  /// - Parameters:
  ///   - clip: the entry of its bundle's manifest.
  ///   - content: the Ogg Opus file.
  public init(_ clip: Clip, content: [UInt8]) {
    self.init(
      prompt: clip.prompt, number: clip.number, form: clip.form, voice: clip.voice, frames: clip.frames,
      loudness: clip.loudness,
      peak: clip.peak, onset: clip.onset, status: clip.status, synthetic: clip.synthetic, text: clip.text,
      back: clip.back, speaker: clip.speaker, proof: clip.proof, content: content)
  }

  /// Returns the manifest's entry for this clip in the bundle of a language.
  func entry(tag: String) -> Clip {
    Clip(
      prompt: prompt, number: number, form: form, voice: voice,
      file: KitLayout.clip(tag: tag, voice: voice, number: number, prompt: prompt, form: form ?? .base),
      sha256: Digest.sha256(content),
      bytes: content.count, frames: frames, loudness: loudness, peak: peak, onset: onset, status: status,
      synthetic: synthetic, text: text, back: back, wording: Digest.sha256(text), speaker: speaker, proof: proof)
  }
}

/// One language of a kit that is being written.
public struct PackedBundle: Sendable {
  /// What the bundle's manifest says of the language; the clips below take the place of its own.
  public var manifest: BundleManifest
  /// Its clips, in any order.
  public var clips: [PackedClip]

  /// Combines a language with its clips.
  public init(_ manifest: BundleManifest, clips: [PackedClip]) {
    self.manifest = manifest
    self.clips = clips
  }
}
