import Console
import Kit
import Testing

@Suite("The console")
struct ConsoleTests {
  private static let languages = [
    Console.Language(tag: "ro", prompts: ["language-name", "safe-here", "need-doctor"]),
    Console.Language(tag: "bg", prompts: ["language-name", "safe-here"]),
    Console.Language(tag: "xx", prompts: ["safe-here"]),
  ]
  private var console = Console(languages: Self.languages)

  private static func play(_ language: String, _ prompt: String, _ token: UInt32) -> Console.Effect {
    .play(.init(language: language, prompt: prompt), token: token)
  }

  private mutating func press(_ name: String) -> [Console.Effect] { console.handle(.pressed(Button(name))) }

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
        .journal(.signalled(.noLanguage, language: nil, prompt: "safe-here")), .signal(.noLanguage),
      ])
  }

  @Test("a message that the language does not have is a signal, and never another language")
  mutating func missing() {
    _ = press("next-language")
    _ = press("next-language")
    #expect(
      press("need-doctor") == [
        .journal(.signalled(.notAvailable, language: "bg", prompt: "need-doctor")), .signal(.notAvailable),
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
    #expect(press("repeat").last == .signal(.notAvailable))
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
    let name = Console.Message(language: "ro", prompt: "language-name")
    #expect(console.handle(.started(1)) == [.journal(.started(name))])
    #expect(console.playing == name)
    #expect(console.indication == .playing)
    #expect(console.handle(.ended(1, .stopped, frames: 480)) == [.journal(.ended(name, .stopped, frames: 480))])
    #expect(console.handle(.ended(1, .completed, frames: 480)).isEmpty)
    #expect(console.indication == .ready)
  }

  @Test("a clip that fails is told to the responder")
  mutating func fails() {
    _ = press("next-language")
    #expect(console.handle(.ended(1, .failed, frames: 0)).last == .signal(.error))
  }

  @Test("a kit without languages answers with signals")
  func empty() {
    var console = Console(languages: [])
    #expect(console.handle(.pressed(Button("next-language"))).last == .signal(.notAvailable))
  }
}
