import Catalogue
import Kit

/// What questions and formulas need of each other: the player joins them, so both must be there in one voice, and a
/// recording of a question must not say the formula as well.
extension Workspace {
  /// Returns the questions that are unavailable for want of a formula, and recordings of questions that seem to hold
  /// one.
  ///
  /// - Parameter analysed: the recordings that could be read.
  func findingsOfFormulas(_ analysed: [(job: ClipJob, analysis: RecordingAnalysis)]) -> [CheckFinding] {
    var found: [CheckFinding] = []
    let takes = analysed.map(\.job.take)
    let voices = Dictionary(grouping: analysed.filter { $0.job.prompt.isFollowedByFormula }) {
      "\($0.job.take.language)/\($0.job.take.voice)"
    }
    for (voice, questions) in voices.sorted(by: { $0.key < $1.key }) {
      let take = questions[0].job.take
      for mode in project.answers.modes {
        let isThere = takes.contains {
          $0.language == take.language && $0.voice == take.voice && $0.prompt == mode.formula
        }
        if isThere { continue }
        let ids = questions.map(\.job.prompt.baseID).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        found.append(
          CheckFinding(
            .noFormula, .warning, path: "\(recordingsDirectory)/\(voice)", language: take.language,
            prompt: mode.formula, voice: take.voice,
            "no '\(mode.formula)' in this voice: in the answer mode '\(mode.rawValue)' these questions are unavailable "
              + "in it: \(ids.joined(separator: ", "))",
            remedy: "have the same speaker record '\(mode.formula)', or leave the mode out of 'answers' in kit.yaml"))
      }
    }
    for (job, analysis) in analysed where job.prompt.isFollowedByFormula {
      if let finding = formula(within: job, analysis) { found.append(finding) }
    }
    return found
  }

  /// Returns a finding for a recording that takes as long as the question and half a formula.
  private func formula(within job: ClipJob, _ analysis: RecordingAnalysis) -> CheckFinding? {
    let formulas = project.answers.modes.compactMap { job.language.wordings[$0.formula]?.text.count }
    guard let speech = analysis.measures.speech, let formula = formulas.min() else { return nil }
    let question = Double(job.wording.text.count) / job.language.rate
    let limit = question * 1.3 + Double(formula) / job.language.rate / 2
    guard speech.length > limit else { return nil }
    return job.take.finding(
      .oldFormula, .warning,
      "it takes \(speech.length.tenths) s and its question about \(question.tenths) s: perhaps it says how to answer, as "
        + "recordings of earlier versions did",
      "listen to it; if it does, record the question alone: the player adds the formula")
  }
}
