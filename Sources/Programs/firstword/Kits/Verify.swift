import ArgumentParser
import Diagnostics
import Kit

struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Verify that a kit is undamaged and signed by a trusted key.",
    discussion: """
      Verifies every signature and hashes every clip; the file may contain nothing that is not signed. With a recall \
      list, signed by a trusted key, no part of the kit may be on it. A list applies to what its own key signed, as on a \
      device; --recalls-all applies it to every publisher's kits.

        firstword verify shelter.kit --trust publisher.pub
        firstword verify shelter.kit --trust keys --recalls recalls.json

      Exit status: 0 undamaged, trusted and not recalled; 1 not; 2 it could not be read.
      """)

  @Argument(help: "The kit.")
  var kit: String

  @Option(help: ArgumentHelp("A public key, or a directory of them (*.pub).", valueName: "PUB|DIR"))
  var trust: String

  @OptionGroup var recalls: RecallsOption

  @Flag(help: "JSON output.")
  var json = false

  private struct Result: Encodable {
    var kit: String
    var version: String
    var draft: Bool
    var signer: String
    var comment: String
    /// All trusted keys that signed kit.json.
    var signers: [String]
    var clips: Int
    var faults: [String]
  }

  func run() throws {
    let trusted = try TrustedKeys(reading: trust)
    let file: KitFile
    let result: KitFile.Verification
    var progress = Terminal.Progress("verified")
    do throws(KitError) {
      file = try KitFile(path: kit)
      result = try file.verifyAll(trustedBy: trusted) { progress.show($0, of: $1) }
    } catch {
      progress.end()
      if case .system = error.cause { throw error }
      throw Failure.wrong("\(error)")
    }
    progress.end()
    let faults = result.faults + (try recalls.refusals(of: file, trustedBy: trusted) ?? [])
    let known = Set(trusted.keys.map(\.id))
    let signers = file.claimedSigners.map(\.key).filter(known.contains).map(\.description)
    if json {
      try printJSON(
        Result(
          kit: file.manifest.name, version: file.manifest.version, draft: file.manifest.draft,
          signer: result.signer.key.description, comment: result.signer.comment, signers: signers, clips: result.clips,
          faults: faults.map(\.description)))
    } else if faults.isEmpty {
      print(
        """
        \(Terminal.paint("whole", .green)): \(file.manifest.name) \(file.manifest.version)\
        \(file.manifest.draft ? " DRAFT" : ""), \(counted(result.clips, "clip")), signed by \
        \(signers.joined(separator: " and ")) (\(result.signer.comment))
        """)
    }
    if !json { for fault in faults { Terminal.complain("\(fault.description)") } }
    if !faults.isEmpty { throw ExitCode(1) }
  }
}
