import Catalogue
import Encoding
import Project

/// What people have to do with a project's words and recordings: who speaks, who approved, who sent back.
extension KitBuild {
  /// Whose names stand by the wordings and the recordings, whether they still do, and whose voices they are.
  func findingsOfPeople(_ jobs: [ClipJob], _ yields: [Yield]) -> [CheckFinding] {
    let ledger = Ledger(approvals)
    var found = findingsOfSpeakers(zip(jobs, yields).filter { $1.heard?.synthetic == false }.map(\.0.take))
    for entry in ledger.forged {
      found.append(
        CheckFinding(
          .forged, .error, path: Self.join(directory, Approvals.name), language: entry.language, prompt: entry.prompt,
          "the approval of '\(entry.name)' does not bear the signature of the key \(entry.key ?? "?")",
          remedy: "look who wrote that line; remove it and let the reviewer approve again"))
    }
    for language in languages.compactMap(catalogue.language) {
      for prompt in prompts(of: language) {
        guard let wording = language.wordings[prompt.id] else { continue }
        found += findings(of: wording, prompt, language)
      }
    }
    for (job, yield) in zip(jobs, yields) {
      // A machine's voice is never approved, so nothing is missing there.
      guard let heard = yield.heard, !isSynthetic(job.take, heard) else { continue }
      found += findings(of: job, heard, ledger)
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
      found.append(finding(code, .note, message, "have native speakers read it: 'firstword review'", standing.measure))
    } else if let message = standing.claim(of: "the wording of '\(prompt.id)'") {
      found.append(finding(.claimed, .note, message, "have the reviewers sign with --sign"))
    }
    for note in notes.open(hash, kind: .wording, language: language.tag, prompt: prompt.id, approvals: approvals) {
      found.append(finding(.sentBack, .warning, note.objection(to: "the wording of '\(prompt.id)'"), Self.answer))
    }
    return found
  }

  private func findings(of job: ClipJob, _ heard: Heard, _ ledger: Ledger) -> [CheckFinding] {
    let take = job.take
    let standing = standing(of: job, heard)
    var found: [CheckFinding] = []
    if let (code, message) = standing.lack(of: "the recording") {
      found.append(
        take.finding(code, .note, message, "have native speakers listen to it: 'firstword review'", standing.measure))
    } else if let message = standing.claim(of: "the recording") {
      found.append(take.finding(.claimed, .note, message, "have the reviewers sign with --sign"))
    }
    for note in notes.open(
      heard.sha256, kind: .recording, language: take.language, prompt: take.prompt, approvals: approvals)
    {
      found.append(take.finding(.sentBack, .warning, note.objection(to: "the recording"), Self.answer))
    }
    if ledger.outlived(
      heard.sha256, by: Digest.sha256(job.wording.text), language: take.language, prompt: take.prompt)
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

extension KitBuild {
  /// Who spoke a recording, where `speakers.yaml` says it.
  func speaker(of take: Take) -> Speaker? { speakers.speaker(of: take.language, voice: take.voice) }

  /// Whether the speaker of a recording is known and lets it be heard.
  func consents(_ take: Take) -> Bool { speaker(of: take)?.consents(on: day) ?? false }

  /// One finding for each directory of recordings whose speaker is not known or does not consent.
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
  /// What to say where names are approved that no key proves.
  fileprivate func claim(of what: String) -> String? {
    status == .approved && !isProved ? "\(what) is approved by \(people) names; a key proves \(proved)" : nil
  }
}

extension ReviewNote {
  fileprivate func objection(to what: String) -> String { "'\(name)' sent back \(what): \(note ?? "no reason given")" }
}
