import Journal

/// What the listener did not hear, over all sessions of a sheet: the interpreter should say it first.
struct HandoverGaps: Equatable {
  /// One gap.
  enum Gap: Hashable {
    /// A message that was requested was not available, and was not said.
    case notAvailable(prompt: String)
    /// A message was said in this language, and not in the one that was requested.
    case otherLanguage(prompt: String, language: String)
    /// A question was not available, because nothing explains how to answer it.
    case noFormula(prompt: String)
    /// The responder marked a message as wrong for the listener.
    case markedWrong(prompt: String, language: String)
    /// A message was not played to its end, nor repeated to its end.
    case brokenOff(prompt: String)
    /// A message was played to its end, but the sound card lost a part of it; it was not repeated whole.
    case partLost(prompt: String)
  }

  /// The gaps, each once.
  private(set) var gaps: [Gap] = []
  private var known: Set<Gap> = []

  /// Finds the gaps of sessions.
  init(_ sessions: [JournalSession], kit: HandoverKit?) {
    let acts = sessions.flatMap(\.acts)
    for act in acts {
      guard let prompt = act.prompt else { continue }
      if let language = act.language, act.insteadOf != nil {
        add(.otherLanguage(prompt: prompt, language: language))
      } else if act.kind == .signalled, act.detail == OperatorSignal.notAvailable.rawValue {
        add(act.reason == .formula ? .noFormula(prompt: prompt) : .notAvailable(prompt: prompt))
      } else if act.kind == .markedWrong, let language = act.language {
        add(.markedWrong(prompt: prompt, language: language))
      }
    }
    func isWhole(_ act: JournalAct) -> Bool { act.outcome == .completed && !act.isImpaired }
    let whole = Set(acts.filter(isWhole).map { [$0.prompt, $0.language] })
    for act in acts where act.kind == .played && !act.isOfSearch && !isWhole(act) {
      guard let prompt = act.prompt, HandoverAccount.audience(of: act, kit) == .listener else { continue }
      if whole.contains([prompt, act.language]) { continue }
      add(act.outcome == .completed ? .partLost(prompt: prompt) : .brokenOff(prompt: prompt))
    }
  }

  private mutating func add(_ gap: Gap) { if known.insert(gap).inserted { gaps.append(gap) } }
}
