import Board
import Kit

/// The words that the program itself puts on cards, in one operator language.
///
/// All but the English ones are machine translations that nobody has reviewed.
struct CardWords: Sendable {
  /// The notice on each page of a draft kit; contains `DRAFT` in every language.
  var draft: String
  /// The notice that a machine translated these words; `nil` for English.
  var unreviewed: String?

  // Titles of the four cards.
  var responder: String
  var listener: String
  var poster: String
  var sheet: String

  /// The instruction on the pointing card and poster, for the responder.
  var pointing: String
  /// Precedes the key that chooses the language.
  var choosing: String
  /// The instruction on the message sheets, for the responder.
  var reading: String
  /// What to do where the listener cannot point, for the responder.
  var scanning: String
  /// Explains the mark of gated messages; the words of the device's line `device-caution-sensitive`.
  var gated: String
  /// Marks a button that is in the listener's reach.
  var byListener: String

  // Headings.
  var contacts: String
  var buttons: String
  var answers: String
  var languages: String
  var messages: String
  var does: String
  var doesNot: String

  /// Precedes the action of a long press.
  var held: String
  /// What the digits and the star of a number pad do.
  var digits: String
  var star: String
  /// Precedes the numbers of messages that a language lacks.
  var without: String
  /// Explains the § mark.
  var jurisdiction: String

  /// When to press stop, beside the word in large letters.
  var stopNow: String
  /// The ten things to do, in large letters; the first three are the largest.
  var steps: [String]
  /// The rules for the responder: do, and do not.
  var todo: [String]
  var notToDo: [String]
  /// The names of the answer modes, in the words of the device's lines `device-answers-…`.
  var modes: [AnswerMode: String]
  /// The answer signs, in the words of the prompts that teach them.
  var signs: [AnswerSign: Answer]
  /// Precedes an answer, with its colon and space.
  var judgement: String
  /// The answers as the responder judges them: the one table for cards, sheets and screens.
  var judged: [Button.Control: String]
  /// Names of the kinds of contacts.
  var kinds: [KitContact.Kind: String]
  /// By the module's name in the kit.
  var modules: [String: String]
  /// By the control's name on a board, without those of `judged`.
  var controls: [String: String]
  /// By the sequence's id.
  var sequences: [String: String]
  /// Precedes the messages of a sequence.
  var order: String

  /// The meaning of an answer sign, and how the listener makes it in each mode.
  struct Answer: Sendable {
    var meaning: String
    /// By mode.
    var ways: [AnswerMode: String]

    init(_ meaning: String, _ card: String, _ hand: String, _ tap: String, _ buttons: String) {
      self.meaning = meaning
      ways = [.card: card, .hand: hand, .tap: tap, .buttons: buttons]
    }
  }

  /// By tag.
  static let all: [String: CardWords] = [
    "en": english, "fr": french, "es": spanish, "de": german, "ar": arabic, "ru": russian, "cmn-Hans": chinese,
  ]

  /// The step that the interpreter's telephone number stands beside.
  static let interpreterStep = 2
  /// The step that the button for the language finder stands beside.
  static let languageStep = 3

  /// Returns the name of a control in two parts for the picture of its button: what precedes a colon, and what follows
  /// it; `nil` where there is no colon.
  func parts(_ control: Button.Control) -> (first: String, second: String?) {
    let name = self.control(control)
    guard let colon = name.firstIndex(where: { ":：".contains($0) }) else { return (name, nil) }
    return (String(name[..<colon]), String(name[name.index(after: colon)...].drop(while: \.isWhitespace)))
  }

  /// Returns the name of a control, short enough for its button; `above` says what it is an answer to.
  func short(_ control: Button.Control) -> (above: String?, does: String) {
    let (first, second) = parts(control)
    guard Button.control(control).isAnswer, let second else { return (nil, first) }
    return (first, second)
  }

  /// Returns the name of a module; the module's id where there is none.
  func module(_ name: String) -> String { modules[name] ?? name }

  /// Returns the name of a control button; its id in words where there is none.
  func control(_ control: Button.Control) -> String {
    judged[control].map { judgement + $0 } ?? controls[control.rawValue]
      ?? control.rawValue.split(separator: "-").joined(separator: " ")
  }
}

extension CardWords {
  static let english = CardWords(
    draft: "DRAFT: these messages are not approved. For trials and training only.",
    responder: "Responder's card", listener: "Card to point at", poster: "Languages and signs",
    sheet: "Messages to read",
    pointing: "Let the person point at their language.", choosing: "To choose it:",
    reading: "For people with hearing loss. Point at one message at a time, and wait. Not everyone can read.",
    scanning: "If the person cannot point: point to each square in turn, and wait for a sign.",
    gated: "Sensitive question: first a caution for you. Press again to ask.",
    byListener: "pressed by the listener",
    contacts: "Call", buttons: "Buttons", answers: "Answers are signs", languages: "Languages", messages: "Messages",
    does: "Do", doesNot: "Do not",
    held: "held down", digits: "two digits: a message by its number", star: "then two digits: a language by its number",
    without: "without", jurisdiction: "Depends on the country: only if it is true where you are.",
    stopNow: "at once: the sign for stop, crying, turning away, going rigid, or anything seems wrong.",
    steps: [
      "Injury, danger, children: these first.",
      "A quiet place, away from companions.",
      "Call the interpreter now.",
      "Find the language.",
      "Show each sign yourself.",
      "Play one message. Wait. Watch.",
      "Do not ask what happened.",
      "Promise nothing.",
      "No companion and no child interprets.",
      "Note what was played and answered; hand it over.",
    ],
    todo: [
      "Deal first with what cannot wait: injury, danger, children.",
      "Go to a quiet place, away from everyone who came with the person.",
      "Call the interpreter now. The messages only bridge the time.",
      "Find the language first: play the languages' names, or let the person point.",
      "Show each sign yourself while its message plays.",
      "Play one message. Then wait and watch.",
      "Press stop at once when the person makes the sign for stop, cries, turns away or goes rigid, or when anything seems wrong.",
      "Note what was played and answered, and hand it over to the interpreter.",
    ],
    notToDo: [
      "Do not ask what happened. That comes later, with an interpreter.",
      "Do not promise what you cannot keep: papers, no punishment, a time.",
      "Do not take a nod or a smile for yes.",
      "Do not let a companion, a child or a bystander interpret.",
      "Do not play anything within hearing of someone the person may fear.",
      "Do not ask why a person does not want to answer.",
      "Do not touch the person, and do not block the way to the door.",
      "Do not write down names, do not record voices, do not take pictures.",
      "Do not take stillness for no. A no is an act; stillness is no answer.",
      "Do not take “You do not have to answer” for a legal caution: it is none.",
    ],
    modes: [.card: "on the card", .hand: "by hand", .tap: "by tapping", .buttons: "by buttons"],
    signs: [
      .yes: Answer("Yes", "green square ✓", "one hand or one finger raised", "one tap", "green button"),
      .no: Answer("No", "white square ✗", "one hand laid on the leg", "two taps", "white button"),
      .notUnderstood: Answer(
        "I do not understand", "yellow square ?", "one hand behind the ear",
        "three taps", "yellow button"),
      .preferNot: Answer(
        "I do not want to answer", "black square, closed mouth", "one hand over the mouth",
        "no tap", "black button"),
      .stop: Answer("Stop", "red square STOP", "face turned away", "taps again and again", "red button"),
    ],
    judgement: "Answer was: ",
    judged: [
      .answerYes: "yes", .answerNo: "no", .answerUnclear: "does not understand",
      .answerDeclined: "does not want to answer", .answerStop: "wants it to stop", .answerNone: "kept still",
    ],
    kinds: [
      .interpreter: "Interpreter", .hotline: "Helpline", .medical: "Medical help", .police: "Police",
      .shelter: "Shelter", .child: "Children and youth", .legal: "Legal advice", .other: "Others",
    ],
    modules: [
      "language": "Language", "answering": "How to answer", "opening": "Opening", "needs": "Needs", "safety": "Safety",
      "preference": "Wishes", "child": "For children", "information": "Information",
      "understanding": "Understanding", "closing": "Closing",
    ],
    controls: [
      "stop": "Stop", "repeat": "Repeat", "next-language": "Next language", "previous-language": "Previous language",
      "louder": "Louder", "quieter": "Quieter", "quiet": "Quiet mode on or off", "answer-mode": "Another way to answer",
      "mark-wrong": "Mark the last message as wrong",
      "trust-stick": "Trust the key on the stick",
      "journal-to-stick": "Journal to the stick", "power-off": "Switch off",
      "finder": "Language finder: each language names itself", "next": "Next", "previous": "Back",
      "children": "Messages for children, or for adults", "voice": "Another voice", "status": "Device status",
    ],
    sequences: ["first-contact": "First contact", "first-contact-child": "First contact with a child"],
    order: "in this order")
}
