import ArgumentParser
import Kit
import Posix

struct Keygen: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Create a key pair for signing kits.",
    discussion: """
      Writes NAME.key, which you keep secret, and NAME.pub, which the devices trust; both in minisign's formats. \
      Existing files are never replaced. Keep a copy of NAME.key in another safe place: without it you cannot update \
      your kits.
      """)

  @Argument(help: "Name of the two files, optionally with a directory.")
  var name: String

  @Flag(help: "No passphrase: anyone who can read the file can sign. For trials and machines.")
  var noPassword = false

  func run() throws {
    var passphrase: [UInt8]?
    if !noPassword {
      guard Terminal.isInteractive else {
        throw Failure.impossible("no terminal to ask for a passphrase; run it in one, or use --no-password")
      }
      // Before the questions, which would be in vain.
      for path in ["\(name).key", "\(name).pub"] where Files.exists(path) {
        throw Failure.impossible("\(path): it exists, and is never replaced; use another name")
      }
      passphrase = try Terminal.newPassphrase(for: "\(name).key")
      Terminal.remark("Encrypting the key takes some seconds.")
    }
    let key = try SecretKey.generate(name: name, passphrase: passphrase)
    print("\(name).key  secret: keep it safe\n\(name).pub  public: for devices or a channel, id \(key.id)")
  }
}
