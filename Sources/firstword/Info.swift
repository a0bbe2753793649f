import ArgumentParser
import Kit
import Posix

struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell what a kit holds.",
    discussion: "Reads the manifests and checks that they fit together. Whose kit it is, 'firstword verify' tells.")

  @Argument(help: "The kit.")
  var kit: String

  @Flag(help: "For machines: both kinds of manifest as they stand in the kit.")
  var json = false

  private struct Document: Encodable {
    var kit: KitManifest
    var sha256: String
    var claimedSigners: [String]
    var bundles: [BundleManifest]
  }

  func run() throws {
    let file = try KitFile(path: kit)
    if json {
      try printJSON(
        Document(
          kit: file.manifest, sha256: file.sha256, claimedSigners: file.claimedSigners.map(\.key.description),
          bundles: file.bundles))
      return
    }
    let state = file.manifest.draft ? Terminal.paint("DRAFT: for trials only", .yellow) : "released"
    print("\(Terminal.paint("\(file.manifest.name) \(file.manifest.version)", .bold))  \(state)")
    print("kit.json  \(file.sha256)")
    for signer in file.claimedSigners { print("signed    \(signer.key) (not verified here): \(signer.comment)") }
    print("\(file.clipCount) clips, \(file.manifest.prompts.count) prompts, \(file.bundles.count) languages:")
    for bundle in file.bundles {
      let seconds = bundle.clips.reduce(0) { $0 + $1.frames } / 48_000
      let synthetic = bundle.clips.contains(where: \.synthetic) ? ", synthetic" : ""
      let lowest = bundle.clips.map(\.status).min()?.rawValue ?? "empty"
      print(
        "  \(padded(bundle.number, 2)) \(filled(bundle.tag, 9)) \(filled(bundle.english, 12)) \(bundle.autonym): "
          + "\(bundle.clips.count) clips, \(seconds) s, \(lowest)\(bundle.proof)\(synthetic)")
    }
  }
}

extension BundleManifest {
  /// What stands behind the approval of all its clips.
  fileprivate var proof: String {
    guard clips.allSatisfy({ $0.status == .approved }) else { return "" }
    return clips.allSatisfy { $0.proof == .key } ? " (proved by keys)" : " (by names alone)"
  }
}

/// The text with spaces behind it, up to a width in characters.
func filled(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}

/// The number with zeros before it.
func padded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
