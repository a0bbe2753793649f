/// One language's clips: `languages/<tag>/bundle.json`.
///
/// Its publisher signs it separately from the kit, so that a bundle can move to another kit with its signature intact.
public struct BundleManifest: Codable, Equatable, Sendable {
  /// The format that this program writes and reads.
  public static let format = "firstword-bundle/2"

  /// The format of this document.
  public var format: String
  /// The BCP 47 tag of the language.
  public var tag: String
  /// The stable number of the language, 0...999; English is 0.
  public var number: Int
  /// The language's English name.
  public var english: String
  /// The language's name for itself.
  public var autonym: String
  /// The ISO 15924 code of its script: `Latn`, `Arab`.
  public var script: String
  /// The direction of its script.
  public var direction: Direction
  /// ISO 3166 regions where it is spoken, the most likely first.
  public var regions: [String]
  /// Tags of languages that replace a missing clip, with an announcement.
  public var fallback: [String]
  /// The approvals of its clips; `nil` if there are none, and in kits that were built before approvals were counted.
  public var approvals: ApprovalCount?
  /// The clips, sorted by number, prompt, form, and voice: formulas first.
  public var clips: [Clip]

  /// Creates a manifest of the current format.
  public init(
    tag: String, number: Int, english: String, autonym: String, script: String, direction: Direction,
    regions: [String], fallback: [String], approvals: ApprovalCount? = nil, clips: [Clip]
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
    self.approvals = approvals
    self.clips = clips
  }

  /// Returns the clip of a prompt or formula in `voice`, or in the first voice that has it.
  ///
  /// - Parameters:
  ///   - prompt: the id of a prompt, or of a formula (`answer-card`).
  ///   - form: the form; no other is returned.
  ///   - voice: the voice; nil for any.
  public func clip(_ prompt: String, form: Form = .base, voice: String? = nil) -> Clip? {
    clips.first { $0.prompt == prompt && ($0.form ?? .base) == form && (voice == nil || $0.voice == voice) }
  }
}

// MARK: - What a listener hears

extension BundleManifest {
  /// Returns the clip of a prompt that a listener hears in an answer mode; nil if the bundle does not have it.
  ///
  /// A child hears the child's form, and the adult's form where there is none. A prompt that names the signs of the
  /// mode is never played in the form of another mode.
  ///
  /// - Parameters:
  ///   - prompt: the prompt.
  ///   - mode: the answer mode that is on.
  ///   - isForChild: whether the listener is a child.
  ///   - voice: the voice; nil for any.
  public func clip(of prompt: KitPrompt, mode: AnswerMode, isForChild: Bool, voice: String? = nil) -> Clip? {
    let form = prompt.namesSigns ? mode.form() : .base
    let own = isForChild ? clip(prompt.id, form: form.forChild, voice: voice) : nil
    return own ?? clip(prompt.id, form: form, voice: voice)
  }

  /// Returns the formula that follows a question in an answer mode; nil if the bundle does not have it. A child hears
  /// the child's form, and the adult's form where there is none.
  public func formula(of mode: AnswerMode, isForChild: Bool, voice: String) -> Clip? {
    let own = isForChild ? clip(mode.formula, form: .child, voice: voice) : nil
    return own ?? clip(mode.formula, voice: voice)
  }

  /// Returns what is played for a prompt, in order: its clip, and the formula after it where it is a question that
  /// needs one. Both have the same voice.
  ///
  /// - Returns: nil if the clip or the formula is missing: then the prompt is unavailable in this voice and mode.
  public func message(
    of prompt: KitPrompt, mode: AnswerMode, isForChild: Bool, voice: String
  ) -> (clip: Clip, formula: Clip?)? {
    guard let clip = clip(of: prompt, mode: mode, isForChild: isForChild, voice: voice) else { return nil }
    guard prompt.isFollowedByFormula else { return (clip, nil) }
    return formula(of: mode, isForChild: isForChild, voice: voice).map { (clip, $0) }
  }
}

/// The direction of a script: left to right or right to left.
public enum Direction: String, Codable, CaseIterable, Sendable { case ltr, rtl }
