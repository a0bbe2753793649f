import ArgumentParser
import Kit
import Posix
import Project

struct Rekey: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Declare, signed with your old key, that a new key replaces it.",
    discussion: """
      Devices trust keys, not names. Before a key gets old, or the person who keeps it leaves:

        1. create the new pair:
           firstword keygen publisher-2027
        2. declare the replacement:
           firstword rekey --old publisher.key --new publisher-2027.pub -o new.json
        3. add its signature to each kit in use:
           firstword sign shelter.kit --key publisher-2027.key
        4. give the kits, and new.json with new.json.minisig, to the devices; a device
           that trusts the old key then trusts the new one instead:
           firstword store rekey new.json
           or through a channel:
           firstword channel add web new.json --trust publisher.pub
        5. keep the old key until the last device has changed

      Do not do this if the old key was stolen or copied: the thief could do the same. Recall the key ('firstword \
      recall add LIST --key NAME.pub'), have the list signed with another key that the devices trust with --recalls-all, \
      and hand out the new public key by \
      hand, as the first time. If the old key is lost, hand out the new public key by hand.

        firstword rekey --check new.json --trust publisher.pub
        minisign -V -m new.json -p publisher.pub    # the same with minisign
      """)

  @Option(help: ArgumentHelp("The old secret key.", valueName: "NAME.key"))
  var old: String?

  @Option(help: ArgumentHelp("The new public key.", valueName: "NAME.pub"))
  var new: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Output file; its signature is FILE.json.minisig.", valueName: "FILE.json"))
  var output: String?

  @Option(help: ArgumentHelp("Verify a statement instead of writing one.", valueName: "FILE.json"))
  var check: String?

  @Option(help: ArgumentHelp("With --check: the trusted keys.", valueName: "PUB|DIR"))
  var trust: String?

  func validate() throws {
    if check != nil ? trust == nil || old != nil || new != nil || output != nil : trust != nil {
      throw ValidationError("--check FILE needs --trust and takes no other option")
    }
    if check == nil, old == nil || new == nil || output == nil {
      throw ValidationError("use --old NAME.key, --new NAME.pub and -o FILE.json, or --check FILE.json")
    }
  }

  func run() throws {
    if let check, let trust { return try look(check, try TrustedKeys(reading: trust)) }
    guard let old, let new, let output else { return }
    let next = try PublicKey(reading: new)
    for path in [output, SignedFile.signature(of: output)] where Files.exists(path) {
      throw Failure.impossible("\(path): it exists; name another file, or remove it")
    }
    let key = try Terminal.secretKey(old)
    if key.publicKey.id == next.id {
      throw Failure.impossible("\(new): it is the public half of the old key; name the new one")
    }
    let rotation = KeyRotation(from: key.publicKey, to: next, date: Day.today())
    try SignedFile.write(try rotation.json(), to: output, signedBy: key, comment: rotation.comment)
    print(
      """
      \(output)  \(key.publicKey.id) is replaced by \(next.id)
      Give it to the devices together with \(SignedFile.signature(of: output)); see 'firstword help rekey'.
      """)
  }

  private func look(_ path: String, _ trusted: TrustedKeys) throws {
    do throws(SignedFileError) {
      let rotation = try KeyRotation.read(path, trustedBy: trusted).rotation
      print("\(path): \(rotation.old) is replaced by \(rotation.newKey?.id.description ?? "") since \(rotation.date)")
    } catch {
      if case .system = error { throw error }
      throw Failure.wrong("\(error)")
    }
  }
}
