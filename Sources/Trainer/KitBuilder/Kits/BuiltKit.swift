import Kit

/// A kit in memory, before it is signed and written.
public struct BuiltKit: Sendable {
  /// The manifest; its bundle entries follow when the kit is written.
  public var manifest: KitManifest
  /// A bundle for each language that has a clip.
  public var bundles: [PackedBundle]
  /// What check found.
  public var report: CheckReport

  /// `first-contact-1.0-DRAFT.kit`
  public var defaultFileName: String {
    "\(manifest.name)-\(manifest.version)\(manifest.draft ? "-DRAFT" : "").kit"
  }

  /// For each language, voice and answer mode, a line that names the questions of this voice without a formula: the
  /// device does not play them in this mode.
  public var unavailableQuestions: [String] {
    let questions = manifest.prompts.filter(\.isFollowedByFormula)
    return bundles.flatMap { bundle -> [String] in
      var whole = bundle.manifest
      whole.clips = bundle.clips.map { $0.entry(tag: whole.tag) }
      return Set(whole.clips.map(\.voice)).sorted().flatMap { voice in
        manifest.answers.modes.compactMap { mode in
          let silent = questions.filter { question in
            whole.clip(of: question, mode: mode, isForChild: false, voice: voice) != nil
              && whole.message(of: question, mode: mode, isForChild: false, voice: voice) == nil
          }
          if silent.isEmpty { return nil }
          return "\(whole.tag) \(voice), answers '\(mode.rawValue)': unavailable without a recording of "
            + "'\(mode.formula)': \(silent.map(\.id).joined(separator: ", "))"
        }
      }
    }
  }

  /// Signs and writes the kit. A file at `path` is replaced whole or not at all.
  ///
  /// - Returns: the manifest as it was written.
  @discardableResult
  public func write(to path: String, signedBy key: borrowing SecretKey) throws(BuildError) -> KitManifest {
    do throws(PackError) {
      return try Pack.write(manifest, bundles: bundles, signedBy: key, to: path)
    } catch { throw .pack(error) }
  }
}
