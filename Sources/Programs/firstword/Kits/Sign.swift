import ArgumentParser
import Kit
import KitBuilder

struct Sign: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Add a second publisher's signature to a kit.",
    discussion: """
      Who trusts your key then trusts the kit, and each language that is taken out of it: kit.json and every bundle \
      get a further signature (kit.json.KEYID.minisig). Those that are there stay. Signing twice changes nothing.

        firstword sign shelter.kit --key ministry.key --trust publisher.pub

      You vouch for what the kit says: listen to it before ('firstword play', 'firstword list --texts'). With --trust \
      it is first made sure that the kit comes from whom you think.

      Exit status: 0 signed, or was already; 1 the kit is damaged, or nobody trusted signed it; 2 it could not be done.
      """)

  @Argument(help: "The kit.")
  var kit: String

  @OptionGroup var key: KeyOption

  @Option(help: ArgumentHelp("A public key, or a directory of them: who must have signed it.", valueName: "PUB|DIR"))
  var trust: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write the signed kit here, and leave the other as it is.", valueName: "FILE.kit"))
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
        print("\(path)  had the signature of \(secret.publicKey.id) already")
      }
    } catch let error as KitError { throw Failure.wrong("\(error)") }
  }
}
