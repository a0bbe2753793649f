import ArgumentParser
import Kit

struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prove that a kit is whole and signed by somebody you trust.",
    discussion: "Every signature is checked, every clip is hashed, and nothing may be in the file that nobody signed.")

  @Argument(help: "The kit.")
  var kit: String

  @Option(help: ArgumentHelp("A public key, or a folder of them (*.pub).", valueName: "PUB|DIR"))
  var trust: String

  @Flag(help: "For machines.")
  var json = false

  private struct Result: Encodable {
    var kit: String
    var version: String
    var draft: Bool
    var signer: String
    var comment: String
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
    if json {
      try printJSON(
        Result(
          kit: file.manifest.name, version: file.manifest.version, draft: file.manifest.draft,
          signer: result.signer.key.description, comment: result.signer.comment, clips: result.clips,
          faults: result.faults.map(\.description)))
    } else if result.faults.isEmpty {
      print(
        "\(Terminal.paint("whole", .green)): \(file.manifest.name) \(file.manifest.version)"
          + "\(file.manifest.draft ? " DRAFT" : ""), \(result.clips) clips, signed by \(result.signer.key) "
          + "(\(result.signer.comment))")
    }
    if !json { for fault in result.faults { Terminal.complain(fault.description) } }
    if !result.faults.isEmpty { throw ExitCode(1) }
  }
}
