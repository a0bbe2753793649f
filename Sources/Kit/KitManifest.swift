/// `kit.json`: what a kit holds. Signed as it stands in the file, byte for byte.
public struct KitManifest: Codable, Equatable, Sendable {
  /// The form of `kit.json` that this program writes and reads.
  public static let format = "firstword-kit/1"

  public var format: String
  /// Letters, digits and hyphens; with `version` it names the kit in the journal.
  public var name: String
  public var version: String
  /// True until every clip of a listener's language is approved and spoken by a person.
  /// A board for field use refuses such a kit.
  public var draft: Bool
  /// BCP 47 tag of the language that `KitPrompt.text` is written in.
  public var source: String
  /// Sorted by number.
  public var prompts: [KitPrompt]
  /// In the order in which the responder walks through the languages.
  public var bundles: [BundleEntry]
  /// Whom the responder calls, where the kit is used.
  public var contacts: [KitContact]
  /// The responder's texts in further languages; `prompts` has them in English.
  public var operators: [OperatorTexts]

  public init(
    name: String, version: String, draft: Bool, source: String, prompts: [KitPrompt], bundles: [BundleEntry],
    contacts: [KitContact] = [], operators: [OperatorTexts] = []
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
  }

  public func prompt(_ id: String) -> KitPrompt? { prompts.first { $0.id == id } }
}

/// One message or question as the kit knows it, in the source language.
public struct KitPrompt: Codable, Equatable, Sendable {
  /// 1...199, stable for ever; 60...99 are a project's own, from 100 on the device's lines to the responder.
  public var number: Int
  public var id: String
  public var module: String
  public var audience: Audience
  public var answer: Answer
  /// True where a right or a promise depends on the country.
  public var jurisdiction: Bool
  /// What the responder reads on a button or a card.
  public var title: String
  /// What the responder must think of before playing it; may be empty.
  public var caution: String
  /// The wording in the source language.
  public var text: String

  public init(
    number: Int, id: String, module: String, audience: Audience, answer: Answer, jurisdiction: Bool, title: String,
    caution: String, text: String
  ) {
    self.number = number
    self.id = id
    self.module = module
    self.audience = audience
    self.answer = answer
    self.jurisdiction = jurisdiction
    self.title = title
    self.caution = caution
    self.text = text
  }
}

/// Somebody to call: an interpreter, a shelter. Never somebody of whom the listener must not know.
public struct KitContact: Codable, Equatable, Sendable {
  public enum Kind: String, Codable, CaseIterable, Sendable {
    case interpreter, hotline, medical, police, shelter, child, legal, other
  }

  public var kind: Kind
  public var name: String
  /// As people write and dial it; may be empty where there is a note.
  public var phone: String
  /// Hours, languages, what to ask for; may be empty.
  public var note: String

  public init(kind: Kind, name: String, phone: String, note: String) {
    self.kind = kind
    self.name = name
    self.phone = phone
    self.note = note
  }
}

/// What a responder reads, in one operator's language.
public struct OperatorTexts: Codable, Equatable, Sendable {
  /// BCP 47.
  public var tag: String
  public var autonym: String
  /// ISO 15924.
  public var script: String
  public var direction: Direction
  /// By prompt id; one that is missing is read in English.
  public var prompts: [String: Line]
  /// What the kit's languages are called, by their tags.
  public var languages: [String: String]

  public struct Line: Codable, Equatable, Sendable {
    public var title: String
    /// May be empty.
    public var caution: String

    public init(title: String, caution: String) {
      self.title = title
      self.caution = caution
    }
  }

  public init(
    tag: String, autonym: String, script: String, direction: Direction, prompts: [String: Line],
    languages: [String: String]
  ) {
    self.tag = tag
    self.autonym = autonym
    self.script = script
    self.direction = direction
    self.prompts = prompts
    self.languages = languages
  }
}

/// Whom a prompt is meant for.
public enum Audience: String, Codable, CaseIterable, Sendable { case all, adult, child }

/// How the listener is asked to answer.
public enum Answer: String, Codable, CaseIterable, Sendable {
  case none
  case yesNo = "yes-no"
  case fingers
  case point
}

/// A kit's claim on one bundle: the bundle's manifest must have this SHA-256.
public struct BundleEntry: Codable, Equatable, Sendable {
  public var tag: String
  /// Path inside the kit: `languages/<tag>/bundle.json`.
  public var manifest: String
  /// Lower-case hexadecimal.
  public var sha256: String

  public init(tag: String, manifest: String, sha256: String) {
    self.tag = tag
    self.manifest = manifest
    self.sha256 = sha256
  }
}
