import Posix

/// The public keys whose signatures are accepted.
public struct TrustedKeys: Sendable {
  /// The keys, each once, in the order of their files.
  public let keys: [PublicKey]

  /// Creates a set of trusted keys.
  public init(_ keys: [PublicKey]) {
    var known: Set<PublicKey> = []
    self.keys = keys.filter { known.insert($0).inserted }
  }

  /// Reads a `.pub` file, or all `*.pub` files of a directory, which may be none.
  ///
  /// - Throws: an error for a `.pub` file that is not a key: ignoring it would leave out a key that was meant to be trusted.
  public init(reading path: String) throws(KeyError) {
    guard Files.isDirectory(path) else {
      self.init([try PublicKey(reading: path)])
      return
    }
    var found: [PublicKey] = []
    for name in try mapError(KeyError.system, Files.list(path)) where name.hasSuffix(".pub") && !name.hasPrefix(".") {
      found.append(try PublicKey(reading: Path(path).appending(name).string))
    }
    self.init(found)
  }

  /// Returns the keys with this id: usually one or none, but anyone can make a key with the same 8 bytes.
  func keys(_ id: KeyID) -> [PublicKey] { keys.filter { $0.id == id } }
}
