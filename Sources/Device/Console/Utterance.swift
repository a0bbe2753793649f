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
  func utterance(_ id: String) -> Utterance? {
    guard let current else { return nil }
    let language = repertoire.languages[current]
    if let message = language.message(id, preferring: preferredVoice) {
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
        let message = repertoire.languages[index].message(id, preferring: preferredVoice)
      else { continue }
      return Utterance(
        announcements: notice + (name(of: tag) ?? []), message: message,
        records: [.journal(.replaced(message.recorded, request: language.tag))])
    }
    return nil
  }

  /// Says the prompt, or signals that it cannot be said.
  mutating func say(_ id: String, at time: Monotonic) -> [Effect] {
    if id == ConsolePrompt.wrongLanguage {
      if underWay == .finder { return stepFinder(by: 1, at: time) }
      if let apology = apologise(at: time) { return apology }
    }
    if current == nil { return leave() + signal(.noLanguage, prompt: id) }
    guard let utterance = utterance(id) else {
      return leave()
        + signal(
          .notAvailable, prompt: id, because: repertoire.prompt(id) == nil ? .message : .recording)
    }
    // A second press of a shaking hand would only cut off the first words.
    if utterance.message == last, speech.playing != nil, last(isWithin: limits.again, at: time) { return [] }
    let left = leave()
    activity = nil
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
