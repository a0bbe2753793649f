import Catalogue

/// What `KitBuild.check` and `build` have seen.
public struct CheckReport: Codable, Equatable, Sendable {
  /// The worst first.
  public var findings: [CheckFinding]
  /// Recordings looked at.
  public var recordings: Int
  /// Seconds of sound in them.
  public var duration: Double
  /// Each of them, by language, number and voice.
  public var takes: [Looked]

  /// One recording, and what was measured of it where it could be read.
  public struct Looked: Codable, Equatable, Sendable {
    public var take: Take
    public var measures: Measures?
  }

  public var hasErrors: Bool { findings.contains { $0.severity == .error } }
}

/// What one recording sounds like.
public struct Heard: Codable, Equatable, Sendable {
  /// Of the file.
  public var sha256: String
  /// Seconds.
  public var duration: Double
  public var mixdown: Recording.Mixdown
  public var measures: Measures
  public var fingerprint: Fingerprint?
  public var synthetic: Bool
  /// SHA-256 of the wording that the machine spoke, where the file says it.
  public var wording: String?

  /// - Parameters:
  ///   - voice: found in the filtered recording; `nil` where nobody speaks.
  ///   - loudness: of the voice's part, in LUFS.
  init(_ recording: Recording, voice: Voice?, loudness: Double?, limits: Check.Limits) {
    sha256 = recording.sha256
    duration = recording.duration
    mixdown = recording.mixdown
    synthetic = recording.synthetic
    wording = recording.wording
    measures = Measures(recording, voice: voice, loudness: loudness, shortestDropout: limits.dropout)
    fingerprint = voice.map { Fingerprint(recording.samples, range: $0.range, rate: recording.rate) }
  }
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
    return report(jobs, yields, threads: threads)
  }

  private func look(_ job: ClipJob) -> Yield {
    do throws(RecordingError) { return look(job, try heard(job.take)) } catch {
      return Yield(findings: [job.take.finding(error)])
    }
  }

  func look(_ job: ClipJob, _ heard: Heard) -> Yield {
    Yield(
      findings: check.findings(of: heard, take: job.take, text: job.wording.text, rate: job.language.rate),
      duration: heard.duration, heard: heard)
  }

  func report(_ jobs: [ClipJob], _ yields: [Yield], threads: Int) -> CheckReport {
    let members = zip(jobs, yields).compactMap { job, yield in
      yield.heard.map { Check.Member(take: job.take, text: job.wording.text, heard: $0) }
    }
    let findings =
      findingsOfTree() + yields.flatMap(\.findings) + findingsOfPeople(jobs, yields)
      + check.findings(among: members, threads: threads)
    return CheckReport(
      findings: findings.sorted(), recordings: yields.count, duration: yields.reduce(0) { $0 + $1.duration },
      takes: zip(jobs, yields).map { CheckReport.Looked(take: $0.take, measures: $1.heard?.measures) })
  }

  /// What is missing, and what the tree holds that it should not.
  private func findingsOfTree() -> [CheckFinding] {
    var found = tree.findings
    let recorded = Set(tree.takes.map { "\($0.language)/\($0.prompt)" })
    for language in languages.compactMap(catalogue.language) {
      for prompt in prompts(of: language) {
        guard language.wordings[prompt.id] != nil else {
          found.append(
            CheckFinding(
              .noWording, .error, path: language.file, language: language.tag, prompt: prompt.id,
              "no wording of '\(prompt.id)' in \(language.english)", remedy: "write one, or leave the prompt out"))
          continue
        }
        if !recorded.contains("\(language.tag)/\(prompt.id)") {
          found.append(
            CheckFinding(
              .missing, .error, path: "\(recordingsDirectory)/\(language.tag)", language: language.tag,
              prompt: prompt.id, "no recording of \(prompt.stem) in \(language.english)",
              remedy: "record it, or run 'firstword synthesize' for a trial"))
        }
      }
    }
    return found
  }
}
