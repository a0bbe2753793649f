import CSodium
import Encoding

/// The hashes of a file that arrives in parts, by each algorithm that channels use: SHA-256 and SHA-512.
/// crypto_hash_sha512(3)
public struct TargetHash: Sendable {
  /// The sizes of the hashes in bytes by the algorithms' names.
  static let sizes = ["sha256": 32, "sha512": 64]

  private var sha256 = RunningDigest()
  private var sha512 = crypto_hash_sha512_state()

  /// Creates the hashes of no bytes.
  public init() { crypto_hash_sha512_init(&sha512) }

  /// Adds the next bytes.
  public mutating func add(_ bytes: UnsafeRawBufferPointer) {
    sha256.add(bytes)
    crypto_hash_sha512_update(
      &sha512, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count))
  }

  /// Returns whether the hashes of the known algorithms are right, and there is at least one.
  public func matches(_ hashes: [String: String]) -> Bool {
    var known = 0
    if let hash = hashes["sha256"] {
      if hash != sha256.hexadecimal { return false }
      known += 1
    }
    if let hash = hashes["sha512"] {
      var end = sha512
      var bytes = [UInt8](repeating: 0, count: Int(crypto_hash_sha512_BYTES))
      crypto_hash_sha512_final(&end, &bytes)
      if hash != Digest.hexadecimal(bytes) { return false }
      known += 1
    }
    return known > 0
  }
}
