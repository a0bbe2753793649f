import Changeover
import Journal
import Kit
import Posix
import Store

/// A kit that this board may play: a trusted key signed it, or the board may play it untrusted. It holds no clip that
/// its publisher recalled.
struct PlayableKit: Sendable {
  private let kit: KitFile
  /// The trusted key that signed it; nil for an untrusted kit.
  let signer: KeyID?
  /// The SHA-256 of clips that must not be played.
  let recalledClips: Set<String>
  /// Its languages, without recalled clips.
  let bundles: [BundleManifest]

  /// The questions that cannot be asked without a formula that it lacks: a line for each voice and answer mode.
  var missingFormulas: [String] {
    bundles.flatMap { manifest.missingFormulas(in: $0).map(\.description) }
  }

  /// Creates a playable kit.
  ///
  /// - Parameter recalledClips: SHA-256 of clips that must not be played.
  init(_ kit: KitFile, signer: KeyID?, recalledClips: Set<String> = []) {
    self.kit = kit
    self.signer = signer
    self.recalledClips = recalledClips
    bundles =
      recalledClips.isEmpty
      ? kit.bundles
      : kit.bundles.map { bundle in
        var bundle = bundle
        bundle.clips.removeAll { recalledClips.contains($0.sha256) }
        return bundle
      }
  }

  /// Its manifest, verified.
  var manifest: KitManifest { kit.manifest }

  /// The path of its file.
  var path: String { kit.path }

  /// Name and version: `shelter 1.1`.
  var name: String { "\(manifest.name) \(manifest.version)" }

  /// The kit, as the journal identifies it.
  var reference: JournalKit { JournalKit(identity, signer: signer?.description) }

  /// Returns the bundle of a language.
  func bundle(_ tag: String) -> BundleManifest? { bundles.first { $0.tag == tag } }

  /// Returns the clip of an item in a message that was played, also if it was recalled since.
  ///
  /// - Parameter item: The id of what it says: `raise-hand.hand`, `answer-card`.
  func playedClip(of item: String, in language: String, voice: String?) -> Clip? {
    clip(of: item, in: language, voice: voice) ?? kit.bundle(language)?.clip(of: item, voice: voice)
  }

  /// Returns the clip of an item in a voice, or in the first voice that has it.
  ///
  /// - Parameter item: The id of what it says: `raise-hand.hand`, `answer-card`.
  func clip(of item: String, in language: String, voice: String? = nil) -> Clip? {
    bundle(language)?.clip(of: item, voice: voice)
  }

  /// Returns the bytes of a clip, checked against its SHA-256.
  func bytes(of clip: Clip) throws(KitError) -> [UInt8] { try kit.bytes(of: clip) }

  /// Whether every clip is recalled.
  var isSilenced: Bool { bundles.allSatisfy(\.clips.isEmpty) }

  /// Returns whether a store still trusts its publisher and does not recall it.
  func isPermitted(by snapshot: Store.Snapshot) -> Bool { snapshot.refusal(of: kit) == nil }

  /// Returns whether trusted keys signed it.
  func isSigned(by trusted: TrustedKeys) -> Bool { (try? kit.signer(trustedBy: trusted)) != nil }
}

extension PlayableKit: InterchangeableKit {
  /// Name, version and the SHA-256 of its `kit.json`.
  var identity: String { "\(name) \(kit.sha256)" }

  /// The file that its clips are read from.
  var file: FileIdentity { kit.fileIdentity }

  /// The same kit with all clips recalled.
  var withheld: PlayableKit {
    PlayableKit(kit, signer: signer, recalledClips: Set(kit.bundles.flatMap { $0.clips.map(\.sha256) }))
  }
}

extension BundleManifest {
  fileprivate func clip(of item: String, voice: String?) -> Clip? {
    let place = clips.firstIndex { $0.says(item) && (voice == nil || $0.voice == voice) }
    return place.map { clips[$0] }
  }
}
