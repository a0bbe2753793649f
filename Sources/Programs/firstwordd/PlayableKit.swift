import Journal
import Kit

/// A kit that this board may play: a trusted key signed it, or the board may play it untrusted. It holds no clip that
/// its publisher recalled.
struct PlayableKit: Sendable {
  private let file: KitFile
  /// The trusted key that signed it; nil for an untrusted kit.
  let signer: KeyID?
  /// Its languages, without recalled clips.
  let bundles: [BundleManifest]

  /// Creates a playable kit.
  ///
  /// - Parameter recalledClips: SHA-256 of clips that must not be played.
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

  /// The same kit with all clips recalled.
  var withheld: PlayableKit {
    PlayableKit(file, signer: signer, recalledClips: Set(file.bundles.flatMap { $0.clips.map(\.sha256) }))
  }

  /// Its manifest, verified.
  var manifest: KitManifest { file.manifest }

  /// Name and version: `shelter 1.1`.
  var name: String { "\(manifest.name) \(manifest.version)" }

  /// Name, version and the SHA-256 of its `kit.json`.
  var identity: String { "\(name) \(file.sha256)" }

  /// The kit, as the journal identifies it.
  var reference: JournalKit { JournalKit(identity, signer: signer?.description) }

  /// Returns the bundle of a language.
  func bundle(_ tag: String) -> BundleManifest? { bundles.first { $0.tag == tag } }

  /// Returns the bytes of a clip, checked against its SHA-256.
  func bytes(of clip: Clip) throws(KitError) -> [UInt8] { try file.bytes(of: clip) }

  /// Whether every clip is recalled.
  var isSilenced: Bool { bundles.allSatisfy(\.clips.isEmpty) }
}
