import CSodium

/// Hashes of bytes in memory. libsodium
public enum Digest {
  /// Returns the SHA-256 as 64 lower-case hexadecimal digits. crypto_hash_sha256(3)
  public static func sha256(_ bytes: [UInt8]) -> String {
    _ = Sodium.ready
    var hash = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
    crypto_hash_sha256(&hash, bytes, UInt64(bytes.count))
    return hexadecimal(hash)
  }

  /// Returns the SHA-256 of the text's UTF-8, as in a clip's `wording`.
  public static func sha256(_ text: String) -> String { sha256(Array(text.utf8)) }

  /// Returns the BLAKE2b hash of 64 bytes, which a prehashed signature signs. crypto_generichash(3)
  public static func blake2b512(_ bytes: [UInt8]) -> [UInt8] {
    _ = Sodium.ready
    var hash = [UInt8](repeating: 0, count: Int(crypto_generichash_BYTES_MAX))
    // It fails only for a length out of range; this one is a constant within it.
    _ = crypto_generichash(&hash, hash.count, bytes, UInt64(bytes.count), nil, 0)
    return hash
  }

  /// Returns two lower-case hexadecimal digits for each byte.
  public static func hexadecimal(_ bytes: some Collection<UInt8>) -> String {
    func digit(_ value: UInt8) -> UInt8 { value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10 }
    return String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
      var filled = 0
      for byte in bytes {
        buffer[filled] = digit(byte >> 4)
        buffer[filled + 1] = digit(byte & 15)
        filled += 2
      }
      return filled
    }
  }
}
