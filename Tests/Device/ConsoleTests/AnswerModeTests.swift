import Board
import Console
import Journal
import Kit
import Posix
import Testing

/// A kit with two answer modes, child forms, formulas and a gated prompt.
private enum Modes {
  static let prompts = [
    Repertoire.Prompt(id: "language-name", number: 1, module: "language"),
    Repertoire.Prompt(id: "raise-hand", number: 2, module: "language", isQuestion: true, namesSigns: true),
    Repertoire.Prompt(id: "safe-here", number: 3, module: "opening"),
    Repertoire.Prompt(id: "need-doctor", number: 13, module: "needs", isQuestion: true, needsFormula: true),
    Repertoire.Prompt(
      id: "pregnant", number: 17, module: "needs", audience: .adult, isQuestion: true, needsFormula: true,
      gate: "device-caution-pregnant"),
    Repertoire.Prompt(id: "need-drink", number: 19, module: "needs", isQuestion: true, needsFormula: true),
    Repertoire.Prompt(id: "child-stay", number: 34, module: "child", audience: .child),
  ]
  static let items: Set = [
    "language-name", "raise-hand", "raise-hand.hand", "raise-hand.hand-child", "safe-here", "safe-here.child",
    "need-doctor", "need-doctor.child", "pregnant", "need-drink", "child-stay", "answer-card", "answer-card-child",
    "answer-hand",
  ]

  static func kit(without missing: Set<String> = [], lines: Set<String> = lines) -> Repertoire {
    Repertoire(
      languages: [
        Repertoire.Language(
          tag: "ro", number: 29, voices: [Repertoire.Voice(name: "f1", prompts: items.subtracting(missing))])
      ], prompts: prompts,
      sequences: [
        KitSequence(
          id: "first-contact-child", title: "Child",
          steps: [.init(prompt: "safe-here", pause: 10), .init(prompt: "need-doctor", pause: 10)])
      ],
      operatorVoice: Repertoire.Language(
        tag: "en", number: 0, voices: [Repertoire.Voice(name: "m1", prompts: lines)]), modes: [.card, .hand])
  }

  static let lines: Set = [
    "device-answers-card", "device-answers-hand", "device-caution-pregnant", "device-not-available",
    "device-marked-wrong", "device-children", "device-adults", "device-finder", "name-ro",
  ]
}

extension [Console.Effect] {
  /// The items that are played: `ro need-doctor.child answer-card-child`.
  fileprivate var items: [String] {
    compactMap { effect in
      guard case .play(let message, _) = effect else { return nil }
      let parts = [message.language, KitLayout.item(message.prompt, message.form), message.formula]
      return parts.compactMap { $0 }.joined(separator: " ")
    }
  }
}

@Suite("Answer modes, formulas and gates")
struct AnswerModeTests {
  /// A desk at which the kit's only language is chosen and has said its name.
  private func desk(_ repertoire: Repertoire = Modes.kit()) -> Desk {
    var desk = Desk(repertoire)
    _ = desk.press("next-language")
    _ = desk.finishAll()
    return desk
  }

  @Test("a question is one message with the formula of the mode that is on, in the same voice")
  func formula() {
    var desk = desk()
    #expect(desk.press("need-doctor").items == ["ro need-doctor answer-card"])
    _ = desk.finishAll()
    let change = desk.press("answer-mode")
    #expect(change.items == ["en device-answers-hand"])
    #expect(change.journal == [.answerMode(.hand)])
    #expect(desk.console.answerMode == .hand)
    _ = desk.finishAll()
    #expect(desk.press("need-doctor").items == ["ro need-doctor answer-hand"])
    _ = desk.finishAll()
    #expect(desk.press("answer-mode").items == ["en device-answers-card"])
    _ = desk.finishAll()
    #expect(desk.press("safe-here").items == ["ro safe-here"])
  }

  @Test("the journal names the form and the formula of a message")
  func journalled() {
    var desk = desk()
    _ = desk.press("answer-mode")
    _ = desk.finishAll()
    _ = desk.press("raise-hand")
    _ = desk.finishAll()
    _ = desk.press("need-drink")
    _ = desk.finish(.stopped)
    let messages = desk.journal.compactMap { event -> JournalMessage? in
      if case .ended(let message, _, _, _) = event, message.audience == .listener { message } else { nil }
    }
    #expect(messages.map(\.prompt) == ["language-name", "raise-hand", "need-drink"])
    #expect(messages.map(\.form) == [nil, "hand", nil])
    #expect(messages.map(\.formula) == [nil, nil, "answer-hand"])
  }

  @Test("a question without its formula is unavailable, and so is a sign of another mode")
  func unavailable() {
    var desk = desk(Modes.kit(without: ["answer-hand", "raise-hand.hand"]))
    _ = desk.press("answer-mode")
    _ = desk.finishAll()
    let reasons: [(String, UnavailableReason)] = [("need-doctor", .formula), ("raise-hand", .recording)]
    for (button, reason) in reasons {
      let effects = desk.press(button)
      #expect(effects.items == ["en device-not-available"])
      #expect(effects.journal == [.signal(.notAvailable, language: "ro", prompt: button, reason: reason)])
      _ = desk.finishAll()
    }
    #expect(desk.press("safe-here").items == ["ro safe-here"])
  }

  @Test("a child hears the child's form, and the adult's where there is none")
  func children() {
    var desk = desk()
    _ = desk.press("children")
    _ = desk.finishAll()
    #expect(desk.press("safe-here").items == ["ro safe-here.child"])
    _ = desk.finishAll()
    #expect(desk.press("need-doctor").items == ["ro need-doctor.child answer-card-child"])
    _ = desk.finishAll()
    #expect(desk.press("need-drink").items == ["ro need-drink answer-card-child"])
    _ = desk.finishAll()
    _ = desk.press("answer-mode")
    _ = desk.finishAll()
    #expect(desk.press("raise-hand").items == ["ro raise-hand.hand-child"])
    _ = desk.finishAll()
    #expect(desk.press("need-drink").items == ["ro need-drink answer-hand"])
  }

  @Test("a question and its formula have one voice: a voice without the formula does not have the question")
  func oneVoice() {
    let whole = Modes.items
    let kit = Repertoire(
      languages: [
        Repertoire.Language(
          tag: "ro", number: 29,
          voices: [
            Repertoire.Voice(name: "f1", prompts: whole.subtracting(["answer-card"])),
            Repertoire.Voice(name: "m1", prompts: whole),
          ])
      ], prompts: Modes.prompts)
    var desk = desk(kit)
    let effects = desk.press("need-doctor")
    guard case .play(let message, _) = effects.last else {
      Issue.record("\(effects)")
      return
    }
    #expect(message.voice == "m1" && message.formula == "answer-card")
  }

  @Test("a formula that is found to be damaged makes its questions unavailable before they are requested")
  func withdrawn() {
    var desk = desk()
    desk.console.withdraw("answer-hand", in: "ro", voice: "f1")
    #expect(desk.press("need-doctor").items == ["ro need-doctor answer-card"], "in another mode")
    _ = desk.finishAll()
    _ = desk.press("answer-mode")
    _ = desk.finishAll()
    let refused = desk.press("need-doctor")
    #expect(refused.journal == [.signal(.notAvailable, language: "ro", prompt: "need-doctor", reason: .formula)])
    #expect(refused.items == ["en device-not-available"])
    _ = desk.finishAll()
    #expect(desk.console.language == "ro")
    desk.console.restore(Modes.kit())
    #expect(desk.press("need-doctor").items == ["ro need-doctor answer-hand"])
  }

  @Test("a sequence for children speaks in their forms, and so does its repetition; another message does not")
  func childSequence() {
    var desk = desk()
    #expect(desk.press("first-contact-child").items == ["ro safe-here.child"])
    _ = desk.finish()
    #expect(desk.wait().items == ["ro need-doctor.child answer-card-child"])
    _ = desk.press("stop")
    #expect(desk.press("repeat").items == ["ro need-doctor.child answer-card-child"])
    _ = desk.finishAll()
    #expect(desk.press("safe-here").items == ["ro safe-here"])
    _ = desk.finishAll()
    #expect(desk.press("repeat").items == ["ro safe-here"])
  }

  @Test("in each mode an answer before the formula's end counts for nothing, and after it for the question")
  func afterFormula() {
    for (changes, formula) in [(0, "answer-card"), (1, "answer-hand")] {
      var desk = desk()
      for _ in 0..<changes {
        _ = desk.press("answer-mode")
        _ = desk.finishAll()
      }
      #expect(desk.press("need-doctor").items == ["ro need-doctor \(formula)"])
      for (button, answer) in Self.answers {
        #expect(desk.press(button).journal == [.early(answer, language: "ro", prompt: "need-doctor")], "\(formula)")
      }
      _ = desk.finish()
      #expect(desk.console.indication == .waiting)
      for (button, answer) in Self.answers {
        #expect(
          desk.press(button).journal == [.answer(answer, language: "ro", prompt: "need-doctor", about: nil)],
          "\(formula)")
      }
    }
  }

  private static let answers: [(String, ListenerAnswer)] = [
    ("answer-yes", .yes), ("answer-no", .no), ("answer-declined", .declined), ("answer-none", .still),
  ]

  @Test("a listener's press before the formula's end is theirs, and early; in the finder it chooses the language")
  func listenerEarly() {
    var desk = desk()
    _ = desk.press("need-doctor")
    func pressed(_ button: String) -> [JournalEvent] {
      desk.console.handle(.pressed(Button(button), at: desk.time, by: .listener)).journal
    }
    #expect(
      pressed("answer-yes") == [.early(.yes, language: "ro", prompt: "need-doctor", by: .listener)])
    _ = desk.finishAll()
    _ = desk.press("finder")
    _ = desk.finishAll()
    #expect(
      pressed("answer-yes") == [
        .answer(.yes, language: "ro", prompt: "raise-hand", about: nil, by: .listener), .found("ro", by: .listener),
        .language("ro"),
      ])
  }

  @Test("the mode is the kit's default again for another person", arguments: ["finder", "safe-here"])
  func another(button: String) {
    var desk = desk()
    _ = desk.press("answer-mode")
    _ = desk.finishAll()
    // The finder is for another person at once; otherwise ten minutes without a press mean one.
    if button != "finder" { desk.pass(seconds: 700) }
    #expect(desk.press(button).journal.contains(.answerMode(.card)))
    #expect(desk.console.answerMode == .card)
  }

  @Test("a kit with one mode has no other to change to")
  func single() {
    var desk = Desk(Repertoire.speaking)
    #expect(
      desk.press("answer-mode").journal == [.signal(.notAvailable, language: nil, prompt: nil, reason: .answerMode)])
  }

  @Test("stillness is an answer of its own, and no no")
  func stillness() {
    var desk = desk()
    _ = desk.press("need-doctor")
    _ = desk.finishAll()
    #expect(
      desk.press("answer-none").journal == [.answer(.still, language: "ro", prompt: "need-doctor", about: nil)])
  }

  @Test("stepping never reaches a gated prompt, and goes on after it")
  func steps() {
    var desk = desk()
    _ = desk.press("need-doctor")
    _ = desk.finishAll()
    #expect(desk.press("next").items == ["ro need-drink answer-card"])
    _ = desk.finishAll()
    #expect(desk.press("previous").items == ["ro need-doctor answer-card"])
    _ = desk.finishAll()
    #expect(desk.press("needs").items == ["ro need-drink answer-card"])
    _ = desk.finishAll()
    #expect(desk.press("needs").items == ["ro need-doctor answer-card"])
    _ = desk.finishAll()
    _ = desk.press("pregnant")
    _ = desk.finishAll()
    _ = desk.press("pregnant")
    _ = desk.finishAll()
    #expect(desk.press("next").items == ["ro need-drink answer-card"])
  }

  @Test("the first press of a gated prompt speaks its caution, and a second one plays it")
  func gate() {
    var desk = desk()
    let first = desk.press("pregnant")
    #expect(first.items == ["en device-caution-pregnant"])
    #expect(first.journal == [.signal(.caution, language: "ro", prompt: "pregnant")])
    #expect(desk.press("pregnant", after: 100).items == [])
    #expect(desk.press("pregnant").items == ["ro pregnant answer-card"])
    _ = desk.finishAll()
    #expect(desk.press("repeat").items == ["ro pregnant answer-card"])
    _ = desk.finishAll()
    #expect(desk.press("pregnant").items == ["en device-caution-pregnant"])
    _ = desk.finishAll()
    // By its number.
    _ = desk.press("1")
    #expect(desk.press("7").items == ["ro pregnant answer-card"])
  }

  @Test("a caution is for one request: after another press or a while it is spoken again")
  func gateCloses() {
    for button in ["stop", "safe-here", "needs"] {
      var desk = desk()
      _ = desk.press("pregnant")
      _ = desk.finishAll()
      _ = desk.press(button)
      _ = desk.finishAll()
      #expect(desk.press("pregnant").items == ["en device-caution-pregnant"], "\(button)")
    }
    var desk = desk()
    _ = desk.press("pregnant")
    _ = desk.finishAll()
    desk.pass(seconds: 40)
    #expect(desk.press("pregnant").items == ["en device-caution-pregnant"])
  }

  @Test("without an operator's voice a tone says that a gated prompt was not played")
  func gateTone() {
    var desk = desk(Modes.kit(lines: ["name-ro"]))
    let first = desk.press("pregnant")
    #expect(first.items == [] && first.signals == [.notAvailable])
    #expect(desk.press("pregnant").items == ["ro pregnant answer-card"])
  }

  @Test("the last message can be marked as wrong, and nothing is cut off for that")
  func marks() {
    var mute = Desk(Modes.kit())
    #expect(
      mute.press("mark-wrong").journal == [.signal(.notAvailable, language: nil, prompt: nil, reason: .nothingSaid)])
    var desk = desk()
    _ = desk.press("need-doctor")
    let during = desk.press("mark-wrong")
    let message = JournalMessage(
      language: "ro", prompt: "need-doctor", formula: "answer-card", voice: "f1", audience: .listener)
    #expect(during == [.journal(.markedWrong(message))])
    _ = desk.finishAll()
    let after = desk.press("mark-wrong")
    #expect(after.journal == [.markedWrong(message)])
    #expect(after.items == ["en device-marked-wrong"])
  }

  @Test("a listener's button answers, says in the journal that the listener pressed, and never navigates")
  func listener() {
    var desk = desk()
    _ = desk.press("need-doctor")
    _ = desk.finishAll()
    for button in ["next", "finder", "safe-here", "stop", "answer-mode", "answer-none"] {
      #expect(desk.console.handle(.pressed(Button(button), at: desk.time, by: .listener)) == [], "\(button)")
    }
    #expect(
      desk.console.handle(.pressed(Button("answer-no"), at: desk.time, by: .listener)).journal
        == [.answer(.no, language: "ro", prompt: "need-doctor", about: nil, by: .listener)])
    #expect(
      desk.press("answer-yes").journal == [.answer(.yes, language: "ro", prompt: "need-doctor", about: nil)])
  }
}
