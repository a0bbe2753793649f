import Kit

/// A kit taken apart, to be put together again byte for byte.
struct KitParts {
  typealias Entries = [(name: String, content: [UInt8])]

  let manifest: KitFile.Document
  /// In the kit's order, each with its document and its manifest.
  let bundles: [(document: KitFile.Document, bundle: BundleManifest)]

  init(of kit: KitFile) throws(KitError) {
    let documents = try kit.documents()
    manifest = documents[0]
    bundles = Array(zip(documents.dropFirst(), kit.bundles))
  }

  /// A manifest with its signatures.
  static func entries(of document: KitFile.Document) -> Entries {
    [(document.name, document.text)] + document.signatures.map { ($0.entry, $0.signature.file) }
  }

  /// A bundle's clips, each checked against its hash.
  static func clips(of bundle: BundleManifest, in kit: KitFile) throws(KitError) -> Entries {
    var entries: Entries = []
    for clip in bundle.clips { entries.append((clip.file, try kit.bytes(of: clip))) }
    return entries
  }
}
