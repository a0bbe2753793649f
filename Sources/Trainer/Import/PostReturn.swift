import Diagnostics
import Encoding
import Glibc
import Kit
import Posix
import Project

/// A file that a page of a speaker or reviewer saved: read, and verified against its own signature. Nothing of it is
/// trusted more than the key that signed it.
public struct PostReturn: Sendable {
  /// The file's path, or its name in messages.
  public let path: String
  /// What the page says.
  public let content: PostContent
  /// The key that signed the file.
  public let key: PublicKey
  /// The SHA-256 of what was signed.
  public let sha256: String
  /// What was signed, and the signature's file: to keep.
  public let signed: (content: [UInt8], signature: [UInt8])

  /// The name of the signed content in the archive.
  public static let name = "return.json"
  static let signatureName = "return.json.minisig"
  static let keyName = "key.pub"

  /// Bounds: of the number of entries, the size of the content, and the size of a take.
  static let entryLimit = 1000
  static let contentLimit = 4 << 20
  static let takeLimit = 64 << 20

  /// Returns whether a path is a ZIP archive with the content of a page.
  public static func isReturn(_ path: String) -> Bool {
    guard let file = try? FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK), let head = try? file.read(atMost: 64)
    else { return false }
    // A page writes its content first; the name follows a header of 30 bytes.
    return head.starts(with: [0x50, 0x4B, 0x03, 0x04]) && head.dropFirst(30).starts(with: Array(name.utf8))
  }

  // Swift 6.0's optimizer crashes on this function (CopyPropagation, with the borrowed file).
  @_optimize(none)
  private static func content(of entry: ZipReader.Entry, in archive: ZipReader, limit: Int) throws -> [UInt8] {
    let copy = try Files.makeTemporaryFile("firstword-return")
    try archive.copy(entry.index, name: entry.name, size: entry.size, to: copy)
    return try Files.read("/proc/self/fd/\(copy.raw)", limit: limit)
  }

  /// Reads and verifies a file.
  ///
  /// - Parameters:
  ///   - place: the file's path.
  ///   - shown: its name in messages; nil for the path.
  /// - Throws: ``DiagnosticsError`` if the file is not as a page saves it, or was changed after it was signed.
  public init(_ place: String, shown: String? = nil) throws(DiagnosticsError) {
    let path = shown ?? place
    self.path = path
    func refuse(_ message: String) -> DiagnosticsError {
      DiagnosticsError(
        path: path, message: message, remedy: "ask for the file again; import nothing of this one by other means")
    }
    let archive = try ZipReader(place, shown: path)
    if archive.entries.count > Self.entryLimit {
      throw refuse("has \(archive.entries.count) entries; no page saves more than \(Self.entryLimit)")
    }
    var entries: [String: ZipReader.Entry] = [:]
    for entry in archive.entries {
      if entries.updateValue(entry, forKey: entry.name) != nil { throw refuse("has two files of one name") }
      if entry.isEncrypted || entry.isLink { throw refuse("has a file that no page saves") }
    }
    func read(_ name: String, _ limit: Int) throws(DiagnosticsError) -> [UInt8] {
      guard let entry = entries.removeValue(forKey: name) else { throw refuse("has no \(name)") }
      if entry.size > limit { throw refuse("has a \(name) of \(entry.size) bytes; no page saves so many") }
      do { return try Self.content(of: entry, in: archive, limit: limit) } catch let error as DiagnosticsError {
        throw error
      } catch { throw refuse("cannot be read: \(error)") }
    }
    let (bytes, signature) = (try read(Self.name, Self.contentLimit), try read(Self.signatureName, 16 << 10))
    signed = (bytes, signature)
    sha256 = Digest.sha256(bytes)
    do throws(DocumentError) { content = try PostContent(bytes) } catch { throw refuse("\(Self.name): \(error)") }
    guard let key = PublicKey(base64: content.key) else { throw refuse("\(Self.name): key: is no public key") }
    self.key = key
    do throws(SignatureError) {
      let found = try Signature(signature)
      try found.verify(bytes, by: key)
      let comment = "firstword \(content.kind.rawValue) \(content.page) \(content.serial)"
      if found.trustedComment != comment { throw .wrongComment }
    } catch { throw refuse("was changed after the page saved it: \(error)") }
    if try read(Self.keyName, 4096) != key.file { throw refuse("has another key than the one that signed it") }
    for take in content.takes {
      guard let entry = entries.removeValue(forKey: take.file) else { throw refuse("has no \(take.file)") }
      if entry.size > Self.takeLimit { throw refuse("\(take.file) has \(entry.size) bytes; no page saves so many") }
    }
    if let other = entries.keys.min() { throw refuse("has a file that no page saves: \(other.prefix(80))") }
  }
}
