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
  func clip(_ act: JournalAct) -> Clip? { clip(act.clip, in: act.language) }

  /// Returns the formula that was joined to the question, by its hash.
  func formula(_ act: JournalAct) -> Clip? { clip(act.formulaClip, in: act.language) }

  private func clip(_ hash: String?, in language: String?) -> Clip? {
    guard let hash else { return nil }
    return bundle(language)?.clips.first { $0.sha256 == hash }
  }

  /// Returns the length of a message as it is played to its end, in milliseconds: with the pause and the formula of a
  /// question. Nil if the kit does not have its clips.
  func length(_ act: JournalAct) -> Int? {
    guard let clip = clip(act) else { return nil }
    if act.formula == nil { return clip.frames / 48 }
    return formula(act).map { clip.frames / 48 + manifest.answers.pause + $0.frames / 48 }
  }

  /// Returns the words with which the device gives the responder the caution of a gated prompt.
  func caution(_ prompt: String?) -> String? {
    prompt.flatMap(manifest.prompt)?.gate.flatMap(manifest.prompt)?.text
  }

  /// Returns whether a prompt is for the responder; `nil` if the kit does not have it.
  func isForResponder(_ prompt: String) -> Bool? {
    manifest.prompt(prompt).map { $0.module == KitPrompt.operatorModule }
  }
}
