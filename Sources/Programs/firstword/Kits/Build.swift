import ArgumentParser
import Catalogue
import Foundation
import Kit
import KitBuilder
import Posix

struct Build: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a signed kit of a project.",
    discussion: """
      Every recording is levelled, encoded, decoded and measured again. The same recordings and words give the same \
      file, byte for byte. A kit with a draft or with synthetic speech is marked DRAFT, and no board in field use \
      plays it.

        firstword build shelter --dry-run                  # how large, how long, and what stands in its way
        firstword build shelter --sign publisher.key       # shelter-1.0-DRAFT.kit
        firstword build shelter --sign publisher.key --release
      """)

  @Argument(help: "The project's directory.")
  var directory: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The kit to write; NAME-VERSION.kit without it. What is there is replaced.", valueName: "FILE.kit"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "The secret key to sign with, as 'firstword keygen' or minisign makes it.", valueName: "NAME.key"))
  var sign: String?

  @Flag(help: "Refuse drafts, synthetic speech for listeners and missing approvals, and list them all.")
  var release = false

  @Flag(help: "Build what is there, though recordings are missing.")
  var partial = false

  @Flag(help: "Write no kit: tell how large it would be, how long it would take, and what is wrong.")
  var dryRun = false

  @Option(help: ArgumentHelp("Day that approvals must be valid on; today without it.", valueName: "YYYY-MM-DD"))
  var date: String?

  @OptionGroup var kept: CacheOption
  @OptionGroup var words: CatalogueOption

  func validate() throws {
    if sign == nil && !dryRun { throw ValidationError("a kit is signed: say --sign NAME.key, or --dry-run") }
    if release && partial { throw ValidationError("a release holds everything: --release or --partial, not both") }
  }

  func run() throws {
    let workspace = try Workspace(
      directory: directory, catalogue: Catalogue.locate(words.catalogue), day: date ?? today())
    let build = KitBuild(workspace, cache: kept.cache)
    guard let sign, !dryRun else { return try forecast(build) }
    // Before the long work: a passphrase that is wrong should be known now.
    let key = try Terminal.secretKey(sign)
    let progress = SharedProgress("encoded")
    let built: BuiltKit
    do throws(BuildError) {
      built = try build.build(partial: partial, release: release) { progress.show($0, of: $1) }
    } catch {
      progress.end()
      if case .findings(let findings) = error {
        let what = release ? "stand in the way of a release" : "errors"
        throw Failure.wrong("\(error)\n\(findings.count) \(what): no kit was built")
      }
      throw error
    }
    progress.end()
    kept.cache?.prune()
    let path = output ?? built.defaultFileName
    try built.write(to: path, signedBy: key)
    let clips = built.bundles.reduce(0) { $0 + $1.clips.count }
    let state = built.manifest.draft ? Terminal.paint(" DRAFT", .yellow) : ""
    print("\(path)\(state)  \(clips) clips in \(built.bundles.count) languages, signed by \(key.publicKey.id)")
    if let line = Self.approvals(of: built) { print(line) }
    for finding in built.report.findings where finding.severity == .warning { Terminal.remark("\(finding)") }
  }

  /// What stands behind the approved clips: keys, or names alone.
  private static func approvals(of built: BuiltKit) -> String? {
    let proofs = built.bundles.flatMap(\.clips).compactMap(\.proof)
    if proofs.isEmpty { return nil }
    let proved = proofs.filter { $0 == .key }.count
    return
      "\(proofs.count) clips approved: \(proved) proved by reviewers' keys, \(proofs.count - proved) by names alone"
  }

  private func forecast(_ build: KitBuild) throws {
    let progress = SharedProgress("looked at")
    let (forecast, report) = build.forecast { progress.show($0, of: $1) }
    progress.end()
    let errors = report.findings.filter { $0.severity == .error }
    for finding in errors { print(Terminal.paint("\(finding)", .red)) }
    let due = forecast.clips - forecast.kept
    let size = Double(forecast.bytes) / 1e6
    print(
      """
      \(forecast.clips) clips in \(forecast.languages) languages, about \((size * 10).rounded() / 10) MB
      \(due) to encode (\(Int(forecast.duration)) s of sound), about \(Int(forecast.time.rounded(.up))) s on this \
      machine; \(forecast.kept) are kept from before
      """)
    if !errors.isEmpty {
      print("\(errors.count) errors stand in its way")
      throw ExitCode(1)
    }
  }
}

/// Where clips are kept that were made before.
struct CacheOption: ParsableArguments {
  @Option(
    name: .customLong("cache"),
    help: ArgumentHelp("Directory for clips made before; ~/.cache/firstword without it.", valueName: "DIR"))
  var directory: String?

  @Flag(help: "Make every clip anew, and keep none.")
  var noCache = false

  var cache: BuildCache? {
    noCache ? nil : directory.map { BuildCache(directory: $0) } ?? BuildCache.standard
  }
}
