import Posix

/// Why a key could not be made, read, written or used: one line, with what to do.
public enum KeyError: Error, Equatable, Sendable, CustomStringConvertible {
  case system(SystemError)
  /// The file is no key that this program reads.
  case malformed(path: String, why: String)
  case wrongPassphrase(path: String)
  /// The key is encrypted and nobody gave a passphrase.
  case noPassphrase(path: String)
  /// A new passphrase that minisign could not take.
  case unusablePassphrase(why: String)
  /// The key derivation needs more memory than there is.
  case noMemory(path: String)
  /// A comment that does not fit in one line of a signature.
  case comment(String)
  /// libsodium did not start: no source of randomness.
  case unavailable

  public var description: String {
    switch self {
    case .system(let error):
      error.description
    case .malformed(let path, let why):
      "\(path): not a usable key: \(why); give a file that `firstword keygen` or minisign made"
    case .wrongPassphrase(let path):
      "\(path): wrong passphrase; try again"
    case .noPassphrase(let path):
      "\(path): this key needs its passphrase and none was given; run the command on a terminal"
    case .unusablePassphrase(let why):
      "the passphrase cannot be used: \(why); choose another one"
    case .noMemory(let path):
      "\(path): not enough memory to unlock the key (it takes up to 1 GiB); use a larger machine"
    case .comment(let why):
      "the signature's comment cannot be used: \(why)"
    case .unavailable:
      "libsodium could not start; is /dev/urandom there?"
    }
  }
}
