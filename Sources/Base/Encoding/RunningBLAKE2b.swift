import CSodium

/// The BLAKE2b-256 of bytes that arrive in parts: several times faster than SHA-256, for what no format defines.
/// crypto_generichash(3)
public struct RunningBLAKE2b: ~Copyable {
  private static let length = Int(crypto_generichash_BYTES)
  /// A `crypto_generichash_state`, which Swift cannot import: it must begin at a multiple of 64.
  private let state = UnsafeMutableRawPointer.allocate(byteCount: crypto_generichash_statebytes(), alignment: 64)

  /// Creates the hash of no bytes.
  public init() {
    _ = Sodium.ready
    _ = crypto_generichash_init(OpaquePointer(state), nil, 0, Self.length)
  }

  deinit { state.deallocate() }

  /// Adds the next bytes.
  public mutating func add(_ bytes: UnsafeRawBufferPointer) {
    _ = crypto_generichash_update(
      OpaquePointer(state), bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count))
  }

  /// Returns the hash of all bytes, as 64 lower-case hexadecimal digits.
  public consuming func hexadecimal() -> String {
    var hash = [UInt8](repeating: 0, count: Self.length)
    _ = crypto_generichash_final(OpaquePointer(state), &hash, hash.count)
    return Digest.hexadecimal(hash)
  }
}
