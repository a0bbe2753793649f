import Journal
import Kit

/// The kit that was played, which gives a journal's tags, ids and hashes their names and words.
public struct HandoverKit: Sendable {
  /// The manifest of the kit.
  public var manifest: KitManifest
  /// The manifests of its bundles.
  public var bundles: [BundleManifest]

  /// Creates the reference to a kit.
  public init(_ manifest: KitManifest, _ bundles: [BundleManifest]) {
    self.manifest = manifest
    self.bundles = bundles
  }

  /// Returns the bundle of a language.
  func bundle(_ tag: String?) -> BundleManifest? { bundles.first { $0.tag == tag } }

  /// Returns the clip that was played, by its hash: a clip of the same prompt may have other words.
  func clip(_ act: JournalAct) -> Clip? {
    guard let hash = act.clip else { return nil }
    return bundle(act.language)?.clips.first { $0.sha256 == hash }
  }

  /// Returns whether a prompt is for the responder; `nil` if the kit does not have it.
  func isForResponder(_ prompt: String) -> Bool? {
    manifest.prompt(prompt).map { $0.module == KitPrompt.operatorModule }
  }
}
