import Encoding
import Posix

/// An open kit: its manifests in memory, its clips in the file.
///
/// It is verified in three steps, each based on the one before:
/// - `KitFile(path:)` checks the container and the manifests. Nothing is trusted yet, and no clip is read.
/// - `signer(trustedBy:)` verifies that a trusted key signed all manifests, and so the hash of every clip.
/// - `bytes(of:)` reads a clip and verifies that hash.
///
/// Any thread may use it.
public final class KitFile: Sendable {
  /// The path that was opened.
  public let path: String
  private let archive: Archive
  private let content: KitContent

  /// A key that signed, and its trusted comment.
  public struct Signer: Equatable, Sendable {
    /// The id of the key.
    public let key: KeyID
    /// The trusted comment of the signature.
    public let comment: String
  }

  /// The result of `verifyAll(trustedBy:progress:)`.
  public struct Verification: Sendable {
    /// The trusted key that signed `kit.json`.
    public let signer: Signer
    /// The number of clips.
    public let clips: Int
    /// The damaged parts; none in a valid kit.
    public let faults: [KitError]
  }

  /// What stays in memory of the bundles' manifests, which are always read and checked as a whole.
  public enum Detail: Sendable {
    /// Everything.
    case all
    /// What a player needs: `text`, `back` and `wording` of each clip are empty.
    case playback
  }

  /// Opens a kit and reads its manifests and signatures.
  ///
  /// - Parameter detail: what stays in memory.
  public convenience init(path: String, keeping detail: Detail = .all) throws(KitError) {
    try self.init(try Archive(path: path), detail)
  }

  /// Reads the manifests and signatures of an open kit.
  ///
  /// - Parameters:
  ///   - path: the file's path, for errors.
  ///   - detail: what stays in memory.
  package convenience init(
    path: String, file: consuming FileDescriptor, keeping detail: Detail = .all
  ) throws(KitError) {
    try self.init(try Archive(path: path, file: file), detail)
  }

  private init(_ archive: Archive, _ detail: Detail) throws(KitError) {
    content = try KitContent(of: archive, keeping: detail)
    path = archive.path
    self.archive = archive
  }

  /// The container.
  package var container: Archive { archive }

  /// The decoded `kit.json`.
  public var manifest: KitManifest { content.manifest }

  /// The SHA-256 of `kit.json` in lower-case hexadecimal, which identifies the kit.
  public var sha256: String { content.sha256 }

  /// The bundles' manifests, in the order of `kit.json`.
  public var bundles: [BundleManifest] { content.bundles }

  /// Returns the bundle of a language.
  public func bundle(_ tag: String) -> BundleManifest? { bundles.first { $0.tag == tag } }

  /// The size of the file in bytes, when it was opened.
  public var size: Int { archive.size }

  /// Which file it is on this machine, whatever its path names by now.
  public var fileIdentity: FileIdentity { archive.identity }

  /// Copies the open file, byte for byte, whatever its path names by now.
  ///
  /// - Throws: EIO if the file has shrunk since it was opened.
  public func copy(to target: borrowing FileDescriptor) throws(SystemError) { try archive.copy(to: target) }

  /// The number of clips in all bundles.
  public var clipCount: Int { bundles.reduce(0) { $0 + $1.clips.count } }

  /// The signers that `kit.json` claims, each key once; not verified.
  public var claimedSigners: [Signer] { Self.signers(content.documents[0].signatures.map(\.signature)) }

  /// Returns the signers that a bundle's manifest claims, each key once; not verified.
  public func claimedSigners(of bundle: BundleManifest) -> [Signer] {
    let name = KitLayout.bundle(bundle.tag)
    return Self.signers(content.documents.first { $0.name == name }?.signatures.map(\.signature) ?? [])
  }

  /// Returns the signers of signatures. A key that signed twice is one signer.
  private static func signers(_ signatures: [Signature]) -> [Signer] {
    var known: Set<KeyID> = []
    return signatures.filter { known.insert($0.key).inserted }.map { Signer(key: $0.key, comment: $0.trustedComment) }
  }

  /// A manifest's bytes, and its signatures with the names of their entries.
  public struct Document: Sendable {
    /// The name of its entry.
    public let name: String
    /// The bytes that are signed.
    public let text: [UInt8]
    /// The signatures, the publisher's own first.
    public let signatures: [(entry: String, signature: Signature)]
  }

  /// Reads the documents again: `kit.json`, then the bundles' manifests in the kit's order.
  ///
  /// - Throws: `.damaged` if one has changed since the kit was opened.
  public func documents() throws(KitError) -> [Document] {
    var documents: [Document] = []
    for known in content.documents {
      guard let entry = archive[known.name] else { throw KitError(path, known.name, .missing) }
      let text = try archive.read(entry, limit: entry.size)
      guard Digest.blake2b512(text) == known.blake2b512 else {
        throw KitError(path, known.name, .damaged("it changed while it was read"))
      }
      documents.append(Document(name: known.name, text: text, signatures: known.signatures))
    }
    return documents
  }

  /// Verifies that a trusted key signed every manifest, and that no signature of a trusted key is wrong.
  ///
  /// - Returns: the trusted key that signed `kit.json`.
  /// - Throws: `.untrusted` if only other keys signed a manifest.
  @discardableResult
  public func signer(trustedBy trusted: TrustedKeys) throws(KitError) -> Signer {
    let documents = content.documents
    let signers = Workers.map(documents.count, threads: Workers.cores) { index in
      Result { () throws(KitError) in try self.signer(of: documents[index], trusted) }
    }
    let first = try signers[0].get()
    for signer in signers.dropFirst() { _ = try signer.get() }
    return first
  }

  /// Returns those of the keys that signed `kit.json`, or the manifest of a bundle.
  package func keys(_ known: TrustedKeys, of bundle: BundleManifest? = nil) -> [PublicKey] {
    let name = bundle.map { KitLayout.bundle($0.tag) } ?? KitLayout.manifest
    guard let document = content.documents.first(where: { $0.name == name }) else { return [] }
    return known.keys.filter { key in
      document.signatures.contains { _, signature in
        (try? signature.verify(blake2b512: document.blake2b512, by: key)) != nil
      }
    }
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

  /// Reads a clip and verifies its SHA-256.
  public func bytes(of clip: Clip) throws(KitError) -> [UInt8] {
    guard let entry = archive[clip.file] else { throw KitError(path, clip.file, .missing) }
    let bytes = try archive.readUnchecked(entry, limit: BundleManifest.clipLimit)
    guard Digest.sha256(bytes) == clip.sha256 else {
      throw KitError(path, clip.file, .damaged("its SHA-256 is not the one in its manifest"))
    }
    return bytes
  }

  /// Verifies the signatures and every byte of the file.
  ///
  /// - Parameter progress: gets the number of clips verified and of all.
  /// - Returns: the signer, and the damaged parts.
  /// - Throws: an error if the kit as a whole is not trusted.
  public func verifyAll(
    trustedBy trusted: TrustedKeys, progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) throws(KitError) -> Verification {
    let signer = try signer(trustedBy: trusted)
    return Verification(signer: signer, clips: clipCount, faults: faults(progress: progress))
  }

  /// Reads and hashes every clip, also of an untrusted kit, and returns the faults.
  ///
  /// - Parameters:
  ///   - inspect: gets each clip whose hash is right with its bytes, and returns what else is wrong with it.
  ///   - progress: gets the number of clips verified and of all.
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

  /// Reads a clip and checks its hash, its CRC-32 and the hash of its wording.
  private func check(_ clip: Clip, _ index: Int, of bundle: BundleManifest) throws(KitError) -> [UInt8] {
    let bytes = try bytes(of: clip)
    // The hash proves the content; other programs check the CRC-32.
    guard archive[clip.file]?.crc32 == Checksum.crc32(bytes) else {
      throw KitError(path, clip.file, .damaged("its content does not match its CRC-32"))
    }
    guard Digest.sha256(clip.text) == clip.wording else {
      let error = DocumentError("clips[\(index)].wording", "is not the SHA-256 of the text")
      throw KitError(path, KitLayout.bundle(bundle.tag), .manifest(error))
    }
    return bytes
  }
}
