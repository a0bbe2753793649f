/// Why nothing was available for a request of the responder: what is missing.
public enum UnavailableReason: String, Codable, CaseIterable, Sendable {
  /// No message or language has the number that was typed.
  case number
  /// The kit has no such message.
  case message
  /// The chosen language has no recording that may be played, and no other language may replace it.
  case recording
  /// The language has the question, and no formula that can be played: nobody would know how to answer.
  case formula = "no-formula"
  /// Nothing was said yet that could be repeated or marked as wrong.
  case nothingSaid = "nothing-said"
  /// There is no message before the first or after the last.
  case furtherMessage = "further-message"
  /// The kit has no language for listeners.
  case listenerLanguage = "listener-language"
  /// The kit has no messages for children.
  case children
  /// The language has no other voice.
  case voice
  /// The kit has one answer mode only.
  case answerMode = "answer-mode"
  /// No question waits for an answer.
  case question
  /// The kit has no operator's voice.
  case operatorVoice = "operator-voice"

  /// The reason for people, as a clause.
  public var text: String {
    switch self {
    case .number: "no message or language has this number"
    case .message: "the kit has no such message"
    case .recording: "the language has no recording of it, and no other language may replace it"
    case .formula: "no formula: the language has no recording of how to answer in this mode that can be played"
    case .nothingSaid: "nothing was said yet"
    case .furtherMessage: "there is no further message"
    case .listenerLanguage: "the kit has no language for listeners"
    case .children: "there are no messages for children"
    case .voice: "there is no other voice"
    case .answerMode: "the kit has no other answer mode"
    case .question: "no question waits for an answer"
    case .operatorVoice: "the kit has no operator's voice"
    }
  }
}
