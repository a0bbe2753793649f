import Console
import Journal
import Kit
import Testing

@Suite("A sequence")
struct SequenceRunTests {
  private var desk = Desk(.speaking)

  private mutating func begin(_ language: [String] = ["*", "2", "9"]) -> [Console.Effect] {
    for key in language { _ = desk.press(key) }
    _ = desk.finishAll()
    return desk.press("first-contact")
  }

  @Test("needs a language")
  mutating func language() {
    let effects = desk.press("first-contact")
    #expect(effects.journal == [.signal(.noLanguage, language: nil, prompt: "first-contact")])
    #expect(effects.played == ["en device-choose-language"])
  }

  @Test("goes on by itself after information, waits for each answer, and comes to an end")
  mutating func whole() {
    let began = begin()
    #expect(began.played == ["ro safe-here"], "no announcement delays it: the responder knows what was pressed")
    #expect(began.journal == [.sequence("first-contact", .began, language: "ro")])
    _ = desk.finish()
    #expect(desk.console.deadline == desk.time.adding(milliseconds: 2000))
    #expect(desk.console.indication == .playing)
    #expect(desk.wait().played == ["ro need-doctor"])
    _ = desk.finish()
    #expect(desk.console.deadline == nil)
    #expect(desk.console.indication == .waiting)
    #expect(desk.press("answer-yes").played == [])
    #expect(desk.console.deadline == desk.time.adding(milliseconds: 1000))
    #expect(desk.wait().played == ["ro pregnant"])
    // While it still sounds: that counts for neither question, and cuts nothing off.
    let early = desk.press("answer-no")
    #expect(early == [.journal(.early(.no, language: "ro", prompt: "pregnant"))])
    _ = desk.finish()
    #expect(desk.console.indication == .waiting && desk.console.deadline == nil)
    _ = desk.press("answer-no")
    #expect(desk.wait().played == ["ro what-happens-now"])
    _ = desk.finish()
    #expect(desk.wait().played == ["ro understood"])
    _ = desk.finish()
    let check = Console.Message(language: "ro", prompt: "understood", voice: "f1")
    #expect(desk.press("answer-yes").journal == [.answer(.yes, to: check, about: "what-happens-now")])
    #expect(desk.wait().journal == [.sequence("first-contact", .completed, language: "ro")])
    #expect(desk.console.indication == .ready)
    #expect(desk.console.deadline == nil)
  }

  @Test("stop ends it; its button goes on with it, next passes on, and another language begins anew")
  mutating func resumes() {
    _ = begin()
    _ = desk.finish()
    _ = desk.wait()
    #expect(desk.press("stop") == [.stop, .journal(.sequence("first-contact", .left, language: "ro"))])
    let again = desk.press("first-contact")
    #expect(again.journal == [.sequence("first-contact", .resumed, language: "ro")])
    #expect(again.played == ["ro need-doctor"])
    _ = desk.press("stop")
    #expect(desk.press("next").played == ["ro pregnant"])
    #expect(desk.press("previous").played == ["ro need-doctor"])
    for key in ["*", "3", "9"] { _ = desk.press(key) }
    #expect(desk.press("first-contact").played == ["vi safe-here"])
  }

  @Test("a question that has its answer is not asked again when it is gone on with")
  mutating func answered() {
    _ = begin()
    _ = desk.press("next")
    _ = desk.finish()
    _ = desk.press("answer-yes")
    _ = desk.press("stop")
    #expect(desk.press("first-contact").played == ["ro pregnant"])
  }

  @Test("an answer before the next question sounds corrects the one before, and does not answer the next")
  func correction() {
    let sequence = KitSequence(
      id: "short", title: "Short",
      steps: [.init(prompt: "need-drink", pause: 1), .init(prompt: "need-doctor", pause: 1)])
    var desk = Desk(
      Repertoire(
        languages: Repertoire.languages, prompts: Repertoire.prompts, sequences: [sequence],
        operatorVoice: Repertoire.english))
    for key in ["*", "3", "6"] { _ = desk.press(key) }
    _ = desk.press("short")
    _ = desk.finish()
    _ = desk.press("answer-yes")
    #expect(desk.wait().played == ["en device-other-language"])
    let drink = Console.Message(language: "ti", prompt: "need-drink", voice: "f1")
    #expect(desk.press("answer-no") == [.journal(.answer(.no, to: drink, about: nil))])
    #expect(desk.finishAll().last == "am need-doctor")
    #expect(desk.console.indication == .waiting)
    #expect(desk.console.deadline == nil, "it still waits for the answer")
  }

  @Test("an answer while a question sounds is for the one before if that has none; the sequence waits for its own")
  mutating func late() {
    _ = begin()
    _ = desk.press("next")
    _ = desk.finish()
    _ = desk.press("next")
    let doctor = Console.Message(language: "ro", prompt: "need-doctor", voice: "f1")
    #expect(desk.press("answer-yes") == [.journal(.answer(.yes, to: doctor, about: nil))])
    #expect(desk.press("answer-no") == [.journal(.early(.no, language: "ro", prompt: "pregnant"))], "it has one now")
    _ = desk.finish()
    #expect(desk.console.indication == .waiting && desk.console.deadline == nil)
    let pregnant = Console.Message(language: "ro", prompt: "pregnant", voice: "f1")
    #expect(desk.press("answer-no") == [.journal(.answer(.no, to: pregnant, about: nil))])
    #expect(desk.wait().played == ["ro what-happens-now"])
  }

  @Test("an answer while a question is repeated is for it, and the sequence goes on after its end")
  mutating func answeredInRepetition() {
    _ = begin()
    _ = desk.press("next")
    _ = desk.finish()
    _ = desk.press("repeat")
    let doctor = Console.Message(language: "ro", prompt: "need-doctor", voice: "f1")
    #expect(desk.press("answer-yes") == [.journal(.answer(.yes, to: doctor, about: nil))])
    #expect(desk.console.deadline == nil)
    _ = desk.finish()
    #expect(desk.console.indication != .waiting)
    #expect(desk.wait().played == ["ro pregnant"])
  }

  @Test("not understood while a question or information sounds: it is said once more")
  mutating func unclearAtOnce() {
    let safe = Console.Message(language: "ro", prompt: "safe-here", voice: "f1")
    _ = begin()
    let first = desk.press("answer-unclear")
    #expect(first.journal == [.answer(.unclear, to: safe, about: nil)])
    #expect(first.played == ["ro safe-here"])
    #expect(desk.press("answer-unclear").played == [], "once")
    _ = desk.finish()
    #expect(desk.wait().played == ["ro need-doctor"])
    #expect(desk.press("answer-unclear").played == ["ro need-doctor"])
    #expect(desk.press("answer-unclear").played == [])
    _ = desk.finish()
    #expect(desk.wait().played == ["ro pregnant"], "it was answered: not understood")
  }

  @Test("a check asks about the information that was heard last, and not about one that never sounded")
  mutating func about() {
    _ = begin()
    _ = desk.finish()
    for _ in 0..<3 { _ = desk.press("next") }
    #expect(desk.finish(.failed, after: 0).played == ["en device-damaged"])
    #expect(desk.press("next").played == ["ro understood"])
    _ = desk.finish()
    let check = Console.Message(language: "ro", prompt: "understood", voice: "f1")
    #expect(desk.press("answer-yes").journal == [.answer(.yes, to: check, about: "safe-here")])
  }

  @Test("a question that waited for ten minutes is left, and its button begins anew")
  mutating func forgotten() {
    _ = begin()
    _ = desk.press("next")
    _ = desk.finish()
    #expect(desk.console.indication == .waiting)
    let late = desk.press("answer-yes", after: 600_000)
    #expect(
      late.journal == [
        .sequence("first-contact", .left, language: "ro"),
        .signal(.notAvailable, language: "ro", prompt: nil, reason: .question),
      ])
    #expect(desk.press("first-contact").played == ["ro safe-here"])
  }

  @Test("another message in between leaves it where it was")
  mutating func interrupted() {
    _ = begin()
    _ = desk.press("next")
    let other = desk.press("need-drink")
    #expect(other.played == ["ro need-drink"])
    #expect(other.journal == [.sequence("first-contact", .left, language: "ro")])
    #expect(desk.press("first-contact").played == ["ro need-doctor"])
  }

  @Test("its button passes on to the next message, but not for a shaking hand")
  mutating func passesOn() {
    _ = begin()
    #expect(desk.press("first-contact", after: 200) == [])
    #expect(desk.press("first-contact", after: 400).played == ["ro need-doctor"])
  }

  @Test("unclear: the question is asked once more, then it goes on")
  mutating func unclear() {
    _ = begin()
    _ = desk.press("next")
    _ = desk.finish()
    #expect(desk.press("answer-unclear").played == ["ro need-doctor"])
    _ = desk.finish()
    #expect(desk.press("answer-unclear").played == [])
    #expect(desk.wait().played == ["ro pregnant"])
  }

  @Test("not understood: the information before is given again, and the question asked again, once")
  mutating func notUnderstood() {
    _ = begin()
    for _ in 0..<4 { _ = desk.press("next") }
    #expect(desk.finishAll() == ["ro understood"])
    #expect(desk.press("answer-no").played == ["ro what-happens-now"])
    _ = desk.finish()
    #expect(desk.wait().played == ["ro understood"])
    _ = desk.finish()
    #expect(desk.press("answer-no").played == [])
    #expect(desk.wait().journal == [.sequence("first-contact", .completed, language: "ro")])
  }

  @Test("a message that the language lacks is told, and the sequence goes on")
  mutating func missing() {
    let sequence = KitSequence(
      id: "short", title: "Short", steps: [.init(prompt: "need-drink", pause: 1), .init(prompt: "safe-here", pause: 1)])
    for voice in [Repertoire.english, nil] {
      desk = Desk(
        Repertoire(
          languages: Repertoire.languages, prompts: Repertoire.prompts, sequences: [sequence], operatorVoice: voice))
      for key in ["*", "0", "6"] { _ = desk.press(key) }
      let effects = desk.press("short")
      #expect(effects.journal.last == .signal(.notAvailable, language: "bg", prompt: "need-drink", reason: .recording))
      #expect(effects.played == (voice == nil ? [] : ["en device-not-available"]))
      #expect(effects.signals == (voice == nil ? [.notAvailable] : []))
      _ = desk.finishAll()
      #expect(desk.wait().played == ["bg safe-here"])
    }
  }

  @Test("children hear no question for adults, or a sequence of their own")
  mutating func children() {
    _ = desk.press("children")
    _ = begin()
    for _ in 0..<2 { _ = desk.press("next") }
    #expect(desk.finishAll() == ["ro what-happens-now"])
    let own = KitSequence(
      id: "first-contact-child", title: "Child", steps: [.init(prompt: "child-stay", pause: 1)])
    desk = Desk(
      Repertoire(
        languages: Repertoire.languages, prompts: Repertoire.prompts, sequences: Repertoire.sequences + [own]))
    #expect(begin().played == ["ro safe-here"])
    _ = desk.press("children")
    #expect(desk.press("first-contact").played == ["ro child-stay"])
  }
}
