import CSodium

/// The SHA-256 of bytes that arrive in parts. crypto_hash_sha256(3)
public struct RunningDigest: Sendable {
  private var state = crypto_hash_sha256_state()

  /// Creates the hash of no bytes.
  public init() {
    _ = Sodium.ready
    crypto_hash_sha256_init(&state)
  }

  /// Adds the next bytes.
  public mutating func add(_ bytes: UnsafeRawBufferPointer) {
    crypto_hash_sha256_update(
      &state, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count))
  }

  /// The SHA-256 of all bytes so far, as 64 lower-case hexadecimal digits.
  public var hexadecimal: String {
    var end = state
    var hash = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
    crypto_hash_sha256_final(&end, &hash)
    return Digest.hexadecimal(hash)
  }
}
