import Encoding
import Glibc
import Posix

/// Why a signed document cannot be used: one line.
public enum SignedFileError: Error, Equatable, Sendable, CustomStringConvertible {
  case system(SystemError)
  case content(path: String, DocumentError)
  case unsigned(path: String)
  case signature(path: String, SignatureError)
  /// Signed by a key that nobody here trusts.
  case untrusted(path: String, KeyID)

  public var description: String {
    switch self {
    case .system(let error):
      error.description
    case .content(let path, let error):
      "\(path): \(error); get the file again from who wrote it"
    case .unsigned(let path):
      "\(path): it has no signature \(SignedFile.signature(of: path)); get that file too, or sign it"
    case .signature(let path, let error):
      "\(SignedFile.signature(of: path)): \(error); get both files again from who signed them, or sign anew"
    case .untrusted(let path, let key):
      "\(path): signed by \(key), a key that nobody here trusts; compare its id with the publisher's"
    }
  }
}

/// A document of its own, outside a kit, with its minisign signature beside it: `FILE` and `FILE.minisig`.
public enum SignedFile {
  public static let limit = 16 << 20

  public static func signature(of path: String) -> String { "\(path).minisig" }

  /// What nobody has vouched for yet.
  public static func read(_ path: String) throws(SignedFileError) -> [UInt8] {
    do throws(SystemError) { return try Files.read(path, limit: limit) } catch { throw .system(error) }
  }

  /// The content, and the trusted key that signed it.
  public static func read(
    _ path: String, trustedBy trusted: TrustedKeys
  ) throws(SignedFileError) -> (bytes: [UInt8], signer: KeyID) {
    let bytes = try read(path)
    let file: [UInt8]
    do throws(SystemError) {
      file = try Files.read(Self.signature(of: path), limit: KitContent.Limit.signature)
    } catch { throw error.code == ENOENT ? .unsigned(path: path) : .system(error) }
    let signature: Signature
    do throws(SignatureError) { signature = try Signature(file) } catch { throw .signature(path: path, error) }
    var failure: SignedFileError = .untrusted(path: path, signature.key)
    for key in trusted.keys(signature.key) {
      do throws(SignatureError) {
        try signature.verify(bytes, by: key)
        return (bytes, key.id)
      } catch { failure = .signature(path: path, error) }
    }
    throw failure
  }

  /// Puts both files in their places. Cut off between the two, the old signature does not fit the new content: a
  /// reader then refuses both, and never takes one for the other's.
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
