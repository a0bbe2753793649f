import Diagnostics
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
    manifests.flatMap { manifest.missingFormulas(in: $0).map(\.description) }
  }

  /// For each sequence and language that takes longer than a first contact should, a line that says how long.
  public var longSequences: [String] {
    manifest.lengths(of: manifests).filter(\.isTooLong).map {
      "\($0.language): the sequence '\($0.sequence)' takes \($0.milliseconds / 1000) s, without the wait for answers; "
        + "a first contact should take \(SequenceLength.limit / 1000) s at most"
    }
  }

  /// A line that says whether keys or names alone prove the approvals; nil without approvals.
  public var approvals: String? {
    let proofs = bundles.flatMap(\.clips).compactMap(\.proof)
    if proofs.isEmpty { return nil }
    let proved = proofs.count { $0 == .key }
    return
      "\(counted(proofs.count, "clip")) approved: \(proved) proved by reviewers' keys, \(proofs.count - proved) by names alone"
  }

  /// A line that says how many recordings of the project the kit does not have; nil if it has all.
  public var unusedRecordings: String? {
    let unused = report.findings.count { $0.code == .unused }
    return unused == 0 ? nil : "\(counted(unused, "recording")) of the project not in this kit"
  }

  /// The manifests of the bundles, with their clips.
  private var manifests: [BundleManifest] {
    bundles.map { bundle in
      var whole = bundle.manifest
      whole.clips = bundle.clips.map { $0.entry(tag: whole.tag) }
      return whole
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
