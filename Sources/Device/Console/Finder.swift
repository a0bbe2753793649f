import Journal
import Posix

/// How far the finder is: which language introduces itself.
struct Finder: Equatable, Sendable {
  /// Indexes of languages, likeliest first.
  private(set) var order: [Int] = []
  /// Index into `order`.
  private(set) var place = 0
  /// When it was last at work.
  var time: Monotonic?
  /// Index of the language that a raised hand chose.
  var found: Int?

  /// Index of the language that introduces itself; nil before the first and after the last.
  var candidate: Int? { place < order.count ? order[place] : nil }

  /// The candidate and those after it.
  var coming: ArraySlice<Int> { order.dropFirst(place) }

  /// Begins anew.
  mutating func begin(_ order: [Int]) {
    self.order = order
    place = 0
    found = nil
  }

  /// Goes forward or back.
  mutating func step(by count: Int) { go(to: place + count) }

  /// Goes to a place of the order, or to its end.
  mutating func go(to place: Int) {
    self.place = min(max(0, place), order.count)
    found = nil
  }
}

extension Console {
  /// The kit's order, after the languages that were lately spoken on this device.
  var finderOrder: [Int] {
    let first = recent.compactMap(repertoire.index).filter(repertoire.finder.contains)
    return first + repertoire.finder.filter { !first.contains($0) }
  }

  /// Begins the finder, or resumes it if it was left a short while ago.
  mutating func find(at time: Monotonic) -> [Effect] {
    if underWay == .finder, last(isWithin: limits.again, at: time) { return [] }
    var left = leave()
    let isResumed = finder.candidate != nil && finder.found == nil && isRecent(finder.time, at: time)
    let asked = questions
    forgetLanguage()
    if isResumed, asked.asked?.candidate != nil { questions = asked }
    if !isResumed {
      finder.begin(finderOrder)
      left += resetMode()
    }
    if finder.candidate == nil { return left + signal(.notAvailable, prompt: nil, because: .listenerLanguage) }
    return left + [.journal(.finder(isResumed ? .resumed : .began))]
      + introduce(after: announcements(.finder), at: time)
  }

  /// Has the candidate say its name and ask for a raised hand.
  ///
  /// - Parameter messages: Messages before it.
  mutating func introduce(after messages: [Message] = [], at time: Monotonic) -> [Effect] {
    activity = .finder
    isUnderWay = true
    pause = nil
    finder.time = time
    guard let candidate = finder.candidate else {
      activity = nil
      isUnderWay = false
      // A hand that comes late is for the last candidate.
      questions.dropComing()
      questions.endWait()
      return [.journal(.noneFound)] + announce(.noneOfThese, after: messages)
    }
    let language = repertoire.languages[candidate]
    let raiseHand = message(ConsolePrompt.raiseHand, in: language)
    let own = [message(ConsolePrompt.languageName, in: language), raiseHand].compactMap { $0 }
    if let asking = own.last {
      questions.request(
        Question(message: asking, isRecorded: raiseHand != nil, origin: .candidate(finder.place)))
    }
    lastTime = time
    return speech.say(messages + own)
  }

  /// Goes to the next language, or back to one before.
  mutating func stepFinder(by count: Int, at time: Monotonic) -> [Effect] {
    finder.step(by: count)
    // An answer can be for the candidate before, and for none that was passed over since.
    if let asked = questions.asked?.candidate, abs(finder.place - asked) > 1 { questions.forget() }
    return introduce(at: time)
  }

  /// Takes an answer to the question of the candidate at a place of the order.
  ///
  /// The finder may have gone on: it goes back for a yes and to repeat what was unclear, and does not skip the next
  /// candidate for a no.
  mutating func answerFinder(
    _ answer: ListenerAnswer, to question: Question, at place: Int, _ time: Monotonic
  ) -> [Effect] {
    let recorded = record(answer, to: question)
    switch answer {
    case .yes:
      finder.go(to: place)
      return recorded + chooseCandidate(at: time)
    case .no, .declined, .still: return finder.place == place ? recorded + stepFinder(by: 1, at: time) : recorded
    case .unclear:
      finder.go(to: place)
      return recorded + introduce(at: time)
    case .stop: return recorded
    }
  }

  /// A hand was raised: the candidate is the listener's language.
  private mutating func chooseCandidate(at time: Monotonic) -> [Effect] {
    guard let candidate = finder.candidate else {
      return signal(.notAvailable, prompt: nil, because: .question)
    }
    let tag = repertoire.languages[candidate].tag
    activity = nil
    isUnderWay = false
    pause = nil
    finder.found = candidate
    finder.time = time
    current = candidate
    questions.forget()
    let chosen = [Effect.journal(.found(tag, by: answering)), .journal(.language(tag))]
    // Without an operator's voice, the name in the language itself confirms the press.
    let names =
      name(of: tag) ?? [message(ConsolePrompt.languageName, in: repertoire.languages[candidate])].compactMap { $0 }
    return names.isEmpty ? chosen + hush() : chosen + speech.say(names)
  }

  /// The language that the finder found is the wrong one: apologises and resumes the finder. Nil if the finder did not
  /// find the language: then the responder chooses another.
  mutating func apologise(at time: Monotonic) -> [Effect]? {
    guard let current, finder.found == current else { return nil }
    let sorry = message(ConsolePrompt.wrongLanguage, in: repertoire.languages[current])
    let left = leave()
    forgetLanguage()
    finder.step(by: 1)
    return left + [.journal(.finder(.resumed))]
      + introduce(after: [sorry].compactMap { $0 }, at: time)
  }
}
