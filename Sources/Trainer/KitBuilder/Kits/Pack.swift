import Encoding
import Glibc
import Kit
import Posix

/// Why no kit was written. The file that was there before, if any, is as it was.
public enum PackError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kit would be refused by who opens it; `document` is the manifest at fault.
  case content(document: String, DocumentError)
  case key(KeyError)
  case system(SystemError)
  /// libzip refused.
  case container(path: String, why: String)

  public var description: String {
    switch self {
    case .content(let document, let error): "cannot build the kit: \(document): \(error)"
    case .key(let error): error.description
    case .system(let error): error.description
    case .container(let path, let why): "\(path): cannot write the container: \(why)"
    }
  }
}

/// Writes kits: manifests, hashes and signatures around clips that are ready. The same inputs give the same bytes.
public enum Pack {
  /// Writes the kit `path`, signed by `key`; what stood there is replaced whole or not at all.
  ///
  /// `manifest` gives the kit's name, version, prompts and so on; its own `bundles` are replaced by those given, in
  /// their order. Prompts are sorted. Everything is checked as a reader would before anything is written.
  /// Returns the manifest as it was written.
  @discardableResult
  public static func write(
    _ manifest: KitManifest, bundles: [PackedBundle], signedBy key: SecretKey, to path: String
  ) throws(PackError) -> KitManifest {
    var kit = manifest
    kit.prompts.sort { $0.number < $1.number }
    kit.bundles = []
    var entries: [(name: String, content: [UInt8])] = []
    var manifests: [BundleManifest] = []
    for bundle in bundles {
      let (written, content) = try finish(bundle)
      entries += content
      let name = KitLayout.bundle(written.tag)
      let document = try encode(written, name)
      let comment = comment(written.tag, of: kit)
      entries.append((name, document))
      entries.append((KitLayout.signature(of: name), try sign(document, key, comment)))
      manifests.append(written)
      kit.bundles.append(BundleEntry(tag: written.tag, manifest: name, sha256: Digest.sha256(document)))
    }
    try check(KitLayout.manifest) { () throws(DocumentError) in
      try kit.validate()
      try kit.validate(with: manifests)
    }
    let document = try encode(kit, KitLayout.manifest)
    entries.append((KitLayout.manifest, document))
    let signature = try sign(document, key, comment(kit))
    entries.append((KitLayout.signature(of: KitLayout.manifest), signature))
    try write(entries, to: path)
    return kit
  }

  /// Writes a container with these entries, `mimetype` before them and they sorted by the bytes of their names; what
  /// stood at `path` is replaced whole or not at all. No name may come twice.
  public static func write(_ entries: [(name: String, content: [UInt8])], to path: String) throws(PackError) {
    let sorted = entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    let container = try Container(
      [(KitLayout.mimetype, Array(KitLayout.mimetypeContent.utf8))] + sorted, path: path)
    // As Files.replace, but in pieces: a kit need not stand in memory once more.
    let temporary = path + ".part"
    do throws(PackError) {
      try container.write(to: temporary)
      do throws(SystemError) { try Files.commit(temporary, as: path) } catch { throw .system(error) }
    } catch {
      _ = unlink(temporary)
      throw error
    }
  }

  /// The bundle's manifest with its clips sorted and their files filled in, and the clips as entries.
  private static func finish(
    _ bundle: PackedBundle
  ) throws(PackError) -> (BundleManifest, [(name: String, content: [UInt8])]) {
    var manifest = bundle.manifest
    manifest.clips = []
    var entries: [(name: String, content: [UInt8])] = []
    for packed in bundle.clips.sorted(by: { ($0.number, $0.voice) < ($1.number, $1.voice) }) {
      let clip = packed.entry(tag: manifest.tag)
      manifest.clips.append(clip)
      entries.append((clip.file, packed.content))
    }
    let done = manifest
    try check(KitLayout.bundle(done.tag)) { () throws(DocumentError) in try done.validate() }
    return (done, entries)
  }

  /// What a publisher says of the kit.
  static func comment(_ kit: KitManifest) -> String { "firstword kit \(kit.name) \(kit.version)" }

  /// What a publisher says of one of its languages.
  static func comment(_ tag: String, of kit: KitManifest) -> String {
    "firstword bundle \(tag) of \(kit.name) \(kit.version)"
  }

  static func encode(_ value: some Encodable, _ document: String) throws(PackError) -> [UInt8] {
    do throws(DocumentError) { return try Documents.encode(value) } catch { throw .content(document: document, error) }
  }

  static func check(_ document: String, _ work: () throws(DocumentError) -> Void) throws(PackError) {
    do throws(DocumentError) { try work() } catch { throw .content(document: document, error) }
  }

  static func sign(
    _ document: [UInt8], _ key: SecretKey, _ comment: String
  ) throws(PackError) -> [UInt8] {
    do throws(KeyError) { return try key.sign(document, trustedComment: comment).file } catch { throw .key(error) }
  }
}
