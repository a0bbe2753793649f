import Kit

/// A further publisher's signature on a kit that is there: on `kit.json` and on every bundle, so that who trusts this
/// publisher alone can use the kit, or a bundle that is taken out of it.
public enum Countersign {
  /// What was done.
  public enum Outcome: Equatable, Sendable {
    case signed(documents: Int)
    /// Everything bore this key's signature already.
    case unchanged
  }

  /// Reads and checks every clip of the kit, and writes it to `path`, which may be the kit's own, with the signatures
  /// added. What stood there is replaced whole or not at all; the same key adds nothing a second time.
  ///
  /// - Throws: `KitError` for a damaged kit or a signature of this key that does not fit, `PackError` where the kit
  ///   cannot be written.
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
