import Encoding
import Posix

/// A kit's manifests and signatures: read once, when the kit is opened, and checked against each other.
struct KitContent: Sendable {
  /// The decoded `kit.json`.
  var manifest: KitManifest
  /// The SHA-256 of `kit.json`.
  var sha256: String
  /// The bundles' manifests in the kit's order.
  var bundles: [BundleManifest]
  /// The signed documents: `kit.json`, then the bundles' manifests.
  var documents: [Document]

  /// A manifest and its signatures.
  struct Document: Sendable {
    /// The name of its entry.
    let name: String
    /// The hash that its signatures sign; the text itself is not kept.
    let blake2b512: [UInt8]
    /// The signatures, the publisher's own first.
    let signatures: [(entry: String, signature: Signature)]
  }

  /// Maximum sizes in bytes.
  enum Limit {
    static let document = 4 << 20
    static let signature = 16 << 10
    /// The maximum number of signatures of one document.
    static let signatures = 16
    /// All manifests and signatures together; forty languages take about 1 MiB.
    static let all = 24 << 20
  }

  /// Reads and checks all manifests of a container.
  ///
  /// - Parameter detail: what stays in memory of the clips.
  init(of archive: Archive, keeping detail: KitFile.Detail) throws(KitError) {
    let path = archive.path
    let reader = Reader(archive)
    let (head, text) = try reader.document(KitLayout.manifest, of: archive)
    let manifest = try Self.decode(text, path, head.name, format: KitManifest.format, \.format) {
      bytes throws(DocumentError) in try Documents.decode(KitManifest.self, from: bytes)
    }
    do throws(DocumentError) { try manifest.validate() } catch { throw KitError(path, head.name, .manifest(error)) }
    try reader.limit([head.name] + manifest.bundles.map(\.manifest), of: archive)
    (self.manifest, sha256, bundles, documents) = (manifest, Digest.sha256(text), [], [head])

    // Most of the time of a device's start: each bundle is checked for itself, on whatever processor is free.
    let parts = Workers.map(manifest.bundles.count, threads: Workers.cores) { index in
      Result { () throws(KitError) in try Self.bundle(index, of: manifest, reader, archive, keeping: detail) }
    }
    for part in parts {
      let (document, bundle) = try part.get()
      documents.append(document)
      bundles.append(bundle)
    }
    do throws(DocumentError) { try manifest.validate(with: bundles) } catch {
      throw KitError(path, head.name, .manifest(error))
    }
    try compare(archive)
  }

  /// Reads and checks one bundle's manifest.
  private static func bundle(
    _ index: Int, of manifest: KitManifest, _ reader: Reader, _ archive: Archive, keeping detail: KitFile.Detail
  ) throws(KitError) -> (Document, BundleManifest) {
    let (path, claim) = (archive.path, manifest.bundles[index])
    let (document, text) = try reader.document(claim.manifest, of: archive)
    guard Digest.sha256(text) == claim.sha256 else {
      throw KitError(path, document.name, .damaged("its SHA-256 is not the one in kit.json"))
    }
    let bundle = try decode(
      text, path, document.name, format: BundleManifest.format, \.format, BundleManifest.init(decoding:))
    do throws(DocumentError) {
      if bundle.tag != claim.tag { throw DocumentError("tag", "is not \(claim.tag), as bundles[\(index)] says") }
      try bundle.validate()
    } catch { throw KitError(path, document.name, .manifest(error)) }
    return (document, detail == .playback ? bundle.withoutTexts(in: archive) : bundle)
  }

  /// Reads documents with their signatures, within the limits.
  private struct Reader: Sendable {
    /// The signing entries by document, each with the key in its name; the publisher's own has none.
    private var names: [String: [(entry: Archive.Entry, key: KeyID?)]] = [:]

    init(_ archive: Archive) {
      for entry in archive.entries {
        guard let (document, key) = KitLayout.signed(by: entry.name) else { continue }
        names[document, default: []].append((entry, key))
      }
    }

    func document(
      _ name: String, of archive: Archive
    ) throws(KitError) -> (Document, text: [UInt8]) {
      guard let entry = archive[name] else { throw KitError(archive.path, name, .missing) }
      let text = try archive.read(entry, limit: Limit.document)
      let found = names[name] ?? []
      guard let own = found.first(where: { $0.key == nil }) else {
        throw KitError(archive.path, KitLayout.signature(of: name), .missing)
      }
      if found.count > Limit.signatures {
        throw KitError(archive.path, name, .tooLarge("it has \(found.count) signatures"))
      }
      var signatures: [(entry: String, signature: Signature)] = []
      for (entry, key) in [own] + found.filter({ $0.key != nil }) {
        let bytes = try archive.read(entry, limit: Limit.signature)
        do throws(SignatureError) {
          let signature = try Signature(bytes)
          if let key, key != signature.key { throw .otherKey(signature.key) }
          signatures.append((entry.name, signature))
        } catch { throw KitError(archive.path, entry.name, .signature(error)) }
      }
      return (Document(name: name, blake2b512: Digest.blake2b512(text), signatures: signatures), text)
    }

    /// Checks how large documents and their signatures are together, before they are read.
    func limit(_ documents: [String], of archive: Archive) throws(KitError) {
      var total = 0
      for name in documents {
        total += archive[name]?.size ?? 0
        for (entry, _) in names[name] ?? [] { total += entry.size }
        if total > Limit.all {
          throw KitError(archive.path, name, .tooLarge("its manifests have over \(Limit.all) bytes together"))
        }
      }
    }
  }

  /// Checks that a manifest names every entry, and that every named entry exists with the right size.
  private func compare(_ archive: Archive) throws(KitError) {
    // Validation has checked that the names are unique, so comparing the counts is enough.
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

  private static func decode<Manifest>(
    _ text: [UInt8], _ path: String, _ name: String, format: String, _ found: KeyPath<Manifest, String>,
    _ decode: (_ text: [UInt8]) throws(DocumentError) -> Manifest
  ) throws(KitError) -> Manifest {
    let manifest: Manifest
    do throws(DocumentError) { manifest = try decode(text) } catch {
      // A newer format may lack a key: report the format first.
      if let other = Documents.format(of: text), other != format {
        throw KitError(path, name, .version(found: other, expected: format))
      }
      throw KitError(path, name, .manifest(error))
    }
    let own = manifest[keyPath: found]
    if own != format { throw KitError(path, name, .version(found: own, expected: format)) }
    return manifest
  }
}

extension BundleManifest {
  /// Returns the same manifest without the texts that only people read. The names of its clips' files share the memory of
  /// the container's.
  fileprivate func withoutTexts(in archive: Archive) -> BundleManifest {
    var bundle = self
    bundle.clips = clips.map { clip in
      var clip = clip
      (clip.text, clip.back, clip.wording) = ("", "", "")
      if let entry = archive[clip.file] { clip.file = entry.name }
      return clip
    }
    return bundle
  }
}
