import Glibc
import Kit
import Posix

/// The key of one device, made at its first start. It signs receipts, and places the device in roll-outs.
///
/// It has no passphrase: anyone who holds the device's card can sign for it. It is trusted with nothing else.
public enum DeviceKey {
  /// The name of its files, without `.key` and `.pub`.
  public static let name = "device"

  /// The name of the files of the daemon's own key, which signs the ends of its journal and nothing else.
  public static let daemonName = "daemon"

  /// Reads the key of a directory, and makes it if there is none.
  ///
  /// - Parameter name: the name of its files, without `.key` and `.pub`.
  /// - Throws: `.system` if the directory cannot be written; `.malformed` for a damaged key, which stays: remove
  ///   the file to make another.
  public static func open(in directory: some PathConvertible, named name: String = name) throws(KeyError) -> SecretKey {
    let path = Path(directory).appending("\(name).key").string
    if !Files.exists(path) {
      let key = try SecretKey.generate()
      do throws(KeyError) { try key.write(to: path, passphrase: nil) } catch {
        // Another process has made it in between.
        guard case .system(let failure) = error, failure.code == EEXIST else { throw error }
      }
    }
    let key = try SecretKey(reading: path) { _ in nil }
    let open = Path(directory).appending("\(name).pub").string
    if !Files.exists(open) { try mapError(KeyError.system, Files.replace(open, with: key.publicKey.file)) }
    return key
  }
}
