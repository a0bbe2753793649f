import Encoding
import Glibc
import Posix

/// A document outside a kit with its minisign signature: `FILE` and `FILE.minisig`.
public enum SignedFile {
  /// The maximum size of a document in bytes.
  public static let limit = 16 << 20

  /// Returns the path of a document's signature.
  public static func signature(of path: String) -> String { "\(path).minisig" }

  /// Reads a document without verifying its signature.
  public static func read(_ path: String) throws(SignedFileError) -> [UInt8] {
    try mapError(SignedFileError.system, Files.read(path, limit: limit))
  }

  /// Writes a document and its signature.
  ///
  /// After a power cut between the two, the old signature does not fit the new content, and readers refuse both.
  public static func write(
    _ bytes: [UInt8], to path: String, signedBy key: SecretKey, comment: String
  ) throws(KeyError) {
    let signature = try key.sign(bytes, trustedComment: comment)
    do throws(SystemError) {
      try Files.replace(path, with: bytes)
      try Files.replace(Self.signature(of: path), with: signature.file)
    } catch { throw .system(error) }
  }
}
