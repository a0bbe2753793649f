import ArgumentParser
import Diagnostics
import Kit
import Posix

struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the contents of a kit.",
    discussion: """
      Reads the manifests and checks that they fit together. The length of a sequence is that of its messages, formulas \
      and pauses, without the wait for answers; a first contact should take 90 s at most. 'firstword verify' verifies the signatures; 'firstword \
      list' shows each clip.

        firstword info shelter.kit
        firstword info shelter.kit --recalls recalls.json --trust keys

      Exit status: 0 done; 1 the kit is damaged, or a part of it is recalled; 2 it could not be read.
      """)

  @Argument(help: "The kit.")
  var kit: String

  @OptionGroup var recalls: RecallsOption

  @Option(
    help: ArgumentHelp(
      "A public key, or a directory of them, to verify the recall list with; default: the list is not verified.",
      valueName: "PUB|DIR"))
  var trust: String?

  @Flag(help: "JSON output: both kinds of manifest.")
  var json = false

  private struct Document: Encodable {
    var kit: KitManifest
    var sha256: String
    var claimedSigners: [String]
    var bundles: [BundleManifest]
    /// How long each sequence takes in each language.
    var lengths: [SequenceLength]
    /// The recalled parts; absent without a list.
    var recalled: [String]?
  }

  func validate() throws {
    if trust != nil && recalls.recalls == nil {
      throw ValidationError("--trust verifies the recall list; add --recalls FILE")
    }
  }

  func run() throws {
    let file = try openKit(kit)
    let recalled = try self.recalled(file)
    if json {
      try printJSON(
        Document(
          kit: file.manifest, sha256: file.sha256, claimedSigners: file.claimedSigners.map(\.key.description),
          bundles: file.bundles, lengths: file.manifest.lengths(of: file.bundles),
          recalled: recalled?.map(\.description)))
    } else {
      try show(file)
      for fault in recalled ?? [] { Terminal.complain("\(fault)") }
    }
    if recalled?.isEmpty == false { throw ExitCode(1) }
  }

  private func recalled(_ file: KitFile) throws -> [KitError]? {
    guard let path = recalls.recalls else { return nil }
    if let trust {
      let trusted = try TrustedKeys(reading: trust)
      return try recalls.refusals(of: file, trustedBy: trusted)
    }
    return try RecallList.read(path).known(of: file)
  }

  private func show(_ file: KitFile) throws {
    let (manifest, clips) = (file.manifest, file.bundles.flatMap(\.clips))
    let state: Printable = manifest.draft ? Terminal.paint("DRAFT: for trials only", .yellow) : "released"
    print("\(Terminal.paint("\(manifest.name) \(manifest.version)", .bold))  \(state)")
    print("kit.json  \(file.sha256)")
    for signer in file.claimedSigners { print("signed    \(signer.key) (not verified here): \(signer.comment)") }
    if !manifest.operators.isEmpty {
      print(
        "responder \(manifest.operators.map { "\($0.tag) \($0.autonym)" }.joined(separator: ", ")), besides English")
    }
    if let voice = manifest.operatorLanguage.flatMap(file.bundle) {
      print("device    speaks \(voice.tag) \(voice.autonym) to the responder")
    }
    let modes = manifest.answers.modes.map(\.rawValue).joined(separator: ", ")
    print("answers   \(modes); \((Double(manifest.answers.pause) / 1000).tenths) s before the formula")
    for (id, form) in manifest.forms.sorted(by: { $0.key < $1.key }) { print("form      \(id): \(form)") }
    for line in Self.lengths(of: file) { print("length    \(line)") }
    for contact in manifest.contacts {
      print(
        "contact   \(contact.kind.rawValue): \([contact.name, contact.phone, contact.note].joined(separator: "  "))")
    }
    if let line = Self.approvals(of: file) { print("approvals \(line)") }
    let length = duration(clips.reduce(0) { $0 + $1.length })
    print(
      "\(counted(clips.count, "clip")) (\(length), \(megabytes(clips.reduce(0) { $0 + $1.bytes }))), "
        + "\(counted(manifest.prompts.count, "prompt")), \(counted(file.bundles.count, "language")):")
    let own = Set(file.claimedSigners.map(\.key))
    var table = Table(["", "tag", "name", "clips", "length", "status", "voices", "publisher", "autonym"])
    for bundle in file.bundles {
      let voices = Set(bundle.clips.map { $0.synthetic ? "synthetic" : $0.voice }).sorted().joined(separator: " ")
      let others = file.claimedSigners(of: bundle).map(\.key).filter { !own.contains($0) }
      table.add([
        padded(bundle.number, 2), bundle.tag, bundle.english, "\(bundle.clips.count)",
        duration(bundle.clips.reduce(0) { $0 + $1.length }), Self.status(of: bundle.clips) + bundle.proof, voices,
        others.map(\.description).joined(separator: " "), bundle.autonym,
      ])
    }
    table.print()
  }

  /// Returns a line for each sequence: its shortest and longest language, and those that take too long.
  private static func lengths(of file: KitFile) -> [Printable] {
    let all = file.manifest.lengths(of: file.bundles)
    return file.manifest.sequences.compactMap { sequence in
      let own = all.filter { $0.sequence == sequence.id }.sorted { $0.milliseconds < $1.milliseconds }
      guard let first = own.first, let last = own.last else { return nil }
      func text(_ length: SequenceLength) -> String {
        "\((Double(length.milliseconds) / 1000).tenths) s (\(length.language))"
      }
      let shown = own.count <= 5 ? own.map(text).joined(separator: ", ") : "\(text(first)) to \(text(last))"
      let long = own.filter(\.isTooLong).map(\.language)
      let warning: Printable =
        long.isEmpty ? "" : Terminal.paint("; longer than 90 s in \(long.joined(separator: ", "))", .yellow)
      return "\(sequence.id): \(shown)\(warning)"
    }
  }

  /// Returns how many approvals the kit is based on, and how far keys prove them; nil if there is none.
  private static func approvals(of file: KitFile) -> String? {
    let counts = file.bundles.compactMap(\.approvals)
    let proved = counts.reduce(0) { $0 + $1.proved }
    let unproved = counts.reduce(0) { $0 + $1.unproved }
    let keys = Set(counts.flatMap(\.keys)).count
    if proved + unproved > 0 {
      let people = "\(keys) \(keys == 1 ? "key" : "keys")"
      let warning = unproved == 0 ? "" : ": names that one person could have invented"
      return "\(proved + unproved): \(proved) proved by \(people), \(unproved) unproved\(warning)"
    }
    // A kit from before approvals were counted.
    let proofs = file.bundles.flatMap(\.clips).compactMap(\.proof)
    if proofs.isEmpty { return nil }
    let claims = proofs.count { $0 == .claim }
    return "of \(proofs.count) clips: \(proofs.count - claims) proved by keys, \(claims) unproved"
  }

  /// Returns `approved`, or the count of each status: `38 draft, 2 approved`.
  private static func status(of clips: [Clip]) -> String {
    let counts = Status.allCases.map { status in (status, clips.filter { $0.status == status }.count) }
      .filter { $0.1 > 0 }
    if counts.count == 1 { return counts[0].0.rawValue }
    return counts.map { "\($0.1) \($0.0.rawValue)" }.joined(separator: ", ")
  }
}

extension BundleManifest {
  /// The evidence for the approval of all its clips; empty if one is not approved.
  fileprivate var proof: String {
    guard clips.allSatisfy({ $0.status == .approved }) else { return "" }
    return clips.allSatisfy { $0.proof == .key } ? " (proved by keys)" : " (by names alone)"
  }
}
