import Board
import Kit

/// What the cards say around a kit's own words, in one operator's language.
///
/// Like every wording that comes with this program, those that are not English are a machine's draft.
struct CardWords: Sendable {
  var draft: String
  /// Where these words, and the kit's titles and cautions in this language, are a machine's; `nil` for English.
  var unreviewed: String?

  // Titles of the four cards.
  var responder: String
  var listener: String
  var poster: String
  var sheet: String

  /// On the card and poster to point at, for who holds it.
  var pointing: String
  /// On the sheets to read.
  var reading: String

  // Headings.
  var contacts: String
  var buttons: String
  var answers: String
  var languages: String
  var messages: String
  var does: String
  var doesNot: String

  /// Before what a long press does.
  var held: String
  /// Of a number pad.
  var digits: String
  var star: String
  /// Before the numbers of messages that a language lacks.
  var without: String
  /// After a §.
  var jurisdiction: String

  var todo: [String]
  var notToDo: [String]
  var gestures: [Gesture: Answer]
  var kinds: [KitContact.Kind: String]
  /// By the module's name in the kit.
  var modules: [String: String]
  /// By the control's name on a board.
  var controls: [String: String]
  /// By the sequence's id.
  var sequences: [String: String]
  /// Before the messages of a sequence.
  var order: String

  /// What a gesture answers, and how it is made.
  struct Answer: Sendable {
    var meaning: String
    var sign: String

    init(_ meaning: String, _ sign: String) {
      self.meaning = meaning
      self.sign = sign
    }
  }

  /// By tag.
  static let all: [String: CardWords] = [
    "en": english, "fr": french, "es": spanish, "de": german, "ar": arabic, "ru": russian, "cmn-Hans": chinese,
  ]

  func module(_ name: String) -> String { modules[name] ?? name }

  func control(_ control: Button.Control) -> String {
    controls[control.rawValue] ?? control.rawValue.split(separator: "-").joined(separator: " ")
  }
}

extension CardWords {
  static let english = CardWords(
    draft: "DRAFT: nobody has approved these words. For trials and training only.",
    responder: "Responder's card", listener: "Card to point at", poster: "Languages and signs",
    sheet: "Messages to read",
    pointing: "Let the person point at their language. The number is the language's: * and its two digits.",
    reading: "For people who hear badly. Point at one message at a time, and wait. Not everybody can read.",
    contacts: "Call", buttons: "Buttons", answers: "Answers are signs", languages: "Languages", messages: "Messages",
    does: "Do", doesNot: "Do not",
    held: "held down", digits: "two digits: a message by its number", star: "then two digits: a language by its number",
    without: "without", jurisdiction: "Depends on the country: only if it is true where you are.",
    todo: [
      "See first to what cannot wait: injury, danger, children.",
      "Go to a quiet place, away from everybody who came with the person.",
      "Call the interpreter now. The messages only bridge the time.",
      "Find the language first: let it say its name, or let the person point.",
      "Show each sign yourself while its message plays.",
      "Play one message. Then wait and watch.",
      "Press stop at once when both open hands are held out, or when anything seems wrong.",
      "Note what was played and answered, and hand it over to the interpreter.",
    ],
    notToDo: [
      "Do not ask what happened. That comes later, with an interpreter.",
      "Do not promise what you cannot keep: papers, no punishment, a time.",
      "Do not take a nod or a smile for yes.",
      "Do not let a companion, a child or a bystander interpret.",
      "Do not play anything that somebody whom the person may fear could hear.",
      "Do not ask why somebody does not want to answer.",
      "Do not touch the person, and do not stand in the way to the door.",
      "Do not write down names, do not record voices, do not take pictures.",
    ],
    gestures: [
      .yes: Answer("Yes", "one hand raised"), .no: Answer("No", "both hands down"),
      .notUnderstood: Answer("I do not understand", "hands over the ears"),
      .preferNot: Answer("I do not want to answer", "arms crossed over the chest"),
      .stop: Answer("Stop", "open hands held out"),
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
      "louder": "Louder", "quieter": "Quieter", "quiet": "Quiet mode on or off", "answer-yes": "Answer was: yes",
      "answer-no": "Answer was: no", "answer-unclear": "Answer was: not understood",
      "answer-declined": "Answer was: does not want to answer", "answer-stop": "Answer was: stop",
      "finder": "Language finder: each language names itself", "next": "Next", "previous": "Back",
      "children": "Messages for children, or for adults", "voice": "Another voice", "status": "How the device stands",
    ],
    sequences: ["first-contact": "First contact", "first-contact-child": "First contact with a child"],
    order: "in this order")
}
