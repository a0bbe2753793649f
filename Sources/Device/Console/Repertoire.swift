import Journal
import Kit

/// What a kit can say, and in which order: all that the console knows of it.
public struct Repertoire: Equatable, Sendable {
  /// A language and its voices.
  public struct Language: Equatable, Sendable {
    /// BCP 47 tag.
    public let tag: String
    /// Its number on the number pad.
    public let number: Int
    /// At least one; the first speaks unless the responder chooses another.
    public let voices: [Voice]
    /// Tags of languages that may stand in, announced, if a prompt is missing; the best first.
    public let fallback: [String]
    /// Whom it speaks to.
    public let audience: MessageAudience

    /// Creates a language.
    public init(
      tag: String, number: Int, voices: [Voice], fallback: [String] = [], audience: MessageAudience = .listener
    ) {
      self.tag = tag
      self.number = number
      self.voices = voices
      self.fallback = fallback
      self.audience = audience
    }

    /// Returns the message of a prompt that has neither forms nor a formula; nil if no voice has it.
    func message(_ prompt: String) -> Console.Message? {
      voices.first { $0.prompts.contains(prompt) }.map {
        Console.Message(language: tag, prompt: prompt, voice: $0.name, audience: audience)
      }
    }

    /// Returns the message of a prompt in the first voice that has it, the preferred one before all others; nil if no
    /// voice has it. A voice that lacks the formula of a question does not have the question.
    ///
    /// - Parameters:
    ///   - prompt: The prompt.
    ///   - mode: The answer mode that is on.
    ///   - isForChild: Whether the listener is a child.
    ///   - name: The preferred voice.
    func message(
      _ prompt: Prompt, mode: AnswerMode, isForChild: Bool, preferring name: String? = nil
    ) -> Console.Message? {
      for voice in voices.filter({ $0.name == name }) + voices {
        guard
          let form = voice.form(of: prompt.id, prompt.namesSigns ? mode.form() : .base, isForChild: isForChild)
        else { continue }
        var formula: String?
        if prompt.needsFormula {
          guard let own = voice.form(of: mode.formula, .base, isForChild: isForChild) else { continue }
          formula = KitLayout.item(mode.formula, own)
        }
        return Console.Message(
          language: tag, prompt: prompt.id, form: form, formula: formula, voice: voice.name, audience: audience)
      }
      return nil
    }

    /// Whether a voice has the words of a question and lacks the formula that must follow it.
    func lacksFormula(of prompt: Prompt, mode: AnswerMode, isForChild: Bool) -> Bool {
      prompt.needsFormula && message(prompt, mode: mode, isForChild: isForChild) == nil
        && voices.contains { $0.form(of: prompt.id, .base, isForChild: isForChild) != nil }
    }

    /// Returns the same language, spoken to another audience.
    func speaking(to audience: MessageAudience) -> Language {
      Language(tag: tag, number: number, voices: voices, fallback: fallback, audience: audience)
    }
  }

  /// One speaker of a language.
  public struct Voice: Equatable, Sendable {
    /// Name of the voice in the kit.
    public let name: String
    /// Ids of the items that it has: `safe-here`, `raise-hand.hand-child`, `answer-card`.
    public let prompts: Set<String>

    /// Creates a voice.
    public init(name: String, prompts: Set<String>) {
      self.name = name
      self.prompts = prompts
    }

    /// Returns the form in which it says a prompt or formula to a listener; nil if it does not have it. A child hears
    /// the child's form, and the adult's form where there is none.
    func form(of prompt: String, _ form: Form, isForChild: Bool) -> Form? {
      let forms = isForChild ? [form.forChild, form] : [form]
      return forms.first { prompts.contains(KitLayout.item(prompt, $0)) }
    }
  }

  /// A prompt for listeners, in any language.
  public struct Prompt: Equatable, Sendable {
    /// Id in the catalogue.
    public let id: String
    /// Its number on the number pad.
    public let number: Int
    /// Its module in the catalogue.
    public let module: String
    /// Whether it is for adults, children, or both.
    public let audience: Audience
    /// Whether the listener is asked to answer.
    public let isQuestion: Bool
    /// Whether the formula of the answer mode follows it.
    public let needsFormula: Bool
    /// Whether its words name the signs of the answer mode, so that each mode has a form of its own.
    public let namesSigns: Bool
    /// Id of the operator's line that speaks its caution; nil if it is not gated.
    public let gate: String?

    /// Creates a prompt.
    public init(
      id: String, number: Int, module: String, audience: Audience = .all, isQuestion: Bool = false,
      needsFormula: Bool = false, namesSigns: Bool = false, gate: String? = nil
    ) {
      self.id = id
      self.number = number
      self.module = module
      self.audience = audience
      self.isQuestion = isQuestion
      self.needsFormula = needsFormula
      self.namesSigns = namesSigns
      self.gate = gate
    }
  }

  /// In the order in which the responder walks through them.
  public let languages: [Language]
  /// In the order of their numbers.
  public let prompts: [Prompt]
  /// Sequences of prompts.
  public let sequences: [KitSequence]
  /// Languages that can ask for a raised hand, likeliest first: indexes into `languages`.
  public let finder: [Int]
  /// Time in which a hand may be raised, in milliseconds.
  public let finderPause: Int
  /// The voice that speaks to the responder; if nil, tones replace it.
  public let operatorVoice: Language?
  /// Whether the kit is a draft, for trials only.
  public let isDraft: Bool
  /// The answer modes that the kit offers; the first is the default. Never empty.
  public let modes: [AnswerMode]

  /// Creates a repertoire. The operator's voice speaks to the responder, whatever audience it is given with.
  public init(
    languages: [Language], prompts: [Prompt], sequences: [KitSequence] = [], finder: KitFinder = KitFinder(),
    operatorVoice: Language? = nil, isDraft: Bool = false, modes: [AnswerMode] = [.base]
  ) {
    let offered = modes.isEmpty ? [.base] : modes
    self.modes = offered
    self.languages = languages
    self.prompts = prompts
    self.sequences = sequences
    self.operatorVoice = operatorVoice?.speaking(to: .operator)
    self.isDraft = isDraft
    finderPause = finder.pause
    let likely = finder.languages.compactMap { tag in languages.firstIndex { $0.tag == tag } }
    // A language that says neither in some mode would leave the finder in silence.
    let introductions = prompts.filter { [ConsolePrompt.languageName, ConsolePrompt.raiseHand].contains($0.id) }
    self.finder = (likely + languages.indices.filter { !likely.contains($0) }).filter { index in
      offered.allSatisfy { mode in
        introductions.contains { languages[index].message($0, mode: mode, isForChild: false) != nil }
      }
    }
  }

  /// Creates the repertoire of a kit whose manifest and bundles were verified.
  public init(_ manifest: KitManifest, _ bundles: [BundleManifest]) {
    let forResponder = Set(manifest.prompts.filter { $0.module == KitPrompt.operatorModule }.map(\.id))
    func language(_ bundle: BundleManifest, _ fits: (String) -> Bool) -> Language? {
      let clips = bundle.clips.filter { fits($0.prompt) }
      var names: [String] = []
      // Formulas come first in a bundle; the messages decide which voice is the first, and whether there is one.
      for clip in clips where clip.kind == .message && !names.contains(clip.voice) { names.append(clip.voice) }
      if names.isEmpty { return nil }
      let voices = names.map { name in
        Voice(name: name, prompts: Set(clips.filter { $0.voice == name }.map(\.item)))
      }
      return Language(tag: bundle.tag, number: bundle.number, voices: voices, fallback: bundle.fallback)
    }
    self.init(
      languages: bundles.compactMap { language($0) { !forResponder.contains($0) } },
      prompts: manifest.prompts.filter { !forResponder.contains($0.id) }.map {
        Prompt(
          id: $0.id, number: $0.number, module: $0.module, audience: $0.audience, isQuestion: $0.answer != .none,
          needsFormula: $0.isFollowedByFormula, namesSigns: $0.namesSigns, gate: $0.gate)
      },
      sequences: manifest.sequences, finder: manifest.finder,
      operatorVoice: bundles.first { $0.tag == manifest.operatorLanguage }.flatMap {
        language($0) { forResponder.contains($0) }
      },
      isDraft: manifest.draft, modes: manifest.answers.modes)
  }

  /// Returns the same repertoire without an item of a voice.
  func without(_ item: String, in tag: String, voice name: String) -> Repertoire {
    let rest = languages.map { language in
      guard language.tag == tag else { return language }
      let voices = language.voices.map { voice in
        voice.name == name ? Voice(name: name, prompts: voice.prompts.subtracting([item])) : voice
      }
      return Language(
        tag: tag, number: language.number, voices: voices, fallback: language.fallback, audience: language.audience)
    }
    return Repertoire(
      languages: rest, prompts: prompts, sequences: sequences,
      finder: KitFinder(languages: finder.map { rest[$0].tag }, pause: finderPause), operatorVoice: operatorVoice,
      isDraft: isDraft, modes: modes)
  }

  /// Returns the index of a language.
  func index(_ tag: String) -> Int? { languages.firstIndex { $0.tag == tag } }

  /// Returns the prompt with this id.
  func prompt(_ id: String) -> Prompt? { prompts.first { $0.id == id } }

  /// Returns whether a sequence has this id.
  func isSequence(_ id: String) -> Bool { sequences.contains { $0.id == id } }

  /// Returns whether a prompt belongs to this module.
  func isModule(_ name: String) -> Bool { prompts.contains { $0.module == name } }

  /// Returns the steps of a sequence; for children, those of its own version for them, or without the steps for adults.
  func steps(of id: String, children: Bool) -> [KitSequence.Step]? {
    guard let sequence = sequences.first(where: { $0.id == id }) else { return nil }
    let own = children ? sequences.first { $0.id == KitSequence.forChildren(id) } : nil
    return (own ?? sequence).steps.filter { fits($0.prompt, children: children || KitSequence.isForChildren(id)) }
  }

  /// Returns whether a prompt is for children, or for adults.
  func fits(_ id: String, children: Bool) -> Bool {
    switch prompt(id)?.audience {
    case .adult: !children
    case .child: children
    case .all, nil: true
    }
  }
}

/// Prompts and modules of the catalogue that the console knows by their ids.
public enum ConsolePrompt {
  /// A language says its own name.
  public static let languageName = "language-name"
  /// A language asks for a raised hand.
  public static let raiseHand = "raise-hand"
  /// An apology, before another language is tried.
  public static let wrongLanguage = "wrong-language"
  /// Module of the question whether the information was understood.
  static let understandingModule = "understanding"
  /// Module of the prompts that the finder plays.
  static let languageModule = "language"
}
