/// Questions of a voice that cannot be asked in one answer mode, because the voice has no formula for it.
public struct MissingFormula: Equatable, Sendable, CustomStringConvertible {
  /// The BCP 47 tag of the language.
  public let language: String
  /// The voice.
  public let voice: String
  /// The answer mode.
  public let mode: AnswerMode
  /// The ids of the questions.
  public let questions: [String]

  /// One line: `ro f1, answers 'tap': unavailable without a recording of 'answer-tap': need-doctor, pain`.
  public var description: String {
    "\(language) \(voice), answers '\(mode.rawValue)': unavailable without a recording of '\(mode.formula)': "
      + questions.joined(separator: ", ")
  }
}

extension KitManifest {
  /// Returns the questions that cannot be asked, for each voice of a bundle and each answer mode of the kit.
  public func missingFormulas(in bundle: BundleManifest) -> [MissingFormula] {
    let questions = prompts.filter(\.isFollowedByFormula).map(\.id)
    let items = Dictionary(grouping: bundle.clips, by: \.voice).mapValues { Set($0.map(\.item)) }
    return items.sorted { $0.key < $1.key }.flatMap { voice, items in
      answers.modes.compactMap { mode in
        let mute = items.contains(mode.formula) ? [] : questions.filter(items.contains)
        if mute.isEmpty { return nil }
        return MissingFormula(language: bundle.tag, voice: voice, mode: mode, questions: mute)
      }
    }
  }
}
