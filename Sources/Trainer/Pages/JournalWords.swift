import Journal
import Kit

/// The words in which people read a journal: `firstword journal show`, and the studio.
public struct JournalWords: Sendable {
  /// A part of a line.
  public struct Part: Equatable, Sendable {
    /// The words.
    public let text: String
    /// Whether they report that the listener did not hear all of a message.
    public let isBad: Bool

    init(_ text: String, isBad: Bool = false) {
      self.text = text
      self.isBad = isBad
    }
  }

  /// Local times.
  public let times: HandoverTimes
  private let kit: HandoverKit?

  /// Creates the words.
  ///
  /// - Parameters:
  ///   - times: local times.
  ///   - kit: gives languages and messages their names; nil if it is not available.
  public init(times: HandoverTimes, kit: HandoverKit?) {
    self.times = times
    self.kit = kit
  }

  /// Returns the heading of a session.
  public func title(of session: JournalSession) -> String {
    let kit = session.kit?.split(separator: " ").prefix(2).joined(separator: " ") ?? "kit unknown"
    return "Session \(session.number): \(times.day(session.start)) \(times.clock(session.start)) to "
      + "\(times.clock(session.end)) (\(times.name)), \(kit)"
  }

  /// Returns the words of an act, after its time and its kind.
  public func parts(of act: JournalAct) -> [Part] {
    if act.kind == .played { return played(act) }
    return [Part(text(act))]
  }

  private func played(_ act: JournalAct) -> [Part] {
    let language = act.language.map(name) ?? ""
    let prompt = act.prompt.map(title) ?? ""
    let instead = act.insteadOf.map { ", instead of \($0)" } ?? ""
    let parts = [Part("\(language)  \(prompt)  ")] + outcome(act) + [Part(instead)]
    return parts.filter { !$0.text.isEmpty }
  }

  private func text(_ act: JournalAct) -> String {
    let language = act.language.map(name) ?? ""
    let prompt = act.prompt.map(title) ?? ""
    switch act.kind {
    case .played: return played(act).map(\.text).joined()
    case .answered:
      let about = act.about.map { " about \(title($0))" } ?? ""
      return "\(answer(act)) to \(prompt)\(about), \(source(of: act))"
    case .language: return language
    case .early:
      return "\(answer(act)) before \(prompt) had sounded to its end, which is an answer to none"
    case .found: return "\(language), \(source(of: act))"
    case .voice: return "\(act.voice ?? "") of \(language)"
    case .noneFound: return "no hand was raised"
    case .signalled:
      let reason = act.reason.map { "(\($0.text))" } ?? ""
      return [act.detail ?? "", language, prompt, reason].filter { !$0.isEmpty }.joined(separator: "  ")
    case .sequence: return "\(prompt) \(act.detail ?? "")"
    case .finder, .children, .answerMode, .fault: return act.detail ?? ""
    case .markedWrong: return "\(language)  \(prompt)  is wrong for this listener, as the responder judged it"
    case .unknown: return "\(act.detail ?? ""), which this version does not know"
    }
  }

  private func answer(_ act: JournalAct) -> String { act.answer.map(AnswerWords.english) ?? "" }

  private func source(of act: JournalAct) -> String {
    act.by == .listener ? "pressed by the listener" : "judged by the responder"
  }

  private func outcome(_ act: JournalAct) -> [Part] {
    let lost = act.lostText.map { [Part("; \($0)", isBad: true)] } ?? []
    let heard = (act.heardText ?? "an unknown time") + (act.partText.map { ", \($0)" } ?? "")
    switch act.outcome {
    case .completed: return [Part("to its end\(act.heardText.map { ", \($0)" } ?? "")")] + lost
    case .stopped: return [Part("stopped after \(heard)")] + lost
    case .interrupted:
      return [Part("INTERRUPTED", isBad: true), Part(" by the sound card after \(heard)")] + lost
    case .truncated:
      return [Part("TRUNCATED", isBad: true), Part(" after \(heard): the rest cannot be decoded")] + lost
    case .failed: return [Part("FAILED")]
    case .unknown, nil: return [Part("its end is unknown")]
    }
  }

  private func name(_ tag: String) -> String { kit?.bundle(tag).map { "\($0.autonym) (\($0.english))" } ?? tag }

  private func title(_ id: String) -> String {
    kit?.manifest.prompt(id).map { "\(KitLayout.dialled($0.number)) \($0.title)" } ?? id
  }
}
