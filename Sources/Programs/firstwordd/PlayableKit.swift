import Kit

/// A kit that this board may play: somebody trusted signed it, or it may do without; and nothing in it that its
/// publisher has taken back.
struct PlayableKit: Sendable {
  private let file: KitFile
  let signer: KeyID?
  /// Without recalled clips.
  let bundles: [BundleManifest]

  init(_ file: KitFile, signer: KeyID?, recalledClips: Set<String> = []) {
    self.file = file
    self.signer = signer
    bundles =
      recalledClips.isEmpty
      ? file.bundles
      : file.bundles.map { bundle in
        var bundle = bundle
        bundle.clips.removeAll { recalledClips.contains($0.sha256) }
        return bundle
      }
  }

  /// The same, of which nothing may be played any more.
  var withheld: PlayableKit {
    PlayableKit(file, signer: signer, recalledClips: Set(file.bundles.flatMap { $0.clips.map(\.sha256) }))
  }

  var manifest: KitManifest { file.manifest }

  /// `shelter 1.1`
  var name: String { "\(manifest.name) \(manifest.version)" }

  /// As the journal names it: with the SHA-256 of its `kit.json`.
  var identity: String { "\(name) \(file.sha256)" }

  func bundle(_ tag: String) -> BundleManifest? { bundles.first { $0.tag == tag } }

  func bytes(of clip: Clip) throws(KitError) -> [UInt8] { try file.bytes(of: clip) }

  /// Nothing may be played, whatever the buttons say.
  var isSilenced: Bool { bundles.allSatisfy(\.clips.isEmpty) }
}
