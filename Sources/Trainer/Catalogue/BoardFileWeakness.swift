import Board
import Kit

extension Board {
  /// Something that a valid board lacks, or that is probably wrong with it.
  public enum Weakness: Equatable, Sendable {
    /// A button starts the finder, and none says that a hand was raised.
    case finderWithoutAnswer
    /// No button chooses a language.
    case noLanguageChoice
    /// Some digits have a key and these have none.
    case missingDigits([Int])
    /// All digits have a key and the star has none, so that no language can be dialled.
    case noStar
    /// The star has a key and no digit has one.
    case starWithoutDigits
    /// Buttons take answers, and none records that the listener kept still.
    case noStillness
    /// The listener has buttons of their own, and these answers have none.
    case listenerLacks([Button.Control])
    /// The kit offers answers by buttons, and the listener has none of their own.
    case noListenerButtons
    /// The kit offers several answer modes, and no button changes between them. The kit's default.
    case noModeChange(AnswerMode)
    /// The pull of a line, by its index, gives the level that counts as pressed.
    case pullAgainstActive(line: Int)
  }

  /// All meanings of the buttons in a person's reach.
  private func buttons(of person: Person) -> Set<Button> {
    let own = lines.buttons.filter { ($0.by ?? .responder) == person }.flatMap { [$0.button, $0.hold, $0.withStop] }
    let keys = inputs.flatMap(\.keys).filter { ($0.by ?? .responder) == person }
    return Set((own + keys.flatMap { [$0.button, $0.hold, $0.withStop] }).compactMap { $0 })
  }

  /// Returns what of a kit's answer modes cannot be used on the board, in a fixed order.
  ///
  /// - Parameter modes: the modes that the kit offers; the first is its default.
  public func weaknesses(withAnswers modes: [AnswerMode]) -> [Weakness] {
    var found: [Weakness] = []
    let own = buttons(of: .listener)
    if modes.contains(.buttons), own.isDisjoint(with: [.control(.answerYes), .control(.answerNo)]) {
      found.append(.noListenerButtons)
    }
    if modes.count > 1, let first = modes.first, !buttons(of: .responder).contains(.control(.answerMode)) {
      found.append(.noModeChange(first))
    }
    return found
  }

  /// The answers that a listener with buttons of their own needs.
  private static let listenerAnswers = Button.Control.allCases.filter { Button.control($0).isForListener }

  /// The weaknesses of the board, in a fixed order.
  public var weaknesses: [Weakness] {
    let ofListener = buttons(of: .listener)
    let ofResponder = buttons(of: .responder)
    let buttons = ofResponder.union(ofListener)
    let missing = (0...9).filter { !buttons.contains(.digit($0)) }
    let (hasStar, hasAnswer) = (buttons.contains(.star), buttons.contains(.control(.answerYes)))
    let hasFinder = buttons.contains(.control(.finder))
    var found: [Weakness] = []
    if hasFinder && !hasAnswer { found.append(.finderWithoutAnswer) }
    if missing.count == 10 {
      if hasStar { found.append(.starWithoutDigits) }
    } else if !missing.isEmpty {
      found.append(.missingDigits(missing))
    } else if !hasStar {
      found.append(.noStar)
    }
    let steps: Set<Button> = [.control(.nextLanguage), .control(.previousLanguage)]
    let isDialled = hasStar && missing.count < 10
    if buttons.isDisjoint(with: steps) && !isDialled && !(hasFinder && hasAnswer) { found.append(.noLanguageChoice) }
    if ofResponder.contains(where: \.isAnswer), !ofResponder.contains(.control(.answerNone)) {
      found.append(.noStillness)
    }
    let lacking = Self.listenerAnswers.filter { !ofListener.contains(.control($0)) }
    if !ofListener.isEmpty, !lacking.isEmpty { found.append(.listenerLacks(lacking)) }
    for (index, line) in lines.buttons.enumerated() {
      if line.bias == .up && line.active == .high || line.bias == .down && line.active == .low {
        found.append(.pullAgainstActive(line: index))
      }
    }
    return found
  }
}

extension Board.Weakness {
  /// What the board cannot do.
  public var message: String {
    switch self {
    case .finderWithoutAnswer: "the finder cannot be answered: no button is 'answer-yes'"
    case .noLanguageChoice: "no language can be chosen, so that no message can be played"
    case .missingDigits(let digits):
      "the digits \(digits.map(String.init).joined(separator: ", ")) have no key: numbers with them cannot be dialled"
    case .noStar: "no key is '*': no language can be dialled by its number"
    case .starWithoutDigits: "the key '*' has no effect without digits"
    case .noStillness: "no button is 'answer-none': a listener who keeps still cannot be recorded"
    case .listenerLacks(let answers):
      "the listener has buttons of their own, but none for \(answers.map(\.rawValue).joined(separator: ", "))"
    case .noListenerButtons: "the kit offers answers by 'buttons', but no button of this board is the listener's own"
    case .noModeChange(let mode):
      "the kit offers several answer modes, but no button changes between them: only '\(mode.rawValue)' can be used"
    case .pullAgainstActive: "the pull and 'active' disagree: the button counts as pressed while nobody presses it"
    }
  }

  /// What to do about it.
  public var remedy: String {
    switch self {
    case .finderWithoutAnswer:
      "give one line or key the button 'answer-yes', which chooses the language for a raised hand"
    case .noLanguageChoice: "add a button 'next-language', or 'finder' with 'answer-yes', or '*' and ten digits"
    case .missingDigits: "add them, or remove the other digits"
    case .noStar: "add a key with the button \"*\""
    case .starWithoutDigits: "add the buttons \"0\" to \"9\", or remove it"
    case .noStillness: "add a button 'answer-none' for the responder: stillness is no 'no'"
    case .listenerLacks: "add them with 'by: listener': the formula of the mode 'buttons' names all five"
    case .noListenerButtons:
      "add answer-yes, answer-no, answer-unclear, answer-declined and answer-stop with 'by: listener', or offer "
        + "other modes in kit.yaml"
    case .noModeChange: "add a button 'answer-mode', or offer one mode in kit.yaml"
    case .pullAgainstActive:
      "a button to ground needs 'bias: up' and 'active: low'; one to the supply 'bias: down' and 'active: high'"
    }
  }

  /// Returns the line in the file that the weakness concerns; nil where it concerns the whole file.
  ///
  /// - Parameter root: the file, which is a valid board.
  func line(in root: Field) -> Int? {
    func value(_ key: String, of field: Field?) -> Field? { field?.entries()?.first { $0.key == key }?.value }
    let lines = value("buttons", of: value("lines", of: root))?.list(0...1000) ?? []
    let keys = value("inputs", of: root)?.list(0...1000)?.flatMap { value("keys", of: $0)?.list(0...1000) ?? [] } ?? []
    /// Returns the first button, pressed or held, with a name that fits.
    func first(_ fits: (String) -> Bool) -> Int? {
      (lines + keys).first { field in
        ["button", "hold", "with-stop"].contains { value($0, of: field)?.scalarText.map(fits) ?? false }
      }?.line
    }
    switch self {
    case .finderWithoutAnswer: return first { $0 == Button.Control.finder.rawValue }
    case .noLanguageChoice, .noListenerButtons, .noModeChange: return nil
    case .noStillness: return first { $0 == Button.Control.answerYes.rawValue }
    case .listenerLacks:
      return (lines + keys).first { value("by", of: $0)?.scalarText == Board.Person.listener.rawValue }?.line
    case .missingDigits, .noStar: return first { $0.count == 1 && $0 != "*" }
    case .starWithoutDigits: return first { $0 == "*" }
    case .pullAgainstActive(let index): return lines.indices.contains(index) ? lines[index].line : nil
    }
  }
}
