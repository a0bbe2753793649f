import Encoding
import Glibc
import Kit
import Posix

/// What a system update is: the content of a slot, with its hashes. The publisher's key signs it.
public struct SystemManifest: Codable, Equatable, Sendable {
  /// The format that this program writes and reads.
  public static let format = "firstword-system/1"

  /// The format of this document.
  public var format: String
  /// The version of the system.
  public var version: String
  /// The size of the image in bytes: data, superblock and tree of dm-verity.
  public var size: Int
  /// The SHA-256 of the image.
  public var sha256: String
  /// Blocks of 4096 bytes of data.
  public var blocks: Int
  /// The root hash of dm-verity.
  public var rootHash: String
  /// The salt of dm-verity.
  public var salt: String
  /// The release of the kernel whose modules the system has, as `uname -r` prints it. The kernel itself is beside both
  /// slots and never updated.
  public var kernel: String

  /// Creates the manifest of an image.
  public init(_ trailer: SlotTrailer, sha256: String, kernel: String) {
    format = Self.format
    self.kernel = kernel
    (version, blocks, rootHash, salt) = (trailer.version, trailer.blocks, trailer.rootHash, trailer.salt)
    size = trailer.allBlocks * 4096
    self.sha256 = sha256
  }

  /// The trailer of a slot that holds this system.
  public var trailer: SlotTrailer { SlotTrailer(version: version, blocks: blocks, rootHash: rootHash, salt: salt) }

  /// The trusted comment of its signature.
  var comment: String { "firstword system \(version)" }

  /// Checks every value.
  func validate() throws(DocumentError) {
    if format != Self.format { throw .format(format, expected: Self.format) }
    try trailer.validate()
    try Rule.hash(sha256, "sha256")
    try Rule.word(kernel, "kernel", alphabet: Rule.versions, limit: 64)
    if size != trailer.allBlocks * 4096 {
      throw DocumentError("size", "is not that of \(blocks) blocks and their tree")
    }
  }
}

/// A file with a system update: a header of 64 KiB, and the image of a slot.
///
///     firstword-system/1 BYTES-OF-MANIFEST BYTES-OF-SIGNATURE
///     manifest (JSON), signature (minisign), zeros
///
/// The manifest is verified before a byte of the image is read, and names the SHA-256 of the image.
public final class SystemFile: Sendable {
  /// The size of the header in bytes.
  static let header = 65_536

  /// The path of the file, for errors.
  public let path: String
  /// The content of the header; trusted only after `signer(trustedBy:)`.
  public let manifest: SystemManifest
  private let document: SignedDocument
  private let file: FileDescriptor

  /// Opens an update and reads its header; nothing is verified yet.
  public convenience init(path: String) throws(SystemUpdateError) {
    try self.init(
      path: path, file: try mapError(SystemUpdateError.system, FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK)))
  }

  /// Reads the header of an open update; nothing is verified yet.
  ///
  /// - Parameter path: the file's path, for errors.
  public init(path: String, file: consuming FileDescriptor) throws(SystemUpdateError) {
    let size = try mapError(SystemUpdateError.system, file.regularFileSize(path: path))
    func refuse(_ why: String) -> SystemUpdateError { .form(path: path, why) }
    if size < Self.header { throw refuse("it is too short") }
    let failure = { (error: SystemError) in SystemUpdateError.system(error.at(path)) }
    guard let bytes = try mapError(failure, file.read(Self.header, at: 0)) else { throw refuse("it is too short") }
    guard let end = bytes.prefix(80).firstIndex(of: 0x0A) else { throw refuse("it does not begin as an update does") }
    let words = bytes[..<end].split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
    guard words.count == 3, words[0] == SystemManifest.format, let length = SlotLine.number(words[1]),
      let signature = SlotLine.number(words[2]), signature <= SignedDocument.signatureLimit,
      length <= Self.header, end + 1 + length + signature <= Self.header,
      bytes[(end + 1 + length + signature)...].allSatisfy({ $0 == 0 })
    else {
      throw refuse(
        words.first?.hasPrefix("firstword-system/") == true && words.first != SystemManifest.format
          ? "its format is another version's" : "it does not begin as an update does")
    }
    let text = Array(bytes[(end + 1)..<(end + 1 + length)])
    let manifest: SystemManifest
    do throws(DocumentError) {
      manifest = try Documents.decode(SystemManifest.self, from: text)
      try manifest.validate()
    } catch { throw refuse("\(error)") }
    if size != Self.header + manifest.size {
      throw refuse("it has \(size) bytes instead of \(Self.header + manifest.size)")
    }
    self.path = path
    self.manifest = manifest
    document = SignedDocument(
      path: path, bytes: text, signature: Array(bytes[(end + 1 + length)..<(end + 1 + length + signature)]))
    self.file = file
  }

  /// Verifies that a trusted key signed the manifest.
  ///
  /// - Returns: the key.
  @discardableResult
  public func signer(trustedBy trusted: TrustedKeys) throws(SystemUpdateError) -> PublicKey {
    do throws(SignedFileError) { return try document.verified(by: trusted).signer } catch {
      if case .untrusted(_, let key) = error { throw .untrusted(path: path, key) }
      throw .signed(error)
    }
  }

  /// Reads a part of the image.
  ///
  /// - Throws: an error where the file has shrunk since it was opened.
  func image(_ count: Int, at offset: Int) throws(SystemUpdateError) -> [UInt8] {
    let failure = { [path] (error: SystemError) in SystemUpdateError.system(error.at(path)) }
    guard let bytes = try mapError(failure, file.read(count, at: Self.header + offset)) else {
      throw .form(path: path, "it ends too early")
    }
    return bytes
  }

  /// Makes an update of the slot of a card's image.
  ///
  /// - Parameters:
  ///   - disk: the image of a card.
  ///   - slot: the slot that holds the system.
  ///   - key: the publisher's key.
  public static func pack(
    _ disk: SlotDisk, _ slot: Slot, signedBy key: SecretKey, to path: String
  ) throws(SystemUpdateError) -> SystemManifest {
    guard let trailer = try disk.trailer(slot) else { throw .noSystem(path: disk.path, slot) }
    let place = try disk.partition(slot)
    let size = trailer.allBlocks * 4096
    if size + SlotTrailer.size > place.count {
      throw .form(path: disk.path, "slot \(slot.rawValue) is shorter than its trailer says")
    }
    let manifest = SystemManifest(
      trailer, sha256: try disk.digest(place.lowerBound, count: size), kernel: try disk.kernel())
    let text: [UInt8]
    let signature: Signature
    do throws(DocumentError) { text = try Documents.encode(manifest) } catch { throw .form(path: path, "\(error)") }
    do throws(KeyError) { signature = try key.sign(text, trustedComment: manifest.comment) } catch { throw .key(error) }
    var header = Array("\(SystemManifest.format) \(text.count) \(signature.file.count)\n".utf8) + text + signature.file
    header += [UInt8](repeating: 0, count: Self.header - header.count)
    let temporary = "\(path).part"
    do throws(SystemError) {
      let file = try FileDescriptor(opening: temporary, O_WRONLY | O_CREAT | O_TRUNC)
      try file.write(header)
      var done = 0
      while done < size {
        let count = min(SlotDisk.chunk, size - done)
        try file.write(try disk.medium.read(count, at: place.lowerBound + done))
        done += count
      }
      let raw = file.raw
      try posix("fsync", path: temporary) { fsync(raw) }
      try posix("rename", path: path) { rename(temporary, path) }
    } catch {
      unlink(temporary)
      throw .system(error.at(path))
    }
    return manifest
  }
}
