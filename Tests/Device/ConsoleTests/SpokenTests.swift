import Console
import Testing

@Suite("What is said, by whom, and in which language")
struct SpokenTests {
  private var desk = Desk(.speaking)

  private mutating func choose(_ number: String) -> [String] {
    for key in ["*"] + number.map(String.init) { _ = desk.press(key) }
    return desk.finishAll()
  }

  @Test("a language says its name at once; what it is called comes behind that")
  mutating func names() {
    #expect(choose("36") == ["ti language-name", "en name-ti"])
    #expect(desk.press("next-language").played == ["am language-name"])
    #expect(desk.press("safe-here").played == ["am safe-here"], "nobody has to wait for the name")
    #expect(desk.finishAll() == ["am safe-here"])
  }

  // MARK: Another language

  @Test("missing: announced first, then the language that may stand in, and the journal has both")
  mutating func fallback() {
    _ = choose("36")
    let effects = desk.press("need-doctor")
    let said = Console.Message(language: "am", prompt: "need-doctor", voice: "f1")
    #expect(effects.journal == [.replaced(said.recorded, request: "ti")])
    #expect(desk.finishAll() == ["en device-other-language", "en name-am", "am need-doctor"])
    #expect(desk.console.language == "ti")
    #expect(desk.press("answer-yes").journal == [.answer(.yes, to: said, about: nil)])
    #expect(desk.press("safe-here").played == ["ti safe-here"])
  }

  @Test("missing, and the announcement fails: no other language unannounced")
  mutating func unannounced() {
    _ = choose("36")
    _ = desk.press("need-doctor")
    #expect(desk.finish(.failed).signals == [.error])
    #expect(desk.finishAll() == [])
  }

  @Test("missing, and nobody can announce it: a signal instead")
  func noAnnouncer() {
    var desk = Desk(.mute)
    for key in ["*", "3", "6"] { _ = desk.press(key) }
    #expect(desk.press("need-doctor").signals == [.notAvailable])
  }

  @Test("missing, and no language may stand in: the operator's voice says so")
  mutating func notAvailable() {
    _ = choose("06")
    let effects = desk.press("need-drink")
    #expect(effects.journal == [.signal(.notAvailable, language: "bg", prompt: "need-drink", reason: .recording)])
    #expect(effects.played == ["en device-not-available"])
    #expect(desk.console.indication == .playing || desk.console.indication == .error)
  }

  @Test("no listener's message from the device's own lines, whoever asks for them")
  mutating func ownLines() {
    _ = choose("29")
    #expect(desk.press("device-ready").played == ["en device-not-available"])
    #expect(desk.press("name-ro").played == ["en device-not-available"])
  }

  // MARK: Voices

  @Test("the other voice speaks until the responder wants the first again")
  mutating func voices() {
    _ = choose("39")
    #expect(desk.console.speaker == "f1")
    let toggled = desk.press("voice")
    #expect(toggled.journal == [.voice("m1", language: "vi")])
    #expect(toggled.played == ["en device-other-voice"])
    #expect(
      desk.press("safe-here").contains(
        .play(.init(language: "vi", prompt: "safe-here", voice: "m1"), token: desk.sounding?.token ?? 0)))
    _ = desk.press("voice")
    #expect(desk.console.speaker == "f1")
  }

  @Test("one voice only: not available")
  mutating func oneVoice() {
    #expect(desk.press("voice").played == ["en device-choose-language"])
    _ = choose("29")
    #expect(desk.press("voice").played == ["en device-not-available"])
  }

  @Test("a voice that lacks a message: the other one is announced, and the journal has both")
  func voiceFallback() {
    let language = Repertoire.Language(
      tag: "vi", number: 39,
      voices: [.init(name: "f1", prompts: Repertoire.all), .init(name: "m1", prompts: ["language-name"])])
    var desk = Desk(
      Repertoire(languages: [language], prompts: Repertoire.prompts, operatorVoice: Repertoire.english))
    _ = desk.press("next-language")
    _ = desk.press("voice")
    let effects = desk.press("safe-here")
    let said = Console.Message(language: "vi", prompt: "safe-here", voice: "f1")
    #expect(effects.journal == [.replaced(said.recorded, request: "vi/m1")])
    #expect(desk.finishAll() == ["en device-other-voice", "vi safe-here"])
  }

  // MARK: Modes

  @Test("children and adults are announced; without a voice a tone tells that it is done")
  func children() {
    var desk = Desk(.speaking)
    #expect(desk.press("children").played == ["en device-children"])
    #expect(desk.console.isForChildren)
    #expect(desk.press("children").played == ["en device-adults"])
    desk = Desk(.mute)
    #expect(desk.press("children") == [.journal(.children(true)), .signal(.done)])
  }

  @Test("the volume is told where nothing is said to the listener, and turned in silence where something is")
  mutating func volume() {
    #expect(desk.press("louder").played == ["en device-louder"])
    _ = desk.finishAll()
    #expect(desk.press("quiet").first == .turn(.quiet), "first turned, then told at the new volume")
    _ = desk.finishAll()
    #expect(desk.press("quiet").played == ["en device-quiet-off"])
    _ = choose("29")
    _ = desk.press("safe-here")
    #expect(desk.press("quieter") == [.turn(.quieter)])
    #expect(desk.console.playing?.prompt == "safe-here")
  }

  @Test("status: what the device is set to")
  mutating func status() {
    _ = desk.press("status")
    #expect(desk.finishAll() == ["en device-ready", "en device-choose-language"])
    _ = desk.press("children")
    _ = choose("36")
    _ = desk.press("status")
    #expect(desk.finishAll() == ["en device-ready", "en name-ti", "en device-children"])
    #expect(desk.press("repeat").played == ["ti language-name"], "what the listener heard, not what the responder did")
  }

  // MARK: One after another

  @Test("a module's button says its messages, one a press, and begins again behind the last")
  mutating func modules() {
    #expect(desk.press("needs").played == ["en device-choose-language"])
    _ = choose("29")
    for prompt in ["need-doctor", "pregnant", "need-drink", "need-doctor"] {
      #expect(desk.press("needs").played == ["ro \(prompt)"])
    }
    #expect(desk.press("needs", after: 100) == [], "a shaking hand skips nothing")
    #expect(desk.press("opening").played == ["ro safe-here"])
    #expect(desk.press("needs").played == ["ro need-doctor"])
    _ = desk.press("children")
    #expect(desk.press("needs").played == ["ro need-drink"], "not what is for adults")
    #expect(desk.press("child").played == ["ro child-stay"])
  }

  @Test("next and previous go through all messages, and end at the ends")
  mutating func walks() {
    _ = choose("29")
    #expect(desk.press("previous").played == ["en device-not-available"])
    var said: [String] = []
    for _ in 0..<20 { said += desk.press("next").played.filter { $0.hasPrefix("ro") } }
    #expect(
      said
        == ["safe-here", "may-stop", "need-doctor", "pregnant", "need-drink", "what-happens-now", "understood"].map {
          "ro \($0)"
        })
    #expect(desk.press("previous").played == ["ro what-happens-now"])
  }
}
