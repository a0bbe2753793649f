import Control
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
    state: ConsoleState? = nil, after seconds: Int64 = 1
  ) -> [Drill.Remark] {
    time += seconds * 1_000_000_000
    return drill.note(
      ControlEvent(
        event, monotonic: time, button: button, language: language, prompt: prompt, detail: detail, state: state))
  }

  private mutating func find() { _ = note("found", "ti") }

  private mutating func tell() {
    find()
    _ = note("completed", "ti", "safe-here")
  }

  @Test("the person raises a hand only at their own language, and finding it completes the task")
  mutating func finds() {
    #expect(note("completed", "am", "raise-hand") == [])
    #expect(note("completed", "ti", "raise-hand") == [.person("raises one hand")])
    #expect(note("found", "ti", after: 3) == [.right("Right: it is language ti, after 5 s.")])
    #expect(drill.task == .say(prompt: "safe-here"))
    #expect(drill.mistakes == 0 && drill.times == [5])
  }

  @Test("another language is a mistake, and the task continues")
  mutating func wrongLanguage() {
    #expect(note("found", "am").count == 1)
    #expect(note("started", "am", "safe-here").count == 1)
    #expect(note("started", "am", "language-name") == [], "trying a name is no mistake")
    #expect(note("started", "en", "device-finder") == [])
    #expect(drill.mistakes == 2 && drill.task == .findLanguage)
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

  @Test("an answer is right if it matches the gesture shown")
  mutating func answers() throws {
    tell()
    #expect(note("answer", "ti", "need-doctor", detail: "yes").count == 1, "before the question has ended")
    guard case .person(let words) = try #require(note("completed", "ti", "need-doctor").first) else {
      Issue.record("no gesture")
      return
    }
    let gesture = try #require(Drill.Gesture.allCases.first { $0.words == words })
    let other = try #require(Drill.Gesture.allCases.first { $0 != gesture })
    #expect(note("answer", "ti", "need-doctor", detail: other.rawValue).count == 1)
    #expect(drill.mistakes == 2)
    _ = note("answer", "ti", "need-doctor", detail: gesture.rawValue)
    #expect(drill.task == .stop)
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
        .advice("Stopped 3300 ms after the hands. Say it again, and try to be faster.")
      ])
    _ = note("stopped", "ti", "may-stop", after: 0)
    _ = note("started", "ti", "may-stop")
    _ = drill.pass(Monotonic(nanoseconds: time + 700_000_000))
    #expect(note("press", button: "stop") == [.right("Right: stopped 300 ms after the hands, after 10 s.")])
    #expect(note("state", state: ConsoleState(quiet: true)).count == 1)
    #expect(drill.task == nil && drill.mistakes == 1)
  }
}
