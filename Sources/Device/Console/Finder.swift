import Posix

/// Where the finder stands: which language introduces itself.
struct Finder: Equatable, Sendable {
  /// Indexes of languages, likeliest first.
  private(set) var order: [Int] = []
  private(set) var place = 0
  /// When it was last at work.
  var time: Monotonic?
  /// The language that was chosen by a raised hand.
  var found: Int?

  /// The language whose turn it is; nil where all have had theirs, or it has not begun.
  var candidate: Int? { place < order.count ? order[place] : nil }

  /// The candidate and those behind it.
  var coming: ArraySlice<Int> { order.dropFirst(place) }

  mutating func begin(_ order: [Int]) {
    self.order = order
    place = 0
    found = nil
  }

  mutating func step(by count: Int) {
    place = max(0, place + count)
    found = nil
  }

  mutating func end() {
    order = []
    place = 0
    time = nil
  }
}

extension Console {
  // MARK: The finder

  /// The kit's order, with what was lately spoken on this device before all else.
  var finderOrder: [Int] {
    let lately = recent.compactMap(repertoire.index).filter(repertoire.finder.contains)
    return lately + repertoire.finder.filter { !lately.contains($0) }
  }

  /// Begins, or goes on where it was left a short while ago.
  mutating func find(at time: Monotonic) -> [Effect] {
    if underWay == .finder, last(isWithin: limits.again, at: time) { return [] }
    let left = leave()
    forgetLanguage()
    let isResumed = finder.candidate != nil && finder.found == nil && isRecent(finder.time, at: time)
    if !isResumed { finder.begin(finderOrder) }
    if finder.candidate == nil { return left + signal(.notAvailable, prompt: nil) }
    return left + [.journal(.activity(.finder, isResumed ? .resumed : .began))]
      + introduce(behind: announcements(.finder), at: time)
  }

  /// The candidate says its name and asks for a raised hand.
  mutating func introduce(behind messages: [Message] = [], at time: Monotonic) -> [Effect] {
    activity = .finder
    isUnderWay = true
    pause = nil
    finder.time = time
    guard let candidate = finder.candidate else {
      finder.end()
      activity = nil
      isUnderWay = false
      ask(nil)
      return [.journal(.noneFound)] + tell(.noneOfThese, behind: messages)
    }
    let language = repertoire.languages[candidate]
    let wish = language.message(Said.raiseHand)
    let own = [language.message(Said.languageName), wish].compactMap { $0 }
    ask(wish)
    lastTime = time
    return speech.say(messages + own)
  }

  /// To the next language, or back to one before.
  mutating func stepFinder(by count: Int, at time: Monotonic) -> [Effect] {
    finder.step(by: count)
    return introduce(at: time)
  }

  /// What an answer means while the finder is at work or was just left.
  mutating func answerFinder(_ answer: Answer, at time: Monotonic) -> [Effect] {
    let written = write(answer)
    switch answer {
    case .yes: return written + settle(at: time)
    case .no, .declined: return written + stepFinder(by: 1, at: time)
    case .unclear: return written + introduce(at: time)
    case .stop: return written
    }
  }

  /// A hand was raised: the candidate is the listener's language.
  private mutating func settle(at time: Monotonic) -> [Effect] {
    guard let candidate = finder.candidate else { return signal(.notAvailable, prompt: nil) }
    let tag = repertoire.languages[candidate].tag
    activity = nil
    isUnderWay = false
    pause = nil
    finder.found = candidate
    finder.time = time
    current = candidate
    question = nil
    let chosen = [Effect.journal(.found(tag)), .journal(.language(tag))]
    // Without a voice for the responder, the name in the language itself tells that the press has come.
    let names = name(of: tag) ?? [repertoire.languages[candidate].message(Said.languageName)].compactMap { $0 }
    return names.isEmpty ? chosen + hush() : chosen + speech.say(names)
  }

  /// The listener's face says that it was the wrong language: sorry, and the finder goes on behind it. Nil where the
  /// language was not found by the finder: then the responder looks for another.
  mutating func apologise(at time: Monotonic) -> [Effect]? {
    guard let current, finder.found == current else { return nil }
    let sorry = repertoire.languages[current].message(Said.wrongLanguage, wish: voice)
    let left = leave()
    forgetLanguage()
    finder.step(by: 1)
    return left + [.journal(.activity(.finder, .resumed))]
      + introduce(behind: [sorry].compactMap { $0 }, at: time)
  }
}
