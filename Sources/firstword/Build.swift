import ArgumentParser
import Catalogue
import Foundation
import Kit
import KitBuilder
import Posix
import Synchronization

struct Build: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a signed kit of a project.",
    discussion: """
      Every recording is levelled, encoded, decoded and measured again. The same recordings and words give the same \
      file, byte for byte. A kit with a draft or with synthetic speech is marked DRAFT.

        firstword build shelter -o shelter.kit --sign publisher.key
      """)

  @Argument(help: "The project's folder.")
  var folder: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The kit to write; NAME-VERSION.kit without it. What is there is replaced.", valueName: "FILE.kit"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "The secret key to sign with, as 'firstword keygen' or minisign makes it.", valueName: "NAME.key"))
  var sign: String

  @Flag(help: "Build what is there, though recordings are missing.")
  var partial = false

  @Option(help: ArgumentHelp("Day that approvals must be valid on; today without it.", valueName: "YYYY-MM-DD"))
  var date: String?

  @OptionGroup var words: CatalogueOption

  func run() throws {
    let build = try KitBuild(
      folder: folder, catalogue: Catalogue.locate(words.catalogue), day: date ?? today())
    // Before the long work: a passphrase that is wrong should be known now.
    let key = try SecretKey(reading: sign) { Terminal.passphrase($0) }
    let progress = SharedProgress("encoded")
    let built: BuiltKit
    do throws(BuildError) {
      built = try build.build(partial: partial) { progress.show($0, of: $1) }
    } catch {
      progress.end()
      if case .findings(let findings) = error {
        throw Failure.wrong("\(error)\n\(findings.count) errors: no kit was built")
      }
      throw error
    }
    progress.end()
    let path = output ?? built.defaultFileName
    try built.write(to: path, signedBy: key)
    let clips = built.bundles.reduce(0) { $0 + $1.clips.count }
    let state = built.manifest.draft ? Terminal.paint(" DRAFT", .yellow) : ""
    print("\(path)\(state)  \(clips) clips in \(built.bundles.count) languages, signed by \(key.publicKey.id)")
    for finding in built.report.findings where finding.severity == .warning { Terminal.remark("\(finding)") }
  }
}

/// The day in UTC, as the approvals write it: `2026-05-01`.
func today() -> String {
  var now = time(nil)
  var parts = tm()
  gmtime_r(&now, &parts)
  let (year, month, day) = (Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday))
  return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
}

/// Progress that several threads tell of.
final class SharedProgress: Sendable {
  private let line: Mutex<Terminal.Progress>

  init(_ what: String) { line = Mutex(Terminal.Progress(what)) }

  func show(_ done: Int, of all: Int) { line.withLock { $0.show(done, of: all) } }
  func end() { line.withLock { $0.end() } }
}
