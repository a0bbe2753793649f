import Board
import Console
import Journal
import Posix
import Testing

@Suite("The console")
struct ConsoleTests {
  private static let languages = [
    Repertoire.Language(
      tag: "ro", number: 29, voices: [.init(name: "f1", prompts: ["language-name", "safe-here", "need-doctor"])]),
    Repertoire.Language(tag: "bg", number: 6, voices: [.init(name: "f1", prompts: ["language-name", "safe-here"])]),
    Repertoire.Language(tag: "xx", number: 99, voices: [.init(name: "f1", prompts: ["safe-here"])]),
  ]
  private static let prompts = [
    Repertoire.Prompt(id: "language-name", number: 1, module: "language"),
    Repertoire.Prompt(id: "safe-here", number: 3, module: "opening"),
    Repertoire.Prompt(id: "need-doctor", number: 13, module: "needs", isQuestion: true),
  ]
  private var console = Console(Repertoire(languages: Self.languages, prompts: Self.prompts))
  private var time = Monotonic(nanoseconds: 0)

  private static func play(_ language: String, _ prompt: String, _ token: UInt32) -> Console.Effect {
    .play(.init(language: language, prompt: prompt, voice: "f1"), token: token)
  }

  /// `milliseconds` after the press before. What is played begins at once.
  private mutating func press(_ name: String, after milliseconds: Int = 1000) -> [Console.Effect] {
    time = time.adding(milliseconds: milliseconds)
    let effects = console.handle(.pressed(Button(name), at: time))
    for case .play(_, let token) in effects { _ = console.handle(.started(token, at: time)) }
    return effects
  }

  private mutating func end(_ token: UInt32, _ outcome: MessageOutcome, frames: Int) -> [Console.Effect] {
    console.handle(.ended(token, outcome, frames: frames, at: time))
  }

  @Test("next and previous language walk around the kit's order, and each says its own name")
  mutating func walks() {
    #expect(press("next-language") == [.journal(.language("ro")), Self.play("ro", "language-name", 1)])
    #expect(press("next-language") == [.journal(.language("bg")), Self.play("bg", "language-name", 2)])
    #expect(press("previous-language") == [.journal(.language("ro")), Self.play("ro", "language-name", 3)])
    #expect(press("previous-language").first == .journal(.language("xx")))
    #expect(press("next-language").last == Self.play("ro", "language-name", 4))
  }

  @Test("previous language as the first press is the last of the list")
  mutating func startsAtTheEnd() { #expect(press("previous-language").first == .journal(.language("xx"))) }

  @Test("a message before any language is chosen is a signal, and nothing is said")
  mutating func needsALanguage() {
    #expect(
      press("safe-here") == [
        .journal(.signal(.noLanguage, language: nil, prompt: "safe-here")), .signal(.noLanguage),
      ])
  }

  @Test("a message that the language does not have is a signal, and never another language")
  mutating func missing() {
    _ = press("next-language")
    _ = press("next-language")
    #expect(
      press("need-doctor") == [
        .journal(.signal(.notAvailable, language: "bg", prompt: "need-doctor", reason: .recording)),
        .signal(.notAvailable),
      ])
  }

  @Test("a language without its name is chosen all the same, with a signal")
  mutating func nameless() {
    let effects = press("previous-language")
    #expect(effects.last == .signal(.notAvailable))
    #expect(console.language == "xx")
    #expect(press("safe-here") == [Self.play("xx", "safe-here", 1)])
  }

  @Test("repeat plays what was said last")
  mutating func repeats() {
    #expect(
      press("repeat") == [
        .journal(.signal(.notAvailable, language: nil, prompt: nil, reason: .nothingSaid)), .signal(.notAvailable),
      ])
    _ = press("next-language")
    _ = press("safe-here")
    #expect(press("repeat") == [Self.play("ro", "safe-here", 3)])
  }

  @Test("stop is a stop in every state")
  mutating func stops() {
    #expect(press("stop") == [.stop])
    _ = press("next-language")
    #expect(press("stop") == [.stop])
    #expect(press("stop") == [.stop])
  }

  @Test("the journal follows what the player tells, each clip once")
  mutating func journals() {
    _ = press("next-language")
    let name = Console.Message(language: "ro", prompt: "language-name", voice: "f1")
    #expect(console.handle(.started(1, at: time)) == [.journal(.started(name.recorded))])
    #expect(console.playing == name)
    #expect(console.indication == .playing)
    #expect(end(1, .stopped, frames: 480) == [.journal(.ended(name.recorded, .stopped, heard: 10))])
    #expect(end(1, .completed, frames: 480).isEmpty)
    #expect(console.indication == .ready)
  }

  @Test("a clip that fails is told to the responder")
  mutating func fails() {
    _ = press("next-language")
    #expect(end(1, .failed, frames: 0).last == .signal(.error))
  }

  @Test("a kit without languages answers with signals")
  func empty() {
    var console = Console(Repertoire(languages: [], prompts: []))
    #expect(console.handle(.pressed(Button("next-language"), at: time)).last == .signal(.notAvailable))
  }

  // MARK: Answers

  @Test("a question waits for its answer, and the journal keeps what the responder judged")
  mutating func answers() {
    _ = press("next-language")
    let question = Console.Message(language: "ro", prompt: "need-doctor", voice: "f1")
    #expect(press("need-doctor") == [Self.play("ro", "need-doctor", 2)])
    #expect(console.indication == .playing)
    _ = end(1, .stopped, frames: 0)
    _ = end(2, .completed, frames: 48_000)
    #expect(console.indication == .waiting)
    #expect(press("answer-yes") == [.journal(.answer(.yes, to: question, about: nil))])
    #expect(console.indication == .ready)
    #expect(press("answer-unclear") == [.journal(.answer(.unclear, to: question, about: nil))], "a correction")
  }

  @Test("an answer while the question sounds, or after it was cut, is an early press and no answer")
  mutating func earlyAnswers() {
    _ = press("next-language")
    _ = press("need-doctor")
    func early(_ answer: ListenerAnswer) -> [Console.Effect] {
      [.journal(.early(answer, language: "ro", prompt: "need-doctor"))]
    }
    #expect(press("answer-no") == early(.no))
    #expect(console.indication == .error, "the responder sees that it does not count")
    #expect(press("stop") == [.stop])
    _ = end(2, .stopped, frames: 48_000)
    #expect(press("answer-declined") == early(.declined))
    _ = press("repeat")
    _ = end(3, .completed, frames: 96_000)
    let question = Console.Message(language: "ro", prompt: "need-doctor", voice: "f1")
    #expect(press("answer-declined") == [.journal(.answer(.declined, to: question, about: nil))])
  }

  @Test("a question that was truncated or interrupted was not asked")
  mutating func brokenQuestion() {
    _ = press("next-language")
    for (token, outcome) in [(UInt32(2), MessageOutcome.truncated), (4, .interrupted)] {
      _ = press("need-doctor")
      _ = end(token, outcome, frames: 48_000)
      #expect(press("answer-yes").journal == [.early(.yes, language: "ro", prompt: "need-doctor")], "\(outcome)")
      _ = press("safe-here")
    }
  }

  @Test("a button that acts on its release counts as of its press: before the question's end it is early")
  mutating func onRelease() {
    _ = press("next-language")
    _ = press("need-doctor")
    let before = time.adding(milliseconds: 1400)
    _ = console.handle(.ended(2, .completed, frames: 72_000, at: time.adding(milliseconds: 1500)))
    let early = Console.Effect.journal(.early(.no, language: "ro", prompt: "need-doctor"))
    #expect(console.handle(.pressed(Button("answer-no"), at: before)) == [early])
    #expect(press("answer-no", after: 1600).journal.count == 1)
    #expect(console.indication != .waiting)
  }

  @Test(
    "a stop, and that the listener does not understand, are taken at any time, of a message that is no question too")
  mutating func anyTime() {
    _ = press("next-language")
    _ = press("need-doctor")
    let question = Console.Message(language: "ro", prompt: "need-doctor", voice: "f1")
    #expect(press("answer-unclear") == [.journal(.answer(.unclear, to: question, about: nil))])
    #expect(press("repeat") == [Self.play("ro", "need-doctor", 3)])
    #expect(press("answer-stop") == [.stop, .journal(.answer(.stop, to: question, about: nil))])
    #expect(press("answer-unclear") == [.journal(.answer(.unclear, to: question, about: nil))], "of the part heard")
    _ = press("safe-here")
    let information = Console.Message(language: "ro", prompt: "safe-here", voice: "f1")
    #expect(press("answer-unclear") == [.journal(.answer(.unclear, to: information, about: nil))])
  }

  @Test("an answer before the question's end is for the question before, or for none")
  mutating func unheardQuestion() {
    let first = time.adding(milliseconds: 500)
    for (key, number) in [("*", 0), ("2", 0), ("9", 0), ("1", 0)] as [(String, Int)] {
      _ = press(key, after: number)
    }
    // The card is woken with 300 ms of silence, so the start lies ahead.
    #expect(console.handle(.pressed(Button("3"), at: first)) == [Self.play("ro", "need-doctor", 2)])
    _ = console.handle(.ended(1, .stopped, frames: 480, at: first))
    _ = console.handle(.started(2, at: first.adding(milliseconds: 300)))
    let soon = first.adding(milliseconds: 269)
    let refused = Console.Effect.journal(.signal(.notAvailable, language: "ro", prompt: nil, reason: .question))
    #expect(console.handle(.pressed(Button("answer-yes"), at: soon)) == [refused])
    let early = Console.Effect.journal(.early(.yes, language: "ro", prompt: "need-doctor"))
    #expect(console.handle(.pressed(Button("answer-yes"), at: soon.adding(milliseconds: 1))) == [early])
    let question = Console.Message(language: "ro", prompt: "need-doctor", voice: "f1")
    let answer = Console.Effect.journal(.answer(.yes, to: question, about: nil))
    _ = console.handle(.ended(2, .completed, frames: 48_000, at: soon.adding(milliseconds: 1500)))
    #expect(console.handle(.pressed(Button("answer-yes"), at: soon.adding(milliseconds: 1501))) == [answer])
  }

  @Test("a question of which nothing was heard has no answer")
  mutating func lostQuestion() {
    _ = press("next-language")
    for outcome in [MessageOutcome.failed, .stopped] {
      _ = press("need-doctor")
      _ = end(outcome == .failed ? 2 : 3, outcome, frames: 0)
      #expect(press("answer-yes").journal == [.signal(.notAvailable, language: "ro", prompt: nil, reason: .question)])
    }
    #expect(press("answer-stop").journal == [], "a stop is recorded only to what was heard")
  }

  @Test("an answer ten minutes after the last use is for nobody")
  mutating func oldQuestion() {
    _ = press("next-language")
    _ = press("need-doctor")
    for token in 1...2 { _ = end(UInt32(token), .completed, frames: 48_000) }
    #expect(
      press("answer-yes", after: 600_000).journal == [
        .signal(.notAvailable, language: "ro", prompt: nil, reason: .question)
      ])
    #expect(console.language == "ro")
    _ = press("need-doctor")
    _ = end(3, .completed, frames: 48_000)
    #expect(press("answer-yes", after: 599_000).journal.count == 1)
    #expect(press("answer-stop", after: 600_000).journal == [])
  }

  @Test("a stop ends the waiting")
  mutating func stopEndsWaiting() {
    _ = press("next-language")
    _ = press("need-doctor")
    for token in 1...2 { _ = end(UInt32(token), .completed, frames: 1) }
    #expect(console.indication == .waiting)
    _ = press("stop")
    #expect(console.indication == .ready)
  }

  @Test("an answer to nothing is a signal, but cuts nothing off, and is not written down as an answer")
  mutating func noQuestion() {
    _ = press("next-language")
    _ = press("safe-here")
    let entry = Console.Effect.journal(.signal(.notAvailable, language: "ro", prompt: nil, reason: .question))
    #expect(press("answer-yes") == [entry])
    #expect(console.indication == .error)
    for token in 1...2 { _ = end(UInt32(token), .completed, frames: 1) }
    #expect(press("answer-yes") == [entry, .signal(.notAvailable)])
  }

  @Test("an answer of stop is a stop, and is written down")
  mutating func answerStop() {
    #expect(press("answer-stop") == [.stop])
    _ = press("next-language")
    _ = press("need-doctor")
    let question = Console.Message(language: "ro", prompt: "need-doctor", voice: "f1")
    #expect(press("answer-stop") == [.stop, .journal(.answer(.stop, to: question, about: nil))])
    #expect(console.indication == .playing, "until the player has told the end")
  }

  // MARK: The number pad

  @Test("two digits are a prompt, star and two digits a language")
  mutating func numbers() {
    #expect(press("*") == [])
    #expect(press("2") == [])
    #expect(press("9") == [.journal(.language("ro")), Self.play("ro", "language-name", 1)])
    #expect(press("0") == [])
    #expect(press("3") == [Self.play("ro", "safe-here", 2)])
    #expect(press("*") == [])
    #expect(press("0") == [])
    #expect(press("6").first == .journal(.language("bg")))
  }

  @Test("a number that nobody has is a signal")
  mutating func unknownNumbers() {
    for key in ["*", "5"] { _ = press(key) }
    let refused = [
      Console.Effect.journal(.signal(.notAvailable, language: nil, prompt: nil, reason: .number)),
      .signal(.notAvailable),
    ]
    #expect(press("5") == refused)
    #expect(console.language == nil)
    _ = press("7")
    #expect(press("7") == refused)
  }

  @Test("a number that is not finished in time is forgotten in silence, told or not")
  mutating func timeout() {
    _ = press("next-language")
    #expect(press("1") == [])
    let deadline = console.deadline
    #expect(deadline == time.adding(milliseconds: 3000))
    #expect(console.handle(.passed(time.adding(milliseconds: 3000))) == [])
    #expect(console.deadline == nil)
    #expect(console.indication != .error)
    #expect(press("0", after: 4000) == [])
    #expect(press("0", after: 3000) == [], "the first of a new number, though nobody told of the time")
    #expect(press("3", after: 2999) == [Self.play("ro", "safe-here", 2)])
  }

  @Test("star begins anew, and any other button forgets the digits")
  mutating func beginAnew() {
    for key in ["*", "2", "*", "2", "9"] { _ = press(key) }
    #expect(console.language == "ro")
    _ = press("1")
    _ = press("stop")
    #expect(console.deadline == nil)
    #expect(press("0") == [])
    #expect(press("3") == [Self.play("ro", "safe-here", 2)])
  }

  // MARK: The repeat guard

  @Test("a second press of a shaking hand does not begin the message anew")
  mutating func repeatGuard() {
    _ = press("next-language")
    #expect(press("safe-here") == [Self.play("ro", "safe-here", 2)])
    #expect(press("safe-here", after: 399) == [])
    #expect(press("repeat", after: 0) == [])
    #expect(press("need-doctor", after: 0) == [Self.play("ro", "need-doctor", 3)], "another message acts at once")
    #expect(press("safe-here", after: 1) == [Self.play("ro", "safe-here", 4)])
    #expect(press("safe-here", after: 400) == [Self.play("ro", "safe-here", 5)])
    _ = end(5, .failed, frames: 0)
    for token in [1, 2, 3, 4] as [UInt32] { _ = end(token, .stopped, frames: 0) }
    #expect(press("safe-here", after: 1) == [Self.play("ro", "safe-here", 6)], "what has ended may begin again")
  }

  @Test("stop and the languages have no guard")
  mutating func noGuard() {
    for _ in 0..<3 { #expect(press("next-language", after: 1) != []) }
    for _ in 0..<3 { #expect(press("stop", after: 1) == [.stop]) }
  }

  @Test("what could not be said shows until the next press")
  mutating func showsErrors() {
    _ = press("safe-here")
    #expect(console.indication == .error)
    _ = press("next-language")
    #expect(console.indication == .playing)
    _ = end(1, .failed, frames: 0)
    #expect(console.indication == .error)
    _ = press("1")
    #expect(console.indication == .ready)
  }
}
