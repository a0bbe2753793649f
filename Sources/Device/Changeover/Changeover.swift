/// Decides which kit a device plays, and when it changes to another one.
///
/// It is pure: a search for kits reports its findings with `take(_:)`, and the loop asks with `step(isIdle:)` what to do.
/// The last finding decides. A kit that was found waits until the console is idle; if a later search does not find it
/// any more, it is never played. A kit that was taken back is silenced at once, and the change does not wait for the end
/// of a sequence.
public struct Changeover<Kit: InterchangeableKit>: Sendable {
  /// The result of a search for the kit to play.
  public enum Finding: Sendable {
    /// This kit is to be played. `current` says whether the kit that is played may still be.
    case offered(Kit, current: Verdict)
    /// No kit may be played that the search knows. `current` says whether the kit that is played may still be.
    case refused(current: Verdict)
    /// The search could not read what it needs; nothing is known.
    case unread
  }

  /// Whether a kit may be played.
  public enum Verdict: Sendable {
    /// It may.
    case permitted
    /// It may not: recalled, or not trusted any more.
    case withdrawn
  }

  /// What the finding means, for messages.
  public enum Outcome: Equatable, Sendable {
    /// The kit that is played stays as it is.
    case unchanged
    /// The same kit is read from another file from now on.
    case repaired
    /// Another kit, or the same with other recalls, follows as soon as the console is idle.
    case waits
    /// The kit that is played was taken back, and is silenced.
    case withdrawn
  }

  /// What the loop must do.
  public enum Step: Equatable, Sendable {
    /// Nothing.
    case stay
    /// Stop what is played or under way; ask again afterwards.
    case interrupt
    /// `current` is another kit now; the console begins anew with it.
    case change
  }

  /// The kit that clips are read from.
  public private(set) var current: Kit
  /// The kit that follows.
  public private(set) var next: Kit?
  /// The kit that the console was made for.
  private var shown: Kit
  /// Whether the change does not wait for an idle console.
  private var isUrgent = false

  /// Creates the state of a device that plays a kit.
  public init(_ kit: Kit) { (current, shown) = (kit, kit) }

  /// Takes the result of a search.
  public mutating func take(_ finding: Finding) -> Outcome {
    switch finding {
    case .unread: return .unchanged
    case .refused(current: .permitted):
      next = nil
      return .unchanged
    case .refused(current: .withdrawn): return follow(current.withheld, after: .withdrawn)
    case .offered(let kit, let verdict): return follow(kit, after: verdict)
    }
  }

  private mutating func follow(_ kit: Kit, after verdict: Verdict) -> Outcome {
    let isRepaired = kit.identity == current.identity && kit.file != current.file
    // A recalled clip is not played once more, whatever is under way; a repaired file is read from the next clip on.
    if kit.identity == current.identity { current = kit }
    isUrgent = verdict == .withdrawn
    if isUrgent { current = current.withheld }
    next = kit.plays(theSameAs: shown) ? nil : kit
    if isUrgent { return .withdrawn }
    return next != nil ? .waits : isRepaired ? .repaired : .unchanged
  }

  /// Returns what to do now, and changes to the kit that waits if it is time.
  ///
  /// - Parameter isIdle: whether nothing is played and nothing is under way.
  public mutating func step(isIdle: Bool) -> Step {
    guard let kit = next else { return .stay }
    if !isIdle { return isUrgent ? .interrupt : .stay }
    (current, shown, next, isUrgent) = (kit, kit, nil, false)
    return .change
  }
}
