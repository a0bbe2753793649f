/// The meaning of a press: a control, a key of the number pad, or a name.
///
/// A name is the id of a prompt, the id of a sequence, or the name of a module, which plays its next message at each
/// press. No name may equal that of a control.
public enum Button: Hashable, Sendable, Codable, CustomStringConvertible {
  /// A control of the device.
  case control(Control)
  /// A digit, 0...9; two digits select a prompt by its number.
  case digit(Int)
  /// The star: the two digits that follow select a language by its number.
  case star
  /// The id of a prompt or a sequence, or the name of a module.
  case prompt(String)

  /// A control of the device. The raw value is its name in board files and in the control protocol.
  public enum Control: String, CaseIterable, Sendable {
    /// Stops the clip that plays.
    case stop
    /// Plays the last message again.
    case again = "repeat"
    /// Selects the next language and plays its name.
    case nextLanguage = "next-language"
    /// Selects the previous language and plays its name.
    case previousLanguage = "previous-language"
    /// Plays the name of each language in turn, until the listener raises a hand.
    case finder
    /// Plays the next message of the finder, of a sequence, or of the kit.
    case next
    /// Plays the previous message of the finder, of a sequence, or of the kit.
    case previous
    /// Switches between the messages for children and those for adults.
    case children
    /// Selects the next voice of the language.
    case voice
    /// Plays the status of the device in the operator's voice.
    case status
    /// Raises the volume by one step.
    case louder
    /// Lowers the volume by one step.
    case quieter
    /// Enters or leaves the quiet mode.
    case quiet
    /// The listener answered yes, as the responder judged it.
    case answerYes = "answer-yes"
    /// The listener answered no, as the responder judged it.
    case answerNo = "answer-no"
    /// The listener did not understand.
    case answerUnclear = "answer-unclear"
    /// The listener does not want to answer.
    case answerDeclined = "answer-declined"
    /// The listener wants it to stop; the clip stops.
    case answerStop = "answer-stop"
    /// The listener kept still: neither yes nor no.
    case answerNone = "answer-none"
    /// Changes to the next answer mode of the kit.
    case answerMode = "answer-mode"
    /// Marks the last message as wrong for this listener.
    case markWrong = "mark-wrong"
    /// Trusts the public keys on the sticks that are plugged in.
    case trustStick = "trust-stick"
    /// Writes the journal to a stick.
    case journalToStick = "journal-to-stick"
    /// Switches the device off.
    case powerOff = "power-off"

    /// Whether it is only given together with `stop`, and both are held down for `Presses.chord`: nobody does that by
    /// mistake.
    public var isChord: Bool { [.trustStick, .journalToStick, .powerOff].contains(self) }
  }

  /// Creates the button with a name: a control, a digit, `*`, or else a prompt, sequence or module.
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

  /// The name of the button: `stop`, `next-language`, `7`, `*`, or the id of a prompt, a sequence or a module.
  public var description: String {
    switch self {
    case .control(let control): control.rawValue
    case .digit(let digit): String(digit)
    case .star: "*"
    case .prompt(let id): id
    }
  }

  /// Whether a listener may have the button in their own reach: it is an answer, and navigates nowhere.
  public var isForListener: Bool {
    switch self {
    case .control(.answerYes), .control(.answerNo), .control(.answerUnclear), .control(.answerDeclined),
      .control(.answerStop):
      true
    default: false
    }
  }

  /// Whether it is an answer of the listener, as the responder or the listener presses it.
  public var isAnswer: Bool { isForListener || self == .control(.answerNone) }

  /// Whether it is a control that is only given together with `stop`.
  public var isChord: Bool { if case .control(let control) = self { control.isChord } else { false } }

  /// The names of all buttons other than prompts.
  public static let names = Control.allCases.map(\.rawValue) + (0...9).map(String.init) + ["*"]

  /// Whether a press acts only when the button is released, where a long press of the same button has a meaning of its
  /// own. An answer is evidence: it must not be recorded only because another one follows. A listener's stop never
  /// waits.
  public var waitsForRelease: Bool { isAnswer && self != .control(.answerStop) }

  /// Decodes a button from its name.
  public init(from decoder: any Decoder) throws { self.init(try decoder.singleValueContainer().decode(String.self)) }

  /// Encodes the name of the button.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
