import Kit

/// What can be said, and in which order: a kit as the console sees it.
public struct Repertoire: Equatable, Sendable {
  /// A language in which listeners are spoken to.
  public struct Language: Equatable, Sendable {
    public let tag: String
    /// What the number pad calls it.
    public let number: Int
    /// At least one; the first is the one that speaks unless the responder chooses another.
    public let voices: [Voice]
    /// Tags of languages that may stand in, announced, where a prompt is missing; the best first.
    public let fallback: [String]

    public init(tag: String, number: Int, voices: [Voice], fallback: [String] = []) {
      self.tag = tag
      self.number = number
      self.voices = voices
      self.fallback = fallback
    }

    /// The first voice that has the prompt, `wish` before all others.
    func voice(for prompt: String, wish: String?) -> String? {
      if let wish, voices.contains(where: { $0.name == wish && $0.prompts.contains(prompt) }) { return wish }
      return voices.first { $0.prompts.contains(prompt) }?.name
    }

    func message(_ prompt: String, wish: String? = nil) -> Console.Message? {
      voice(for: prompt, wish: wish).map { Console.Message(language: tag, prompt: prompt, voice: $0) }
    }
  }

  /// One speaker of a language, and the ids of what they say.
  public struct Voice: Equatable, Sendable {
    public let name: String
    public let prompts: Set<String>

    public init(name: String, prompts: Set<String>) {
      self.name = name
      self.prompts = prompts
    }
  }

  /// A prompt for listeners, in whatever language.
  public struct Prompt: Equatable, Sendable {
    public let id: String
    /// What the number pad calls it.
    public let number: Int
    public let module: String
    public let audience: Audience
    /// Whether the listener is asked to answer.
    public let isQuestion: Bool

    public init(id: String, number: Int, module: String, audience: Audience = .all, isQuestion: Bool = false) {
      self.id = id
      self.number = number
      self.module = module
      self.audience = audience
      self.isQuestion = isQuestion
    }
  }

  /// In the order in which the responder walks through them.
  public let languages: [Language]
  /// By number.
  public let prompts: [Prompt]
  public let sequences: [KitSequence]
  /// Languages in which somebody can be asked to raise a hand, likeliest first: indexes into `languages`.
  public let finder: [Int]
  /// Milliseconds in which a hand may be raised.
  public let finderPause: Int
  /// The voice that speaks to the responder; without it there are tones.
  public let operatorVoice: Language?
  /// For trials only, which the responder is told.
  public let isDraft: Bool

  public init(
    languages: [Language], prompts: [Prompt], sequences: [KitSequence] = [], finder: KitFinder = KitFinder(),
    operatorVoice: Language? = nil, isDraft: Bool = false
  ) {
    self.languages = languages
    self.prompts = prompts
    self.sequences = sequences
    self.operatorVoice = operatorVoice
    self.isDraft = isDraft
    finderPause = finder.pause
    let likely = finder.languages.compactMap { tag in languages.firstIndex { $0.tag == tag } }
    self.finder = (likely + languages.indices.filter { !likely.contains($0) }).filter { index in
      languages[index].message(Said.languageName) != nil || languages[index].message(Said.raiseHand) != nil
    }
  }

  /// A kit of which the manifest and all bundles were verified.
  public init(_ manifest: KitManifest, _ bundles: [BundleManifest]) {
    let forResponder = Set(manifest.prompts.filter { $0.module == KitPrompt.operatorModule }.map(\.id))
    func language(_ bundle: BundleManifest, _ fits: (String) -> Bool) -> Language? {
      var names: [String] = []
      for clip in bundle.clips where fits(clip.prompt) && !names.contains(clip.voice) { names.append(clip.voice) }
      if names.isEmpty { return nil }
      let voices = names.map { name in
        Voice(name: name, prompts: Set(bundle.clips.filter { $0.voice == name && fits($0.prompt) }.map(\.prompt)))
      }
      return Language(tag: bundle.tag, number: bundle.number, voices: voices, fallback: bundle.fallback)
    }
    self.init(
      languages: bundles.compactMap { language($0) { !forResponder.contains($0) } },
      prompts: manifest.prompts.filter { !forResponder.contains($0.id) }.map {
        Prompt(id: $0.id, number: $0.number, module: $0.module, audience: $0.audience, isQuestion: $0.answer != .none)
      },
      sequences: manifest.sequences, finder: manifest.finder,
      operatorVoice: bundles.first { $0.tag == manifest.operatorLanguage }.flatMap {
        language($0) { forResponder.contains($0) }
      },
      isDraft: manifest.draft)
  }

  func index(_ tag: String) -> Int? { languages.firstIndex { $0.tag == tag } }

  func prompt(_ id: String) -> Prompt? { prompts.first { $0.id == id } }

  func isSequence(_ id: String) -> Bool { sequences.contains { $0.id == id } }

  func isModule(_ name: String) -> Bool { prompts.contains { $0.module == name } }

  /// The sequence by its id; with `children`, the one that a child hears instead, or without what is for adults.
  func steps(of id: String, children: Bool) -> [KitSequence.Step]? {
    guard let sequence = sequences.first(where: { $0.id == id }) else { return nil }
    let own = children ? sequences.first { $0.id == KitSequence.forChildren(id) } : nil
    return (own ?? sequence).steps.filter { fits($0.prompt, children: children || id.hasSuffix("-child")) }
  }

  /// Whether a prompt belongs to what children hear, or to what adults do.
  func fits(_ id: String, children: Bool) -> Bool {
    switch prompt(id)?.audience {
    case .adult: !children
    case .child: children
    case .all, nil: true
    }
  }
}

/// Prompts of the catalogue that the console plays by itself.
public enum Said {
  /// In which a language says its own name.
  public static let languageName = "language-name"
  public static let raiseHand = "raise-hand"
  /// "I am sorry", before another language is tried.
  public static let wrongLanguage = "wrong-language"
  /// Module of the question whether the information was understood.
  static let understanding = "understanding"
  /// Module of what belongs to the finder.
  static let language = "language"
}

/// What the operator's voice says.
enum Announcement: String {
  case ready = "device-ready"
  case draftKit = "device-draft-kit"
  case notAvailable = "device-not-available"
  case otherLanguage = "device-other-language"
  case damaged = "device-damaged"
  case chooseLanguage = "device-choose-language"
  case finder = "device-finder"
  case noneOfThese = "device-none-of-these"
  case firstContact = "device-first-contact"
  case adults = "device-adults"
  case children = "device-children"
  case louder = "device-louder"
  case quieter = "device-quieter"
  case quietOn = "device-quiet-on"
  case quietOff = "device-quiet-off"
  case otherVoice = "device-other-voice"
}
