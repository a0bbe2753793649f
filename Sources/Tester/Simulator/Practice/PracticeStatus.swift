import Control
import Kit

/// What a practice device does, in words: what it plays, and the question that waits for its answer.
public struct PracticeStatus: Sendable {
  /// The device's state as last reported.
  public private(set) var state = ConsoleState()
  private let kit: KitFile
  /// The question that was played last, with its language.
  private var question: (prompt: String, language: String)?

  /// Creates the status of a device that has not reported yet.
  public init(_ kit: KitFile) { self.kit = kit }

  /// Takes the device's state.
  public mutating func take(_ state: ConsoleState) {
    self.state = state
    guard let id = state.playing, let language = state.playingLanguage, let prompt = kit.manifest.prompt(id) else {
      return
    }
    if prompt.answer != .none { question = (id, language) }
  }

  /// What it plays, or which question waits for an answer; `-` if it does neither.
  public var now: String {
    var parts: [String] = []
    if let activity = state.activity {
      let place = state.step.map { " \($0) of \(state.steps ?? 0)" } ?? ""
      parts.append("\(activity)\(place)\(state.candidate.map { ": \(name($0))" } ?? "")")
    }
    if let prompt = state.playing {
      parts.append("\(state.playingLanguage ?? "") \u{201C}\(meaning(of: prompt, state.playingLanguage))\u{201D}")
    } else if state.led == "waiting", let question {
      parts.append("\(question.language) asked \u{201C}\(meaning(of: question.prompt, question.language))\u{201D}")
    }
    return parts.isEmpty ? "-" : parts.joined(separator: "  ")
  }

  /// Returns the name of a language: English, and its own.
  public func name(_ tag: String) -> String {
    kit.bundle(tag).map { "\($0.english), \($0.autonym)" } ?? tag
  }

  /// Returns what a message says, in English: for a listener's the back-translation of what they heard.
  private func meaning(of prompt: String, _ language: String?) -> String {
    let known = kit.manifest.prompt(prompt)
    if known?.module == KitPrompt.operatorModule { return "to you: \(known?.title ?? prompt)" }
    let bundle = language.flatMap(kit.bundle)
    if let bundle, prompt == KitPrompt.languageName { return bundle.english }
    let back = bundle?.clip(prompt)?.back ?? ""
    return back.isEmpty ? known?.text ?? prompt : back
  }
}
