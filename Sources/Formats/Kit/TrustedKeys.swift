import Posix

/// The public keys that somebody put their trust in.
public struct TrustedKeys: Sendable {
  public let keys: [PublicKey]

  public init(_ keys: [PublicKey]) { self.keys = keys }

  /// A `.pub` file, or a directory: all `*.pub` in it (none is no error: nobody is trusted). A file that is no key is an
  /// error and not passed over: a key that somebody meant to trust would be missing.
  public init(reading path: String) throws(KeyError) {
    guard Files.isDirectory(path) else {
      keys = [try PublicKey(reading: path)]
      return
    }
    let names: [String]
    do throws(SystemError) { names = try Files.list(path) } catch { throw .system(error) }
    var found: [PublicKey] = []
    for name in names where name.hasSuffix(".pub") && !name.hasPrefix(".") {
      found.append(try PublicKey(reading: path + "/" + name))
    }
    keys = found
  }

  /// Usually one or none; ids are only 8 bytes, so a stranger can choose the same one.
  func keys(_ id: KeyID) -> [PublicKey] { keys.filter { $0.id == id } }
}
