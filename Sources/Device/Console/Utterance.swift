import Journal
import Posix

/// What is played for a prompt in the chosen language.
struct Utterance: Equatable {
  /// Messages to the responder before it.
  var announcements: [Console.Message] = []
  /// The message to the listener.
  var message: Console.Message
  /// The record that another message was requested.
  var records: [Console.Effect] = []
}

extension Console {
  /// Returns the prompt in the chosen language; if that does not have it, in the first language that may stand in and
  /// can be announced.
  ///
  /// - Parameters:
  ///   - id: Id of the prompt.
  ///   - child: Whether it is said in the form for a child; nil for as the console is set.
  func utterance(_ id: String, isForChild child: Bool? = nil) -> Utterance? {
    guard let current else { return nil }
    let isForChild = child ?? isForChild
    let language = repertoire.languages[current]
    if let message = message(id, in: language, isForChild: isForChild) {
      guard let preferredVoice, message.voice != preferredVoice,
        language.voices.contains(where: { $0.name == preferredVoice })
      else { return Utterance(message: message) }
      return Utterance(
        announcements: announcements(.otherVoice), message: message,
        records: [.journal(.replaced(message.recorded, request: "\(language.tag)/\(preferredVoice)"))])
    }
    let notice = announcements(.otherLanguage)
    if notice.isEmpty { return nil }
    for tag in language.fallback {
      guard let index = repertoire.index(tag),
        let message = message(id, in: repertoire.languages[index], isForChild: isForChild)
      else { continue }
      return Utterance(
        announcements: notice + (name(of: tag) ?? []), message: message,
        records: [.journal(.replaced(message.recorded, request: language.tag))])
    }
    return nil
  }

  /// Returns a prompt as this listener hears it in a language; nil if no voice has it.
  func message(_ id: String, in language: Repertoire.Language, isForChild child: Bool? = nil) -> Message? {
    repertoire.prompt(id).flatMap {
      language.message($0, mode: mode, isForChild: child ?? isForChild, preferring: preferredVoice)
    }
  }

  /// Returns why the chosen language cannot say a prompt.
  func unavailability(of id: String) -> UnavailableReason {
    guard let prompt = repertoire.prompt(id) else { return .message }
    guard let current,
      repertoire.languages[current].lacksFormula(of: prompt, mode: mode, isForChild: isForChild)
    else { return .recording }
    return .formula
  }

  /// Says a prompt that was requested by its own number or button. If it is gated, the first press speaks its caution
  /// to the responder, and a second one within the time of `Limits.gate` says it.
  mutating func sayGated(_ id: String, at time: Monotonic) -> [Effect] {
    let spoken = caution
    caution = nil
    guard let gate = repertoire.prompt(id)?.gate, current != nil, utterance(id) != nil else {
      return say(id, at: time)
    }
    if let spoken, spoken.prompt == id, time < spoken.time.adding(milliseconds: limits.gate) {
      // A second press of a shaking hand is not a decision.
      if time >= spoken.time.adding(milliseconds: limits.again) { return say(id, at: time) }
      caution = spoken
      return []
    }
    let left = leave()
    caution = (id, time)
    let words = [repertoire.operatorVoice?.message(gate)].compactMap { $0 }
    let entry = Effect.journal(.signal(.caution, language: language, prompt: id))
    // Without the line a tone says that the press did not play the prompt.
    return left + [entry] + (words.isEmpty ? announce(.notAvailable) : speech.say(words))
  }

  /// Says the prompt, or signals that it cannot be said.
  ///
  /// - Parameters:
  ///   - id: Id of the prompt.
  ///   - child: Whether it is said in the form for a child; nil for as the console is set.
  mutating func say(_ id: String, isForChild child: Bool? = nil, at time: Monotonic) -> [Effect] {
    if id == ConsolePrompt.wrongLanguage {
      if underWay == .finder { return stepFinder(by: 1, at: time) }
      if let apology = apologise(at: time) { return apology }
    }
    if current == nil { return leave() + signal(.noLanguage, prompt: id) }
    let isForChild = child ?? isChildren
    guard let utterance = utterance(id, isForChild: isForChild) else {
      return leave() + signal(.notAvailable, prompt: id, because: unavailability(of: id))
    }
    // A second press of a shaking hand would only cut off the first words.
    if utterance.message == last, speech.playing != nil, last(isWithin: limits.again, at: time) { return [] }
    let left = leave()
    activity = nil
    wantedForChild = isForChild && !isChildren
    return left + utterance.records + say(utterance, as: .prompt, at: time)
  }

  /// Says the announcements and the message.
  ///
  /// - Parameter origin: What asks, if the message is a question.
  mutating func say(_ utterance: Utterance, as origin: Question.Origin, at time: Monotonic) -> [Effect] {
    let message = utterance.message
    last = message
    wanted = message.prompt
    lastTime = time
    let prompt = repertoire.prompt(message.prompt)
    if prompt?.isQuestion == true {
      questions.request(Question(message: message, isRecorded: true, origin: origin))
    } else {
      questions.forget()
    }
    if prompt?.module != ConsolePrompt.languageModule, let language {
      recent = Array(([language] + recent.filter { $0 != language }).prefix(Self.maximumRecent))
    }
    return speech.say(utterance.announcements + [message])
  }
}
