import Posix

/// An open kit: manifests in memory, clips in the file.
///
/// Three steps, each resting on the one before:
/// - `KitFile(path:)`: the form is right, the manifests are sane and fit each other and the container. Nobody is
///   trusted yet, no clip was read.
/// - `signer(trustedBy:)`: somebody trusted vouches for all manifests, and so for the hash of every clip.
/// - `bytes(of:)`: the clip's content has that hash, now.
///
/// Any thread may use it.
public final class KitFile: Sendable {
  public let path: String
  public let manifest: KitManifest
  /// SHA-256 of `kit.json`, lower-case hexadecimal: names this kit and no other.
  public let sha256: String
  /// In the manifest's order.
  public let bundles: [BundleManifest]

  private let archive: Archive
  private let documents: [Document]

  /// A manifest as it stands in the file, with its signatures: the publisher's first.
  private struct Document: Sendable {
    let name: String
    let bytes: [UInt8]
    let signatures: [(entry: String, signature: Signature)]
  }

  /// Who signed, and what they said about it.
  public struct Signer: Equatable, Sendable {
    public let key: KeyID
    public let comment: String
  }

  private enum Limit {
    static let document = 4 << 20
    /// Of all manifests together: forty languages take about 1 MiB.
    static let documents = 24 << 20
    static let signature = 16 << 10
    static let signatures = 16
  }

  /// Opens a kit. Manifests, their hashes and signatures are read here, and nothing else.
  public init(path: String) throws(KitError) {
    let archive = try Archive(path: path)
    var signatures: [String: [(entry: String, signature: Signature)]] = [:]
    for entry in archive.entries {
      guard let (document, key) = KitLayout.signed(by: entry.name) else { continue }
      let bytes = try archive.read(entry, limit: Limit.signature)
      let signature: Signature
      do throws(SignatureError) { signature = try Signature(bytes) } catch {
        throw KitError(path, entry.name, .signature(error))
      }
      guard key == nil || key == signature.key else {
        throw KitError(path, entry.name, .signature(.otherKey(signature.key)))
      }
      // The publisher's own sorts behind those with a key in the name (digits and capitals); it goes first.
      signatures[document, default: []].insert(
        (entry.name, signature), at: key == nil ? 0 : signatures[document]?.count ?? 0)
    }
    var read = 0
    func document(_ name: String, _ archive: borrowing Archive) throws(KitError) -> Document {
      guard let entry = archive[name] else { throw KitError(path, name, .missing) }
      read += entry.size
      if read > Limit.documents {
        throw KitError(path, name, .tooLarge("its manifests have over \(Limit.documents) bytes"))
      }
      let found = signatures[name] ?? []
      guard found.first?.entry == KitLayout.signature(of: name) else {
        throw KitError(path, KitLayout.signature(of: name), .missing)
      }
      if found.count > Limit.signatures { throw KitError(path, name, .tooLarge("it has \(found.count) signatures")) }
      return Document(name: name, bytes: try archive.read(entry, limit: Limit.document), signatures: found)
    }

    let head = try document(KitLayout.manifest, archive)
    let manifest = try Self.decode(KitManifest.self, head, path, format: KitManifest.format, \.format)
    do throws(DocumentError) { try manifest.validate() } catch { throw KitError(path, head.name, .manifest(error)) }

    var documents = [head]
    var bundles: [BundleManifest] = []
    for (index, claim) in manifest.bundles.enumerated() {
      let part = try document(claim.manifest, archive)
      guard Digest.sha256(part.bytes) == claim.sha256 else {
        throw KitError(path, part.name, .damaged("it has not the SHA-256 that kit.json says"))
      }
      let bundle = try Self.decode(BundleManifest.self, part, path, format: BundleManifest.format, \.format)
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
    try Self.compare(archive, documents, bundles)
    self.path = path
    self.manifest = manifest
    self.sha256 = Digest.sha256(head.bytes)
    self.bundles = bundles
    self.documents = documents
    self.archive = archive
  }

  public func bundle(_ tag: String) -> BundleManifest? { bundles.first { $0.tag == tag } }

  /// The keys that signed `kit.json` or say so: nothing is verified.
  public var claimedSigners: [Signer] {
    documents[0].signatures.map { Signer(key: $0.signature.key, comment: $0.signature.trustedComment) }
  }

  /// Who vouches for the kit: every manifest must be signed by a trusted key, and no signature of a trusted key may
  /// be wrong. Throws `.untrusted` where all is whole but signed by strangers.
  @discardableResult
  public func signer(trustedBy trusted: TrustedKeys) throws(KitError) -> Signer {
    var first: Signer?
    for document in documents {
      let signer = try signer(of: document, trusted)
      first = first ?? signer
    }
    guard let first else { throw KitError(path, KitLayout.manifest, .missing) }
    return first
  }

  private func signer(of document: Document, _ trusted: TrustedKeys) throws(KitError) -> Signer {
    var found: Signer?
    for (entry, signature) in document.signatures {
      let keys = trusted.keys(signature.key)
      if keys.isEmpty { continue }
      var failure: SignatureError?
      for key in keys {
        do throws(SignatureError) {
          try signature.verify(document.bytes, by: key)
          failure = nil
          found = found ?? Signer(key: signature.key, comment: signature.trustedComment)
          break
        } catch { failure = error }
      }
      if let failure { throw KitError(path, entry, .signature(failure)) }
    }
    guard let found else { throw KitError(path, document.name, .untrusted(document.signatures.map(\.signature.key))) }
    return found
  }

  /// The clip's content, read and hashed now: what is returned is what the manifest's SHA-256 says.
  public func bytes(of clip: Clip) throws(KitError) -> [UInt8] {
    guard let entry = archive[clip.file] else { throw KitError(path, clip.file, .missing) }
    let bytes = try archive.readUnchecked(entry, limit: BundleManifest.clipLimit)
    guard Digest.sha256(bytes) == clip.sha256 else {
      throw KitError(path, clip.file, .damaged("it has not the SHA-256 that its manifest says"))
    }
    return bytes
  }

  /// Everything: a trusted signer, and every byte of the file. Returns all clips that are damaged; throws where the
  /// kit as a whole cannot be trusted. `progress` gets the number of clips done and of all.
  public func verifyAll(
    trustedBy trusted: TrustedKeys, progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) throws(KitError) -> Verification {
    let signer = try signer(trustedBy: trusted)
    return Verification(signer: signer, clips: clipCount, faults: faults(progress: progress))
  }

  /// What `verifyAll` saw.
  public struct Verification: Sendable {
    public let signer: Signer
    public let clips: Int
    /// Empty for a sound kit.
    public let faults: [KitError]
  }

  public var clipCount: Int { bundles.reduce(0) { $0 + $1.clips.count } }

  /// Reads and hashes every clip, also of a kit that nobody trusts; the faults found, none for a sound kit.
  public func faults(progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }) -> [KitError] {
    var (faults, done) = ([KitError](), 0)
    let all = clipCount
    for bundle in bundles {
      for (index, clip) in bundle.clips.enumerated() {
        do throws(KitError) {
          let bytes = try bytes(of: clip)
          // The hash proves the content; the CRC-32 is what any other program would go by.
          guard archive[clip.file]?.crc32 == Checksum.crc32(bytes) else {
            throw KitError(path, clip.file, .damaged("its checksum is wrong though its content is right"))
          }
          guard Digest.sha256(clip.text) == clip.wording else {
            let error = DocumentError("clips[\(index)].wording", "is not the SHA-256 of the text")
            throw KitError(path, KitLayout.bundle(bundle.tag), .manifest(error))
          }
        } catch { faults.append(error) }
        done += 1
        progress(done, all)
      }
    }
    return faults
  }

  /// Every entry is named by a manifest, and every name has an entry of the right size.
  private static func compare(
    _ archive: borrowing Archive, _ documents: [Document], _ bundles: [BundleManifest]
  ) throws(KitError) {
    var named: Set<String> = [KitLayout.mimetype]
    for document in documents {
      named.insert(document.name)
      for (entry, _) in document.signatures { named.insert(entry) }
    }
    for bundle in bundles {
      for clip in bundle.clips {
        guard let entry = archive[clip.file] else { throw KitError(archive.path, clip.file, .missing) }
        guard entry.size == clip.bytes else {
          throw KitError(archive.path, clip.file, .damaged("it has \(entry.size) bytes instead of \(clip.bytes)"))
        }
        named.insert(clip.file)
      }
    }
    guard named.count != archive.entries.count else { return }
    for entry in archive.entries where !named.contains(entry.name) {
      throw KitError(archive.path, entry.name, .unlisted)
    }
  }

  private static func decode<Manifest: Decodable>(
    _ type: Manifest.Type, _ document: Document, _ path: String, format: String, _ found: KeyPath<Manifest, String>
  ) throws(KitError) -> Manifest {
    do throws(DocumentError) {
      let manifest = try Documents.decode(type, from: document.bytes)
      if manifest[keyPath: found] == format { return manifest }
    } catch {
      // A newer form may well lack a key of ours: say that first.
      if Documents.format(of: document.bytes) ?? format == format {
        throw KitError(path, document.name, .manifest(error))
      }
    }
    let other = Documents.format(of: document.bytes) ?? ""
    throw KitError(path, document.name, .version(found: other, expected: format))
  }
}
