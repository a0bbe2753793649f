import Kit

/// The parts of a kit, from which another kit is written with the same bytes.
struct KitParts {
  typealias Entries = [(name: String, content: [UInt8])]

  /// `kit.json` with its signatures.
  let manifest: KitFile.Document
  /// The bundles in the kit's order, each with its signed document and its decoded manifest.
  let bundles: [(document: KitFile.Document, bundle: BundleManifest)]

  init(of kit: KitFile) throws(KitError) {
    let documents = try kit.documents()
    manifest = documents[0]
    bundles = Array(zip(documents.dropFirst(), kit.bundles))
  }

  /// Returns the entries of a manifest and its signatures.
  static func entries(of document: KitFile.Document) -> Entries {
    [(document.name, document.text)] + document.signatures.map { ($0.entry, $0.signature.file) }
  }

  /// Returns the entries of a bundle's clips, each verified by its hash.
  static func clips(of bundle: BundleManifest, in kit: KitFile) throws(KitError) -> Entries {
    var entries: Entries = []
    for clip in bundle.clips { entries.append((clip.file, try kit.bytes(of: clip))) }
    return entries
  }
}
