import CSodium
import Encoding

/// Locked memory that is wiped when the value is destroyed. sodium_malloc(3), sodium_free(3)
///
/// Not private: an optimized build destroys a `SecretKey` in another module, and needs this type there.
struct SecretMemory: ~Copyable {
  /// The first byte; valid as long as this value lives.
  let start: UnsafeMutableRawPointer
  /// The size in bytes.
  let count: Int

  /// Allocates memory with undefined content.
  init(count: Int) throws(KeyError) {
    guard Sodium.ready, let start = sodium_malloc(count) else { throw .unavailable }
    self.start = start
    self.count = count
  }

  deinit { sodium_free(start) }

  /// The first byte, typed.
  var bytes: UnsafeMutablePointer<UInt8> { start.assumingMemoryBound(to: UInt8.self) }

  /// Copies values to `offset`.
  borrowing func store(_ values: some Collection<UInt8>, at offset: Int) {
    UnsafeMutableRawBufferPointer(start: start + offset, count: count - offset).copyBytes(from: values)
  }

  /// XORs the content with the key stream of a passphrase, which encrypts and decrypts.
  /// crypto_pwhash_scryptsalsa208sha256(3)
  ///
  /// - Returns: false if memory is short; the content is then unchanged.
  borrowing func encrypt(_ passphrase: [UInt8], salt: [UInt8], cost: SecretKey.Cost) throws(KeyError) -> Bool {
    let stream = try SecretMemory(count: count)
    let nothing = UnsafePointer(stream.start.assumingMemoryBound(to: CChar.self))
    let code = passphrase.withUnsafeBytes { phrase in
      crypto_pwhash_scryptsalsa208sha256(
        stream.bytes, UInt64(count), phrase.bindMemory(to: CChar.self).baseAddress ?? nothing, UInt64(phrase.count),
        salt, cost.operations, Int(cost.memory))
    }
    guard code == 0 else { return false }
    for position in 0..<count { bytes[position] ^= stream.bytes[position] }
    return true
  }
}
