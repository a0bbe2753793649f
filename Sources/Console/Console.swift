import Kit
import Posix

/// What the buttons drive: a pure machine of (state, event) → (state, effects). It does no I/O and knows no clock: a
/// press brings its time along.
///
/// No language is chosen until the responder chooses one: a message in a language that nobody picked would be worse
/// than a signal that says so. A prompt that the language does not have is never replaced by another one.
public struct Console: Sendable {
  /// The prompt in which a language says its own name; it is played whenever the language changes.
  public static let languageName = "language-name"

  /// A language of the kit, in the order in which the responder walks through them.
  public struct Language: Equatable, Sendable {
    public let tag: String
    /// What the number pad calls it.
    public let number: Int
    /// Ids of the prompts that it has.
    public let prompts: Set<String>

    public init(tag: String, number: Int, prompts: Set<String>) {
      self.tag = tag
      self.number = number
      self.prompts = prompts
    }
  }

  /// A prompt of the kit, in whatever language.
  public struct Prompt: Equatable, Sendable {
    public let id: String
    /// What the number pad calls it.
    public let number: Int
    /// Whether the listener is asked to answer.
    public let isQuestion: Bool

    public init(id: String, number: Int, isQuestion: Bool) {
      self.id = id
      self.number = number
      self.isQuestion = isQuestion
    }
  }

  /// Times in milliseconds.
  public struct Limits: Equatable, Sendable {
    /// In which the message that was just asked for is not begun anew.
    public var again: Int
    /// Between two keys of one number.
    public var digits: Int

    public init(again: Int = 400, digits: Int = 3000) {
      self.again = again
      self.digits = digits
    }
  }

  /// One prompt in one language.
  public struct Message: Hashable, Sendable {
    public let language: String
    public let prompt: String

    public init(language: String, prompt: String) {
      self.language = language
      self.prompt = prompt
    }
  }

  public enum Event: Equatable, Sendable {
    case pressed(Button, at: Monotonic)
    /// The console's `deadline` has come.
    case passed(Monotonic)
    /// Told by the player, for the number that `Effect.play` gave it.
    case started(UInt32)
    case ended(UInt32, Outcome, frames: Int)
  }

  public enum Outcome: String, Codable, Equatable, Sendable {
    case completed
    case stopped
    /// There was no card, or the clip is damaged.
    case failed
  }

  public enum Effect: Equatable, Sendable {
    case play(Message, token: UInt32)
    case stop
    case signal(Signal)
    case turn(VolumeKnob.Turn)
    case journal(JournalEvent)

    /// Whether it is a command to the player, and not for the journal alone.
    public var isHeard: Bool {
      if case .journal = self { false } else { true }
    }
  }

  /// What the responder hears when nothing can be said.
  public enum Signal: String, Codable, Equatable, Sendable {
    /// Choose a language first.
    case noLanguage = "no-language"
    /// The language does not have this prompt, or nothing was said yet that could be repeated.
    case notAvailable = "not-available"
    case error
  }

  /// What the listener answered, as the responder saw it: a nod is weak evidence.
  public enum Answer: String, Codable, Equatable, Sendable {
    case yes
    case no
    case unclear
    case declined
  }

  /// What the LEDs show.
  public enum Indication: Equatable, Sendable {
    case ready
    case playing
    /// A question was asked, and no answer was pressed yet.
    case waiting
    /// What was asked for last could not be said.
    case error
  }

  private let languages: [Language]
  private let prompts: [Prompt]
  private let limits: Limits
  private var pad: NumberPad
  private var current: Int?
  private var last: Message?
  /// When `last` was asked for.
  private var lastTime: Monotonic?
  /// What was asked of the listener last, and whether an answer is still to come.
  private var question: Message?
  private var isWaiting = false
  private var isWrong = false
  private var nextToken: UInt32 = 1
  /// What sounds, and what is on its way.
  private var open: [UInt32: Message] = [:]

  public init(languages: [Language], prompts: [Prompt], limits: Limits = Limits()) {
    self.languages = languages
    self.prompts = prompts
    self.limits = limits
    pad = NumberPad(limit: limits.digits)
  }

  /// The chosen language.
  public var language: String? { current.map { languages[$0].tag } }

  /// What was asked for last and has not ended.
  public var playing: Message? { open.max { $0.key < $1.key }?.value }

  public var indication: Indication {
    if isWrong { return .error }
    if !open.isEmpty { return .playing }
    return isWaiting ? .waiting : .ready
  }

  /// When the console wants to be told `passed`; `nil` for never.
  public var deadline: Monotonic? { pad.deadline }

  public mutating func handle(_ event: Event) -> [Effect] {
    switch event {
    case .pressed(let button, let time):
      isWrong = false
      switch button {
      case .digit(let digit):
        switch pad.digit(digit, at: time) {
        case nil: return []
        case .prompt(let number): return say(promptNumbered: number, at: time)
        case .language(let number): return choose(languageNumbered: number, at: time)
        }
      case .star:
        pad.star(at: time)
        return []
      case .control(let control):
        pad.forget()
        return perform(control, at: time)
      case .prompt(let id):
        pad.forget()
        return say(id, at: time)
      }
    case .passed(let time):
      pad.pass(at: time)
      return []
    case .started(let token):
      guard let message = open[token] else { return [] }
      return [.journal(.started(message))]
    case .ended(let token, let outcome, let frames):
      guard let message = open.removeValue(forKey: token) else { return [] }
      let entry = Effect.journal(.ended(message, outcome, frames: frames))
      if outcome != .failed { return [entry] }
      isWrong = true
      return [entry, .signal(.error)]
    }
  }

  private mutating func perform(_ control: Button.Control, at time: Monotonic) -> [Effect] {
    switch control {
    case .stop:
      // Perhaps because the answer has come already: it may still be given.
      isWaiting = false
      return [.stop]
    case .again:
      guard let last else { return signal(.notAvailable, prompt: nil) }
      return play(last, at: time)
    case .nextLanguage: return step(by: 1, at: time)
    case .previousLanguage: return step(by: -1, at: time)
    case .louder: return [.turn(.louder)]
    case .quieter: return [.turn(.quieter)]
    case .quiet: return [.turn(.quiet)]
    case .answerYes: return answer(.yes)
    case .answerNo: return answer(.no)
    case .answerUnclear: return answer(.unclear)
    case .answerDeclined: return answer(.declined)
    }
  }

  // MARK: Languages

  private mutating func step(by count: Int, at time: Monotonic) -> [Effect] {
    if languages.isEmpty { return signal(.notAvailable, prompt: nil) }
    let next =
      current.map { ($0 + count + languages.count) % languages.count } ?? (count > 0 ? 0 : languages.count - 1)
    return choose(next, at: time)
  }

  private mutating func choose(languageNumbered number: Int, at time: Monotonic) -> [Effect] {
    guard let index = languages.firstIndex(where: { $0.number == number }) else {
      return signal(.notAvailable, prompt: nil)
    }
    return choose(index, at: time)
  }

  private mutating func choose(_ index: Int, at time: Monotonic) -> [Effect] {
    current = index
    let language = languages[index]
    let chosen = Effect.journal(.language(language.tag))
    guard language.prompts.contains(Self.languageName) else {
      return [chosen] + signal(.notAvailable, prompt: Self.languageName)
    }
    return [chosen] + play(Message(language: language.tag, prompt: Self.languageName), at: time)
  }

  // MARK: Messages

  private mutating func say(promptNumbered number: Int, at time: Monotonic) -> [Effect] {
    guard let prompt = prompts.first(where: { $0.number == number }) else {
      return signal(.notAvailable, prompt: nil)
    }
    return say(prompt.id, at: time)
  }

  private mutating func say(_ id: String, at time: Monotonic) -> [Effect] {
    guard let current else { return signal(.noLanguage, prompt: id) }
    guard languages[current].prompts.contains(id) else { return signal(.notAvailable, prompt: id) }
    return play(Message(language: languages[current].tag, prompt: id), at: time)
  }

  private mutating func play(_ message: Message, at time: Monotonic) -> [Effect] {
    // A second press of a shaking hand would only cut off the first words.
    if message == last, message == playing, let lastTime, time < lastTime.adding(milliseconds: limits.again) {
      return []
    }
    let token = nextToken
    nextToken &+= 1
    open[token] = message
    last = message
    lastTime = time
    question = prompts.contains { $0.id == message.prompt && $0.isQuestion } ? message : nil
    isWaiting = question != nil
    return [.play(message, token: token)]
  }

  /// A later answer corrects an earlier one; both stay in the journal.
  private mutating func answer(_ answer: Answer) -> [Effect] {
    guard let question else { return signal(.notAvailable, prompt: nil) }
    isWaiting = false
    return [.journal(.answered(question, answer))]
  }

  private mutating func signal(_ signal: Signal, prompt: String?) -> [Effect] {
    isWrong = true
    return [.journal(.signalled(signal, language: language, prompt: prompt)), .signal(signal)]
  }
}

/// What the journal keeps: what was said to the listener and what became of it.
public enum JournalEvent: Equatable, Sendable {
  case language(String)
  case started(Console.Message)
  case ended(Console.Message, Console.Outcome, frames: Int)
  case answered(Console.Message, Console.Answer)
  case signalled(Console.Signal, language: String?, prompt: String?)
}
