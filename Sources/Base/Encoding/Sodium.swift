import CSodium

/// libsodium: its initialization, and calls that several modules share.
package enum Sodium {
  /// Whether libsodium is initialized; the first access initializes it. sodium_init(3)
  package static let ready: Bool = sodium_init() >= 0

  /// Returns canonical base64 with padding. sodium_bin2base64(3)
  ///
  /// Returns bytes instead of a `String`, so that a caller can wipe the text of a secret.
  package static func base64(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    let room = sodium_base64_encoded_len(bytes.count, sodium_base64_VARIANT_ORIGINAL)
    return [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
      buffer.withMemoryRebound(to: CChar.self) {
        _ = sodium_bin2base64(
          $0.baseAddress!, room, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count,
          sodium_base64_VARIANT_ORIGINAL)
      }
      filled = room - 1  // without the terminating zero
    }
  }

  /// Decodes exactly `count` bytes of canonical base64. sodium_base642bin(3)
  ///
  /// - Parameter target: has room for `count` bytes.
  /// - Returns: false for anything else.
  package static func decode(_ text: some Collection<UInt8>, into target: UnsafeMutableRawPointer, count: Int) -> Bool {
    var text = Array(text)
    defer { wipe(&text) }
    var decoded = 0
    let code = text.withUnsafeBytes { source in
      sodium_base642bin(
        target.assumingMemoryBound(to: UInt8.self), count, source.bindMemory(to: CChar.self).baseAddress,
        source.count, nil, &decoded, nil, sodium_base64_VARIANT_ORIGINAL)
    }
    return code == 0 && decoded == count
  }

  /// Decodes exactly `count` bytes of canonical base64 that is not secret; `nil` for anything else.
  package static func decode(_ text: some Collection<UInt8>, count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    let done = bytes.withUnsafeMutableBytes { decode(text, into: $0.baseAddress!, count: count) }
    return done ? bytes : nil
  }

  /// Overwrites the bytes with zeros; the compiler cannot remove this. sodium_memzero(3)
  package static func wipe(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { sodium_memzero($0.baseAddress, $0.count) }
  }
}
