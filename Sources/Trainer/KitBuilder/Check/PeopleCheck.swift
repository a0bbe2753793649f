import Catalogue
import Encoding
import Project

/// What people decided about a project's words and recordings: approvals, objections and consents.
extension Workspace {
  /// Returns what is missing or wrong in approvals, objections and consents.
  ///
  /// - Parameter analysed: the recordings that could be read.
  func findingsOfPeople(_ analysed: [(job: ClipJob, analysis: RecordingAnalysis)]) -> [CheckFinding] {
    let history = ApprovalHistory(approvals)
    var found = findingsOfSpeakers(analysed.filter { !$0.analysis.synthetic }.map(\.job.take))
    for entry in history.forged {
      found.append(
        CheckFinding(
          .forged, .error, path: path(Approvals.name), language: entry.language, prompt: entry.prompt,
          "the approval of '\(entry.name)' does not bear the signature of the key \(entry.key ?? "?")",
          remedy: "look who wrote that line; remove it and let the reviewer approve again"))
    }
    for language in languages.compactMap(catalogue.language) {
      for prompt in prompts(of: language) {
        guard let wording = language.wordings[prompt.id] else { continue }
        found += findings(of: wording, prompt, language)
      }
    }
    for (job, analysis) in analysed {
      // A synthetic recording is never approved, so nothing is missing.
      if !isSynthetic(job.take, analysis) { found += findings(of: job, analysis, history) }
    }
    return found
  }

  private func findings(of wording: Wording, _ prompt: Prompt, _ language: Language) -> [CheckFinding] {
    let hash = Digest.sha256(wording.text)
    let standing = approvals.standing(
      of: hash, kind: .wording, language: language.tag, prompt: prompt.id, on: day)
    func finding(
      _ code: CheckFinding.Code, _ severity: CheckFinding.Severity, _ message: String, _ remedy: String,
      _ measure: CheckFinding.Measure? = nil
    ) -> CheckFinding {
      CheckFinding(
        code, severity, path: wording.file, line: wording.line, language: language.tag, prompt: prompt.id, message,
        remedy: remedy, measure: measure)
    }
    var found: [CheckFinding] = []
    if let (code, message) = standing.lack(of: "the wording of '\(prompt.id)'") {
      found.append(finding(code, .note, message, standing.remedy("read it"), standing.measure))
    } else if let message = standing.claim(of: "the wording of '\(prompt.id)'") {
      found.append(finding(.claimed, .note, message, "have the reviewers approve with --key"))
    }
    for note in notes.open(hash, kind: .wording, language: language.tag, prompt: prompt.id, approvals: approvals) {
      found.append(finding(.sentBack, .warning, note.objection(to: "the wording of '\(prompt.id)'"), Self.answer))
    }
    return found
  }

  private func findings(of job: ClipJob, _ analysis: RecordingAnalysis, _ history: ApprovalHistory) -> [CheckFinding] {
    let take = job.take
    let standing = standing(of: job, analysis)
    var found: [CheckFinding] = []
    if let (code, message) = standing.lack(of: "the recording") {
      found.append(
        take.finding(code, .note, message, standing.remedy("listen to it"), standing.measure))
    } else if let message = standing.claim(of: "the recording") {
      found.append(take.finding(.claimed, .note, message, "have the reviewers approve with --key"))
    }
    for note in notes.open(
      analysis.sha256, kind: .recording, language: take.language, prompt: take.prompt, approvals: approvals)
    {
      found.append(take.finding(.sentBack, .warning, note.objection(to: "the recording"), Self.answer))
    }
    if history.outlived(
      analysis.sha256, by: Digest.sha256(job.wording.text), language: take.language, prompt: take.prompt)
    {
      found.append(
        take.finding(
          .rewording, .warning, "the wording was changed after the recording was approved",
          "have a speaker record the new wording"))
    }
    return found
  }

  private static let answer = "put it right, or have the reviewer look at it again with 'firstword review'"
}

// MARK: - Speakers

extension Workspace {
  /// Returns a finding for each directory of recordings whose speaker is unknown or does not consent.
  private func findingsOfSpeakers(_ takes: [Take]) -> [CheckFinding] {
    let directories = Dictionary(grouping: takes.filter { $0.voice != Take.synthetic }) { "\($0.language)/\($0.voice)" }
    return directories.values.compactMap { takes in
      let take = takes[0]
      func finding(
        _ code: CheckFinding.Code, _ severity: CheckFinding.Severity, _ message: String, _ remedy: String
      ) -> CheckFinding {
        CheckFinding(
          code, severity, path: "\(recordingsDirectory)/\(take.language)/\(take.voice)", language: take.language,
          voice: take.voice, message, remedy: remedy)
      }
      guard let speaker = speaker(of: take) else {
        return finding(
          .noSpeaker, .note, "nobody is known to have spoken them (\(takes.count))",
          "write the speaker into \(Speakers.name)")
      }
      if let day = speaker.withdrawn {
        return finding(
          .withdrawn, .error, "'\(speaker.pseudonym)' took back the consent on \(day), and \(takes.count) are there",
          "run 'firstword takedown \(speaker.pseudonym)'")
      }
      if speaker.consents(on: day) { return nil }
      return finding(
        .consent, .note, "'\(speaker.pseudonym)' consents from \(speaker.consent) on only",
        "wait for that day, or correct it in \(Speakers.name)")
    }
  }
}

extension Standing {
  /// Returns a message where an approval is not proved by keys.
  fileprivate func claim(of what: String) -> String? {
    status == .approved && !isProved ? "\(what) is approved by \(people) names; a key proves \(proved)" : nil
  }
}

extension ReviewNote {
  fileprivate func objection(to what: String) -> String { "'\(name)' sent back \(what): \(note ?? "no reason given")" }
}
