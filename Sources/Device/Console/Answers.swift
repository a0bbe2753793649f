import Journal
import Posix

// Answers of the listener, as the responder judges them.

extension Console {
  /// Takes an answer to the last question that was asked in full.
  ///
  /// Listeners may want it to stop, or may not understand, at any time: these two are about what they hear.
  mutating func answer(_ answer: ListenerAnswer, at time: Monotonic) -> [Effect] {
    switch answer {
    case .stop:
      let meant = questions.heard.flatMap { $0.isRecorded ? $0.message : nil } ?? heard
      return stop() + (meant.map { [record(.stop, to: $0, about: nil)] } ?? [])
    case .unclear:
      if let question = questions.heard { return take(answer, to: question, at: time) }
      if let heard { return misunderstand(heard, at: time) }
    case .yes, .no, .declined, .still:
      switch questions.addressee(at: time) {
      case .question(let question): return take(answer, to: question, at: time)
      case .early(let question):
        hasFailed = true
        let message = question.message
        return [.journal(.early(answer, language: message.language, prompt: message.prompt, by: answering))]
      case .nobody: break
      }
    }
    // The listener heard no question; what they hear is not cut off for that.
    hasFailed = true
    let entry = Effect.journal(.signal(.notAvailable, language: language, prompt: nil, reason: .question))
    return speech.playing != nil || isUnderWay
      ? [entry] : signal(.notAvailable, prompt: nil, because: .question)
  }

  private mutating func take(_ answer: ListenerAnswer, to question: Question, at time: Monotonic) -> [Effect] {
    switch question.origin {
    case .candidate(let place): return answerFinder(answer, to: question, at: place, time)
    case .step(let index) where underWay != nil && index == run?.place:
      return answerStep(answer, to: question, at: time)
    case .step, .prompt: return record(answer, to: question)
    }
  }

  /// Records that the listener did not understand a message that is no question. A sequence repeats it once.
  private mutating func misunderstand(_ message: Message, at time: Monotonic) -> [Effect] {
    let recorded = [record(.unclear, to: message, about: nil)]
    guard case .sequence = underWay, run?.step?.prompt == message.prompt, run?.goBack(by: 0) == true else {
      return recorded
    }
    return recorded + sayStep(at: time)
  }

  /// Records an answer to a question. A later answer corrects an earlier one; both stay in the journal.
  mutating func record(_ answer: ListenerAnswer, to question: Question) -> [Effect] {
    questions.answer(question)
    if !question.isRecorded { return [] }
    let isCheck = repertoire.prompt(question.message.prompt)?.module == ConsolePrompt.understandingModule
    return [record(answer, to: question.message, about: isCheck ? question.about : nil)]
  }

  /// Records that the last message that the listener heard is wrong for them. What is said is not cut off for that.
  mutating func markWrong() -> [Effect] {
    guard let heard else {
      hasFailed = true
      let entry = Effect.journal(.signal(.notAvailable, language: language, prompt: nil, reason: .nothingSaid))
      return speech.isSilent ? signal(.notAvailable, prompt: nil, because: .nothingSaid) : [entry]
    }
    let entry = Effect.journal(.markedWrong(heard.recorded))
    return [entry] + (speech.isSilent ? announce(.done, as: .markedWrong) : [])
  }

  private func record(_ answer: ListenerAnswer, to question: Message, about: String?) -> Effect {
    .journal(.answer(answer, language: question.language, prompt: question.prompt, about: about, by: answering))
  }
}
