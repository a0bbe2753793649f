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
