import Board
import Console
import Journal
import Kit
import Posix

/// A console with a kit, a hand that presses, and a player that plays each message at once.
struct Desk {
  var console: Console
  private(set) var time = Monotonic(nanoseconds: 1_000_000_000)
  /// Of the message that sounds, with its token.
  private(set) var sounding: (message: Console.Message, token: UInt32)?
  /// When it began.
  private var since = Monotonic(nanoseconds: 0)
  private(set) var journal: [JournalEvent] = []

  init(_ repertoire: Repertoire, limits: Console.Limits = .init(), recent: [String] = []) {
    console = Console(repertoire, limits: limits, recent: recent)
  }

  /// `milliseconds` after what was before.
  mutating func press(_ name: String, after milliseconds: Int = 1000) -> [Console.Effect] {
    time = time.adding(milliseconds: milliseconds)
    return did(console.handle(.pressed(Button(name), at: time)))
  }

  /// Lets what sounds come to its end, after `milliseconds`.
  mutating func finish(_ outcome: MessageOutcome = .completed, after milliseconds: Int = 1000) -> [Console.Effect] {
    guard let (_, token) = sounding else { return [] }
    sounding = nil
    time = time.adding(milliseconds: milliseconds)
    return did(console.handle(.ended(token, outcome, frames: 48 * milliseconds, at: time)))
  }

  /// Lets everything that is said one behind the other come to its end; what was said.
  mutating func finishAll() -> [String] {
    var said: [String] = []
    while let (message, _) = sounding {
      said.append("\(message.language) \(message.prompt)")
      _ = finish()
    }
    return said
  }

  /// Waits for the console's own deadline.
  mutating func wait() -> [Console.Effect] {
    guard let deadline = console.deadline else { return [] }
    time = max(time, deadline)
    return did(console.handle(.passed(time)))
  }

  mutating func pass(seconds: Int) { time = time.adding(milliseconds: 1000 * seconds) }

  private mutating func did(_ effects: [Console.Effect]) -> [Console.Effect] {
    for effect in effects {
      switch effect {
      case .play(let message, let token):
        cut()
        sounding = (message, token)
        since = time
        journal += console.handle(.started(token, at: time)).journal
      case .stop, .signal: cut()
      case .journal(let event): journal.append(event)
      case .turn: break
      }
    }
    return effects
  }

  /// Ends what sounds.
  private mutating func cut() {
    guard let (_, token) = sounding else { return }
    sounding = nil
    let frames = Int(time.since(since) / 1000) * 48 / 1000
    journal += console.handle(.ended(token, .stopped, frames: frames, at: time)).journal
  }
}

extension [Console.Effect] {
  /// What is played: `ro safe-here`.
  var played: [String] {
    compactMap { effect in
      if case .play(let message, _) = effect { "\(message.language) \(message.prompt)" } else { nil }
    }
  }

  var signals: [OperatorSignal] { compactMap { if case .signal(let signal) = $0 { signal } else { nil } } }

  var journal: [JournalEvent] { compactMap { if case .journal(let event) = $0 { event } else { nil } } }
}

extension JournalEvent {
  /// An answer to a question.
  static func answer(_ answer: ListenerAnswer, to question: Console.Message, about: String?) -> JournalEvent {
    .answer(answer, language: question.language, prompt: question.prompt, about: about)
  }
}

extension Repertoire {
  static let prompts = [
    Prompt(id: "language-name", number: 1, module: "language"),
    Prompt(id: "raise-hand", number: 2, module: "language", isQuestion: true),
    Prompt(id: "safe-here", number: 3, module: "opening"),
    Prompt(id: "may-stop", number: 5, module: "opening"),
    Prompt(id: "wrong-language", number: 7, module: "language"),
    Prompt(id: "need-doctor", number: 13, module: "needs", isQuestion: true),
    Prompt(id: "pregnant", number: 17, module: "needs", audience: .adult, isQuestion: true),
    Prompt(id: "need-drink", number: 19, module: "needs", isQuestion: true),
    Prompt(id: "child-stay", number: 34, module: "child", audience: .child),
    Prompt(id: "what-happens-now", number: 35, module: "information"),
    Prompt(id: "understood", number: 38, module: "understanding", isQuestion: true),
  ]

  static let all = Set(prompts.map(\.id))

  static func language(
    _ tag: String, _ number: Int, without missing: Set<String> = [], voices: [String] = ["f1"], fallback: [String] = []
  ) -> Language {
    Language(
      tag: tag, number: number, voices: voices.map { Voice(name: $0, prompts: all.subtracting(missing)) },
      fallback: fallback)
  }

  /// Four languages: ti lacks the doctor, and am may stand in for it; vi has two voices; bg lacks the drink.
  static let languages = [
    language("ro", 29),
    language("bg", 6, without: ["need-drink"]),
    language("ti", 36, without: ["need-doctor"], fallback: ["om", "am"]),
    language("am", 2),
    language("vi", 39, voices: ["f1", "m1"]),
  ]

  static let sequences = [
    KitSequence(
      id: "first-contact", title: "First contact",
      steps: [
        .init(prompt: "safe-here", pause: 2000), .init(prompt: "need-doctor", pause: 8000),
        .init(prompt: "pregnant", pause: 8000), .init(prompt: "what-happens-now", pause: 3000),
        .init(prompt: "understood", pause: 8000),
      ])
  ]

  /// The operator's voice, in English, with all that it can say.
  static let english: Language = {
    let lines = [
      "device-ready", "device-draft-kit", "device-not-available", "device-other-language", "device-damaged",
      "device-choose-language", "device-finder", "device-none-of-these", "device-first-contact", "device-adults",
      "device-children", "device-louder", "device-quieter", "device-quiet-on", "device-quiet-off",
      "device-other-voice",
    ]
    let names = languages.map { KitPrompt.name(of: $0.tag) }
    return Language(tag: "en", number: 0, voices: [Voice(name: "synthetic", prompts: Set(lines + names))])
  }()

  static let mute = Repertoire(languages: languages, prompts: prompts, sequences: sequences)
  static let speaking = Repertoire(
    languages: languages, prompts: prompts, sequences: sequences,
    finder: KitFinder(languages: ["ti", "bg"], pause: 5000), operatorVoice: english)
}
