import ArgumentParser
import Kit
import KitBuilder
import Posix

struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make one kit of several publishers' kits.",
    discussion: """
      Each language goes over byte for byte with its publisher's signature; the kit around them is signed by you. A \
      device needs your key and the publishers' keys to play it.

        firstword merge a.kit b.kit -o both.kit --key mine.key --trust keys
        firstword merge a.kit b.kit:so,ti -o both.kit --key mine.key --trust keys

      Languages stand in the order of the kits, and those behind a colon are all that is taken of one. The same \
      language twice, a number given twice and prompts that ask for different answers are conflicts: all are told, and \
      nothing is written. Where only titles, cautions or contacts differ, the first kit has its way.

      Exit status: 0 done; 1 a kit is damaged, not trusted, or in conflict with another; 2 it could not be done.
      """)

  @Argument(help: ArgumentHelp("The kits; with ':TAG,TAG' only these languages.", valueName: "KIT"))
  var kits: [String]

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The kit to write; what is there is replaced.", valueName: "FILE.kit"))
  var output: String

  @OptionGroup var key: KeyOption

  @Option(help: ArgumentHelp("A public key, or a directory of them: whose kits are taken.", valueName: "PUB|DIR"))
  var trust: String

  @Option(help: "Name of the kit; the first one's without it.")
  var name: String?

  @Option(help: ArgumentHelp("Version of the kit; all versions joined by + without it.", valueName: "VERSION"))
  var kitVersion: String?

  func validate() throws {
    if kits.isEmpty { throw ValidationError("name at least one kit") }
  }

  func run() throws {
    let trusted = try TrustedKeys(reading: trust)
    let parts = try kits.map(part)
    for part in parts {
      try requireTrust(in: part.kit, by: trusted)
      try requireWhole(part.kit)
    }
    let merge: KitMerge
    do throws(KitMerge.Conflicts) { merge = try KitMerge(parts) } catch {
      throw Failure.wrong("\(error)\n\(error.lines.count) in conflict: no kit was written")
    }
    let secret = try key.load()
    let versions = kitVersion ?? parts.map(\.kit.manifest.version).joined(separator: "+")
    let written: KitManifest
    do {
      written = try merge.write(
        name: name ?? merge.manifest.name, version: versions, signedBy: secret, to: output)
    } catch let error as KitError { throw Failure.wrong("\(error)") }
    for note in merge.notes { Terminal.remark(note) }
    let state = written.draft ? Terminal.paint(" DRAFT", .yellow) : ""
    print(
      "\(output)\(state)  \(written.name) \(written.version), \(written.bundles.count) languages, "
        + "signed by \(secret.publicKey.id)")
  }

  /// `FILE` or `FILE:ro,bg`.
  private func part(_ argument: String) throws -> KitMerge.Part {
    if !Files.exists(argument), let colon = argument.lastIndex(of: ":") {
      let tags = argument[argument.index(after: colon)...].split(separator: ",").map(String.init)
      if !tags.isEmpty { return KitMerge.Part(try openKit(String(argument[..<colon])), languages: tags) }
    }
    return KitMerge.Part(try openKit(argument))
  }
}
