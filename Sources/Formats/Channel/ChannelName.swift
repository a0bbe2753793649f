/// The names of a channel's files on a mirror. TUF 1.0, section 6.2
///
/// A mirror has two directories: `metadata`, and `targets`.
public enum ChannelName {
  /// Returns the name of a metadata file: `3.targets.json`; without a version, `timestamp.json`.
  ///
  /// Characters other than letters, digits and `-._~` are percent-encoded, so a role's name cannot lead elsewhere.
  public static func metadata(_ role: String, version: Int? = nil) -> String {
    (version.map { "\($0)." } ?? "") + encoded(role) + ".json"
  }

  /// Returns the path of a target below `targets`: `dir/HASH.name`; without a hash, the path itself.
  public static func target(_ path: String, hash: String?) -> String {
    guard let hash else { return path }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let name = "\(hash).\(parts.last ?? "")"
    return (parts.dropLast().map(String.init) + [name]).joined(separator: "/")
  }

  /// Returns a text with all but letters, digits and `-._~` percent-encoded. RFC 3986, section 2.3
  ///
  /// - Parameter slashes: whether slashes stay.
  public static func encoded(_ text: String, slashes: Bool = false) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
      case 0x2F where slashes: bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
