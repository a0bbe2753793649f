import Posix

/// A failure to make, read, write or use a key. The description is one line with a remedy.
public enum KeyError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A system call failed.
  case system(SystemError)
  /// The file is not a key in minisign's format.
  case malformed(path: String, why: String)
  /// The passphrase does not decrypt the key.
  case wrongPassphrase(path: String)
  /// The key is encrypted and no passphrase was given.
  case noPassphrase(path: String)
  /// The key is not encrypted, and other users than the file's owner may read it.
  case exposed(path: String)
  /// A new passphrase that minisign could not read.
  case unusablePassphrase(why: String)
  /// The key derivation needs more memory than is available.
  case noMemory(path: String)
  /// A comment that cannot be one line of a signature.
  case comment(String)
  /// libsodium could not be initialized: no source of randomness.
  case unavailable

  /// What happened, where, and what to do.
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
    case .exposed(let path):
      "\(path): this key has no passphrase, and other users may read it; run 'chmod 600' on it, and replace the key if "
        + "others use this machine"
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
