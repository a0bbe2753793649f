import ArgumentParser
import Diagnostics
import Kit
import KitBuilder
import Posix

struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Merge the kits of several publishers into one.",
    discussion: """
      Each language is copied byte for byte with its publisher's signature; you sign the new kit. A device must trust \
      your key and the publishers' keys.

        firstword merge a.kit b.kit -o both.kit --key mine.key --trust keys
        firstword merge a.kit b.kit:so,ti -o both.kit --key mine.key --trust keys

      Languages keep the order of the kits; tags or names after a colon select some of a kit. A language or a number in two kits, \
      and prompts with different answers, are conflicts: all are reported, and nothing is written. Where only titles, \
      cautions or contacts differ, the first kit's are used.

      Exit status: 0 done; 1 a kit is damaged, untrusted, or in conflict with another; 2 failed.
      """)

  @Argument(help: ArgumentHelp("The kits; ':LANG,LANG' selects languages.", valueName: "KIT"))
  var kits: [String]

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Output file; an existing file is replaced.", valueName: "FILE.kit"))
  var output: String

  @OptionGroup var key: KeyOption

  @Option(
    help: ArgumentHelp("A public key, or a directory of them, that must have signed the kits.", valueName: "PUB|DIR"))
  var trust: String

  @Option(help: "Name of the kit; default: the first kit's.")
  var name: String?

  @Option(help: ArgumentHelp("Version of the kit; default: all versions, joined by +.", valueName: "VERSION"))
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
      throw Failure.wrong(
        "\(error)\n\(counted(error.lines.count, "conflict")); no kit was written")
    }
    let secret = try key.load()
    let versions = kitVersion ?? parts.map(\.kit.manifest.version).joined(separator: "+")
    let written: KitManifest
    do {
      written = try merge.write(
        name: name ?? merge.manifest.name, version: versions, signedBy: secret, to: output)
    } catch let error as KitError { throw Failure.wrong("\(error)") }
    for note in merge.notes { Terminal.remark("\(note)") }
    let state: Printable = written.draft ? Terminal.paint(" DRAFT", .yellow) : ""
    print(
      "\(output)\(state)  \(written.name) \(written.version), \(counted(written.bundles.count, "language")), "
        + "signed by \(secret.publicKey.id)")
  }

  /// Opens a kit from `FILE` or `FILE:ro,bg`.
  private func part(_ argument: String) throws -> KitMerge.Part {
    if !Files.exists(argument), let colon = argument.lastIndex(of: ":") {
      let names = argument[argument.index(after: colon)...].split(separator: ",").map(String.init)
      if !names.isEmpty {
        let kit = try openKit(String(argument[..<colon]))
        // KitMerge reports the unknown ones, together with all other conflicts.
        return KitMerge.Part(kit, languages: names.map { (try? kit.language($0).tag) ?? $0 })
      }
    }
    return KitMerge.Part(try openKit(argument))
  }
}
