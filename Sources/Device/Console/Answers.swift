import Journal
import Posix

// Answers of the listener, as the responder judges them.

extension Console {
  /// Takes an answer to the last question that the listener heard.
  mutating func answer(_ answer: ListenerAnswer, at time: Monotonic) -> [Effect] {
    if answer == .stop {
      let meant = questions.asked.flatMap { $0.isRecorded ? $0.message : nil } ?? heard
      return stop() + (meant.map { [record(.stop, to: $0, about: nil)] } ?? [])
    }
    if let question = questions.asked {
      switch question.origin {
      case .candidate(let place): return answerFinder(answer, to: place, at: time)
      case .step(let index) where questions.coming == nil && underWay != nil && index == run?.place:
        return answerStep(answer, at: time)
      case .step, .prompt: return record(answer)
      }
    }
    // The listener heard no question; what they hear is not cut off for that.
    hasFailed = true
    let entry = Effect.journal(.signal(.notAvailable, language: language, prompt: nil, reason: .question))
    return speech.playing != nil || isUnderWay
      ? [entry] : signal(.notAvailable, prompt: nil, because: .question)
  }

  /// Records an answer to the last question that was heard. A later answer corrects an earlier one; both stay in the
  /// journal.
  mutating func record(_ answer: ListenerAnswer) -> [Effect] {
    guard let question = questions.asked else { return [] }
    questions.endWait()
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
