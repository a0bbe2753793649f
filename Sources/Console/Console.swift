import Kit
import Posix

/// What the buttons drive: a pure machine of (state, event) → (state, effects). It does no I/O and knows no clock.
///
/// No language is chosen until the responder chooses one: a message in a language that nobody picked would be worse
/// than a signal that says so. A prompt that the language does not have is never replaced by another one.
public struct Console: Sendable {
  /// The prompt in which a language says its own name; it is played whenever the language changes.
  public static let languageName = "language-name"

  /// A language of the kit, in the order in which the responder walks through them.
  public struct Language: Equatable, Sendable {
    public let tag: String
    /// Ids of the prompts that it has.
    public let prompts: Set<String>

    public init(tag: String, prompts: Set<String>) {
      self.tag = tag
      self.prompts = prompts
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
    case pressed(Button)
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
  }

  /// What the responder hears when nothing can be said.
  public enum Signal: String, Codable, Equatable, Sendable {
    /// Choose a language first.
    case noLanguage = "no-language"
    /// The language does not have this prompt, or nothing was said yet that could be repeated.
    case notAvailable = "not-available"
    case error
  }

  /// What the LEDs show.
  public enum Indication: Equatable, Sendable { case ready, playing }

  private let languages: [Language]
  private var current: Int?
  private var last: Message?
  private var nextToken: UInt32 = 1
  /// What sounds, and what is on its way.
  private var open: [UInt32: Message] = [:]

  public init(languages: [Language]) { self.languages = languages }

  /// The chosen language.
  public var language: String? { current.map { languages[$0].tag } }

  /// What was asked for last and has not ended.
  public var playing: Message? { open.max { $0.key < $1.key }?.value }

  public var indication: Indication { open.isEmpty ? .ready : .playing }

  public mutating func handle(_ event: Event) -> [Effect] {
    switch event {
    case .pressed(.control(.stop)):
      return [.stop]
    case .pressed(.control(.again)):
      guard let last else { return signal(.notAvailable, prompt: nil) }
      return play(last)
    case .pressed(.control(.nextLanguage)):
      return step(by: 1)
    case .pressed(.control(.previousLanguage)):
      return step(by: -1)
    case .pressed(.control(.louder)): return [.turn(.louder)]
    case .pressed(.control(.quieter)): return [.turn(.quieter)]
    case .pressed(.control(.quiet)): return [.turn(.quiet)]
    case .pressed(.prompt(let id)):
      guard let current else { return signal(.noLanguage, prompt: id) }
      guard languages[current].prompts.contains(id) else { return signal(.notAvailable, prompt: id) }
      return play(Message(language: languages[current].tag, prompt: id))
    case .started(let token):
      guard let message = open[token] else { return [] }
      return [.journal(.started(message))]
    case .ended(let token, let outcome, let frames):
      guard let message = open.removeValue(forKey: token) else { return [] }
      let entry = Effect.journal(.ended(message, outcome, frames: frames))
      return outcome == .failed ? [entry, .signal(.error)] : [entry]
    }
  }

  private mutating func step(by count: Int) -> [Effect] {
    if languages.isEmpty { return signal(.notAvailable, prompt: nil) }
    let next =
      current.map { ($0 + count + languages.count) % languages.count } ?? (count > 0 ? 0 : languages.count - 1)
    current = next
    let language = languages[next]
    let chosen = Effect.journal(.language(language.tag))
    guard language.prompts.contains(Self.languageName) else {
      return [chosen] + signal(.notAvailable, prompt: Self.languageName)
    }
    return [chosen] + play(Message(language: language.tag, prompt: Self.languageName))
  }

  private mutating func play(_ message: Message) -> [Effect] {
    let token = nextToken
    nextToken &+= 1
    open[token] = message
    last = message
    return [.play(message, token: token)]
  }

  private func signal(_ signal: Signal, prompt: String?) -> [Effect] {
    [.journal(.signalled(signal, language: language, prompt: prompt)), .signal(signal)]
  }
}

/// What the journal keeps: what was said to the listener and what became of it.
public enum JournalEvent: Equatable, Sendable {
  case language(String)
  case started(Console.Message)
  case ended(Console.Message, Console.Outcome, frames: Int)
  case signalled(Console.Signal, language: String?, prompt: String?)
}
