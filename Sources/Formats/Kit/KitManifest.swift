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
  /// BCP 47 tag of the language in which the device speaks to the responder; its bundle has the prompts from 100 on.
  /// Absent where the device has tones only.
  public var operatorLanguage: String?
  public var finder: KitFinder
  public var sequences: [KitSequence]

  public init(
    name: String, version: String, draft: Bool, source: String, prompts: [KitPrompt], bundles: [BundleEntry],
    contacts: [KitContact] = [], operators: [OperatorTexts] = [], operatorLanguage: String? = nil,
    finder: KitFinder = KitFinder(), sequences: [KitSequence] = []
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
  }

  public func prompt(_ id: String) -> KitPrompt? { prompts.first { $0.id == id } }
}

/// One message or question as the kit knows it, in the source language.
public struct KitPrompt: Codable, Equatable, Sendable {
  /// 1...299, stable for ever; 60...99 are a project's own, from 100 on the device's lines to the responder, from 200
  /// on the names of the languages.
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

extension KitPrompt {
  /// Module of what the device says to the responder, and never to a listener.
  public static let operatorModule = "operator"

  /// The prompt in which the operator's voice says what a language is called: `name-ro`, with the number 200 and that
  /// of the language.
  public static func name(of tag: String) -> String { "name-\(tag.lowercased())" }
}

/// The order in which the languages introduce themselves to somebody whose language is not known.
public struct KitFinder: Codable, Equatable, Sendable {
  /// Tags, likeliest first; those that are not there come behind them, in the kit's order.
  public var languages: [String]
  /// Milliseconds of silence after each, in which a hand may be raised.
  public var pause: Int

  public init(languages: [String] = [], pause: Int = 5000) {
    self.languages = languages
    self.pause = pause
  }
}

/// Several prompts, one after the other.
public struct KitSequence: Codable, Equatable, Sendable {
  /// No prompt and no module has it.
  public var id: String
  public var title: String
  public var steps: [Step]

  public struct Step: Codable, Equatable, Sendable {
    /// Id.
    public var prompt: String
    /// Milliseconds of silence after it.
    public var pause: Int

    public init(prompt: String, pause: Int) {
      self.prompt = prompt
      self.pause = pause
    }
  }

  public init(id: String, title: String, steps: [Step]) {
    self.id = id
    self.title = title
    self.steps = steps
  }

  /// The sequence that takes the place of this one where a child listens.
  public static func forChildren(_ id: String) -> String { "\(id)-child" }
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
