import Encoding
import Glibc
import Posix

/// A document outside a kit and its signature, in memory: what is verified is what is used, whatever happens to the files.
public struct SignedDocument: Sendable {
  /// The document's path, for errors.
  public let path: String
  /// The document.
  public let bytes: [UInt8]
  /// The file of its signature.
  let signature: [UInt8]

  /// The maximum size of the file of a signature in bytes.
  public static let signatureLimit = KitContent.Limit.signature

  /// Creates a document of what was read.
  public init(path: String, bytes: [UInt8], signature: [UInt8]) {
    (self.path, self.bytes, self.signature) = (path, bytes, signature)
  }

  /// Reads `FILE` and `FILE.minisig`.
  ///
  /// - Throws: `.unsigned` if there is no signature.
  public init(reading path: String) throws(SignedFileError) {
    let bytes = try SignedFile.read(path)
    let signature: [UInt8]
    do throws(SystemError) {
      signature = try Files.read(SignedFile.signature(of: path), limit: Self.signatureLimit)
    } catch { throw error.code == ENOENT ? .unsigned(path: path) : .system(error) }
    self.init(path: path, bytes: bytes, signature: signature)
  }

  /// The format that the document names; nothing is verified yet.
  public var format: String? { Documents.format(of: bytes) }

  /// Verifies the signature.
  ///
  /// - Returns: the content, and the trusted key that signed it.
  /// - Throws: `.untrusted` or `.signature` if no trusted key signed this content.
  package func verified(by trusted: TrustedKeys) throws(SignedFileError) -> (bytes: [UInt8], signer: PublicKey) {
    let signature: Signature
    do throws(SignatureError) { signature = try Signature(self.signature) } catch {
      throw .signature(path: path, error)
    }
    var failure: SignedFileError = .untrusted(path: path, signature.key)
    for key in trusted.keys(signature.key) {
      do throws(SignatureError) {
        try signature.verify(bytes, by: key)
        return (bytes, key)
      } catch { failure = .signature(path: path, error) }
    }
    throw failure
  }
}
