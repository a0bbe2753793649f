import Diagnostics
import Kit
import KitBuilder
import Posix
import Web

/// What a build of the page is to do, as the options of `firstword build`.
private struct BuildWish: Decodable, Sendable {
  var key: String?
  var passphrase: String?
  var release: Bool?
  var partial: Bool?
  var dryRun: Bool?
}

extension Studio {
  /// Starts a build, or a look at what a build would refuse.
  func startBuild(_ request: WebRequest) throws(Refusal) -> WebResponse {
    let wish = try request.decode(BuildWish.self)
    let store = try store(request)
    let (release, partial) = (wish.release == true, wish.partial == true)
    if release && partial {
      throw Refusal(422, "refused", "a release holds everything", "choose a release, or leave messages out, not both")
    }
    // A project that cannot be read is reported now, and not by the job.
    _ = try store.read()
    if wish.dryRun == true {
      let job = try jobs.start(.build, project: store.id, isAlone: true) { progress, cancellation throws(Refusal) in
        try self.look(at: store, release, partial, progress, cancellation)
      }
      return .json(job, status: 202)
    }
    try requireWritable()
    guard let text = wish.key else { throw Refusal(422, "key", "a kit is signed", "choose your .key file") }
    // Before the long work: a project that is locked and a false passphrase should be known now.
    try store.changing { () throws(Refusal) in }
    let key = try kits.openKey(text, passphrase: wish.passphrase)
    let job = try jobs.start(.build, project: store.id, isAlone: true) { progress, cancellation throws(Refusal) in
      try self.build(store, key, release, partial, progress, cancellation)
    }
    return .json(job, status: 202)
  }

  /// Checks all recordings, and keeps what blocks a release, or a kit.
  private func look(
    at store: ProjectStore, _ release: Bool, _ partial: Bool, _ progress: @escaping @Sendable (Int, Int) -> Void,
    _ cancellation: Cancellation
  ) throws(Refusal) {
    let build = KitBuild(try store.read().workspace, cache: cache)
    do throws(BuildError) {
      let report = try build.check(until: cancellation, done: progress)
      store.keep(report)
      kits.keep(
        BuildView(
          at: .now, release: release, partial: partial, dryRun: true,
          findings: build.errors(in: report, partial: partial, release: release)), project: store.id)
    } catch { throw Self.refusal(error) }
    publish(store)
  }

  /// Builds a kit, writes it to the project's `kits`, and verifies what was written.
  private func build(
    _ store: ProjectStore, _ key: SecretKey, _ release: Bool, _ partial: Bool,
    _ progress: @escaping @Sendable (Int, Int) -> Void, _ cancellation: Cancellation
  ) throws(Refusal) {
    let build = KitBuild(try store.read().workspace, cache: cache)
    var outcome = BuildView(at: .now, release: release, partial: partial, dryRun: false, findings: [])
    let built: BuiltKit
    do throws(BuildError) {
      built = try build.build(partial: partial, release: release, until: cancellation, done: progress)
    } catch {
      if case .findings(let findings) = error {
        outcome.at = .now
        outcome.findings = findings
        kits.keep(outcome, project: store.id)
        let what = counted(findings.count, release ? "finding blocks" : "error", release ? "findings block" : "errors")
        throw Refusal(
          422, "refused", "\(what)\(release ? " a release" : ""); no kit was built", "they are listed below")
      }
      throw Self.refusal(error)
    }
    let name = built.defaultFileName
    let shelf = KitShelf(store.directory)
    let path = shelf.directory.appending(name).string
    try store.changing { () throws(Refusal) in
      if cancellation.isCancelled { throw Self.refusal(.cancelled) }
      try shelf.prepare()
      do throws(BuildError) { try built.write(to: path, signedBy: key) } catch { throw Self.refusal(error) }
    }
    cache?.prune()
    kits.remember(key.publicKey)
    let verified = Self.verification(of: path, name: name, by: TrustedKeys([key.publicKey]))
    if !verified.whole {
      throw Refusal(
        500, "failed", "the kit was written, and is damaged on the disk: \(verified.faults.first ?? "")",
        "look at the disk, and build again")
    }
    outcome.at = .now
    outcome.file = name
    outcome.draft = built.manifest.draft
    outcome.verified = verified.clips
    outcome.signer = key.publicKey.id.description
    outcome.findings = build.errors(in: built.report, partial: false, release: true)
    outcome.remarks =
      [built.approvals].compactMap { $0 } + built.unavailableQuestions + built.longSequences
      + built.report.findings.filter { $0.severity == .warning }.map(\.description)
      + [built.unusedRecordings].compactMap { $0 }
    kits.keep(outcome, project: store.id)
    publish(store)
  }

  private static func refusal(_ error: BuildError) -> Refusal {
    switch error {
    case .pack: Refusal(500, "failed", "\(error)", "look at the disk's free space, and build again")
    case .nothing: Refusal(422, "refused", "there is no recording to build from", "record or import some first")
    case .findings, .cancelled: Refusal(422, "refused", "\(error)", "correct them, and build again")
    }
  }
}
