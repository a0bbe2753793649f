import Encoding
import Glibc
import Kit
import Posix

/// Why no kit was written. An existing file is unchanged.
public enum PackError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Readers would refuse the kit; `document` is the invalid manifest.
  case content(document: String, DocumentError)
  /// The key cannot sign.
  case key(KeyError)
  /// A system call failed.
  case system(SystemError)
  /// libzip failed.
  case container(path: String, why: String)

  /// What failed, where, and why, on one line.
  public var description: String {
    switch self {
    case .content(let document, let error): "cannot build the kit: \(document): \(error)"
    case .key(let error): error.description
    case .system(let error): error.description
    case .container(let path, let why): "\(path): cannot write the container: \(why)"
    }
  }
}

/// Writes kits: adds manifests, hashes and signatures to finished clips. The same inputs give the same bytes.
public enum Pack {
  /// Writes a signed kit. An existing file is replaced as a whole or not at all.
  ///
  /// All is validated as a reader would before anything is written.
  ///
  /// - Parameters:
  ///   - manifest: the kit's name, version, prompts and so on, in any order; its `bundles` are replaced.
  ///   - bundles: the languages, in the order that the kit will have.
  ///   - key: the publisher's key.
  ///   - path: the kit's file.
  /// - Returns: the manifest as it was written.
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

  /// Writes a container: `mimetype`, then the entries sorted by the bytes of their names. An existing file is replaced as a
  /// whole or not at all.
  ///
  /// - Parameter entries: in any order; each name at most once.
  public static func write(_ entries: [(name: String, content: [UInt8])], to path: String) throws(PackError) {
    let sorted = entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    let container = try Container(
      [(KitLayout.mimetype, Array(KitLayout.mimetypeContent.utf8))] + sorted, path: path)
    // As Files.replace does, but in pieces, so that the kit is not in memory twice.
    let temporary = path + ".part"
    do throws(PackError) {
      try container.write(to: temporary)
      do throws(SystemError) { try Files.commit(temporary, as: path) } catch { throw .system(error) }
    } catch {
      _ = unlink(temporary)
      throw error
    }
  }

  /// Returns the bundle's manifest with its clips sorted and their files filled in, and the clips as entries.
  private static func finish(
    _ bundle: PackedBundle
  ) throws(PackError) -> (BundleManifest, [(name: String, content: [UInt8])]) {
    var manifest = bundle.manifest
    manifest.clips = []
    var entries: [(name: String, content: [UInt8])] = []
    let packed = bundle.clips.map { (clip: $0.entry(tag: manifest.tag), content: $0.content) }
    for (clip, content) in packed.sorted(by: { $0.clip.order < $1.clip.order }) {
      manifest.clips.append(clip)
      entries.append((clip.file, content))
    }
    let done = manifest
    try check(KitLayout.bundle(done.tag)) { () throws(DocumentError) in try done.validate() }
    return (done, entries)
  }

  /// Returns the trusted comment of a signature on a kit.
  static func comment(_ kit: KitManifest) -> String { "firstword kit \(kit.name) \(kit.version)" }

  /// Returns the trusted comment of a signature on a bundle. It names no version, so that an unchanged bundle has the
  /// same bytes in the kit's next version.
  static func comment(_ tag: String, of kit: KitManifest) -> String {
    "firstword bundle \(tag) of \(kit.name)"
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
