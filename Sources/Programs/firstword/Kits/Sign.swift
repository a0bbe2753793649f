import ArgumentParser
import Kit
import KitBuilder

struct Sign: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Add another publisher's signature to a kit.",
    discussion: """
      Devices that trust your key then trust the kit and each of its languages: kit.json and every bundle get a further \
      signature (kit.json.KEYID.minisig). Existing signatures stay. Signing twice changes nothing.

        firstword sign shelter.kit --key ministry.key --trust publisher.pub

      You vouch for the kit's content: listen to it first ('firstword play', 'firstword list --texts'). --trust verifies \
      the publisher's signature first.

      Exit status: 0 signed, now or before; 1 the kit is damaged or untrusted; 2 failed.
      """)

  @Argument(help: "The kit.")
  var kit: String

  @OptionGroup var key: KeyOption

  @Option(
    help: ArgumentHelp("A public key, or a directory of them, that must have signed the kit.", valueName: "PUB|DIR"))
  var trust: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Output file; default: the kit itself.", valueName: "FILE.kit"))
  var output: String?

  func run() throws {
    let file = try openKit(kit)
    if let trust { try requireTrust(in: file, by: TrustedKeys(reading: trust)) }
    let secret = try key.load()
    try requireWhole(file)
    let path = output ?? kit
    do {
      switch try Countersign.write(file, signedBy: secret, to: path) {
      case .signed(let documents):
        print("\(path)  signed by \(secret.publicKey.id): kit.json and \(documents - 1) languages")
      case .unchanged:
        print("\(path)  was signed by \(secret.publicKey.id) already")
      }
    } catch let error as KitError { throw Failure.wrong("\(error)") }
  }
}
