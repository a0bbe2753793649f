import Catalogue
import Kit

/// What `KitBuild.check` and `build` have seen.
public struct CheckReport: Codable, Equatable, Sendable {
  /// The worst first.
  public var findings: [CheckFinding]
  /// Recordings looked at.
  public var recordings: Int
  /// Seconds of sound in them.
  public var duration: Double

  public var hasErrors: Bool { findings.contains { $0.severity == .error } }
}

extension KitBuild {
  /// Looks at every recording, and encodes none.
  ///
  /// - Parameter done: called with how many recordings are done, and of how many.
  public func check(
    threads: Int = Workers.cores, done: (@Sendable (Int, Int) -> Void)? = nil
  ) -> CheckReport {
    let jobs = self.jobs
    let yields = Workers.map(jobs.count, threads: threads, done: progress(done, jobs.count)) { index in
      look(jobs[index])
    }
    return report(yields)
  }

  private func look(_ job: ClipJob) -> Yield {
    let recording: Recording
    do throws(RecordingError) { recording = try Recording(path: job.take.path) } catch {
      return Yield(findings: [job.take.finding(error)])
    }
    let filtered = Level.highPass(recording.samples, rate: recording.rate)
    let voice = Voice.find(in: filtered, rate: recording.rate)
    let level = voice.flatMap { voice in
      try? Loudness.level(
        Level.trim(filtered, to: voice.range, rate: recording.rate, settings: master.level), rate: recording.rate)
    }
    return Yield(
      findings: check.findings(
        of: recording, voice: voice, loudness: level, take: job.take, text: job.wording.text, rate: job.language.rate),
      duration: recording.duration)
  }

  func report(_ yields: [Yield]) -> CheckReport {
    CheckReport(
      findings: (findingsOfTree() + yields.flatMap(\.findings)).sorted(), recordings: yields.count,
      duration: yields.reduce(0) { $0 + $1.duration })
  }

  /// What is missing, and what the tree holds that it should not.
  private func findingsOfTree() -> [CheckFinding] {
    var found = tree.findings
    let recorded = Set(tree.takes.map { "\($0.language)/\($0.prompt)" })
    for language in project.languages.compactMap(catalogue.language) {
      for prompt in prompts(of: language) {
        guard let wording = language.wordings[prompt.id] else {
          found.append(
            CheckFinding(
              .noWording, .error, path: language.file, language: language.tag, prompt: prompt.id,
              "no wording of '\(prompt.id)' in \(language.english)", remedy: "write one, or leave the prompt out"))
          continue
        }
        if approvals.status(
          of: Digest.sha256(wording.text), kind: .wording, language: language.tag, prompt: prompt.id, on: day)
          == .draft
        {
          found.append(
            CheckFinding(
              .draft, .note, path: wording.file, line: wording.line, language: language.tag, prompt: prompt.id,
              "the wording of '\(prompt.id)' is a draft", remedy: "have a native speaker read it"))
        }
        if !recorded.contains("\(language.tag)/\(prompt.id)") {
          let number = prompt.number < 10 ? "0\(prompt.number)" : "\(prompt.number)"
          found.append(
            CheckFinding(
              .missing, .error, path: "\(recordingsFolder)/\(language.tag)", language: language.tag,
              prompt: prompt.id, "no recording of \(number)-\(prompt.id) in \(language.english)",
              remedy: "record it, or run 'firstword synthesize' for a trial"))
        }
      }
    }
    return found
  }
}
