import Encoding
import Kit

/// What the kits on a device can give to another kit: manifests with their signatures, and clips, by their hashes.
public struct KitInventory: Sendable {
  /// A manifest and the entries of its signatures, as they stand in a kit.
  struct Document: Sendable {
    /// The name of the manifest's entry.
    let name: String
    /// The manifest, then its signatures sorted by name.
    let entries: [(name: String, content: [UInt8])]

    /// The bytes of all entries with their local headers.
    var size: Int { entries.reduce(0) { $0 + ArchiveForm.local + $1.name.utf8.count + $1.content.count } }
  }

  /// A clip in one of the kits.
  struct Source: Sendable {
    /// The index of the kit in `kits`.
    let kit: Int
    /// The clip as that kit's manifest describes it.
    let clip: Clip
  }

  /// The kits, whose clips are read when they are needed.
  let kits: [KitFile]
  /// The bundles' manifests by their SHA-256.
  private(set) var documents: [String: Document] = [:]
  /// The clips by their SHA-256.
  private(set) var clips: [String: Source] = [:]
  /// The sizes of the bundles' manifests with their signatures, by the manifest's name; the largest counts.
  private(set) var sizes: [String: Int] = [:]
  /// The size of the largest `kit.json` with `mimetype` before it and its signatures after it.
  private(set) var headSize = 0

  /// Creates the inventory of open kits.
  ///
  /// - Throws: `KitError` if a manifest cannot be read, or has changed since the kit was opened.
  public init(_ kits: [KitFile]) throws(KitError) {
    self.kits = kits
    for (index, kit) in kits.enumerated() {
      for (number, document) in try kit.documents().enumerated() {
        var entries = [(name: document.name, content: document.text)]
        for name in document.signatures.map(\.entry).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
          guard let entry = kit.container[name] else { throw KitError(kit.path, name, .missing) }
          entries.append((name, try kit.container.read(entry, limit: SignedDocument.signatureLimit)))
        }
        let known = Document(name: document.name, entries: entries)
        if number == 0 {
          let mimetype = KitLayout.mimetype.utf8.count + KitLayout.mimetypeContent.utf8.count
          headSize = max(headSize, ArchiveForm.local + mimetype + known.size)
        } else {
          documents[Digest.sha256(document.text)] = known
          sizes[document.name] = max(sizes[document.name] ?? 0, known.size)
        }
      }
      for bundle in kit.bundles {
        for clip in bundle.clips { clips[clip.sha256] = Source(kit: index, clip: clip) }
      }
    }
  }
}
