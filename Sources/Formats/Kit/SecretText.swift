import CSodium
import Encoding
import Glibc

/// The handling of a passphrase in memory, from the terminal to the key that it decrypts.
public enum SecretText {
  /// The longest passphrase in bytes, and one more, by which a longer one is known.
  public static let capacity = 1024

  /// Returns an empty text with room for `capacity` bytes: its memory is not paged out. Append no more than that:
  /// growing would leave a copy.
  ///
  /// From the first call on, a crash of this process leaves no core dump. mlock(2), setrlimit(2)
  public static func make() -> [UInt8] {
    leaveNoCore()
    var text: [UInt8] = []
    text.reserveCapacity(capacity)
    // Refused where the limit of locked memory is low; the text is wiped all the same.
    text.withUnsafeBytes { _ = mlock($0.baseAddress, capacity) }
    return text
  }

  /// From now on, a crash of this process leaves no core dump. setrlimit(2)
  public static func leaveNoCore() {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
  }

  /// Overwrites a text with zeros and empties it. sodium_memzero(3)
  public static func wipe(_ text: inout [UInt8]) {
    Sodium.wipe(&text)
    text.removeAll(keepingCapacity: true)
  }
}
