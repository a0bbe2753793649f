/// One language's clips: `languages/<tag>/bundle.json`.
///
/// Its publisher signs it separately from the kit, so that a bundle can move to another kit with its signature intact.
public struct BundleManifest: Codable, Equatable, Sendable {
  /// The format that this program writes and reads.
  public static let format = "firstword-bundle/1"

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
  /// The clips, sorted by number, then by voice.
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

  /// Returns the clip of a prompt in `voice`, or in the first voice that has it.
  public func clip(_ prompt: String, voice: String? = nil) -> Clip? {
    clips.first { $0.prompt == prompt && (voice == nil || $0.voice == voice) }
  }
}

/// The direction of a script: left to right or right to left.
public enum Direction: String, Codable, CaseIterable, Sendable { case ltr, rtl }
