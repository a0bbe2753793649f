import Encoding

/// What a press asks for: one of the controls, a key of the number pad, or a prompt by its id; likewise a sequence by its
/// id, or a module by its name, whose messages come one a press. None of these may have a control's name.
public enum Button: Hashable, Sendable, Codable, CustomStringConvertible {
  case control(Control)
  /// 0 to 9: two of them are a prompt's number.
  case digit(Int)
  /// `*`: the two digits that follow are a language's number.
  case star
  case prompt(String)

  public enum Control: String, CaseIterable, Sendable {
    case stop
    case again = "repeat"
    case nextLanguage = "next-language"
    case previousLanguage = "previous-language"
    /// Each language names itself, until somebody raises a hand.
    case finder
    // In the finder, in a sequence, or through all messages.
    case next, previous
    /// The messages for children, and back to those for adults.
    case children
    /// The next voice of the language.
    case voice
    /// The operator's voice says how the device stands.
    case status
    case louder, quieter
    /// Into the quiet mode, and out of it.
    case quiet
    // What the listener answered, as the responder saw it.
    case answerYes = "answer-yes"
    case answerNo = "answer-no"
    case answerUnclear = "answer-unclear"
    case answerDeclined = "answer-declined"
    /// The listener wants it to stop: it stops.
    case answerStop = "answer-stop"
  }

  public init(_ name: String) {
    if let control = Control(rawValue: name) {
      self = .control(control)
    } else if name == "*" {
      self = .star
    } else if name.utf8.count == 1, let digit = Int(name) {
      self = .digit(digit)
    } else {
      self = .prompt(name)
    }
  }

  /// `stop`, `next-language`, `7`, `*`, or the id of a prompt, a sequence or a module.
  public var description: String {
    switch self {
    case .control(let control): control.rawValue
    case .digit(let digit): String(digit)
    case .star: "*"
    case .prompt(let id): id
    }
  }

  /// The names of all but the prompts.
  public static let names = Control.allCases.map(\.rawValue) + (0...9).map(String.init) + ["*"]

  public init(from decoder: any Decoder) throws { self.init(try decoder.singleValueContainer().decode(String.self)) }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension Rule {
  /// Throws where `text` is no prompt's id, or the name of a control.
  package static func prompt(_ text: String, _ key: String) throws(DocumentError) {
    try word(text, key, alphabet: ids, limit: 40)
    if Button.Control(rawValue: text) != nil { throw DocumentError(key, "\(text) is the name of a control") }
  }
}
