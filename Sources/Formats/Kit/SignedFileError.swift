import Encoding
import Posix

/// A signed document that cannot be used. The description is one line with a remedy.
public enum SignedFileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A system call failed.
  case system(SystemError)
  /// The document is malformed.
  case content(path: String, DocumentError)
  /// The signature file is missing.
  case unsigned(path: String)
  /// The signature is malformed or does not fit.
  case signature(path: String, SignatureError)
  /// Signed by a key that is not trusted.
  case untrusted(path: String, KeyID)

  /// What happened, where, and what to do.
  public var description: String {
    switch self {
    case .system(let error):
      error.description
    case .content(let path, let error):
      "\(path): \(error); get the file again from its publisher"
    case .unsigned(let path):
      "\(path): it has no signature \(SignedFile.signature(of: path)); get that file too, or sign it"
    case .signature(let path, let error):
      "\(SignedFile.signature(of: path)): \(error); get both files again from their publisher, or sign again"
    case .untrusted(let path, let key):
      "\(path): signed by \(key), which is not a trusted key; compare its id with the publisher's"
    }
  }
}
