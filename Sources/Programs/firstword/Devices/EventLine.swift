import Control
import Kit
import Simulator

/// An event of the control socket as a line for people.
struct EventLine {
  /// The event's word.
  let word: String
  /// Its values, separated by two spaces.
  let rest: String
  /// Whether it reports a failure.
  let isBad: Bool

  private static let bad: Set<String> = [
    "failed", "interrupted", "truncated", "damaged", "signal", "sound-lost", "line-lost", "input-lost", "button-stuck",
    "store-damaged", "journal-failing", "early-answer",
  ]

  /// Creates the line of an event; nil for a change of state.
  ///
  /// - Parameters:
  ///   - kit: adds the titles of prompts, and explains more exactly why a message is not available.
  ///   - button: the name of the button that was pressed last.
  init?(_ event: ControlEvent, kit: KitFile? = nil, after button: String? = nil) {
    if event.event == "state" { return nil }
    word = event.event
    isBad = Self.bad.contains(word) || event.lost != nil
    var parts = [event.button, event.language, event.prompt].compactMap { $0 }
    if let formula = event.formula { parts.append("+ \(formula)") }
    if let detail = event.detail { parts.append(detail) }
    if event.by == "listener" { parts.append("(pressed by the listener)") }
    if let about = event.about { parts.append("(about \(about))") }
    if let heard = event.heard { parts.append("\(heard / 1000).\(heard / 100 % 10) s") }
    if let part = event.part { parts.append("(\(event.partHeard ?? 0) ms into the \(part))") }
    if let lost = event.lost { parts.append("\(lost) ms lost") }
    if let prompt = event.prompt, let title = kit?.manifest.prompt(prompt)?.title {
      parts.append("\u{201C}\(title)\u{201D}")
    }
    if event.event == "early-answer" { parts.append("(the question had not sounded to its end)") }
    let reason = SignalReason.text(event, after: button, in: kit.map { ($0.manifest, $0.bundles) })
    if let reason { parts.append("(\(reason))") }
    rest = parts.joined(separator: "  ")
  }
}

extension ConsoleState {
  /// The state as one line for people.
  var line: String {
    var parts = ["LED \(led)", "language \(language ?? "none")\(voice.map { " (\($0))" } ?? "")"]
    if let activity {
      parts.append("\(activity)\(step.map { " \($0)/\(steps ?? 0)" } ?? "")\(candidate.map { " \($0)" } ?? "")")
    }
    if let playing { parts.append("playing \(playingLanguage ?? "") \(playing)") }
    if children { parts.append("children") }
    if let answerMode, answerModes?.count ?? 0 > 1 { parts.append("answers by \(answerMode)") }
    parts.append("\(volume) dB\(quiet ? " quiet" : "")")
    return parts.joined(separator: ", ")
  }
}
