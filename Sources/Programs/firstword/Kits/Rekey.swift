import ArgumentParser
import Kit
import Posix

struct Rekey: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say, signed with your old key, that a new one follows it.",
    discussion: """
      Devices trust keys, not names. Before a key grows old, or its keeper leaves:

        1. make the new pair:
           firstword keygen publisher-2027
        2. say that it follows:
           firstword rekey --old publisher.key --new publisher-2027.pub -o new.json
        3. sign each kit in use with it too, so that both keys vouch for it:
           firstword sign shelter.kit --key publisher-2027.key
        4. give the kits, and new.json with new.json.minisig, to the devices; each
           that trusts the old key then trusts the new one in its place:
           firstword store rekey new.json
        5. keep the old key until the last device has changed

      If the old key was stolen or copied, do not do this: the thief could do the same. Recall the key ('firstword \
      recall add LIST --key ID'), have the list signed by another trusted key, and hand out the new public key by hand, \
      as the first time. If it is lost, nobody can recall or follow it: hand out the new public key by hand.

        firstword rekey --check new.json --trust publisher.pub
        minisign -V -m new.json -p publisher.pub    # the same, without us
      """)

  @Option(help: ArgumentHelp("The old secret key.", valueName: "NAME.key"))
  var old: String?

  @Option(help: ArgumentHelp("The new public key.", valueName: "NAME.pub"))
  var new: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The statement to write; its signature is put beside it.", valueName: "FILE.json"))
  var output: String?

  @Option(help: ArgumentHelp("Look at a statement instead of making one.", valueName: "FILE.json"))
  var check: String?

  @Option(help: ArgumentHelp("With --check: the keys that you trust.", valueName: "PUB|DIR"))
  var trust: String?

  func validate() throws {
    if check != nil ? trust == nil || old != nil || new != nil || output != nil : trust != nil {
      throw ValidationError("--check FILE goes with --trust, and with nothing else")
    }
    if check == nil, old == nil || new == nil || output == nil {
      throw ValidationError("say --old NAME.key, --new NAME.pub and -o FILE.json, or --check FILE.json")
    }
  }

  func run() throws {
    if let check, let trust { return try look(check, try TrustedKeys(reading: trust)) }
    guard let old, let new, let output else { return }
    let next = try PublicKey(reading: new)
    for path in [output, SignedFile.signature(of: output)] where Files.exists(path) {
      throw Failure.impossible("\(path): it is there already; name another file, or remove it")
    }
    let key = try SecretKey(reading: old) { Terminal.passphrase($0) }
    if key.publicKey.id == next.id { throw Failure.impossible("\(new): it is the old key's own public half") }
    let rotation = KeyRotation(from: key.publicKey, to: next, date: today())
    try SignedFile.write(try rotation.json(), to: output, signedBy: key, comment: rotation.comment)
    print(
      """
      \(output)  \(key.publicKey.id) is followed by \(next.id)
      Give it to the devices together with \(SignedFile.signature(of: output)); 'firstword help rekey' tells the rest.
      """)
  }

  private func look(_ path: String, _ trusted: TrustedKeys) throws {
    do throws(SignedFileError) {
      let rotation = try KeyRotation.read(path, trustedBy: trusted)
      print("\(path): \(rotation.old) is followed by \(rotation.newKey?.id.description ?? "") since \(rotation.date)")
    } catch {
      if case .system = error { throw error }
      throw Failure.wrong("\(error)")
    }
  }
}
