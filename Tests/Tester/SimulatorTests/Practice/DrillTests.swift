import Control
import Kit
import Posix
import Simulator
import Testing

@Suite struct DrillTests {
  private var drill = Drill(
    languages: ["ti"], prompts: ["safe-here", "need-doctor"], seed: 1, at: Monotonic(nanoseconds: 0)
  ) { "language \($0)" }
  private var time: Int64 = 0

  /// Reports an event `seconds` after the one before.
  private mutating func note(
    _ event: String, _ language: String? = nil, _ prompt: String? = nil, button: String? = nil, detail: String? = nil,
    part: String? = nil, by: String? = nil, audience: String? = "listener", state: ConsoleState? = nil,
    after seconds: Int64 = 1
  ) -> [Drill.Remark] {
    time += seconds * 1_000_000_000
    return drill.note(
      ControlEvent(
        event, monotonic: time, button: button, language: language, prompt: prompt, audience: audience, part: part,
        detail: detail, by: by, state: state))
  }

  /// A drill of a kit that offers these modes, of which one is practised.
  private mutating func practise(_ modes: [AnswerMode], _ answers: AnswerMode? = nil, seed: UInt64 = 1) {
    time = 0
    drill = Drill(
      languages: ["ti"], prompts: ["safe-here", "need-doctor"], modes: modes, answers: answers, seed: seed,
      at: Monotonic(nanoseconds: 0)
    ) { $0 }
  }

  private mutating func find() { _ = note("found", "ti") }

  private mutating func tell() {
    find()
    _ = note("completed", "ti", "safe-here")
  }

  @Test("the person raises a hand only at their own language, and finding it completes the task")
  mutating func finds() {
    #expect(note("completed", "am", "raise-hand") == [])
    #expect(note("completed", "ti", "raise-hand") == [.person("points to the green square with the tick")])
    #expect(note("found", "ti", after: 3) == [.right("Right: it is language ti, after 5 s.")])
    #expect(drill.task == .say(prompt: "safe-here"))
    #expect(drill.mistakes == 0 && drill.times == [5])
  }

  @Test("another language is a mistake, and the task continues")
  mutating func wrongLanguage() {
    #expect(note("found", "am").count == 1)
    #expect(note("started", "am", "safe-here").count == 1)
    #expect(note("started", "am", "language-name") == [], "trying a name is no mistake")
    #expect(note("started", "en", "device-finder", audience: "operator") == [])
    #expect(drill.mistakes == 2 && drill.task == .findLanguage)
  }

  @Test("the operator's voice is known by its audience: a project's own message may be called name-badge")
  mutating func audience() {
    find()
    #expect(note("started", "en", "device-quiet-on", audience: "operator") == [])
    #expect(note("started", "ti", "name-badge").count == 1)
    #expect(drill.mistakes == 1)
  }

  @Test("a message counts once it was played to its end; another message is a mistake")
  mutating func says() {
    find()
    #expect(note("started", "ti", "safe-here") == [])
    #expect(note("stopped", "ti", "safe-here") == [])
    #expect(note("started", "ti", "need-doctor").count == 1)
    #expect(note("completed", "ti", "safe-here").count == 1)
    #expect(drill.task == .ask(prompt: "need-doctor") && drill.mistakes == 1)
  }

  @Test("an answer is right if it matches the sign shown; before the question and its formula end there is none")
  mutating func answers() throws {
    tell()
    #expect(note("early-answer", "ti", "need-doctor", detail: "yes").count == 1, "before the question has ended")
    guard case .person(let words) = try #require(note("completed", "ti", "need-doctor").first) else {
      Issue.record("no gesture")
      return
    }
    let sign = try #require(PracticeSign.allCases.first { $0.words(in: .card) == words })
    let other = try #require(PracticeSign.allCases.first { $0 != sign })
    #expect(note("answer", "ti", "need-doctor", detail: other.rawValue).count == 1)
    #expect(drill.mistakes == 2)
    _ = note("answer", "ti", "need-doctor", detail: sign.rawValue)
    #expect(drill.task == .askStill(prompt: "need-doctor"))
  }

  @Test("a person who keeps still gave no answer, and no 'no'", arguments: AnswerMode.allCases)
  mutating func still(_ mode: AnswerMode) {
    practise([mode], mode)
    tell()
    _ = note("completed", "ti", "need-doctor")
    // Whatever the first answer was, one of these is right.
    for answer in ["yes", "no", "unclear", "declined"] {
      _ = note("answer", "ti", "need-doctor", detail: answer, by: mode == .buttons ? "listener" : nil)
    }
    _ = drill.takePress()
    #expect(drill.task == .askStill(prompt: "need-doctor"))
    let mistakes = drill.mistakes
    #expect(note("completed", "ti", "need-doctor") == [.person("keeps still")])
    #expect(drill.takePress() == nil)
    #expect(
      note("answer", "ti", "need-doctor", detail: "no") == [
        .wrong("Not right: the person keeps still: that is no answer, and no 'no'.")
      ])
    #expect(drill.mistakes == mistakes + 1)
    #expect(note("answer", "ti", "need-doctor", detail: "none").count == 1)
    #expect(drill.task == .stop)
  }

  @Test("in each mode the person makes the signs that its formula teaches", arguments: AnswerMode.allCases)
  mutating func signs(_ mode: AnswerMode) {
    let taught: [AnswerMode: [String]] = [
      .card: ["green", "white", "yellow", "black", "red"], .hand: ["raises", "leg", "ear", "mouth", "face"],
      .tap: ["once", "twice", "three times", "does not", "again and again"],
      .buttons: ["green", "white", "yellow", "black", "cries"],
    ]
    let signs: [PracticeSign] = [.yes, .no, .unclear, .declined, .stop]
    for (sign, word) in zip(signs, taught[mode] ?? []) {
      #expect(sign.words(in: mode).contains(word), "\(sign)")
    }
    var shown: Set<String> = []
    for seed in 1...40 {
      practise([mode], mode, seed: UInt64(seed))
      tell()
      if case .person(let words) = note("completed", "ti", "need-doctor").first { shown.insert(words) }
    }
    let all = PracticeSign.answers(in: mode).filter { $0 != .still }.map { $0.words(in: mode) }
    #expect(shown == Set(all))
  }

  @Test("with buttons of their own the person presses, and the responder presses no answer for them")
  mutating func byListener() throws {
    practise([.buttons])
    _ = note("completed", "ti", "raise-hand")
    #expect(drill.takePress() == "answer-yes" && drill.takePress() == nil)
    tell()
    _ = note("completed", "ti", "need-doctor")
    let pressed = drill.takePress()
    let press = try #require(pressed)
    let answer = String(press.dropFirst("answer-".count))
    #expect(
      note("answer", "ti", "need-doctor", detail: answer) == [
        .wrong("Not right: the person answers with a button of their own: press no answer for them.")
      ])
    #expect(note("answer", "ti", "need-doctor", detail: answer, by: "listener").count == 1)
    #expect(drill.task == .askStill(prompt: "need-doctor") && drill.mistakes == 1)
  }

  @Test("a change of the mode is a task, judged by the mode that is on afterwards")
  mutating func changes() {
    practise([.card, .hand, .tap])
    #expect(
      drill.tasks == [
        .findLanguage, .say(prompt: "safe-here"), .ask(prompt: "need-doctor"), .askStill(prompt: "need-doctor"),
        .change(.hand), .ask(prompt: "need-doctor"), .stop, .quiet,
      ])
    practise([.card, .hand, .tap], .tap)
    tell()
    #expect(drill.task == .change(.tap))
    #expect(
      note("answer-mode", detail: "hand") == [.advice("That is 'hand'. Press it again until it is 'tap'.")])
    #expect(note("answer-mode", detail: "tap").count == 1)
    #expect(drill.mistakes == 0 && drill.task == .ask(prompt: "need-doctor"))
    guard case .person(let words) = note("completed", "ti", "need-doctor").first else {
      Issue.record("no sign")
      return
    }
    #expect(words.hasPrefix("taps"))
  }

  @Test("a question that is cut before its formula has ended is advised to be asked in full")
  mutating func cutFormula() {
    tell()
    #expect(
      note("stopped", "ti", "need-doctor", part: "pause") == [
        .advice("The person was not told how to answer. Let the message come to its end.")
      ])
    #expect(note("stopped", "ti", "need-doctor") == [])
    #expect(drill.mistakes == 0)
  }

  @Test("a stop is timed from the person's gesture and is never a mistake, early or late; then quiet, and done")
  mutating func stops() {
    drill = Drill(languages: ["ti"], prompts: ["may-stop"], seed: 1, at: Monotonic(nanoseconds: 0)) { $0 }
    #expect(drill.tasks == [.findLanguage, .stop, .quiet])
    find()
    _ = note("started", "ti", "may-stop")
    #expect(
      note("press", button: "stop", after: 0) == [
        .advice("Stopped. Stopping is never wrong. Now say it again, and stop when the person asks for it.")
      ])
    #expect(drill.mistakes == 0 && drill.task == .stop)
    _ = note("stopped", "ti", "may-stop", after: 0)
    #expect(drill.deadline == nil)
    _ = note("started", "ti", "may-stop")
    #expect(drill.deadline == Monotonic(nanoseconds: time + 700_000_000))
    #expect(drill.pass(Monotonic(nanoseconds: time + 699_000_000)) == [])
    #expect(drill.pass(Monotonic(nanoseconds: time + 700_000_000)).count == 1)
    #expect(note("completed", "ti", "may-stop").count == 1, "never")
    #expect(drill.mistakes == 1)
    _ = note("started", "ti", "may-stop")
    _ = drill.pass(Monotonic(nanoseconds: time + 700_000_000))
    #expect(
      note("press", button: "stop", after: 4) == [
        .advice("Stopped 3300 ms after the sign. Say it again, and try to be faster.")
      ])
    _ = note("stopped", "ti", "may-stop", after: 0)
    _ = note("started", "ti", "may-stop")
    _ = drill.pass(Monotonic(nanoseconds: time + 700_000_000))
    #expect(note("press", button: "stop") == [.right("Right: stopped 300 ms after the sign, after 10 s.")])
    #expect(note("state", state: ConsoleState(quiet: true)).count == 1)
    #expect(drill.task == nil && drill.mistakes == 1)
  }
}
