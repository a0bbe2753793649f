import ArgumentParser
import Kit

struct Keygen: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a key pair to sign kits with.",
    discussion: """
      Writes NAME.key, which stays with you, and NAME.pub, which the devices trust; both in minisign's formats. \
      Files that are there already are never replaced. Keep a copy of NAME.key where no fire and no thief finds both: \
      without it, no kit of yours can be updated.
      """)

  @Argument(help: "Name of the two files, with a directory if you like.")
  var name: String

  @Flag(help: "No passphrase: whoever reads the file can sign. For trials and machines.")
  var noPassword = false

  func run() throws {
    var passphrase: [UInt8]?
    if !noPassword {
      guard Terminal.isInteractive else {
        throw Failure.impossible("a passphrase is asked for on a terminal, and there is none; or say --no-password")
      }
      passphrase = Terminal.passphrase("Passphrase for \(name).key: ")
      guard let passphrase else { throw Failure.impossible("no passphrase given; or say --no-password") }
      guard Terminal.passphrase("The same again: ") == passphrase else {
        throw Failure.impossible("the two passphrases differ; nothing was made")
      }
      Terminal.remark("Locking the key takes some seconds.")
    }
    let key = try SecretKey.generate(name: name, passphrase: passphrase)
    print("\(name).key  secret: keep it\n\(name).pub  public: give it to the devices, id \(key.id)")
  }
}
