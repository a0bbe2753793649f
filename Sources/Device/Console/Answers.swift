import Journal
import Posix

// Answers of the listener, as the responder judges them.

extension Console {
  /// Expects answers to this question from now on; to none if it is nil.
  mutating func ask(_ question: Message?) {
    self.question = question
    isWaiting = question != nil
  }

  /// Takes an answer for the activity that is under way, or for the last question.
  mutating func answer(_ answer: ListenerAnswer, at time: Monotonic) -> [Effect] {
    if answer == .stop {
      let meant = question ?? last
      return stop() + (meant.map { [record(.stop, to: $0, about: nil)] } ?? [])
    }
    if activity == .finder, finder.candidate != nil { return answerFinder(answer, at: time) }
    if case .sequence = underWay, question != nil { return answerStep(answer, at: time) }
    if question != nil { return record(answer) }
    // No question was asked; what the listener hears is not cut off for that.
    hasFailed = true
    let entry = Effect.journal(.signal(.notAvailable, language: language, prompt: nil))
    return speech.playing != nil || isUnderWay ? [entry] : signal(.notAvailable, prompt: nil)
  }

  /// Records an answer to the last question. A later answer corrects an earlier one; both stay in the journal.
  mutating func record(_ answer: ListenerAnswer) -> [Effect] {
    guard let question else { return [] }
    isWaiting = false
    let isCheck = repertoire.prompt(question.prompt)?.module == ConsolePrompt.understandingModule
    return [record(answer, to: question, about: isCheck ? about : nil)]
  }

  private func record(_ answer: ListenerAnswer, to question: Message, about: String?) -> Effect {
    .journal(.answer(answer, language: question.language, prompt: question.prompt, about: about))
  }
}
