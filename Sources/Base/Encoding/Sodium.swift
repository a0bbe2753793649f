import CSodium

/// libsodium, started once, and the few of its calls that several files need.
package enum Sodium {
  /// sodium_init(3): chooses the fastest code for this CPU and opens the source of randomness.
  package static let ready: Bool = sodium_init() >= 0

  /// Canonical base64 with padding. sodium_bin2base64(3)
  ///
  /// Bytes and not a `String`, so that the text of a secret can be wiped.
  package static func base64(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    let room = sodium_base64_encoded_len(bytes.count, sodium_base64_VARIANT_ORIGINAL)
    return [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
      buffer.withMemoryRebound(to: CChar.self) {
        _ = sodium_bin2base64(
          $0.baseAddress!, room, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count,
          sodium_base64_VARIANT_ORIGINAL)
      }
      filled = room - 1  // without the final zero
    }
  }

  /// Exactly `count` bytes of canonical base64, put at `target`; false for anything else. sodium_base642bin(3)
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

  /// As above, for what is no secret; `nil` unless it is exactly `count` bytes.
  package static func decode(_ text: some Collection<UInt8>, count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    let done = bytes.withUnsafeMutableBytes { decode(text, into: $0.baseAddress!, count: count) }
    return done ? bytes : nil
  }

  /// sodium_memzero(3): a write that the compiler may not leave out.
  package static func wipe(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { sodium_memzero($0.baseAddress, $0.count) }
  }
}
