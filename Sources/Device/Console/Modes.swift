import Journal
import Kit

// Modes that the responder sets: for children, the answer mode, the voice, the volume.

extension Console {
  /// Switches between the messages for children and those for adults.
  mutating func toggleChildren() -> [Effect] {
    guard repertoire.prompts.contains(where: { $0.audience == .child }) else {
      return leave() + signal(.notAvailable, prompt: nil, because: .children)
    }
    let left = leave()
    activity = nil
    run = nil
    isChildren.toggle()
    return left + [.journal(.children(isChildren))] + announce(.done, as: isChildren ? .children : .adults)
  }

  /// Changes to the next answer mode of the kit.
  mutating func changeMode() -> [Effect] {
    let left = leave()
    let modes = repertoire.modes
    guard modes.count > 1, let place = modes.firstIndex(of: mode) else {
      return left + signal(.notAvailable, prompt: nil, because: .answerMode)
    }
    mode = modes[(place + 1) % modes.count]
    return left + [.journal(.answerMode(mode))] + announce(.done, as: mode.announcement)
  }

  /// Returns to the kit's default answer mode, for another person.
  mutating func resetMode() -> [Effect] {
    if mode == repertoire.modes[0] { return [] }
    mode = repertoire.modes[0]
    return [.journal(.answerMode(mode))]
  }

  /// Chooses the next voice of the language.
  mutating func toggleVoice() -> [Effect] {
    let left = leave()
    guard let current else { return left + signal(.noLanguage, prompt: nil) }
    let voices = repertoire.languages[current].voices.map(\.name)
    guard voices.count > 1, let speaker, let index = voices.firstIndex(of: speaker) else {
      return left + signal(.notAvailable, prompt: nil, because: .voice)
    }
    let name = voices[(index + 1) % voices.count]
    preferredVoice = name
    return left + [.journal(.voice(name, language: repertoire.languages[current].tag))]
      + announce(.done, as: .otherVoice)
  }

  /// Turns the volume. The change is announced only if nothing is said to the listener.
  mutating func turn(_ turn: VolumeKnob.Turn) -> [Effect] {
    switch turn {
    case .louder: isQuiet = false
    case .quieter: break
    case .quiet: isQuiet.toggle()
    }
    if !speech.isSilent || isUnderWay || questions.isWaiting { return [.turn(turn)] }
    let words: Announcement =
      switch turn {
      case .louder: .louder
      case .quieter: .quieter
      case .quiet: isQuiet ? .quietOn : .quietOff
      }
    return [.turn(turn)] + speech.say(announcements(words))
  }

  /// Announces the kit, the language and the modes.
  mutating func announceStatus() -> [Effect] {
    var words = announcements(repertoire.isDraft ? .draftKit : .ready)
    words += language.map { name(of: $0) ?? [] } ?? announcements(.chooseLanguage)
    if case .sequence = activity { words += announcements(.firstContact) }
    if isChildren { words += announcements(.children) }
    if repertoire.modes.count > 1 { words += announcements(mode.announcement) }
    return words.isEmpty ? signal(.notAvailable, prompt: nil, because: .operatorVoice) : speech.say(words)
  }
}

extension AnswerMode {
  /// The operator's line that announces the mode.
  fileprivate var announcement: Announcement {
    switch self {
    case .card: .answersCard
    case .hand: .answersHand
    case .tap: .answersTap
    case .buttons: .answersButtons
    }
  }
}
