import Journal
import Kit
import Posix

/// How far a sequence is.
struct SequenceRun: Equatable, Sendable {
  let id: String
  let steps: [KitSequence.Step]
  /// Index of the step.
  private(set) var place = 0
  /// When it was last at work.
  var time: Monotonic
  /// Index of the step whose question was not understood, and was repeated once already.
  private(set) var repeated: Int?
  /// Whether the step's question has its answer.
  var isAnswered = false

  init(id: String, steps: [KitSequence.Step], at time: Monotonic) {
    self.id = id
    self.steps = steps
    self.time = time
  }

  /// The present step; nil after the last.
  var step: KitSequence.Step? { place < steps.count ? steps[place] : nil }

  /// Goes forward or back.
  mutating func step(by count: Int) {
    place = max(0, place + count)
    isAnswered = false
  }

  /// Goes back because of an answer; returns false if that was done before at this step.
  mutating func goBack(by count: Int) -> Bool {
    if repeated == place { return false }
    repeated = place
    step(by: -count)
    return true
  }
}

extension Console {
  /// Begins a sequence, resumes it, or goes to its next step.
  mutating func follow(_ id: String, at time: Monotonic) -> [Effect] {
    guard current != nil else { return leave() + signal(.noLanguage, prompt: id) }
    if underWay == .sequence(id) { return last(isWithin: limits.again, at: time) ? [] : stepSequence(by: 1, at: time) }
    let left = leave()
    var stage = ActivityStage.resumed
    if run?.id != id || run?.step == nil || !isRecent(run?.time, at: time) {
      guard let steps = repertoire.steps(of: id, children: isChildren), !steps.isEmpty else {
        return left + signal(.notAvailable, prompt: id, because: .recording)
      }
      run = SequenceRun(id: id, steps: steps, at: time)
      stage = .began
    } else if run?.isAnswered == true {
      run?.step(by: 1)
    }
    return left + [record(.sequence(id), stage)] + sayStep(at: time)
  }

  /// Goes forward or back in the sequence.
  mutating func stepSequence(by count: Int, at time: Monotonic) -> [Effect] {
    run?.step(by: count)
    return sayStep(at: time)
  }

  /// Says the present step; after the last one the sequence is complete.
  mutating func sayStep(at time: Monotonic) -> [Effect] {
    guard let run else { return [] }
    pause = nil
    guard let step = run.step else {
      activity = nil
      isUnderWay = false
      self.run = nil
      questions.forget()
      return hush() + [record(.sequence(run.id), .completed)]
    }
    activity = .sequence(run.id)
    isUnderWay = true
    self.run?.time = time
    lastTime = time
    guard let utterance = utterance(step.prompt) else {
      // The signal is given, and the next step follows: the responder need not know what the language lacks.
      questions.forget()
      let reason = unavailability(of: step.prompt)
      let signal = announce(.notAvailable)
      if speech.playing == nil { pause = time.adding(milliseconds: limits.beat) }
      return [
        .journal(.signal(.notAvailable, language: language, prompt: step.prompt, reason: reason))
      ] + signal
    }
    wantedForChild = isForChild && !isChildren
    return utterance.records + say(utterance, as: .step(run.place), at: time)
  }

  /// All of the step was said: waits for its answer, or pauses.
  mutating func endStep(at time: Monotonic) {
    guard let run, let step = run.step else { return }
    if questions.isWaiting { return }
    let silence = run.isAnswered || questions.asked == nil && isMissing(step) ? limits.beat : step.pause
    pause = time.adding(milliseconds: silence)
  }

  private func isMissing(_ step: KitSequence.Step) -> Bool { utterance(step.prompt) == nil }

  /// Takes an answer to the step's question: repeats once what was not understood, otherwise goes on.
  mutating func answerStep(_ answer: ListenerAnswer, to question: Question, at time: Monotonic) -> [Effect] {
    let recorded = record(answer, to: question)
    guard let step = run?.step else { return recorded }
    run?.isAnswered = true
    let isCheck = repertoire.prompt(step.prompt)?.module == ConsolePrompt.understandingModule
    if answer == .unclear || isCheck && (answer == .no || answer == .still) {
      // The information is repeated before the question whether it was understood.
      if run?.goBack(by: isCheck ? 1 : 0) == true { return recorded + sayStep(at: time) }
    }
    if speech.playing == nil { pause = time.adding(milliseconds: limits.beat) }
    return recorded
  }
}
