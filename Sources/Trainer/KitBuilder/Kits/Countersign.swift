import Kit

/// Adds a publisher's signature to an existing kit: to `kit.json` and to every bundle, so that anyone who trusts only this
/// publisher can use the kit, or a bundle that is taken out of it.
public enum Countersign {
  /// The result of a signing.
  public enum Outcome: Equatable, Sendable {
    /// The number of documents that were signed.
    case signed(documents: Int)
    /// All documents had this key's signature already.
    case unchanged
  }

  /// Verifies every clip of a kit, and writes the kit with the signatures added. An existing file is replaced as a whole
  /// or not at all. A second signature of the same key is not added.
  ///
  /// - Parameters:
  ///   - kit: an open kit.
  ///   - key: the publisher's key.
  ///   - path: the kit to write; may be the path of `kit`.
  /// - Throws: `KitError` for a damaged kit or an invalid signature of this key, `PackError` where the kit cannot
  ///   be written.
  public static func write(_ kit: KitFile, signedBy key: SecretKey, to path: String) throws -> Outcome {
    let parts = try KitParts(of: kit)
    let own = key.publicKey
    var (entries, added): (KitParts.Entries, Int) = ([], 0)
    for document in [parts.manifest] + parts.bundles.map(\.document) {
      entries += KitParts.entries(of: document)
      if let (entry, signature) = document.signatures.first(where: { $0.signature.key == own.id }) {
        do { try signature.verify(document.text, by: own) } catch { throw KitError(kit.path, entry, .signature(error)) }
        continue
      }
      let bundle = parts.bundles.first { $0.document.name == document.name }?.bundle
      let comment = bundle.map { Pack.comment($0.tag, of: kit.manifest) } ?? Pack.comment(kit.manifest)
      let name = KitLayout.signature(of: document.name, by: own.id)
      entries.append((name, try Pack.sign(document.text, key, comment)))
      added += 1
    }
    for (_, bundle) in parts.bundles { entries += try KitParts.clips(of: bundle, in: kit) }
    if added == 0 && path == kit.path { return .unchanged }
    try Pack.write(entries, to: path)
    return added == 0 ? .unchanged : .signed(documents: added)
  }
}
