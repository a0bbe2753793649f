/// The contents of a kit: `kit.json`. Its bytes in the file are what is signed.
public struct KitManifest: Codable, Equatable, Sendable {
  /// The format that this program writes and reads.
  public static let format = "firstword-kit/2"

  /// The format of this document.
  public var format: String
  /// The name: letters, digits and hyphens. The journal names a kit by this and `version`.
  public var name: String
  /// The version, ordered as `VersionOrder` says.
  public var version: String
  /// Whether the kit is for trials only: a board for field use refuses it. A kit is a draft if a clip for listeners is not
  /// approved or is speech synthesis, and if its project had anything else that a release must not have. Readers refuse
  /// a kit that says it is no draft and has such a clip.
  public var draft: Bool
  /// The BCP 47 tag of the language of `KitPrompt.text`.
  public var source: String
  /// The prompts, sorted by number.
  public var prompts: [KitPrompt]
  /// The bundles, in the order in which the responder steps through the languages.
  public var bundles: [BundleEntry]
  /// People and services that the responder can call.
  public var contacts: [KitContact]
  /// The responder's texts in languages other than English, which `prompts` has.
  public var operators: [OperatorTexts]
  /// The BCP 47 tag of the language in which the device speaks to the responder; its bundle has the prompts from 100 on.
  /// `nil` if the device only plays tones.
  public var operatorLanguage: String?
  /// The order in which the languages introduce themselves.
  public var finder: KitFinder
  /// The sequences of prompts.
  public var sequences: [KitSequence]
  /// How listeners answer.
  public var answers: KitAnswers
  /// The form that the kit chose of each prompt that has choices: `police` of `who-we-are`. For information: the clips
  /// have the chosen words as their base form.
  public var forms: [String: String]

  /// Creates a manifest of the current format.
  public init(
    name: String, version: String, draft: Bool, source: String, prompts: [KitPrompt], bundles: [BundleEntry],
    contacts: [KitContact] = [], operators: [OperatorTexts] = [], operatorLanguage: String? = nil,
    finder: KitFinder = KitFinder(), sequences: [KitSequence] = [],
    answers: KitAnswers = KitAnswers(), forms: [String: String] = [:]
  ) {
    self.format = Self.format
    self.name = name
    self.version = version
    self.draft = draft
    self.source = source
    self.prompts = prompts
    self.bundles = bundles
    self.contacts = contacts
    self.operators = operators
    self.operatorLanguage = operatorLanguage
    self.finder = finder
    self.sequences = sequences
    self.answers = answers
    self.forms = forms
  }

  /// Returns the prompt with this id.
  public func prompt(_ id: String) -> KitPrompt? { prompts.first { $0.id == id } }
}

/// A bundle in a kit, and the SHA-256 that its manifest must have.
public struct BundleEntry: Codable, Equatable, Sendable {
  /// The BCP 47 tag of the language.
  public var tag: String
  /// The path inside the kit: `languages/<tag>/bundle.json`.
  public var manifest: String
  /// The SHA-256 of the manifest, in lower-case hexadecimal.
  public var sha256: String

  /// Creates an entry.
  public init(tag: String, manifest: String, sha256: String) {
    self.tag = tag
    self.manifest = manifest
    self.sha256 = sha256
  }
}
