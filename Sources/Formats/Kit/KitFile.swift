import Encoding
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
  private let archive: Archive
  private let content: KitContent

  /// Who signed, and what they said about it.
  public struct Signer: Equatable, Sendable {
    public let key: KeyID
    public let comment: String
  }

  /// What `verifyAll` saw.
  public struct Verification: Sendable {
    public let signer: Signer
    public let clips: Int
    /// Empty for a sound kit.
    public let faults: [KitError]
  }

  /// Opens a kit: reads manifests and signatures, and nothing else.
  public init(path: String) throws(KitError) {
    let archive = try Archive(path: path)
    content = try KitContent(of: archive)
    self.path = path
    self.archive = archive
  }

  public var manifest: KitManifest { content.manifest }

  /// SHA-256 of `kit.json`, lower-case hexadecimal: names this kit and no other.
  public var sha256: String { content.sha256 }

  /// In the manifest's order.
  public var bundles: [BundleManifest] { content.bundles }

  public func bundle(_ tag: String) -> BundleManifest? { bundles.first { $0.tag == tag } }

  public var clipCount: Int { bundles.reduce(0) { $0 + $1.clips.count } }

  /// Who signed `kit.json`, or say that they did: nothing is verified.
  public var claimedSigners: [Signer] {
    content.documents[0].signatures.map { Signer(key: $0.signature.key, comment: $0.signature.trustedComment) }
  }

  /// Who signed one bundle's manifest, or say that they did: nothing is verified.
  public func claimedSigners(of bundle: BundleManifest) -> [Signer] {
    let name = KitLayout.bundle(bundle.tag)
    return content.documents.first { $0.name == name }?.signatures
      .map { Signer(key: $0.signature.key, comment: $0.signature.trustedComment) } ?? []
  }

  /// A manifest as it stands in the kit, byte for byte, and its signatures by the names of their entries.
  public struct Document: Sendable {
    public let name: String
    public let text: [UInt8]
    public let signatures: [(entry: String, signature: Signature)]
  }

  /// `kit.json`, then the bundles' manifests in the kit's order: read once more, and the same as when it was opened.
  public func documents() throws(KitError) -> [Document] {
    var documents: [Document] = []
    for known in content.documents {
      guard let entry = archive[known.name] else { throw KitError(path, known.name, .missing) }
      let text = try archive.read(entry, limit: entry.size)
      guard Digest.blake2b512(text) == known.blake2b512 else {
        throw KitError(path, known.name, .damaged("it was changed while it was read"))
      }
      documents.append(Document(name: known.name, text: text, signatures: known.signatures))
    }
    return documents
  }

  /// Who vouches for the kit: every manifest must be signed by a trusted key, and no signature of a trusted key may
  /// be wrong. Throws `.untrusted` where all is whole but signed by strangers.
  @discardableResult
  public func signer(trustedBy trusted: TrustedKeys) throws(KitError) -> Signer {
    let first = try signer(of: content.documents[0], trusted)
    for document in content.documents.dropFirst() { _ = try signer(of: document, trusted) }
    return first
  }

  private func signer(of document: KitContent.Document, _ trusted: TrustedKeys) throws(KitError) -> Signer {
    var found: Signer?
    for (entry, signature) in document.signatures {
      var failure: SignatureError?
      for key in trusted.keys(signature.key) {
        do throws(SignatureError) {
          try signature.verify(blake2b512: document.blake2b512, by: key)
          failure = nil
          found = found ?? Signer(key: signature.key, comment: signature.trustedComment)
          break
        } catch { failure = error }
      }
      if let failure { throw KitError(path, entry, .signature(failure)) }
    }
    if let found { return found }
    throw KitError(path, document.name, .untrusted(document.signatures.map(\.signature.key)))
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

  /// Everything: a trusted signer, and every byte of the file. Throws where the kit as a whole cannot be trusted;
  /// damaged parts are listed. `progress` gets the number of clips done and of all.
  public func verifyAll(
    trustedBy trusted: TrustedKeys, progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) throws(KitError) -> Verification {
    let signer = try signer(trustedBy: trusted)
    return Verification(signer: signer, clips: clipCount, faults: faults(progress: progress))
  }

  /// Reads and hashes every clip, also of a kit that nobody trusts; the faults found, none for a sound kit. `inspect`
  /// gets the bytes of those whose hash is right, and says what else is wrong with them.
  public func faults(
    inspect: (Clip, [UInt8]) -> String? = { _, _ in nil }, progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) -> [KitError] {
    var (faults, done) = ([KitError](), 0)
    let all = clipCount
    for bundle in bundles {
      for (index, clip) in bundle.clips.enumerated() {
        do throws(KitError) {
          let bytes = try check(clip, index, of: bundle)
          if let why = inspect(clip, bytes) { throw KitError(path, clip.file, .damaged(why)) }
        } catch { faults.append(error) }
        done += 1
        progress(done, all)
      }
    }
    return faults
  }

  private func check(_ clip: Clip, _ index: Int, of bundle: BundleManifest) throws(KitError) -> [UInt8] {
    let bytes = try bytes(of: clip)
    // The hash proves the content; the CRC-32 is what any other program would go by.
    guard archive[clip.file]?.crc32 == Checksum.crc32(bytes) else {
      throw KitError(path, clip.file, .damaged("its content does not have the checksum it should"))
    }
    guard Digest.sha256(clip.text) == clip.wording else {
      let error = DocumentError("clips[\(index)].wording", "is not the SHA-256 of the text")
      throw KitError(path, KitLayout.bundle(bundle.tag), .manifest(error))
    }
    return bytes
  }
}
