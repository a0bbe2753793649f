import Encoding

/// What an archive holds besides clips: read once, when the kit is opened, and checked against each other.
struct KitContent: Sendable {
  var manifest: KitManifest
  /// Of `kit.json`.
  var sha256: String
  var bundles: [BundleManifest]
  /// `kit.json`, then the bundles' manifests.
  var documents: [Document]

  /// A manifest that somebody signed.
  struct Document: Sendable {
    let name: String
    /// What its signatures sign; the text itself is not kept.
    let blake2b512: [UInt8]
    /// The publisher's own first.
    let signatures: [(entry: String, signature: Signature)]
  }

  enum Limit {
    static let document = 4 << 20
    static let signature = 16 << 10
    /// Of one document.
    static let signatures = 16
    /// Of all manifests and signatures together: forty languages take a little over 1 MiB.
    static let all = 24 << 20
  }

  init(of archive: Archive) throws(KitError) {
    let path = archive.path
    var reader = Reader(archive)
    let (head, text) = try reader.document(KitLayout.manifest, of: archive)
    let manifest = try Self.decode(KitManifest.self, text, path, head.name, format: KitManifest.format, \.format)
    do throws(DocumentError) { try manifest.validate() } catch { throw KitError(path, head.name, .manifest(error)) }
    (self.manifest, sha256, bundles, documents) = (manifest, Digest.sha256(text), [], [head])

    for (index, claim) in manifest.bundles.enumerated() {
      let (part, text) = try reader.document(claim.manifest, of: archive)
      guard Digest.sha256(text) == claim.sha256 else {
        throw KitError(path, part.name, .damaged("it has not the SHA-256 that kit.json says"))
      }
      let bundle = try Self.decode(BundleManifest.self, text, path, part.name, format: BundleManifest.format, \.format)
      do throws(DocumentError) {
        if bundle.tag != claim.tag { throw DocumentError("tag", "is not \(claim.tag), as bundles[\(index)] says") }
        try bundle.validate()
      } catch { throw KitError(path, part.name, .manifest(error)) }
      documents.append(part)
      bundles.append(bundle)
    }
    do throws(DocumentError) { try manifest.validate(with: bundles) } catch {
      throw KitError(path, head.name, .manifest(error))
    }
    try compare(archive)
  }

  /// Reads documents with their signatures, and no more than the limits allow.
  private struct Reader {
    /// By document: the entries that sign it, with the key in their names. The publisher's own has none.
    private var names: [String: [(entry: Archive.Entry, key: KeyID?)]] = [:]
    private var total = 0

    init(_ archive: Archive) {
      for entry in archive.entries {
        guard let (document, key) = KitLayout.signed(by: entry.name) else { continue }
        names[document, default: []].append((entry, key))
      }
    }

    mutating func document(
      _ name: String, of archive: Archive
    ) throws(KitError) -> (Document, text: [UInt8]) {
      guard let entry = archive[name] else { throw KitError(archive.path, name, .missing) }
      let text = try read(entry, limit: Limit.document, of: archive)
      let found = names[name] ?? []
      guard let own = found.first(where: { $0.key == nil }) else {
        throw KitError(archive.path, KitLayout.signature(of: name), .missing)
      }
      if found.count > Limit.signatures {
        throw KitError(archive.path, name, .tooLarge("it has \(found.count) signatures"))
      }
      var signatures: [(entry: String, signature: Signature)] = []
      for (entry, key) in [own] + found.filter({ $0.key != nil }) {
        let bytes = try read(entry, limit: Limit.signature, of: archive)
        do throws(SignatureError) {
          let signature = try Signature(bytes)
          if let key, key != signature.key { throw .otherKey(signature.key) }
          signatures.append((entry.name, signature))
        } catch { throw KitError(archive.path, entry.name, .signature(error)) }
      }
      return (Document(name: name, blake2b512: Digest.blake2b512(text), signatures: signatures), text)
    }

    private mutating func read(
      _ entry: Archive.Entry, limit: Int, of archive: Archive
    ) throws(KitError) -> [UInt8] {
      total += entry.size
      if total > Limit.all {
        throw KitError(archive.path, entry.name, .tooLarge("its manifests have over \(Limit.all) bytes together"))
      }
      return try archive.read(entry, limit: limit)
    }
  }

  /// Every entry is named by a manifest, and every name has an entry of the right size.
  private func compare(_ archive: Archive) throws(KitError) {
    // Validation has made sure that no two of these names are equal, so counting them is enough.
    var count = 1
    for document in documents { count += 1 + document.signatures.count }
    for bundle in bundles {
      for clip in bundle.clips {
        guard let entry = archive[clip.file] else { throw KitError(archive.path, clip.file, .missing) }
        guard entry.size == clip.bytes else {
          throw KitError(archive.path, clip.file, .damaged("it has \(entry.size) bytes instead of \(clip.bytes)"))
        }
        count += 1
      }
    }
    if count == archive.entries.count { return }
    var named: Set<String> = [KitLayout.mimetype]
    for document in documents { named.formUnion([document.name] + document.signatures.map(\.entry)) }
    for bundle in bundles { named.formUnion(bundle.clips.map(\.file)) }
    for entry in archive.entries where !named.contains(entry.name) {
      throw KitError(archive.path, entry.name, .unlisted)
    }
  }

  private static func decode<Manifest: Decodable>(
    _ type: Manifest.Type, _ text: [UInt8], _ path: String, _ name: String, format: String,
    _ found: KeyPath<Manifest, String>
  ) throws(KitError) -> Manifest {
    let manifest: Manifest
    do throws(DocumentError) { manifest = try Documents.decode(type, from: text) } catch {
      // A newer form may well lack a key of ours: say that first.
      if let other = Documents.format(of: text), other != format {
        throw KitError(path, name, .version(found: other, expected: format))
      }
      throw KitError(path, name, .manifest(error))
    }
    let said = manifest[keyPath: found]
    if said != format { throw KitError(path, name, .version(found: said, expected: format)) }
    return manifest
  }
}
