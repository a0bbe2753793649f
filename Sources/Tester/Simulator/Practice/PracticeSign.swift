import Kit

/// What a listener does in a drill: one of the signs that the formulas of an answer mode teach, or nothing.
public enum PracticeSign: String, CaseIterable, Equatable, Sendable {
  case yes, no, unclear, declined, stop
  /// The listener keeps still, which is no answer. The raw value is the journal's word for it.
  case still = "none"

  /// The signs with which a question is answered in a mode. In the mode `tap` no tap means both that a listener does not
  /// want to answer, and that they keep still: nobody can tell.
  public static func answers(in mode: AnswerMode) -> [PracticeSign] {
    mode == .tap ? [.yes, .no, .unclear, .still] : [.yes, .no, .unclear, .declined, .still]
  }

  /// Returns whether an answer of the journal is the right one for the sign.
  ///
  /// - Parameters:
  ///   - answer: `yes`, `none`, as the journal names it.
  ///   - mode: the answer mode that is on.
  public func isRight(_ answer: String?, in mode: AnswerMode) -> Bool {
    answer == rawValue || mode == .tap && self == .still && answer == Self.declined.rawValue
  }

  /// Returns what the listener does in a mode, after "The person".
  public func words(in mode: AnswerMode) -> String {
    switch (mode, self) {
    case (_, .still): "keeps still"
    case (.card, .yes): "points to the green square with the tick"
    case (.card, .no): "points to the white square with the cross"
    case (.card, .unclear): "points to the yellow square with the question mark"
    case (.card, .declined): "points to the black square with the closed mouth"
    case (.card, .stop): "points to the red square: STOP"
    case (.hand, .yes): "raises one hand"
    case (.hand, .no): "lays one hand on the leg"
    case (.hand, .unclear): "holds one hand behind the ear"
    case (.hand, .declined): "holds one hand over the mouth"
    case (.hand, .stop): "turns the face away: STOP"
    case (.tap, .yes): "taps once"
    case (.tap, .no): "taps twice"
    case (.tap, .unclear): "taps three times"
    case (.tap, .declined): "does not tap"
    case (.tap, .stop): "taps again and again: STOP"
    case (.buttons, .yes): "presses the green button of their own"
    case (.buttons, .no): "presses the white button of their own"
    case (.buttons, .unclear): "presses the yellow button of their own"
    case (.buttons, .declined): "presses the black button of their own"
    case (.buttons, .stop): "cries and turns away: STOP"
    }
  }

  /// The answer, for people.
  public var meaning: String {
    switch self {
    case .yes, .no, .stop: rawValue
    case .unclear: "unclear: the person does not understand"
    case .declined: "declined: the person does not want to answer"
    case .still: "none: the person kept still"
    }
  }

  /// The button in the listener's reach that means the sign; nil for stillness.
  public var button: String? { self == .still ? nil : "answer-\(rawValue)" }
}
