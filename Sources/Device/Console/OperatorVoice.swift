import Journal
import Kit

/// A line of the operator's voice. The raw value is its prompt's id.
enum Announcement: String {
  case ready = "device-ready"
  case draftKit = "device-draft-kit"
  case notAvailable = "device-not-available"
  case otherLanguage = "device-other-language"
  case damaged = "device-damaged"
  case chooseLanguage = "device-choose-language"
  case finder = "device-finder"
  case noneOfThese = "device-none-of-these"
  case firstContact = "device-first-contact"
  case adults = "device-adults"
  case children = "device-children"
  case louder = "device-louder"
  case quieter = "device-quieter"
  case quietOn = "device-quiet-on"
  case quietOff = "device-quiet-off"
  case otherVoice = "device-other-voice"
  case markedWrong = "device-marked-wrong"
  case answersCard = "device-answers-card"
  case answersHand = "device-answers-hand"
  case answersTap = "device-answers-tap"
  case answersButtons = "device-answers-buttons"
}

extension Console {
  /// Returns the message of a line; empty if there is no operator's voice, or it does not have the line.
  func announcements(_ words: Announcement) -> [Message] {
    [repertoire.operatorVoice?.message(words.rawValue)].compactMap { $0 }
  }

  /// Returns a language's name in the operator's voice.
  func name(of tag: String) -> [Message]? {
    repertoire.operatorVoice?.message(KitPrompt.name(of: tag)).map { [$0] }
  }

  /// Signals that a request cannot be fulfilled, and records it.
  ///
  /// - Parameters:
  ///   - prompt: Id that was requested.
  ///   - reason: Why nothing is available; nil for another signal.
  mutating func signal(
    _ signal: OperatorSignal, prompt: String?, because reason: UnavailableReason? = nil
  ) -> [Effect] {
    hasFailed = true
    return [.journal(.signal(signal, language: language, prompt: prompt, reason: reason))] + announce(signal)
  }

  /// Gives a signal in the operator's voice, or as a tone.
  ///
  /// - Parameters:
  ///   - words: The line to say, instead of the signal's own.
  ///   - messages: Messages before it.
  mutating func announce(
    _ signal: OperatorSignal, as words: Announcement? = nil, after messages: [Message] = []
  ) -> [Effect] {
    let words = (words ?? signal.words).map(announcements) ?? []
    if words.isEmpty && messages.isEmpty {
      speech.abandon()
      return [.signal(signal)]
    }
    return speech.say(messages + words, then: words.isEmpty ? signal : nil)
  }
}

extension OperatorSignal {
  fileprivate var words: Announcement? {
    switch self {
    case .noLanguage: .chooseLanguage
    case .notAvailable: .notAvailable
    case .error: .damaged
    case .noneOfThese: .noneOfThese
    case .done, .caution: nil
    }
  }
}
