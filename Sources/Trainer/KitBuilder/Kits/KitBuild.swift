import Catalogue
import Posix

/// Builds the kit of a project: checks its recordings, makes their clips and assembles them.
public struct KitBuild: Sendable {
  /// The project.
  public let workspace: Workspace
  /// How a recording becomes a clip; its settings are the project's.
  public var pipeline: ClipPipeline

  /// Prepares a build.
  ///
  /// - Parameters:
  ///   - workspace: the project.
  ///   - cache: what was made before; `nil` makes everything anew.
  public init(_ workspace: Workspace, cache: BuildCache? = nil) {
    self.workspace = workspace
    pipeline = ClipPipeline(workspace, cache: cache)
  }

  /// Checks every recording and encodes none.
  ///
  /// - Parameters:
  ///   - threads: how many recordings are checked at once.
  ///   - done: called with how many recordings are done, and of how many.
  public func check(
    threads: Int = Workers.cores, done: (@Sendable (Int, Int) -> Void)? = nil
  ) -> CheckReport {
    let jobs = workspace.jobs
    return report(jobs, each(jobs, threads, nil, done) { pipeline.runCheck($0) }, threads: threads)
  }

  /// Checks every recording and encodes none, unless it is cancelled.
  ///
  /// - Parameters:
  ///   - threads: how many recordings are checked at once.
  ///   - cancellation: ends the check between two recordings.
  ///   - done: called with how many recordings are done, and of how many.
  /// - Throws: `.cancelled`.
  public func check(
    threads: Int = Workers.cores, until cancellation: Cancellation, done: (@Sendable (Int, Int) -> Void)? = nil
  ) throws(BuildError) -> CheckReport {
    let jobs = workspace.jobs
    let outcomes = each(jobs, threads, cancellation, done) { pipeline.runCheck($0) }
    if cancellation.isCancelled { throw .cancelled }
    return report(jobs, outcomes, threads: threads)
  }

  /// Makes a clip of every recording and assembles them. A kit is a draft if its project has anything that a release
  /// refuses, so that a plain build never gives a released kit which `release` would have refused. The same inputs give
  /// the same kit, whatever the number of threads.
  ///
  /// - Parameters:
  ///   - partial: builds what is there although recordings are missing. Errors in existing recordings always count.
  ///   - release: throws for everything that would make the kit a draft.
  ///   - threads: how many clips are made at once.
  ///   - cancellation: ends the build between two clips, with the error `.cancelled`.
  ///   - done: called with how many recordings are done, and of how many.
  public func build(
    partial: Bool = false, release: Bool = false, threads: Int = Workers.cores, until cancellation: Cancellation? = nil,
    done: (@Sendable (Int, Int) -> Void)? = nil
  ) throws(BuildError) -> BuiltKit {
    let jobs = workspace.jobs
    if jobs.isEmpty && workspace.tree.findings.allSatisfy({ $0.severity != .error }) {
      throw .nothing(directory: workspace.directory)
    }
    let outcomes = each(jobs, threads, cancellation, done) { pipeline.run($0) }
    if cancellation?.isCancelled == true { throw .cancelled }
    let report = self.report(jobs, outcomes, threads: threads)
    let blockers = report.findings.compactMap(blocker)
    let errors = self.errors(in: report, partial: partial, release: release)
    if !errors.isEmpty { throw .findings(errors.sorted()) }
    let clips = zip(jobs, outcomes).compactMap { job, outcome -> KitAssembly.Member? in
      guard let clip = outcome.clip, let analysis = outcome.analysis else { return nil }
      return KitAssembly.Member(job: job, analysis: analysis, clip: clip)
    }
    return KitAssembly(workspace, clips: clips).kit(draft: !blockers.isEmpty, report: report)
  }

  /// Returns the findings for which a build throws, as errors.
  ///
  /// - Parameters:
  ///   - report: the report of a check or a forecast.
  ///   - partial: ignores missing recordings.
  ///   - release: includes everything that would make the kit a draft.
  public func errors(in report: CheckReport, partial: Bool = false, release: Bool = false) -> [CheckFinding] {
    if release { return report.findings.compactMap(blocker).sorted() }
    return report.findings.filter {
      $0.severity == .error && !(partial && ($0.code == .missing || $0.code == .noWording))
    }
  }

  /// Makes a preview of each recording, in the order of a report's `takes`.
  ///
  /// - Parameters:
  ///   - threads: how many recordings are read at once.
  ///   - done: called with how many recordings are done, and of how many.
  /// - Returns: `nil` for a recording that cannot be read.
  public func previews(
    threads: Int = Workers.cores, done: (@Sendable (Int, Int) -> Void)? = nil
  ) -> [RecordingPreview?] {
    each(workspace.jobs, threads, nil, done) { job in
      guard let recording = try? Recording(path: job.take.path) else { return nil }
      return try? RecordingPreview(recording, settings: pipeline.mastering.level)
    }
  }

  private func each<Result: Sendable>(
    _ jobs: [ClipJob], _ threads: Int, _ cancellation: Cancellation?, _ done: (@Sendable (Int, Int) -> Void)?,
    _ work: @escaping @Sendable (ClipJob) -> Result
  ) -> [Result] {
    let count = jobs.count
    var progress: (@Sendable (Int) -> Void)?
    if let done { progress = { done($0, count) } }
    return Workers.map(count, threads: threads, until: cancellation, done: progress) { work(jobs[$0]) }
  }

  private func report(_ jobs: [ClipJob], _ outcomes: [ClipOutcome], threads: Int) -> CheckReport {
    let analysed = zip(jobs, outcomes).compactMap { job, outcome in
      outcome.analysis.map { (job: job, analysis: $0) }
    }
    let members = analysed.map { job, analysis in
      RecordingCheck.Member(take: job.take, text: job.wording.text, analysis: analysis)
    }
    let findings =
      workspace.findingsOfTree() + outcomes.flatMap(\.findings) + workspace.findingsOfPeople(analysed)
      + workspace.findingsOfFormulas(analysed)
      + pipeline.check.findings(among: members, threads: threads)
    return CheckReport(
      findings: findings.sorted(), recordings: outcomes.count, duration: outcomes.reduce(0) { $0 + $1.duration },
      takes: zip(jobs, outcomes).map { CheckReport.CheckedTake(take: $0.take, measures: $1.analysis?.measures) })
  }

  /// Returns a finding as an error if it blocks a release: what listeners hear must be complete, a person's voice, given
  /// with consent, and approved by two people without an open objection.
  private func blocker(_ finding: CheckFinding) -> CheckFinding? {
    if finding.severity == .error { return finding }
    let codes: [CheckFinding.Code] = [
      .unapproved, .expired, .synthetic, .rewording, .sentBack, .noSpeaker, .consent,
    ]
    guard codes.contains(finding.code), finding.prompt.flatMap(workspace.catalogue.item)?.module != .operator else {
      return nil
    }
    var error = finding
    error.severity = .error
    return error
  }
}
