import ArgumentParser
import Catalogue
import Diagnostics
import Foundation
import Kit
import KitBuilder
import Posix
import Project

struct Build: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Build a signed kit from a project.",
    discussion: """
      Levels, encodes, decodes and measures every recording. The same recordings and words give the same file, byte \
      for byte. A kit with anything that --release refuses is marked DRAFT; no board in field use plays it.

        firstword build --project shelter --dry-run                  # size, time, and what blocks it
        firstword build --project shelter --key publisher.key        # shelter-1.0-DRAFT.kit
        firstword build --project shelter --key publisher.key --release

      Exit status: 0 built, or --dry-run found no error; 1 findings, and no kit was built; 2 failed.
      """)

  @OptionGroup var project: ProjectPlace

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Output file; default: NAME-VERSION.kit. An existing file is replaced.", valueName: "FILE.kit"))
  var output: String?

  @OptionGroup var key: OptionalKeyOption

  @Flag(help: "Refuse everything that would make the kit a DRAFT, and list it all.")
  var release = false

  @Flag(help: "Build although recordings are missing; the kit is a DRAFT.")
  var partial = false

  @Flag(help: "Write no kit: report its size, the time to build it, and what is wrong.")
  var dryRun = false

  @Option(help: ArgumentHelp("Day that approvals must be valid on; default: today.", valueName: "YYYY-MM-DD"))
  var date: String?

  @Flag(help: "JSON output: the kit, or the forecast, and all findings.")
  var json = false

  @OptionGroup var kept: CacheOption

  private struct Report: Encodable {
    /// Whether a kit was written.
    var built = false
    /// The kit's path.
    var file: String?
    var kit: String?
    var version: String?
    var draft: Bool?
    /// The SHA-256 of its kit.json.
    var sha256: String?
    /// The id of the key that signed it.
    var signer: String?
    var languages: Int?
    var clips: Int?
    /// The size in bytes; with --dry-run an estimate.
    var bytes: Int?
    /// With --dry-run: the number of clips to encode, and the estimated seconds that this takes.
    var due: Int?
    var seconds: Double?
    /// All findings of a kit that was built or forecast; else the errors.
    var findings: [CheckFinding]
  }

  func validate() throws {
    if key.path == nil && !dryRun { throw ValidationError("a kit is signed: give --key NAME.key, or --dry-run") }
    if release && partial { throw ValidationError("a release holds everything: --release or --partial, not both") }
  }

  func run() throws {
    let build = KitBuild(try project.load(day: date ?? Day.today()), cache: kept.cache)
    guard let path = key.path, !dryRun else { return try forecast(build) }
    // Before the long work: a wrong passphrase should be known now.
    let key = try Terminal.secretKey(path)
    let progress = SharedProgress("encoded")
    let built: BuiltKit
    do throws(BuildError) {
      built = try build.build(partial: partial, release: release) { progress.show($0, of: $1) }
    } catch {
      progress.end()
      guard case .findings(let findings) = error else { throw error }
      if json {
        try printJSON(Report(findings: findings))
        throw ExitCode(1)
      }
      for line in FindingLines(findings).lines { Terminal.remark("\(line.text)") }
      let what = release ? "\(findings.count) findings block a release" : "\(findings.count) errors"
      throw Failure.wrong("\(what); no kit was built")
    }
    progress.end()
    kept.cache?.prune()
    let output = output ?? built.defaultFileName
    try built.write(to: output, signedBy: key)
    if json { return try printJSON(try report(on: built, at: output, signedBy: key.publicKey.id)) }
    let clips = built.bundles.reduce(0) { $0 + $1.clips.count }
    let state: Printable = built.manifest.draft ? Terminal.paint(" DRAFT", .yellow) : ""
    print(
      "\(output)\(state)  \(counted(clips, "clip")) in \(counted(built.bundles.count, "language")), signed by \(key.publicKey.id)"
    )
    if let line = built.approvals { print("\(line)") }
    // With --partial, formulas may be missing.
    for line in built.unavailableQuestions + built.longSequences { Terminal.remark("\(line)") }
    for finding in built.report.findings where finding.severity == .warning { Terminal.remark("\(finding)") }
    if let line = built.unusedRecordings { Terminal.remark("\(line): 'firstword check' says why") }
  }

  private func report(on built: BuiltKit, at path: String, signedBy signer: KeyID) throws -> Report {
    let file = try KitFile(path: path)
    return Report(
      built: true, file: path, kit: file.manifest.name, version: file.manifest.version, draft: file.manifest.draft,
      sha256: file.sha256, signer: signer.description, languages: file.bundles.count,
      clips: file.bundles.reduce(0) { $0 + $1.clips.count }, bytes: try Files.read(path).count,
      findings: built.report.findings)
  }

  private func forecast(_ build: KitBuild) throws {
    let progress = SharedProgress("checked")
    let (forecast, report) = build.forecast { progress.show($0, of: $1) }
    progress.end()
    let errors = build.errors(in: report, partial: partial, release: release)
    let due = forecast.clips - forecast.kept
    if json {
      try printJSON(
        Report(
          languages: forecast.languages, clips: forecast.clips, bytes: forecast.bytes, due: due,
          seconds: forecast.time, findings: errors.isEmpty ? report.findings : errors))
    } else {
      for line in FindingLines(errors).lines { print(Terminal.paint(line.text, .red)) }
      print(
        """
        \(counted(forecast.clips, "clip")) in \(counted(forecast.languages, "language")), about \(megabytes(forecast.bytes))
        \(due) to encode (\(Int(forecast.duration)) s of sound), about \(Int(forecast.time.rounded(.up))) s on this \
        machine; \(forecast.kept) are in the cache
        """)
      if !errors.isEmpty {
        let verb = errors.count == 1 ? "finding blocks" : "findings block"
        print("\(errors.count) \(verb) \(release ? "a release" : "the kit")")
      }
    }
    if !errors.isEmpty { throw ExitCode(1) }
  }
}

/// The cache of encoded clips.
struct CacheOption: ParsableArguments {
  @Option(
    name: .customLong("cache"),
    help: ArgumentHelp("Directory of the cache of clips; default: ~/.cache/firstword.", valueName: "DIR"))
  var directory: String?

  @Flag(help: "Encode every clip, and keep none.")
  var noCache = false

  var cache: BuildCache? {
    noCache ? nil : directory.map { BuildCache(directory: $0) } ?? BuildCache.standard
  }
}
