import ArgumentParser
import Encoding
import Glibc
import Kit
import Posix
import Project

struct RecallCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recall",
    abstract: "Keep a signed list of kits, clips and keys that must no longer be used.",
    discussion: """
        firstword recall add recalls.json --kit old.kit --reason "clips were swapped"
        firstword recall add recalls.json --from takedown.json
        firstword recall sign recalls.json --key publisher.key
        firstword verify old.kit --trust publisher.pub --recalls recalls.json

      The list and its signature (recalls.json.minisig) go to the devices together ('firstword store recall \
      recalls.json'). Each change raises the list's issue and removes its signature; sign it again.
      """,
    subcommands: [Add.self, Remove.self, Show.self, Sign.self, Verify.self])

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add kits, clips or keys to the list; a missing list is created.",
      discussion: """
        Name a kit by its file or by the SHA-256 of its kit.json ('firstword info'); a clip by the SHA-256 of its Opus \
        file ('firstword list --json'), which recalls it in every kit; a key by its .pub file, or by its id, which has only \
        8 bytes. Signatures of a recalled key are no longer accepted.

        A device heeds the list for what its publisher signed, and for other publishers' kits, clips and keys only if \
        the device's owner granted it ('firstword store trust KEY.pub --recalls-all').

        --from reads the report of 'firstword takedown': a JSON list of objects with the "sha256" of a clip and "reason".
        """)

    @Argument(help: ArgumentHelp("The list.", valueName: "LIST.json"))
    var list: String

    @Option(help: ArgumentHelp("A kit, by file or SHA-256; may be given again.", valueName: "KIT|SHA256"))
    var kit: [String] = []

    @Option(help: ArgumentHelp("A clip; may be given again.", valueName: "SHA256"))
    var clip: [String] = []

    @Option(help: ArgumentHelp("A key; may be given again.", valueName: "ID|PUB"))
    var key: [String] = []

    @Option(help: ArgumentHelp("Clips of a take-down.", valueName: "FILE.json"))
    var from: String?

    @Option(help: "The reason, in one line for people; no names of speakers or listeners.")
    var reason: String?

    @Option(help: ArgumentHelp("Day of the recall; default: today.", valueName: "YYYY-MM-DD"))
    var date: String?

    private struct TakenDown: Decodable {
      var sha256: String
      var reason: String?
    }

    func validate() throws {
      if kit.isEmpty && clip.isEmpty && key.isEmpty && from == nil {
        throw ValidationError("nothing to recall; use --kit, --clip, --key or --from")
      }
      if reason == nil && !(kit.isEmpty && clip.isEmpty && key.isEmpty) {
        throw ValidationError("no reason; add --reason TEXT for the people who have the kit")
      }
    }

    func run() throws {
      var recalls = Files.exists(list) ? try readList(list) : RecallList()
      var (added, known) = (0, 0)
      for recall in try recalled() {
        do throws(DocumentError) {
          if try recalls.add(recall) { added += 1 } else { known += 1 }
        } catch { throw Failure.impossible("'\(shown(recall.id))' cannot be recalled: \(error.why)") }
      }
      if added > 0 { try save(recalls, to: list) }
      print("\(list)  \(added) added\(known > 0 ? ", \(known) listed before" : ""), issue \(recalls.issue)")
      if added > 0 { remindToSign(list) }
    }

    private func recalled() throws -> [Recall] {
      let day = date ?? Day.today()
      func entry(_ kind: Recall.Kind, _ id: String) -> Recall {
        Recall(kind: kind, id: id, reason: reason ?? "", date: day)
      }
      var recalls = try kit.map { entry(.kit, Files.exists($0) ? try openKit($0).sha256 : $0) }
      recalls += clip.map { entry(.clip, $0) }
      recalls += try key.map { key in
        if !Files.exists(key) { return entry(.key, written(key)) }
        let whole = try PublicKey(reading: key)
        return Recall(kind: .key, id: whole.id.description, key: whole, reason: reason ?? "", date: day)
      }
      guard let from else { return recalls }
      let bytes = try Files.read(from, limit: SignedFile.limit)
      do throws(DocumentError) {
        for clip in try Documents.decode([TakenDown].self, from: bytes) {
          recalls.append(
            Recall(kind: .clip, id: clip.sha256, reason: clip.reason ?? reason ?? "taken down", date: day))
        }
      } catch {
        throw Failure.impossible("\(from): not a list of clips: \(error); use the file that 'firstword takedown' wrote")
      }
      return recalls
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove from the list what was added by mistake.",
      discussion: "Exit status: 0 removed; 1 not on the list; 2 failed.")

    @Argument(help: ArgumentHelp("The list.", valueName: "LIST.json"))
    var list: String

    @Argument(help: ArgumentHelp("SHA-256 or key id, as 'firstword recall show' prints it.", valueName: "ID"))
    var ids: [String]

    func run() throws {
      var recalls = try readList(list)
      for id in ids {
        if try recalls.remove(id) { continue }
        if try recalls.remove(written(id)) { continue }
        throw Failure.wrong("\(list): '\(shown(id))' is not on the list; 'firstword recall show \(list)' prints it")
      }
      try save(recalls, to: list)
      print("\(list)  \(ids.count) removed, issue \(recalls.issue)")
      remindToSign(list)
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the list.")

    @Argument(help: ArgumentHelp("The list.", valueName: "LIST.json"))
    var list: String

    @Flag(help: "JSON output.")
    var json = false

    func run() throws {
      let recalls = try readList(list)
      if json { return try printJSON(recalls) }
      var table = Table(["kind", "date", "id", "reason"])
      for entry in recalls.entries { table.add([entry.kind.rawValue, entry.date, entry.id, entry.reason]) }
      table.print()
      Terminal.remark("\(recalls.entries.count) recalled, issue \(recalls.issue)")
    }
  }

  struct Sign: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Sign the list; writes LIST.json.minisig.",
      discussion: "firstword recall sign recalls.json --key publisher.key")

    @Argument(help: ArgumentHelp("The list.", valueName: "LIST.json"))
    var list: String

    @OptionGroup var key: KeyOption

    func run() throws {
      let recalls = try readList(list)
      let secret = try key.load()
      let comment = "firstword recall list, issue \(recalls.issue)"
      try SignedFile.write(try recalls.json(), to: list, signedBy: secret, comment: comment)
      print("\(SignedFile.signature(of: list))  issue \(recalls.issue), signed by \(secret.publicKey.id)")
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Verify that a trusted key signed the list.",
      discussion: "Exit status: 0 signed by a trusted key; 1 not; 2 it could not be read.")

    @Argument(help: ArgumentHelp("The list.", valueName: "LIST.json"))
    var list: String

    @Option(help: ArgumentHelp("A public key, or a directory of them (*.pub).", valueName: "PUB|DIR"))
    var trust: String

    func run() throws {
      let trusted = try TrustedKeys(reading: trust)
      do throws(SignedFileError) {
        let (recalls, signer) = try RecallList.read(list, trustedBy: trusted)
        print("\(list)  \(recalls.entries.count) recalled, issue \(recalls.issue), signed by \(signer.id)")
      } catch {
        if case .system = error { throw error }
        throw Failure.wrong("\(error)")
      }
    }
  }
}

/// Reads a list without verifying it; a malformed list is an error, so that it is never overwritten.
private func readList(_ path: String) throws -> RecallList {
  do throws(SignedFileError) { return try RecallList.read(path) } catch {
    if case .system = error { throw error }
    throw Failure.wrong("\(error)")
  }
}

/// Writes a list and removes the old signature, which no longer fits.
private func save(_ recalls: RecallList, to path: String) throws {
  try Files.replace(path, with: try recalls.json())
  _ = unlink(SignedFile.signature(of: path))
}

private func remindToSign(_ path: String) {
  Terminal.remark("Devices ignore the list until it is signed: firstword recall sign \(path) --key NAME.key")
}

/// Returns a key's id as lists hold it; any other text as it is.
private func written(_ id: String) -> String { KeyID(typed: id)?.description ?? id }

/// Returns a short text on one line, for a message.
private func shown(_ text: String) -> String { String(text.prefix(80).map { $0.isNewline ? " " : $0 }) }
