import Console
import Journal
import Testing

@Suite("The finder")
struct FinderTests {
  private var desk = Desk(.speaking)

  @Test("is announced; each language says its name and asks for a hand, likeliest first, with a pause between")
  mutating func order() {
    #expect(desk.press("finder").played == ["en device-finder"])
    #expect(desk.finishAll() == ["en device-finder", "ti language-name", "ti raise-hand"])
    #expect(desk.console.indication == .waiting)
    #expect(desk.console.deadline == desk.time.adding(milliseconds: 5000))
    for tag in ["bg", "ro", "am", "vi"] {
      #expect(desk.console.language == nil)
      #expect(desk.wait().played == ["\(tag) language-name"])
      #expect(desk.console.candidate == tag)
      #expect(desk.finishAll() == ["\(tag) language-name", "\(tag) raise-hand"])
    }
    let end = desk.wait()
    #expect(end.played == ["en device-none-of-these"])
    #expect(end.journal == [.noneFound])
    _ = desk.finishAll()
    #expect(desk.console.deadline == nil)
    #expect(desk.console.indication == .ready)
  }

  @Test("languages that were spoken here lately come before all others")
  func recent() {
    var desk = Desk(.speaking, recent: ["vi", "xx", "am"])
    _ = desk.press("finder")
    #expect(desk.finishAll().dropFirst().first == "vi language-name")
    #expect(desk.press("next").played == ["am language-name"])
    #expect(desk.press("next").played == ["ti language-name"])
  }

  @Test("a language in which something was said is one of those, and one that was only tried is not")
  mutating func becomesRecent() {
    for key in ["*", "3", "9"] { _ = desk.press(key) }
    _ = desk.press("safe-here")
    for key in ["*", "0", "2"] { _ = desk.press(key) }
    #expect(desk.console.recent == ["vi"])
  }

  @Test("yes chooses the language, and the responder hears what it is called")
  mutating func yes() {
    _ = desk.press("finder")
    _ = desk.finishAll()
    _ = desk.wait()
    _ = desk.finishAll()
    let effects = desk.press("answer-yes")
    let hand = Console.Message(language: "bg", prompt: "raise-hand", voice: "f1")
    #expect(effects.journal == [.answer(.yes, to: hand, about: nil), .found("bg"), .language("bg")])
    #expect(effects.played == ["en name-bg"])
    _ = desk.finishAll()
    #expect(desk.console.language == "bg")
    #expect(desk.console.deadline == nil)
    #expect(desk.press("safe-here").played == ["bg safe-here"])
  }

  @Test("a hand that comes late: back, and yes")
  mutating func late() {
    _ = desk.press("finder")
    _ = desk.finishAll()
    _ = desk.wait()
    #expect(desk.press("previous").played == ["ti language-name"])
    #expect(desk.press("answer-yes").journal.last == .language("ti"))
  }

  @Test("a yes during the next language's name is for the question before: that was heard, and this was not")
  mutating func early() {
    _ = desk.press("finder")
    _ = desk.finishAll()
    #expect(desk.wait().played == ["bg language-name"])
    let hand = Console.Message(language: "ti", prompt: "raise-hand", voice: "f1")
    let effects = desk.press("answer-yes", after: 600)
    #expect(effects.journal == [.answer(.yes, to: hand, about: nil), .found("ti"), .language("ti")])
    #expect(effects.played == ["en name-ti"])
    #expect(desk.console.language == "ti")
    #expect(desk.press("wrong-language").played == ["ti wrong-language"])
    #expect(desk.finishAll().last == "bg raise-hand", "it goes on with the language that was cut off")
  }

  @Test("a no during the next language's name skips nothing, and unclear goes back")
  mutating func earlyOthers() {
    _ = desk.press("finder")
    _ = desk.finishAll()
    _ = desk.wait()
    let hand = Console.Message(language: "ti", prompt: "raise-hand", voice: "f1")
    let no = desk.press("answer-no", after: 600)
    #expect(no == [.journal(.answer(.no, to: hand, about: nil))])
    #expect(desk.console.candidate == "bg")
    let unclear = desk.press("answer-unclear", after: 100)
    #expect(unclear.journal == [.answer(.unclear, to: hand, about: nil)])
    #expect(unclear.played == ["ti language-name"])
  }

  @Test("a yes while the next language asks is for the one before, which has no answer; and for none if it has one")
  mutating func whileAsking() {
    _ = desk.press("finder")
    _ = desk.finishAll()
    _ = desk.wait()
    _ = desk.finish()
    #expect(desk.sounding?.message.language == "bg" && desk.sounding?.message.prompt == "raise-hand")
    var other = desk
    #expect(desk.press("answer-yes", after: 600).journal.last == .language("ti"))
    _ = other.press("previous")
    _ = other.finishAll()
    _ = other.press("answer-no")
    _ = other.finish()
    #expect(
      other.press("answer-yes", after: 600).journal == [.early(.yes, language: "bg", prompt: "raise-hand")])
    #expect(other.console.candidate == "bg" && other.console.language == nil)
    _ = other.finish()
    #expect(other.press("answer-yes").journal.last == .language("bg"))
  }

  @Test("a candidate that was cut while it asked has not asked")
  mutating func cutCandidate() {
    _ = desk.press("finder")
    _ = desk.finish()
    _ = desk.finish()
    _ = desk.press("stop", after: 500)
    #expect(desk.press("answer-yes").journal == [.early(.yes, language: "ti", prompt: "raise-hand")])
    #expect(desk.console.language == nil)
  }

  @Test("before any question was heard, and after two candidates were passed over, no answer counts")
  mutating func unasked() {
    _ = desk.press("finder")
    _ = desk.finish()
    let refused = [JournalEvent.signal(.notAvailable, language: nil, prompt: nil, reason: .question)]
    #expect(desk.press("answer-yes").journal == refused)
    #expect(desk.console.candidate == "ti", "nothing is cut off")
    _ = desk.finishAll()
    _ = desk.press("next")
    _ = desk.press("next")
    #expect(desk.press("answer-yes").journal == refused)
    #expect(desk.console.candidate == "ro")
  }

  @Test("a hand during the words that none was found is for the last candidate")
  func lateForAll() {
    var desk = Desk(.speaking)
    _ = desk.press("finder")
    for _ in 0..<4 { _ = desk.press("next") }
    _ = desk.finishAll()
    #expect(desk.wait().journal == [.noneFound])
    #expect(desk.press("answer-yes", after: 600).journal.last == .language("vi"))
  }

  @Test("hours after a stop, no button resumes it: that is another listener")
  mutating func forgotten() {
    for button in ["answer-yes", "answer-no", "answer-unclear", "next", "previous", "repeat"] {
      desk = Desk(.speaking)
      _ = desk.press("finder")
      _ = desk.finishAll()
      _ = desk.press("stop")
      let effects = desk.press(button, after: 3 * 3_600_000)
      #expect(effects.journal.count == 1 && effects.signals == [] && desk.console.language == nil, "\(button)")
      #expect(
        effects.played == [
          button.hasPrefix("answer") || button == "repeat" ? "en device-not-available" : "en device-choose-language"
        ], "\(button)")
      #expect(desk.console.underWay == nil, "\(button)")
    }
  }

  @Test("no goes on at once, unclear says it again, and both are written down")
  mutating func answers() {
    _ = desk.press("finder")
    _ = desk.finishAll()
    let hand = Console.Message(language: "ti", prompt: "raise-hand", voice: "f1")
    let unclear = desk.press("answer-unclear")
    #expect(unclear.played == ["ti language-name"])
    #expect(unclear.journal == [.answer(.unclear, to: hand, about: nil)])
    let no = desk.press("answer-no")
    #expect(no.played == ["bg language-name"])
    #expect(no.journal == [.answer(.no, to: hand, about: nil)])
    #expect(desk.press("repeat").played == ["bg language-name"])
  }

  @Test("next and previous language walk through the candidates while it is at work")
  mutating func walks() {
    _ = desk.press("finder")
    #expect(desk.press("next-language").played == ["bg language-name"])
    #expect(desk.press("previous-language").played == ["ti language-name"])
    #expect(desk.press("previous-language").played == ["ti language-name"], "there is none before the first")
    #expect(desk.console.language == nil)
  }

  @Test("stop ends it; a short while later it goes on where it was, much later from the start")
  mutating func resumes() {
    _ = desk.press("finder")
    _ = desk.press("next")
    let stopped = desk.press("stop")
    #expect(stopped == [.stop, .journal(.finder(.left))])
    #expect(desk.console.deadline == nil)
    let again = desk.press("finder")
    #expect(again.journal == [.finder(.resumed)])
    #expect(desk.finishAll() == ["en device-finder", "bg language-name", "bg raise-hand"])
    _ = desk.press("stop")
    desk.pass(seconds: 600)
    #expect(desk.press("finder").journal == [.finder(.began)])
    #expect(desk.finishAll()[1] == "ti language-name")
  }

  @Test("no message is said before a language is found: whose would it be?")
  mutating func noLanguage() {
    for key in ["*", "2", "9"] { _ = desk.press(key) }
    _ = desk.press("finder")
    _ = desk.finishAll()
    #expect(desk.press("safe-here").played == ["en device-choose-language"])
    #expect(desk.console.language == nil)
  }

  @Test("wrong language: it says sorry, and goes on behind the language that was found")
  mutating func wrong() {
    _ = desk.press("finder")
    _ = desk.finishAll()
    _ = desk.press("answer-yes")
    _ = desk.press("safe-here")
    let sorry = desk.press("wrong-language")
    #expect(sorry.played == ["ti wrong-language"])
    #expect(sorry.journal == [.finder(.resumed)])
    #expect(desk.console.language == nil)
    #expect(desk.finishAll() == ["ti wrong-language", "bg language-name", "bg raise-hand"])
    #expect(desk.press("wrong-language").played == ["ro language-name"], "as no")
  }

  @Test("wrong language of the last of all: sorry, and none of these")
  func wrongLast() {
    var desk = Desk(.mute)
    _ = desk.press("finder")
    for _ in 0..<4 { _ = desk.press("next") }
    _ = desk.finishAll()
    #expect(desk.press("answer-yes").played == ["vi language-name"])
    #expect(desk.press("wrong-language").played == ["vi wrong-language"])
    #expect(desk.finish().signals == [.noneOfThese])
  }

  @Test("wrong language where the responder chose it: sorry, and nothing else by itself")
  mutating func chosenByHand() {
    for key in ["*", "2", "9"] { _ = desk.press(key) }
    #expect(desk.press("wrong-language").played == ["ro wrong-language"])
    #expect(desk.finishAll() == ["ro wrong-language"])
    #expect(desk.console.deadline == nil)
  }

  @Test("failed: it stops there, and next goes on behind")
  mutating func fails() {
    _ = desk.press("finder")
    _ = desk.finish()
    let failed = desk.finish(.failed)
    #expect(failed.played == ["en device-damaged"])
    #expect(failed.journal.last == .finder(.left))
    _ = desk.finishAll()
    #expect(desk.console.deadline == nil)
    #expect(desk.press("next").played == ["bg language-name"])
  }

  @Test("a kit in which no language can introduce itself has none")
  func none() {
    let dumb = Repertoire.language("ro", 29, without: ["language-name", "raise-hand"])
    var desk = Desk(Repertoire(languages: [dumb], prompts: Repertoire.prompts))
    #expect(desk.press("finder").signals == [.notAvailable])
  }
}
