import Kit
import Posix

/// Where a sequence stands.
struct Course: Equatable, Sendable {
  let id: String
  let steps: [KitSequence.Step]
  private(set) var place = 0
  /// When it was last at work.
  var time: Monotonic
  /// The step whose question was not understood, and has been asked once more already.
  private(set) var repeated: Int?
  /// The step's question has its answer.
  var isAnswered = false

  init(id: String, steps: [KitSequence.Step], at time: Monotonic) {
    self.id = id
    self.steps = steps
    self.time = time
  }

  /// Nil behind the last.
  var step: KitSequence.Step? { place < steps.count ? steps[place] : nil }

  mutating func step(by count: Int) {
    place = max(0, place + count)
    isAnswered = false
  }

  /// Back by `count` steps because of what was answered at this one; false where that was done before.
  mutating func goBack(by count: Int) -> Bool {
    if repeated == place { return false }
    repeated = place
    step(by: -count)
    return true
  }
}

extension Console {
  // MARK: Sequences

  /// Begins a sequence, goes on where it was left, or passes on to its next step.
  mutating func follow(_ id: String, at time: Monotonic) -> [Effect] {
    guard current != nil else { return leave() + signal(.noLanguage, prompt: id) }
    if underWay == .sequence(id) { return last(isWithin: limits.again, at: time) ? [] : stepCourse(by: 1, at: time) }
    let left = leave()
    var stage = JournalEvent.Stage.resumed
    if course?.id != id || course?.step == nil || !isRecent(course?.time, at: time) {
      guard let steps = repertoire.steps(of: id, children: isChildren), !steps.isEmpty else {
        return left + signal(.notAvailable, prompt: id)
      }
      course = Course(id: id, steps: steps, at: time)
      stage = .began
    } else if course?.isAnswered == true {
      course?.step(by: 1)
    }
    return left + [.journal(.activity(.sequence(id), stage))] + sayStep(at: time)
  }

  mutating func stepCourse(by count: Int, at time: Monotonic) -> [Effect] {
    course?.step(by: count)
    return sayStep(at: time)
  }

  /// Says the step at which the course stands; behind the last one it is over.
  mutating func sayStep(at time: Monotonic) -> [Effect] {
    guard let course else { return [] }
    pause = nil
    guard let step = course.step else {
      activity = nil
      isUnderWay = false
      self.course = nil
      question = nil
      return hush() + [.journal(.activity(.sequence(course.id), .completed))]
    }
    activity = .sequence(course.id)
    isUnderWay = true
    self.course?.time = time
    lastTime = time
    guard let spoken = spoken(step.prompt) else {
      // It is told, and the next step comes: the responder need not know what the language lacks.
      ask(nil)
      let told = tell(.notAvailable)
      if speech.playing == nil { pause = time.adding(milliseconds: limits.beat) }
      return [.journal(.signalled(.notAvailable, language: language, prompt: step.prompt))] + told
    }
    return spoken.journal + say(spoken, at: time)
  }

  /// All of the step was said: its answer is waited for, or a pause follows.
  mutating func endStep(at time: Monotonic) {
    guard let course, let step = course.step else { return }
    if isWaiting { return }
    let silence = course.isAnswered || question == nil && isMissing(step) ? limits.beat : step.pause
    pause = time.adding(milliseconds: silence)
  }

  private func isMissing(_ step: KitSequence.Step) -> Bool { spoken(step.prompt) == nil }

  /// An answer to the step's question: where it was not understood, once more; otherwise the sequence goes on.
  mutating func answerStep(_ answer: Answer, at time: Monotonic) -> [Effect] {
    guard let step = course?.step, question?.prompt == step.prompt else { return write(answer) }
    let written = write(answer)
    course?.isAnswered = true
    let isCheck = repertoire.prompt(step.prompt)?.module == Said.understanding
    if answer == .unclear || isCheck && answer == .no {
      // What was not understood is said again, before the question whether it was.
      if course?.goBack(by: isCheck ? 1 : 0) == true { return written + sayStep(at: time) }
    }
    if speech.playing == nil { pause = time.adding(milliseconds: limits.beat) }
    return written
  }
}
