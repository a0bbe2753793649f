import Journal

/// What the listener did not hear, over all sessions of a sheet: the interpreter should say it first.
struct HandoverGaps: Equatable {
  /// One gap.
  enum Gap: Hashable {
    /// A message that was requested was not available, and was not said.
    case notAvailable(prompt: String)
    /// A message was said in this language, and not in the one that was requested.
    case otherLanguage(prompt: String, language: String)
    /// A message was not played to its end, nor repeated to its end.
    case brokenOff(prompt: String)
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
        add(.notAvailable(prompt: prompt))
      }
    }
    let completed = Set(acts.filter { $0.outcome == .completed }.map { [$0.prompt, $0.language] })
    for act in acts where act.kind == .played && !act.isOfSearch && act.outcome != .completed {
      guard let prompt = act.prompt, HandoverAccount.audience(of: act, kit) == .listener else { continue }
      if !completed.contains([prompt, act.language]) { add(.brokenOff(prompt: prompt)) }
    }
  }

  private mutating func add(_ gap: Gap) { if known.insert(gap).inserted { gaps.append(gap) } }
}
